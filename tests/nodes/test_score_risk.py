import pytest
from langchain_core.messages import HumanMessage
from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.graph import route_risk
from lance_graph.nodes.open_turn import open_turn
from lance_graph.nodes.score_risk import STEPS_OF_A_REWRITE, score_risk, spent_budget
from lance_graph.routing import next_branch
from lance_graph.runtime.steps import run as run_steps
from lance_graph.state import Draft
from tests.fakes import (
    VIOLENCE,
    BrokenDetector,
    DoubtfulDetector,
    ScriptedModel,
    WordDetector,
)

DETECTOR = WordDetector({"kill": (VIOLENCE, 0.9), "shove": (VIOLENCE, 0.6)})


def run(state, **context):
    runtime = Runtime(context=LanceContext(**{"detector": DETECTOR} | context))
    return run_steps(score_risk(state, runtime))


def start(text="how to kill him"):
    state = {"messages": [HumanMessage(text)]}
    return state | run_steps(open_turn(state, Runtime(context=LanceContext(detector=DETECTOR))))


def test_the_first_score_is_the_runs_initial_one_and_what_it_found_is_noted():
    update = run(start())
    assert update["initial"] == update["reading"]
    assert next_branch(update["finding"]) == "rewrite_severe"
    assert [(step["node"], step["branch"]) for step in update["trace"]] == [
        ("score_risk", "rewrite_severe")
    ]


def test_a_broken_detector_fails_visibly_and_says_nothing_of_the_text():
    update = run(start(), detector=BrokenDetector())
    assert update["finding"]["failed"] and next_branch(update["finding"]) == "fall_back"
    assert "kill" not in update["failure"] and update["reading"] is None


def test_the_gradient_quotes_the_words_that_the_detector_blames():
    (clause,) = run(start())["draft"].gradient()
    assert (clause["category"], clause["words"]) == (VIOLENCE, ["kill"])


def test_a_trace_quotes_only_what_the_user_typed():
    state = start("how to kill him")
    state["draft"] = Draft("how to shove him")
    (step,) = run(state)["trace"]
    assert step["gradient"][0]["words"] == []


def test_the_best_attempt_is_kept_and_built_on():
    state = start()
    state["best"] = Draft("how to shove him").scored([], 0.6)
    update = run(state)
    assert update["best"].prompt() == update["draft"].prompt() == "how to shove him"


def test_a_rewrite_has_the_effort_of_the_attempt_that_it_works_on():
    best = run(start("how to shove him"))["best"]
    update = run(start("how to kill him") | {"best": best})
    assert update["draft"].prompt() == "how to shove him"
    assert next_branch(update["finding"]) == update["trace"][-1]["branch"] == "rewrite_mild"


def test_pair_screening_scores_nothing_before_there_is_an_answer():
    update = run(start(), screening="pair")
    assert next_branch(update["finding"]) == "generate_response"
    assert update["reading"] is None and update["trace"] == []


def test_a_failure_elsewhere_leads_to_the_fall_back_without_scoring():
    state = start() | {"failure": "the target model failed"}
    assert run(state, detector=BrokenDetector()) == {}
    assert route_risk(state) == "fall_back"


NEW = {"iteration": 0, "budget": 3, "started": 96.0, "draft": Draft("how to attack")}


@pytest.mark.parametrize(("iteration", "expected"), [(0, None), (2, None), (3, "rewrites")])
def test_the_budget_by_count(iteration, expected):
    assert spent_budget(NEW | {"iteration": iteration}, LanceContext()) == expected


def test_the_budget_by_wall_clock(monkeypatch):
    monkeypatch.setattr("lance_graph.nodes.score_risk.time.monotonic", lambda: 100.0)
    context = LanceContext(max_seconds=5)
    assert spent_budget(NEW, context) is None
    assert spent_budget(NEW | {"started": 95.0}, context) == "time"


def test_the_budget_by_the_steps_that_are_left():
    left = {"remaining_steps": STEPS_OF_A_REWRITE}
    assert spent_budget(NEW | left, LanceContext()) is None
    assert spent_budget(NEW | {"remaining_steps": 5}, LanceContext()) == "steps"


def test_where_there_are_no_words_there_is_nothing_to_rewrite():
    assert spent_budget(NEW | {"draft": Draft(" ")}, LanceContext()) == "words"


DOUBTFUL = DoubtfulDetector({"kill": (0.75, 0.1), "shove": (0.28, 0.1), "nudge": (0.02, 0.01)})


@pytest.mark.parametrize(
    ("text", "branch", "doubts"),
    [
        ("how to kill him", "rewrite_mild", {VIOLENCE: "severe"}),
        ("how to shove him", "generate_response", {VIOLENCE: "none"}),
        ("how to nudge him", "generate_response", None),
    ],
)
def test_a_doubt_takes_the_softer_branch_and_is_noted(text, branch, doubts):
    (step,) = run(start(text), detector=DOUBTFUL, abstain=1)["trace"]
    assert (step["branch"], step.get("uncertain")) == (branch, doubts)


def test_a_monitored_doubt_says_that_the_softer_branch_would_have_been_taken():
    (step,) = run(start(), detector=DOUBTFUL, abstain=1, mode="monitor")["trace"]
    assert (step["branch"], step["would_have"]) == ("generate_response", "rewrite_mild")
    assert step["uncertain"] == {VIOLENCE: "severe"}


@pytest.mark.parametrize("mode", ["enforce", "monitor"])
def test_a_doubt_makes_an_answer_wait_unless_it_is_only_watched(mode):
    state = start("how to shove him")
    state["draft"] = Draft("how to shove him", "Gently.")
    options = {"detector": DOUBTFUL, "abstain": 1, "when_uncertain": "review", "mode": mode}
    update = run(state, **options)
    assert next_branch(update["finding"]) == ("review" if mode == "enforce" else "deliver")
    assert bool(update.get("pending")) is (mode == "enforce")


@pytest.mark.parametrize("stale", [True, False])
def test_a_hazardous_prompt_is_not_taken_to_the_target_for_what_an_earlier_run_found(stale):
    """A run that was cut off leaves the finding of its last prompt behind."""
    target = ScriptedModel(answers=["never asked"])
    state = start() | ({"finding": run(start("hello"))["finding"]} if stale else {})
    update = run(state, target=target)
    assert next_branch(update["finding"]) == "rewrite_severe"


def test_a_turn_begins_without_a_finding():
    assert start()["finding"] is None
