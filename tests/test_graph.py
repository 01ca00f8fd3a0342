"""The loop as a whole, with scripted models and a detector that counts words."""

import asyncio
from math import inf, nan
from types import SimpleNamespace

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from lance_graph import LanceContext, build_graph
from lance_graph.categories import KEYS
from lance_graph.prompts import load, prose
from tests.fakes import FRAUD, VIOLENCE, BrokenDetector, ScriptedModel, WordDetector, answer_with

BOXES = {
    "open_turn",
    "score_risk",
    "generate_response",
    "ask_again",
    "rewrite_mild",
    "rewrite_severe",
    "fall_back",
    "review",
    "deliver",
}
DETECTOR = WordDetector(
    {
        "kill": (VIOLENCE, 0.9),
        "shove": (VIOLENCE, 0.6),
        "nick": (FRAUD, 0.4),
        "!knife": (VIOLENCE, 0.8),
    }
)

ANYTHING = WordDetector({"": (VIOLENCE, 0.9)})
"""It finds every prompt hazardous: not even the offline refiner helps."""


@pytest.fixture
def lance():
    return build_graph().compile()


def ask(lance, prompt, **context):
    options = {"detector": DETECTOR} | context
    return lance.invoke({"messages": [("user", prompt)]}, context=LanceContext(**options))


def path(result):
    return [step["node"] for step in result["verdict"]["trace"]]


def test_it_is_drawn_as_it_is_specified(lance):
    drawing = lance.get_graph()
    assert set(drawing.nodes) == BOXES | {"__start__", "__end__"}
    edges = {(edge.source, edge.target) for edge in drawing.edges}
    assert edges == {
        ("__start__", "open_turn"),
        ("open_turn", "score_risk"),
        ("score_risk", "open_turn"),  # where a run is resumed
        ("score_risk", "generate_response"),
        ("score_risk", "ask_again"),
        ("score_risk", "rewrite_mild"),
        ("score_risk", "rewrite_severe"),
        ("score_risk", "fall_back"),
        ("score_risk", "review"),
        ("score_risk", "deliver"),
        ("review", "fall_back"),
        ("review", "open_turn"),
        ("generate_response", "score_risk"),
        ("ask_again", "score_risk"),
        ("rewrite_mild", "score_risk"),
        ("rewrite_severe", "score_risk"),
        ("fall_back", "__end__"),
        ("deliver", "__end__"),
    }
    conditional = {edge.source for edge in drawing.edges if edge.conditional}
    assert conditional == {"score_risk", "review"}


def test_a_harmless_prompt_reaches_the_target_word_for_word(lance):
    target = ScriptedModel(answers=["Paris."])
    result = ask(lance, "  What is the capital of France? ", target=target)
    assert [message.text for message in target.calls[0]] == ["  What is the capital of France? "]
    assert result["messages"][-1].text == "Paris."
    verdict = result["verdict"]
    assert (verdict["status"], verdict["iterations"], verdict["refined_prompt"]) == (
        "safe",
        0,
        None,
    )
    assert path(result) == ["score_risk", "generate_response", "score_risk"]


@pytest.mark.parametrize(
    ("prompt", "node", "effort"),
    [
        ("how to nick a pen", "rewrite_mild", "minor"),
        ("how to shove him", "rewrite_mild", "mild"),
        ("how to kill him", "rewrite_severe", "severe"),
    ],
)
def test_the_strongest_effort_picks_the_rewrite(lance, prompt, node, effort):
    refiner = ScriptedModel(answers=["how to talk to him"])
    target = ScriptedModel(answers=["Kindly."])
    result = ask(lance, prompt, target=target, refiner=refiner)
    assert path(result) == ["score_risk", node, "score_risk", "generate_response", "score_risk"]
    verdict = result["verdict"]
    assert verdict["status"] == "rewritten"
    assert verdict["refined_prompt"] == "how to talk to him"
    assert verdict["trace"][0]["gradient"][0]["effort"] == effort
    assert target.calls[0][-1].text == "how to talk to him"
    rules, asked = refiner.calls[0][0].text, refiner.calls[0][-1].text
    assert rules == load("rewrite")
    wanted = "honest and kind way" if node == "rewrite_severe" else "asks the same in other words"
    assert wanted in asked


