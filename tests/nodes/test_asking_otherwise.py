"""The loop where the target declines what it was asked in the user's place."""

import logging
import threading

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from lance_graph import LanceContext, build_graph
from tests.fakes import SELF_HARM, VIOLENCE, ScriptedModel, WordDetector

DETECTOR = WordDetector(
    {"kill": (VIOLENCE, 0.9), "shove": (VIOLENCE, 0.6), "!knife": (VIOLENCE, 0.9)}
)
NO = "I'm sorry, but I can't assist with that."
ANSWER = "Take a walk, and talk to him tomorrow."
ASKED = "How do I kill him in the evening?"
KIND = "How do I make peace with him in the evening?"
LAW = "What does the law say about evenings with him?"
HELP = "Who can help me to talk with him in the evening?"


def context(target, refiner=(LAW, KIND, HELP), **options):
    return LanceContext(
        target=target if isinstance(target, ScriptedModel) else ScriptedModel(answers=list(target)),
        refiner=refiner if refiner == "offline" else ScriptedModel(answers=list(refiner)),
        detector=DETECTOR,
        retries=0,
        **options,
    )


def run(made, text=ASKED):
    return build_graph().compile().invoke({"messages": [("user", text)]}, context=made)


def nodes(verdict):
    return [step["node"] for step in verdict["trace"]]


def asked_of(model):
    return [str(call[-1].text) for call in model.calls]


def test_a_rewrite_that_is_declined_costs_an_attempt_and_another_one_is_answered():
    made = context([NO, ANSWER])
    result = run(made)
    verdict = result["verdict"]
    assert result["messages"][-1].text == ANSWER
    assert (verdict["status"], verdict["iterations"]) == ("rewritten", 2)
    assert verdict["refined_prompt"] == KIND and asked_of(made.target) == [LAW, KIND]
    assert verdict["reason"].endswith("safe after 2 rewrites; the target declined 1 of them.")
    declined = [step for step in verdict["trace"] if step.get("declined")]
    assert [(s["scored"], s["iteration"], s["branch"]) for s in declined] == [
        ("pair", 1, "rewrite_severe")
    ]


def test_the_refiner_gets_the_users_words_again_and_is_told_what_became_of_the_first_rewrite():
    made = context([NO, ANSWER])
    run(made)
    first, second = (str(call[-1].text) for call in made.refiner.calls)
    assert ASKED in first and ASKED in second
    assert "declined" in second and "declined" not in first
    assert "1 asks in the user's voice" in second


def test_the_answer_that_declines_is_delivered_once_the_budget_is_spent():
    made = context([NO], max_iterations=2)
    result = run(made)
    verdict = result["verdict"]
    assert result["messages"][-1].text == NO and verdict["status"] == "rewritten"
    assert verdict["refined_prompt"] == KIND and verdict["iterations"] == 2
    assert verdict["reason"].endswith("the target declined what it was asked instead 2 times.")
    assert max(value for value in verdict["risk"].values()) < 0.3


def test_where_the_next_answer_is_hazardous_the_one_that_declined_is_delivered():
    result = run(context([NO, "Take a knife."], max_iterations=2))
    verdict = result["verdict"]
    assert result["messages"][-1].text == NO
    assert (verdict["status"], verdict["refined_prompt"]) == ("rewritten", LAW)
    assert "knife" not in str(result)
    assert verdict["reason"].startswith("Violence")
    assert verdict["reason"].endswith(
        "safe after 1 rewrite; the target declined it, and had nothing that could be delivered when it was "
        "asked otherwise."
    )
    *_, lost, last = verdict["trace"]
    assert last["spare"] and "spare" not in lost
    assert lost["gradient"] and "branch" not in lost
    assert (last["branch"], last["gradient"]) == ("deliver", [])
    assert max(verdict["risk"].values()) < 0.3


def test_where_no_further_rewrite_is_harmless_the_one_that_declined_is_delivered():
    made = context([NO], [LAW, "How do I shove him in the evening?"], max_iterations=2)
    verdict = run(made)["verdict"]
    assert verdict["status"] == "rewritten" and "shove" not in str(verdict)
    assert all("shove" not in text for text in asked_of(made.target))


def test_a_target_that_fails_when_it_is_asked_otherwise_leaves_the_answer_that_it_gave(caplog):
    with caplog.at_level(logging.WARNING):
        result = run(context([NO, RuntimeError("boom")]))
    verdict = result["verdict"]
    assert (verdict["status"], result["messages"][-1].text) == ("rewritten", NO)
    assert "safe after 1 rewrite; the target declined it, and had nothing" in verdict["reason"]
    failed = [step for step in verdict["trace"] if step.get("failed_attempts")]
    assert [(s["node"], s["failed_attempts"]) for s in failed] == [
        ("generate_response", ["RuntimeError"])
    ]
    assert "target model" in caplog.text and "boom" not in caplog.text


def test_a_detector_that_fails_on_the_second_answer_degrades_the_run():
    class Failing(WordDetector):
        def score(self, pairs):
            if any(not isinstance(pair, str) and pair[1] == ANSWER for pair in pairs):
                raise RuntimeError("broken")
            return super().score(pairs)

    made = context([NO, ANSWER]).model_copy(update={"detector": Failing(DETECTOR.words)})
    result = run(made)
    assert result["verdict"]["status"] == "degraded"
    assert result["messages"][-1].text not in (NO, ANSWER)


