"""What the page is told of a run, and what it is not."""

import json

import pytest

from lance_graph.categories import Category
from lance_graph.integrations.running import answer
from lance_graph.scores import Degrees
from lance_graph.server.messages import User
from lance_graph.server.page.telling import LONGEST, marked, progress, result
from lance_graph.server.verdicts import shown
from tests.fakes import FRAUD, VIOLENCE
from tests.integration.scenarios import ANSWER, DRAFT, REFINED, TYPED, by_prompt, fell_back, made_of


def clause(category, *words):
    return {"category": category, "intensity": 0.9, "effort": "severe", "words": list(words)}


def run(context):
    answered = answer([User(role="user", content=TYPED).message()], context)
    return result(answered, shown(answered.verdict))


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"lance": "routed", "iteration": 0, "branch": "deliver"}, {"iteration": 0, "branch": "deliver"}),
        ({"lance": "scored", "scored": "pair", "max_risk": 0.5, "hazards": 2},
         {"scored": "pair", "max_risk": 0.5, "hazards": 2}),
        ({"lance": "delivered", "status": "safe", "iterations": 1}, {"status": "safe", "iterations": 1}),
        ({"lance": "routed", "branch": "open_turn"}, {"branch": "open_turn"}),
        # an agent as target writes into the same stream, whatever it likes
        ({"lance": "routed", "branch": DRAFT, "text": DRAFT, "iteration": DRAFT}, {}),
        ({"lance": "scored", "scored": [DRAFT], "categories": [DRAFT], "max_risk": {DRAFT: 1}}, {}),
        ({"lance": "scored", "max_risk": float("nan"), "hazards": None}, {}),
    ],
)  # fmt: skip
def test_an_event_is_told_in_numbers_and_known_names(event, told):
    assert progress(event) == {"kind": "progress", "lance": event["lance"], **told}


@pytest.mark.parametrize(
    "event", [DRAFT, {"lance": DRAFT}, {"text": DRAFT}, None, {"lance": [DRAFT]}]
)
def test_what_is_no_event_is_not_told(event):
    assert progress(event) is None


def test_driving_words_are_marked_and_the_text_stays():
    text = "How to  Attack\nand rob, attacking an attack"
    clauses = [clause(VIOLENCE, "attack"), clause(FRAUD, "attack and rob", "how")]
    pieces = list(marked(text, clauses))
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece in pieces if piece[1]] == [
        ("How", [FRAUD]), ("Attack\nand rob", [FRAUD]), ("attack", [VIOLENCE])
    ]  # fmt: skip


def test_a_word_of_two_categories_has_both_and_signs_are_literal():
    assert list(marked("a.b c", [clause(VIOLENCE, "a.b"), clause(FRAUD, "a.b")])) == [
        ("a.b", [VIOLENCE, FRAUD]),
        (" c", []),
    ]
    assert list(marked("axb", [clause(VIOLENCE, "a.b")])) == [("axb", [])]


def test_nothing_to_mark_and_too_much_to_mark_leave_the_text():
    assert list(marked("hello", [])) == [("hello", [])]
    long = "attack " * LONGEST
    assert list(marked(long, [clause(VIOLENCE, "attack")])) == [(long, [])]


def test_a_rewritten_run_says_why_and_shows_no_draft():
    found = run(made_of(by_prompt(), max_iterations=4))
    assert found["answer"] == ANSWER and found["lance"]["status"] == "rewritten"
    assert ["".join(text for text, _ in found["prompt"])] == [TYPED]
    assert [text for text, keys in found["prompt"] if keys == [VIOLENCE]] == ["attack"]
    assert found["degrees"][VIOLENCE] == 0.9 and len(found["degrees"]) == 14
    before, after = found["risks"][VIOLENCE]["before"], found["risks"][VIOLENCE]["after"]
    assert before["low"] < before["degree"] == 0.9 < before["high"] and after["degree"] < 0.1
    assert {change for change, _ in found["diff"]} == {"same", "removed", "added"}
    scored = [step for step in found["steps"] if "scored" in step]
    assert scored[0]["gradient"][0]["words"] == ["attack"]
    assert scored[0]["branch"] == "rewrite_severe" and scored[-1]["branch"] == "deliver"
    assert DRAFT not in json.dumps(found) and REFINED not in json.dumps(found)


class OwnCategory:
    categories = (Category("secrets"),)

    def score(self, pairs):
        return [Degrees({"secrets": 0.6 if "attack" in str(pair) else 0.1}) for pair in pairs]


def test_a_category_that_nobody_judges_has_no_degree_that_could_be_taken_for_a_broken_one():
    found = run(made_of(by_prompt(), detector=OwnCategory()))
    assert found["degrees"] == {"secrets": 0.6} and len(found["risks"]) == 15


def test_drafts_that_a_context_reveals_are_not_told():
    context = fell_back().model_copy(update={"reveal_drafts": True})
    answered = answer([User(role="user", content=TYPED).message()], context)
    assert DRAFT in json.dumps(answered.verdict)
    found = json.dumps(result(answered, shown(answered.verdict)))
    assert DRAFT not in found and REFINED not in found


def test_what_was_not_measured_is_null():
    found = run(made_of(by_prompt(), mode="monitor", guard_input=False, guard_answer=False))
    assert {both["after"] for both in found["risks"].values()} <= {None}
    assert found["diff"] is None and json.dumps(found)