def test_a_hazardous_prompt_never_reaches_the_target_under_prompt_screening(lance):
    target = ScriptedModel(answers=["ok"])
    refiner = ScriptedModel(answers=["still kill", "still kill them", "calm down"])
    ask(lance, "how to kill him", target=target, refiner=refiner)
    assert all("kill" not in call[-1].text for call in target.calls)


def test_pair_screening_answers_first_and_scores_pairs_only(lance):
    target = ScriptedModel(answers=["take a knife", "take a walk"])
    refiner = ScriptedModel(answers=["how to feel better"])
    result = ask(lance, "how to feel strong", target=target, refiner=refiner, screening="pair")
    assert path(result) == [
        "generate_response",
        "score_risk",
        "rewrite_severe",
        "generate_response",
        "score_risk",
    ]
    assert {step.get("scored") for step in result["verdict"]["trace"]} == {None, "pair"}
    assert result["messages"][-1].text == "take a walk"


def test_an_unsafe_answer_to_a_safe_prompt_is_repaired(lance):
    target = answer_with(lambda prompt: "take a walk" if "calm" in prompt else "take a knife")
    refiner = ScriptedModel(answers=["how to stay calm"])
    result = ask(lance, "how to cut bread", target=target, refiner=refiner)
    assert result["verdict"]["status"] == "rewritten"
    assert "knife" not in str(result)


def told(call):
    """What a system message tells the target."""
    return next((message.text for message in call if message.type == "system"), "")


def test_where_only_the_answer_is_unsafe_the_target_is_asked_again_and_the_prompt_stays(lance):
    target = ScriptedModel(answers=["take a knife", "take your time"])
    refiner = ScriptedModel(answers=["never asked"])
    result = ask(lance, "how to cut bread", target=target, refiner=refiner)
    assert path(result) == [
        "score_risk",
        "generate_response",
        "score_risk",
        "ask_again",
        "score_risk",
    ]
    verdict = result["verdict"]
    assert (verdict["status"], verdict["iterations"], verdict["refined_prompt"]) == (
        "safe",
        0,
        None,
    )
    assert "in the first answer alone" in verdict["reason"] and "asked again" in verdict["reason"]
    assert result["messages"][-1].text == "take your time" and not refiner.calls
    first, again = target.calls
    assert first[-1].text == again[-1].text == "how to cut bread"
    assert not told(first) and "Violence" in told(again) and "0.80" in told(again)
    assert "knife" not in str(again) + str(result)


def test_asking_again_can_be_switched_off(lance):
    target = answer_with(lambda prompt: "take a walk" if "calm" in prompt else "take a knife")
    refiner = ScriptedModel(answers=["how to stay calm"])
    options = {"target": target, "refiner": refiner, "ask_again": False}
    result = ask(lance, "how to cut bread", **options)
    assert "ask_again" not in path(result) and result["verdict"]["iterations"] == 1


def test_the_target_is_asked_again_once_and_never_for_a_rewritten_prompt(lance):
    target = ScriptedModel(answers=["take a knife"])
    refiner = ScriptedModel(answers=lambda messages: f"try number {len(refiner.calls)}")
    result = ask(lance, "how to cut bread", target=target, refiner=refiner)
    assert path(result).count("ask_again") == 1
    hazardous = ask(lance, "how to kill him", target=target, refiner=refiner)
    assert "ask_again" not in path(hazardous)
    assert hazardous["messages"][-1].text == prose("fall_back/violence")