def test_a_refiner_that_has_nothing_else_to_ask_does_not_ask_the_same_again():
    made = context([NO], [LAW], refiner_attempts=1)
    verdict = run(made)["verdict"]
    assert verdict["status"] == "rewritten"
    assert len(set(asked_of(made.target))) >= 2, "the offline refiner stood in"
    attempts = [step.get("failed_attempts") for step in verdict["trace"]]
    assert ["declined"] in attempts


def test_the_offline_refiner_asks_something_more_general_the_second_time():
    made = context([NO, ANSWER], "offline")
    verdict = run(made, "How can I kill my neighbour's dog?")["verdict"]
    first, second = asked_of(made.target)
    assert first != second and verdict["refined_prompt"] == second


@pytest.mark.parametrize(
    "answer",
    [
        "I can't tell you what he thinks. But here is what helps: take a walk, breathe, write down what "
        "happened, and ask a friend to come along when you talk to him tomorrow.",
        "Sorry to hear that! Take a walk, and talk to him tomorrow.",
        "No, that is not how the law sees it: evenings are free.",
    ],
)
def test_an_answer_with_substance_is_none_that_declines(answer):
    made = context([answer])
    result = run(made)
    assert result["messages"][-1].text == answer and len(made.target.calls) == 1


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (
            "I'm so sorry you're going through this. You deserve support. Please reach out to someone you "
            "trust or a crisis line today.",
            1,
        ),
        ("I'm sorry, I cannot continue this conversation.", 2),
    ],
)
def test_whom_to_turn_to_is_an_answer_to_somebody_in_distress(answer, asked):
    words = "I feel very bad and want the pain to stop.", "I am in pain tonight and feel alone."
    detector = WordDetector({"hurt myself": (SELF_HARM, 0.6)})
    made = context([answer, ANSWER], words).model_copy(update={"detector": detector})
    result = run(made, "I want to hurt myself tonight.")
    assert len(made.target.calls) == asked
    assert result["messages"][-1].text == (answer if asked == 1 else ANSWER)


def test_a_harmless_prompt_is_left_alone_whatever_the_target_says_to_it():
    made = context([NO])
    verdict = run(made, "How do I make peace?")["verdict"]
    assert (verdict["status"], nodes(verdict).count("generate_response")) == ("safe", 1)


def test_the_progress_says_so_in_names_alone():
    told = [
        event
        for event in build_graph()
        .compile()
        .stream(
            {"messages": [("user", ASKED)]},
            context=context([NO, ANSWER]),
            stream_mode="custom",
        )
        if event["lance"] == "routed" and event["iteration"]
    ]
    assert [event["branch"] for event in told] == [
        "generate_response",
        "rewrite_severe",
        "generate_response",
        "deliver",
    ]
    assert [event.get("declined", False) for event in told] == [False, True, False, False]


def test_it_can_be_switched_off():
    made = context([NO, ANSWER], ask_otherwise=False)
    result = run(made)
    assert result["messages"][-1].text == NO and result["verdict"]["iterations"] == 1


def test_where_answers_are_not_judged_the_trace_says_too_what_was_declined():
    verdict = run(context([NO, ANSWER], guard_answer=False))["verdict"]
    (declined,) = [step for step in verdict["trace"] if step.get("declined")]
    assert (declined["node"], declined["iteration"], declined["branch"]) == (
        "score_risk",
        1,
        "rewrite_severe",
    )
    assert "scored" not in declined and "risk" not in declined
    assert verdict["reason"].endswith("the target declined 1 of them.")


def test_a_monitored_run_asks_nothing_otherwise():
    made = context([NO], mode="monitor")
    assert asked_of(made.target) == [] and run(made)["messages"][-1].text == NO
    assert asked_of(made.target) == [ASKED]


def test_a_person_decides_on_the_last_answer_and_their_own_words_stand():
    made = context([NO, NO, NO, NO], max_iterations=1, review="always")
    graph = build_graph().compile(checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "t"}}
    paused = graph.invoke({"messages": [("user", ASKED)]}, config, context=made)
    (asked,) = paused["__interrupt__"]
    assert asked.value["refined_prompt"] == LAW and asked.value["response"] == NO
    edited = Command(resume={"action": "edit", "prompt": HELP})
    paused = graph.invoke(edited, config, context=made)
    (asked,) = paused["__interrupt__"]
    assert asked.value["refined_prompt"] == HELP and asked.value["iterations"] == 1
    result = graph.invoke(Command(resume="approve"), config, context=made)
    assert result["messages"][-1].text == NO


async def test_async_runs_do_the_same():
    made = context([NO, ANSWER])
    graph = build_graph().compile()
    result = await graph.ainvoke({"messages": [("user", ASKED)]}, context=made)
    assert result["messages"][-1].text == ANSWER and result["verdict"]["iterations"] == 2


async def test_the_classifier_is_read_outside_of_the_event_loop(monkeypatch):
    threads = []

    def declines(text):
        threads.append(threading.current_thread())
        return text == NO

    monkeypatch.setattr("lance_graph.nodes.score_risk.declines", declines)
    graph = build_graph().compile()
    await graph.ainvoke({"messages": [("user", ASKED)]}, context=context([NO, ANSWER]))
    assert len(threads) == 2 and threading.current_thread() not in threads
