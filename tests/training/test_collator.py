"""What a training batch shows of each text."""

import pytest
import torch
from transformers import AutoTokenizer

from lance_graph.detector.encoding import assemble
from lance_graph.detector.windows import windows
from lance_graph.training.collator import PairCollator
from lance_graph.training.data.example import Example

TOKENS = 16
WORDS = ["how", "do", "i", "make", "bread", "and", "walk", "a", "dog"]


@pytest.fixture(scope="module")
def tokenizer(encoder):
    return AutoTokenizer.from_pretrained(encoder)


def text(number, length=60):
    return " ".join(WORDS[(number * place + place // 3) % len(WORDS)] for place in range(length))


def rows_of(collator, examples):
    batch = collator(examples)
    lengths = batch["attention_mask"].sum(-1).tolist()
    return [ids[:n].tolist() for ids, n in zip(batch["input_ids"], lengths, strict=True)]


def scored(tokenizer, prompt, response=None):
    """The windows in which a detector of `TOKENS` reads a text."""
    sides = [
        tokenizer(side or "", add_special_tokens=False)["input_ids"] for side in (prompt, response)
    ]
    budget = TOKENS - tokenizer.num_special_tokens_to_add(pair=bool(response))
    return [assemble(tokenizer, *part)["input_ids"] for part in windows(*sides, budget)]


@pytest.mark.parametrize("response", [None, text(5, 40)])
def test_of_a_long_harmless_text_any_window_that_scoring_reads_is_shown(tokenizer, response):
    examples = [Example.full(text(number), response, ()) for number in range(1, 13)]
    places = set()
    for example, ids in zip(
        examples, rows_of(PairCollator(tokenizer, TOKENS), examples), strict=True
    ):
        read = scored(tokenizer, example.prompt, example.response)
        assert ids in read
        places.add(read.index(ids))
    assert len(places) > 2


def test_of_a_harmful_text_the_beginning_is_shown_for_nobody_knows_where_its_harm_is(tokenizer):
    for example in (Example.binary(text(3), None), Example.unlabelled(text(4), None)):
        (ids,) = rows_of(PairCollator(tokenizer, TOKENS), [example])
        assert ids == scored(tokenizer, example.prompt)[0]


def test_a_text_shows_the_same_window_every_time_in_any_company(tokenizer):
    examples = [Example.full(text(number), None, ()) for number in range(1, 6)]
    first, again = PairCollator(tokenizer, TOKENS), PairCollator(tokenizer, TOKENS)
    assert rows_of(first, examples)[::-1] == rows_of(again, examples[::-1])


def test_what_a_row_does_not_know_is_not_a_number(tokenizer):
    rows = [Example.full("walk", None, ()), Example.one("run", None, "self_harm").graded(0.5)]
    batch = PairCollator(tokenizer, TOKENS)(rows)
    assert torch.isnan(batch["degree"][0]) and batch["degree"][1] == 0.5
    assert torch.isnan(batch["taught"]).all()