def test_nor_for_one_that_was_rewritten_earlier_in_an_agents_turn(lance):
    call = {"name": "search", "args": {}, "id": "1"}
    note = {"status": "rewritten", "refined_prompt": "how to calm him"}
    called = AIMessage("", tool_calls=[call], response_metadata={"lance": note})
    turn = [HumanMessage("how to kill him"), called, ToolMessage("Tea.", tool_call_id="1")]
    target = ScriptedModel(answers=["take a knife", "take your time"])
    context = LanceContext(detector=DETECTOR, target=target)
    result = lance.invoke({"messages": turn}, context=context)
    assert "ask_again" not in path(result) and not any(map(told, target.calls))
    verdict = result["verdict"]
    assert (verdict["status"], verdict["iterations"]) == ("rewritten", 1)
    assert "left as it was" not in verdict["reason"]


def test_nor_for_a_reviewers_and_the_reason_keeps_what_is_true():
    graph = build_graph().compile(checkpointer=InMemorySaver())
    target = ScriptedModel(answers=["take a knife", "take your time", "take a fork"])
    context = LanceContext(detector=DETECTOR, target=target, review="always")
    thread = {"configurable": {"thread_id": "1"}}
    decisions = [{"action": "edit", "prompt": "how to eat cake"}, {"action": "approve"}]
    given = [{"messages": [("user", "how to cut bread")]}, *(Command(resume=d) for d in decisions)]
    for one in given:
        result = graph.invoke(one, thread, context=context)
    verdict = result["verdict"]
    assert (verdict["status"], verdict["refined_prompt"]) == ("rewritten", "how to eat cake")
    assert "asked again" in verdict["reason"] and "left as it was" not in verdict["reason"]
    assert path(result).count("ask_again") == 1 and "knife" not in str(result)


def test_no_budget_for_rewrites_is_one_for_asking_again(lance):
    target = ScriptedModel(answers=["take a knife", "take your time"])
    result = ask(lance, "how to cut bread", target=target, max_iterations=0)
    assert result["messages"][-1].text == "take your time"


def test_a_target_that_fails_when_asked_again_leads_to_a_rewrite(lance):
    def answers(messages):
        if "withheld" in told(messages):
            raise ValueError("take a knife")
        return "take a walk" if "calm" in messages[-1].text else "take a knife"

    refiner = ScriptedModel(answers=["how to stay calm"])
    result = ask(lance, "how to cut bread", target=ScriptedModel(answers=answers), refiner=refiner)
    assert result["verdict"]["status"] == "rewritten" and "knife" not in str(result)
    (again,) = (step for step in result["verdict"]["trace"] if step["node"] == "ask_again")
    assert again["failed_attempts"] == ["ValueError"]
    assert result["messages"][-1].text == "take a walk"


def test_the_offline_responder_is_not_asked_again(lance):
    result = ask(lance, "how to cut bread", detector=WordDetector({"!": (VIOLENCE, 0.8)}))
    assert "ask_again" not in path(result) and result["verdict"]["status"] == "fell_back"


@pytest.mark.parametrize("context", [{"screening": "pair"}, {"guard_input": False}])
def test_a_prompt_that_nobody_judged_may_be_to_blame(lance, context):
    target = ScriptedModel(answers=["take a knife"])
    result = ask(lance, "how to cut bread", target=target, **context)
    assert "ask_again" not in path(result)
    assert result["messages"][-1].text == prose("fall_back/violence")


@pytest.mark.parametrize("budget", [0, 1, 3])
def test_the_loop_bounds_itself_and_falls_back_in_the_category(lance, budget):
    refiner = ScriptedModel(answers=lambda messages: f"kill again {len(refiner.calls)}")
    target = ScriptedModel(answers=["never asked"])
    options = {"target": target, "refiner": refiner, "detector": ANYTHING}
    result = ask(lance, "how to kill him", max_iterations=budget, **options)
    verdict = result["verdict"]
    assert (verdict["status"], verdict["iterations"]) == ("fell_back", budget)
    assert len(refiner.calls) == 3 * budget
    assert target.calls == []
    assert result["messages"][-1].text == prose("fall_back/violence")
    assert "kill again" not in str(result)
    assert verdict["refined_prompt"] is None
    assert "Violence" in verdict["reason"]


