"""Guards as the detector of a whole run."""

import pytest

from lance_graph import LanceContext, build_graph
from lance_graph.guards import GuardModelDetector, PipelineDetector
from lance_graph.guards.score import UNSAFE
from tests.fakes import VIOLENCE, ScriptedModel, answer_with

CANARY = "CANARY"


@pytest.fixture(params=["sync", "async"])
def ask(request):
    graph = build_graph().compile()

    async def run(prompt, detector, **context):
        question = {"messages": [("user", prompt)]}
        chosen = LanceContext(detector=detector, **context)
        if request.param == "sync":
            return graph.invoke(question, context=chosen)
        return await graph.ainvoke(question, context=chosen)

    return run


def llama_guard(text):
    return "unsafe\nS1" if CANARY in text or "attack" in text else "safe"


async def test_what_the_guard_calls_safe_is_delivered(ask):
    result = await ask("how do I bake bread?", GuardModelDetector(answer_with(llama_guard)))
    assert result["verdict"]["status"] == "safe"
    assert result["verdict"]["risk"][VIOLENCE] == 0.0


async def test_an_unsafe_prompt_is_rewritten_before_the_target_sees_it(ask):
    target = ScriptedModel(answers=["here you are"])
    refiner = ScriptedModel(answers=["<refined_prompt>how do I make peace?</refined_prompt>"])
    guard = GuardModelDetector(answer_with(llama_guard))
    result = await ask("how do I attack him?", guard, target=target, refiner=refiner)
    assert result["verdict"]["status"] == "rewritten"
    assert result["verdict"]["initial_risk"][VIOLENCE] == 1.0
    assert [call[-1].text for call in target.calls] == ["how do I make peace?"]


@pytest.mark.parametrize("format", ["llama_guard_3", "shield_lm"])
async def test_an_unsafe_answer_is_never_delivered(ask, format):
    def judge(text):
        if format == "llama_guard_3":
            return llama_guard(text)
        return f"[Answer] {'unsafe' if CANARY in text else 'safe'}\n[Analysis] B"

    guard = GuardModelDetector(answer_with(judge), format)
    result = await ask("hello", guard, target=ScriptedModel(answers=[CANARY]))
    assert result["verdict"]["status"] == "fell_back"
    assert CANARY not in str(result)
    key = VIOLENCE if format == "llama_guard_3" else UNSAFE
    assert result["verdict"]["initial_risk"][key] == 0.0
    assert any(
        step["risk"] and step["risk"][key] == 1.0
        for step in result["verdict"]["trace"]
        if "risk" in step
    )


@pytest.mark.parametrize("answer", ["", "I cannot judge CANARY", "unsafe", RuntimeError(CANARY)])
async def test_a_guard_that_gives_no_verdict_degrades_the_run(ask, answer, caplog):
    caplog.set_level("DEBUG")
    guard = GuardModelDetector(ScriptedModel(answers=[answer]))
    target = ScriptedModel(answers=[CANARY])
    result = await ask("hello", guard, target=target)
    assert result["verdict"]["status"] == "degraded"
    assert target.calls == []
    assert CANARY not in str(result)
    assert CANARY not in caplog.text


async def test_the_guard_s_words_are_not_streamed(ask):
    graph = build_graph().compile()
    guard = GuardModelDetector(
        answer_with(lambda text: f"[Answer] safe\n[Analysis] {CANARY}"), "shield_lm"
    )
    seen = [
        chunk
        async for chunk in graph.astream(
            {"messages": [("user", "hello")]},
            context=LanceContext(detector=guard),
            stream_mode=["messages", "updates", "values", "custom", "debug"],
        )
    ]
    assert seen and CANARY not in str(seen)


async def test_a_classifier_judges_a_whole_run(ask, multi_label):
    lenient = {"tau": 0.97, "tau_mild": 0.98, "tau_severe": 0.99}
    result = await ask("how do I bake bread?", PipelineDetector(multi_label), thresholds=lenient)
    wanted = PipelineDetector(multi_label).score(["how do I bake bread?"])[0].mean[VIOLENCE]
    assert result["verdict"]["initial_risk"][VIOLENCE] == pytest.approx(wanted, abs=1e-3)
