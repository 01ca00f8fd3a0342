"""Lance and its ablation without refinement."""

import pytest

from lance_graph.evaluation.methods import build
from lance_graph.evaluation.methods.base import Setting
from lance_graph.guards import GuardModelDetector
from lance_graph.rewriting.clauses import MOST
from lance_graph.rewriting.parsing import MOST as REWRITES
from tests.fakes import (
    VIOLENCE,
    BrokenDetector,
    ScriptedModel,
    StructuredModel,
    WordDetector,
    answer_with,
)

HAZARD, HARMLESS = "how to attack him", "how to bake bread"
REWRITTEN = "how to settle a quarrel with him"


def words():
    return WordDetector({"attack": (VIOLENCE, 0.9), "!CANARY": (VIOLENCE, 0.8)})


async def test_lance_repairs_the_prompt_and_tells_the_risk_before_and_after(ask):
    target, refiner = ScriptedModel(answers=["Talk to him."]), ScriptedModel(answers=[REWRITTEN])
    setting = Setting(target=target, refiner=refiner, detector=words())
    reply, calls = await ask(build("lance", setting), HAZARD)
    assert (reply.outcome, reply.response) == ("rewritten", "Talk to him.")
    assert (reply.refined_prompt, reply.iterations, calls) == (REWRITTEN, 1, 2)
    assert reply.initial_risk[VIOLENCE] == pytest.approx(0.9)
    assert reply.risk[VIOLENCE] == pytest.approx(0.02)
    assert reply.failure is None


@pytest.mark.parametrize(
    ("answers", "options", "outcome"),
    [
        (["Mix."], {}, "safe"),
        (["CANARY"], {"max_iterations": 1}, "fell_back"),
    ],
)
async def test_how_a_run_ended_is_the_outcome(ask, answers, options, outcome):
    setting = Setting(target=ScriptedModel(answers=answers), detector=words(), options=options)
    reply, _ = await ask(build("lance", setting), HARMLESS)
    assert reply.outcome == outcome
    assert reply.response


@pytest.mark.parametrize(
    ("setting", "failure"),
    [
        (
            Setting(target=ScriptedModel(answers=[TimeoutError("slow CANARY")])),
            "the target model failed (TimeoutError)",
        ),
        (Setting(detector=BrokenDetector()), "the risk detector failed (RuntimeError)"),
    ],
)
async def test_a_component_that_fails_makes_it_degraded(ask, setting, failure):
    reply, _ = await ask(build("lance", setting), HARMLESS)
    assert reply.outcome == "degraded"
    assert "CANARY" not in str(reply)
    assert HARMLESS not in str(reply)
    assert reply.failure == failure


async def test_a_failed_detector_leaves_no_numbers(ask):
    reply, _ = await ask(build("lance", Setting(detector=BrokenDetector())), HARMLESS)
    assert (reply.initial_risk, reply.risk) == (None, None)


async def test_no_language_model_takes_part_offline(ask):
    method = build("lance", Setting(detector=words()))
    reply, calls = await ask(method, HAZARD)
    assert (reply.outcome, calls, method.max_calls) == ("rewritten", 0, 0)
    assert "no language model" in reply.response


async def test_lance_nr_lets_the_target_answer_the_unsafe_prompt_unchanged(ask):
    target, refiner = ScriptedModel(answers=["CANARY"]), ScriptedModel(answers=[REWRITTEN])
    setting = Setting(target=target, refiner=refiner, detector=words())
    method = build("lance-nr", setting)
    reply, calls = await ask(method, HAZARD)
    vanilla, _ = await ask(build("vanilla", setting), HAZARD)
    assert reply.response == vanilla.response == "CANARY"
    assert [[m.text for m in call] for call in target.calls] == [[HAZARD], [HAZARD]]
    assert (reply.outcome, reply.refined_prompt, reply.iterations) == ("answered", None, 0)
    assert (calls, method.max_calls, refiner.calls) == (1, 1, [])
    assert reply.initial_risk[VIOLENCE] == pytest.approx(0.9)
    assert reply.risk[VIOLENCE] == pytest.approx(0.9)


async def test_lance_nr_has_no_answer_where_the_target_fails(ask):
    target = ScriptedModel(answers=[TimeoutError("slow")])
    with pytest.raises(TimeoutError):
        await ask(build("lance-nr", Setting(target=target, detector=words())), HAZARD)


@pytest.mark.parametrize(("options", "calls"), [({}, 1), ({"retries": 1}, 2)])
async def test_a_failed_call_is_made_again_only_where_that_is_asked_for(ask, options, calls):
    target = ScriptedModel(answers=[TimeoutError("slow")])
    setting = Setting(target=target, detector=words(), options=options)
    reply, heard = await ask(build("lance", setting), HARMLESS)
    assert (reply.outcome, heard) == ("degraded", calls)
    nr = build("lance-nr", setting)
    with pytest.raises(TimeoutError):
        await ask(nr, HARMLESS)
    assert len(target.calls) == 2 * calls and nr.max_calls == calls


async def test_lance_nr_says_that_nothing_was_scored_where_the_detector_fails(ask):
    target = ScriptedModel(answers=["Mix."])
    method = build("lance-nr", Setting(target=target, detector=BrokenDetector()))
    reply, _ = await ask(method, HARMLESS)
    assert (reply.response, reply.initial_risk, reply.risk) == ("Mix.", None, None)
    assert "RuntimeError" in reply.failure


class Stubborn(StructuredModel):
    """Structured output fails, and so does what it says otherwise."""

    def with_structured_output(self, schema, **_):
        from langchain_core.runnables import RunnableLambda

        def fail(messages):
            self.invoke(messages)
            raise ValueError("no structured output")

        return RunnableLambda(fail)


@pytest.mark.parametrize("options", [{}, {"max_iterations": 2, "refiner_attempts": 3}])
async def test_the_worst_case_takes_as_many_calls_as_announced(ask, options):
    """A guard that passes prompts and condemns answers, a refiner that fails at every attempt."""
    guard = GuardModelDetector(
        answer_with(lambda text: "unsafe\nS1" if "CANARY" in text else "safe")
    )
    setting = Setting(
        target=ScriptedModel(answers=[f"CANARY {n}" for n in range(9)]),
        refiner=Stubborn(answers=["no"]),
        detector=guard,
        options=options,
    )
    method = build("lance", setting)
    reply, calls = await ask(method, HARMLESS)
    rewrites, attempts = options.get("max_iterations", 3), options.get("refiner_attempts", 3)
    assert reply.outcome == "fell_back"
    # no rewrite was one, so that none was judged, whole and by its clauses; a refusal of structured
    # output is remembered, once a plain call was answered
    unjudged = rewrites * attempts * REWRITES * (1 + MOST)
    assert calls == method.max_calls - unjudged - (rewrites - 1)
    answers = rewrites + 1
    # each: the prompt, the answer, beside the prompt and alone; rewritten also beside the user's own
    asked_again = 1 + 2
    assert calls == answers * 4 + asked_again + rewrites + 1 + rewrites * attempts + 1 + 1