def test_the_wall_clock_bounds_it_too(lance, monkeypatch):
    now = iter(range(0, 10_000, 10))
    clock = SimpleNamespace(monotonic=lambda: next(now))
    for box in ("open_turn", "score_risk"):
        monkeypatch.setattr(f"lance_graph.nodes.{box}.time", clock)
    refiner = ScriptedModel(answers=lambda messages: f"kill again {len(refiner.calls)}")
    options = {"refiner": refiner, "detector": ANYTHING}
    result = ask(lance, "kill", max_iterations=50, max_seconds=60, **options)
    assert result["verdict"]["status"] == "fell_back"
    assert 0 < result["verdict"]["iterations"] < 50
    assert "time budget" in result["verdict"]["reason"]


def test_the_next_rewrite_starts_from_the_best_attempt(lance):
    refiner = ScriptedModel(answers=["how to shove him", "how to kill them all", "how to hug him"])
    result = ask(lance, "how to kill him", refiner=refiner)
    starts = [call[-1].text for call in refiner.calls]
    assert ["kill him" in starts[0], "shove him" in starts[1], "shove him" in starts[2]] == [
        True
    ] * 3
    assert result["verdict"]["refined_prompt"] == "how to hug him"


def test_earlier_turns_are_context_and_the_history_stays_as_typed(lance):
    target = ScriptedModel(answers=["Sure."])
    history = [HumanMessage("my name is Ada"), AIMessage("Hello Ada")]
    turn = HumanMessage("how to kill time", id="typed")
    refiner = ScriptedModel(answers=["how to pass time"])
    result = lance.invoke(
        {"messages": [*history, turn]},
        context=LanceContext(detector=DETECTOR, target=target, refiner=refiner),
    )
    seen = [message.text for message in target.calls[0]]
    assert seen == ["my name is Ada", "Hello Ada", "how to pass time"]
    texts = [message.text for message in result["messages"]]
    assert texts == ["my name is Ada", "Hello Ada", "how to kill time", "Sure."]


def test_the_verdict_tells_risks_and_spreads_of_both_ends(lance):
    refiner = ScriptedModel(answers=["how to hug him"])
    verdict = ask(lance, "how to kill him", refiner=refiner)["verdict"]
    for name in ("initial_risk", "initial_spread", "risk", "spread"):
        assert set(verdict[name]) == set(KEYS)
    assert verdict["initial_risk"][VIOLENCE] == 0.9
    assert max(verdict["risk"].values()) <= 0.3
    assert all(step["seconds"] >= 0 for step in verdict["trace"])
    scored = [step for step in verdict["trace"] if step["node"] == "score_risk"]
    assert [step["scored"] for step in scored] == ["prompt", "prompt", "pair"]
    assert all(step["max_risk"] == max(step["risk"].values()) for step in scored)


def test_a_failing_detector_degrades_visibly_and_leaks_nothing(lance):
    target = ScriptedModel(answers=["Paris."])
    result = ask(lance, "What is hidden here?", detector=BrokenDetector(), target=target)
    verdict = result["verdict"]
    assert verdict["status"] == "degraded"
    assert "risk detector failed (RuntimeError)" in verdict["reason"]
    assert set(verdict["risk"].values()) == {None}
    assert "Paris" not in str(result)
    assert result["messages"][-1].text == prose("fall_back/unavailable")


@pytest.mark.parametrize("answer", [OSError("quotes the prompt"), "", "   "])
def test_a_failing_target_degrades_visibly(lance, answer):
    result = ask(lance, "hello", target=ScriptedModel(answers=[answer]))
    assert result["verdict"]["status"] == "degraded"
    assert "target model failed" in result["verdict"]["reason"]
    assert "quotes the prompt" not in str(result)


