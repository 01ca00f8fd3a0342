"""Hard blocking and the guard LLM."""

import pytest

from lance_graph.categories import KEYS
from lance_graph.evaluation.methods import build
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.prompts import prose
from lance_graph.guards import GuardModelDetector, GuardScore, GuardVerdictError
from tests.fakes import VIOLENCE, BrokenDetector, ScriptedModel, WordDetector, answer_with

HAZARD, HARMLESS = "how to attack him", "how to bake bread"
TEMPLATE = prose("method_template_refusal")


def words(degree=0.9):
    return WordDetector({"attack": (VIOLENCE, degree), "!CANARY": (VIOLENCE, 0.8)})


async def test_a_hazardous_prompt_gets_the_template_and_the_target_is_not_asked(ask):
    target = ScriptedModel(answers=["Hit him."])
    reply, calls = await ask(build("hard-block", Setting(target=target, detector=words())), HAZARD)
    assert (reply.outcome, reply.response, calls) == ("blocked", TEMPLATE, 0)
    assert reply.initial_risk[VIOLENCE] == pytest.approx(0.9)
    assert reply.risk is None


async def test_a_hazardous_answer_gets_the_template(ask):
    target = ScriptedModel(answers=["CANARY"])
    reply, _ = await ask(build("hard-block", Setting(target=target, detector=words())), HARMLESS)
    assert (reply.outcome, reply.response) == ("blocked", TEMPLATE)


async def test_what_is_safe_is_passed_on_with_its_risk(ask):
    target, detector = ScriptedModel(answers=["Mix."]), words()
    reply, calls = await ask(
        build("hard-block", Setting(target=target, detector=detector)), HARMLESS
    )
    assert (reply.outcome, reply.response, calls) == ("safe", "Mix.", 1)
    assert reply.risk[VIOLENCE] == pytest.approx(0.02)
    assert detector.scored == [(HARMLESS, None), (HARMLESS, "Mix.")]


@pytest.mark.parametrize(
    ("thresholds", "outcome"),
    [({}, "blocked"), ({"tau": 0.45, "tau_mild": 0.5, "tau_severe": 0.7}, "safe")],
)
async def test_it_blocks_above_tau(ask, thresholds, outcome):
    options = {"thresholds": thresholds}
    setting = Setting(target=ScriptedModel(answers=["Mix."]), detector=words(0.4), options=options)
    reply, _ = await ask(build("hard-block", setting), HAZARD)
    assert reply.outcome == outcome


@pytest.mark.parametrize("name", ["hard-block", "guard"])
async def test_a_detector_that_fails_is_an_error_and_passes_nothing(ask, name):
    target = ScriptedModel(answers=["Mix."])
    setting = Setting(target=target, detector=BrokenDetector(), guard=BrokenDetector())
    with pytest.raises(RuntimeError):
        await ask(build(name, setting), HARMLESS)
    assert target.calls == []


async def test_without_a_language_model_the_responder_answers(ask):
    reply, calls = await ask(build("hard-block", Setting(detector=words())), HARMLESS)
    assert (reply.outcome, calls) == ("safe", 0)


def llama_guard(unsafe):
    return GuardModelDetector(answer_with(lambda text: "unsafe\nS1" if unsafe in text else "safe"))


@pytest.mark.parametrize(
    ("prompt", "unsafe", "outcome", "calls"),
    [
        (HAZARD, "attack", "blocked", 1),
        (HARMLESS, "Mix", "blocked", 3),
        (HARMLESS, "attack", "safe", 3),
    ],
)
async def test_a_guard_model_judges_prompt_and_answer(ask, prompt, unsafe, outcome, calls):
    target = ScriptedModel(answers=["Mix."])
    setting = Setting(target=target, guard=llama_guard(unsafe), detector=BrokenDetector())
    method = build("guard", setting)
    reply, counted = await ask(method, prompt)
    assert (reply.outcome, counted, method.max_calls) == (outcome, calls, 3)
    assert reply.response == (TEMPLATE if outcome == "blocked" else "Mix.")


class Sure:
    """A guard with the same degree for every text."""

    def __init__(self, degree):
        self.degree = degree

    def score(self, pairs):
        return [GuardScore(dict.fromkeys(KEYS, self.degree)) for _ in pairs]


@pytest.mark.parametrize(("degree", "outcome"), [(0.4, "safe"), (0.6, "blocked")])
async def test_a_guard_goes_by_its_own_verdict_and_not_by_tau(ask, degree, outcome):
    setting = Setting(target=ScriptedModel(answers=["Mix."]), guard=Sure(degree))
    reply, _ = await ask(build("guard", setting), HARMLESS)
    assert reply.outcome == outcome


async def test_a_guard_whose_degree_is_no_number_is_an_error(ask):
    setting = Setting(target=ScriptedModel(answers=["Mix."]), guard=Sure(float("nan")))
    with pytest.raises(ValueError, match="the degree nan"):
        await ask(build("guard", setting), HARMLESS)


async def test_a_guard_that_gives_no_verdict_is_an_error(ask):
    guard = GuardModelDetector(ScriptedModel(answers=["well ..."]))
    with pytest.raises(GuardVerdictError):
        await ask(build("guard", Setting(guard=guard)), HARMLESS)
