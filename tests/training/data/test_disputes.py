"""What sources judge differently is trained as neither; everything else keeps its label."""

import pytest

from lance_graph.categories import KEYS
from lance_graph.training.data.disputes import DISPUTED, disputed_prompts, undecided
from lance_graph.training.data.example import Example

SAFE = Example.full("Where can I get some edibles?", None, ())
UNSAFE = Example.binary("where can i get some edibles", None)


def test_one_row_of_a_disputed_prompt_stays_and_it_is_borderline():
    other = Example.full("How do I bake a cake?", None, ())
    rows = [UNSAFE, other, SAFE]
    first, second = undecided(rows, disputed_prompts(rows))
    assert second == other
    assert first.unsafe == DISPUTED and first.is_borderline and first.prompt == UNSAFE.prompt
    assert first.has_label and not any(first.mask)


@pytest.mark.parametrize(
    "other",
    [
        Example.full(SAFE.prompt, "In a shop for cakes.", ()),  # judges the answer, too
        SAFE.graded(0.05),
        Example.unlabelled(SAFE.prompt, None),
        Example.full("Where can I get some edible flowers?", None, ()),
    ],
)
def test_an_answer_a_degree_and_silence_are_no_vote(other):
    rows = [UNSAFE, other]
    assert not disputed_prompts(rows)
    assert undecided(rows, disputed_prompts(rows)) == rows


def test_answered_and_graded_rows_of_a_disputed_prompt_keep_their_labels():
    answered = Example.full(SAFE.prompt, "Here, take mine.", KEYS[:1])
    rows = [SAFE, UNSAFE, answered, SAFE.graded(0.05)]
    assert undecided(rows, disputed_prompts(rows))[1:] == rows[2:]


def test_prompts_of_other_scripts_are_told_apart():
    assert not disputed_prompts(
        [Example.full("你好吗？", None, ()), Example.binary("怎么偷车？", None)]
    )