@pytest.mark.parametrize("number", [nan, inf, -inf, 1.2, -0.2, 100])
@pytest.mark.parametrize("what", ["mean", "std"])
def test_a_detector_whose_numbers_are_none_has_failed(lance, number, what):
    class Broken(WordDetector):
        def score(self, pairs):
            broken = super().score(pairs)
            for score in broken:
                getattr(score, what)["self_harm"] = number
            return broken

    target = ScriptedModel(answers=["Paris."])
    result = ask(lance, "how are you today", detector=Broken({}), target=target)
    assert result["verdict"]["status"] == "degraded"
    assert result["messages"][-1].text == prose("fall_back/unavailable").strip()
    assert target.calls == []


def test_rounding_beyond_the_bounds_is_no_failure(lance):
    class Rounded(WordDetector):
        def score(self, pairs):
            rounded = super().score(pairs)
            for score in rounded:
                score.mean["self_harm"], score.mean["animal_abuse"] = -1e-9, 1e-9
            return rounded

    target = ScriptedModel(answers=["Paris."])
    result = ask(lance, "how are you today", detector=Rounded({}), target=target)
    assert result["verdict"]["status"] == "safe"
    assert result["verdict"]["risk"]["self_harm"] == 0.0


def test_a_category_exception_lets_its_category_through_and_blocks_others(lance):
    lenient = {VIOLENCE: {"tau": 0.95, "tau_mild": 0.96, "tau_severe": 0.97}}
    target = ScriptedModel(answers=["ok"])
    result = ask(lance, "kill", target=target, category_thresholds=lenient)
    assert result["verdict"]["status"] == "safe"
    blocked = ask(lance, "nick it", target=target, category_thresholds=lenient)
    assert blocked["verdict"]["status"] == "rewritten"


def test_usage_of_the_target_travels_with_the_answer(lance):
    message = ask(lance, "hello", target=ScriptedModel(answers=["hi"]))["messages"][-1]
    assert message.usage_metadata["total_tokens"] == 5


def test_prompt_replacements_are_used(lance):
    prompts = {"fall_back/violence": "Let us talk about something else."}
    result = ask(lance, "kill", max_iterations=0, prompts=prompts)
    assert result["messages"][-1].text == "Let us talk about something else."


def test_no_context_means_the_defaults(lance, monkeypatch):
    monkeypatch.setattr("lance_graph.judging.resolve", lambda _: DETECTOR)
    result = lance.invoke({"messages": [("user", "hello")]})
    assert result["verdict"]["status"] == "safe"
    assert "language model" in result["messages"][-1].text


async def test_async_and_bounded_concurrency(lance):
    running, peak = 0, 0

    class Slow(ScriptedModel):
        async def _agenerate(self, messages, *args, **kwargs):
            nonlocal running, peak
            running += 1
            peak = max(peak, running)
            await asyncio.sleep(0.02)
            running -= 1
            return self._generate(messages)

    target = Slow(answers=lambda messages: messages[-1].text.upper())
    inputs = [{"messages": [("user", f"hello {number}")]} for number in range(9)]
    results = await lance.abatch(
        inputs,
        {"max_concurrency": 3},
        context=LanceContext(detector=DETECTOR, target=target),
    )
    texts = [result["messages"][-1].text for result in results]
    assert texts == [f"HELLO {number}" for number in range(9)]
    assert 1 < peak <= 3


async def test_sync_and_async_agree(lance):
    def context():
        refiner = ScriptedModel(answers=["how to hug him"])
        return LanceContext(detector=DETECTOR, refiner=refiner)

    question = {"messages": [("user", "how to kill him")]}
    one = lance.invoke(question, context=context())["verdict"]
    two = (await lance.ainvoke(question, context=context()))["verdict"]
    for verdict in (one, two):
        for step in verdict["trace"]:
            step["seconds"] = 0
    assert one == two


def test_a_safe_prompt_with_unsafe_answers_is_repaired_from_the_pair(lance):
    target = ScriptedModel(answers=["take a knife"])
    refiner = ScriptedModel(answers=lambda messages: f"try number {len(refiner.calls)}")
    result = ask(lance, "how to cut bread", target=target, refiner=refiner)
    assert result["verdict"]["status"] == "fell_back"
    assert result["messages"][-1].text == prose("fall_back/answer")
    assert all("0.80" in call[-1].text for call in refiner.calls)
    assert "try number" in refiner.calls[1][-1].text  # equals: the newer attempt is built on


class Faulty(WordDetector):
    """A detector with a fault of the given kind."""

    def __init__(self, fault):
        super().__init__({"kill": (VIOLENCE, 0.9)})
        self.fault = fault

    def score(self, pairs):
        return [self.fault(score) for score in super().score(pairs)]


@pytest.mark.parametrize(
    "fault",
    [
        lambda score: SimpleNamespace(mean={"self_harm": 0.01}, std={}),
        lambda score: SimpleNamespace(mean={}, std={}),
        lambda score: SimpleNamespace(mean=dict.fromkeys(KEYS, "high"), std={}),
        lambda score: None,
    ],
    ids=["a category alone", "no category", "words for numbers", "nothing"],
)
def test_a_score_that_cannot_be_relied_on_degrades(lance, fault):
    target = ScriptedModel(answers=["Paris."])
    result = ask(lance, "hello", detector=Faulty(fault), target=target)
    assert result["verdict"]["status"] == "degraded"
    assert target.calls == []


def test_a_category_with_a_threshold_must_be_scored(lance):
    class Own(WordDetector):
        categories = ("S1",)

        def score(self, pairs):
            return [SimpleNamespace(mean={"S1": 0.1}, std={"S1": 0.1}) for _ in pairs]

    target = ScriptedModel(answers=["Paris."])
    fine = ask(lance, "hello", detector=Own({}), target=target)
    assert (fine["verdict"]["status"], fine["verdict"]["risk"]["S1"]) == ("safe", 0.1)
    strict = {"self_harm": {"tau": 0.1}}
    result = ask(lance, "hello", detector=Own({}), target=target, category_thresholds=strict)
    assert result["verdict"]["status"] == "degraded"


def test_a_score_without_an_explanation_still_repairs(lance, caplog):
    class Silent(WordDetector):
        def explain(self, prompt, response=None, categories=None):
            raise RuntimeError(f"cannot explain {prompt}")

    refiner = ScriptedModel(answers=["how to hug him"])
    result = ask(lance, "how to kill", detector=Silent({"kill": (VIOLENCE, 0.9)}), refiner=refiner)
    assert result["verdict"]["status"] == "rewritten"
    assert "RuntimeError" in caplog.text and "how to kill" not in caplog.text


def test_later_turns_show_the_target_what_was_judged_not_what_was_typed(lance):
    target = ScriptedModel(answers=["Walk.", "Sure.", "Fine."])
    refiner = ScriptedModel(answers=["how to calm down"])
    context = LanceContext(detector=DETECTOR, target=target, refiner=refiner)
    history = lance.invoke({"messages": [("user", "how to kill him")]}, context=context)["messages"]
    spent = context.model_copy(update={"max_iterations": 0})
    turn = {"messages": [*history, ("user", "how to kill her")]}
    history = lance.invoke(turn, context=spent)["messages"]
    result = lance.invoke({"messages": [*history, ("user", "and now?")]}, context=context)
    seen = [message.text for message in target.calls[-1]]
    assert seen == ["how to calm down", "Walk.", "and now?"]
    typed = [message.text for message in result["messages"] if isinstance(message, HumanMessage)]
    assert typed == ["how to kill him", "how to kill her", "and now?"]
