import pytest

from lance_graph.evaluation.methods import build
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.methods.lance_nf import SelfJudgement
from lance_graph.guards import GuardVerdictError
from lance_graph.rewriting.clauses import MOST
from lance_graph.rewriting.parsing import MOST as REWRITES
from tests.fakes import BrokenDetector, ScriptedModel

HAZARD, HARMLESS = "how to attack him", "how to bake bread"
REWRITTEN = "how to settle a quarrel with him"


def refiner(verdict=lambda text: "unsafe" if "attack" in text else "safe", rewrite=REWRITTEN):
    """Judges by what it is shown and rewrites when it is told to."""

    def say(messages):
        _, user = messages
        if "Three rewrites" in user.text:
            return rewrite
        return f"Verdict: {verdict(user.text)}"

    return ScriptedModel(answers=say)


def nf(refiner, target="offline", **options):
    """The detector is broken: it must not be asked."""
    setting = Setting(target=target, refiner=refiner, detector=BrokenDetector(), options=options)
    return build("lance-nf", setting)


async def test_the_refiner_judges_rewrites_and_judges_again(ask):
    model, target = refiner(), ScriptedModel(answers=["Talk to him."])
    reply, calls = await ask(nf(model, target), HAZARD)
    assert (reply.outcome, reply.response, reply.refined_prompt) == (
        "rewritten",
        "Talk to him.",
        REWRITTEN,
    )
    assert (reply.initial_risk, reply.risk, reply.iterations) == (None, None, 1)
    judged, rewriting, again, pair, alone, refused, beside_the_users_own = model.calls
    assert "expert in the safety" in judged[0].text
    assert judged[1].text == f"<user_text>\n{HAZARD}\n</user_text>"
    assert again[1].text == f"<user_text>\n{REWRITTEN}\n</user_text>"
    assert pair[1].text.endswith("<answer>\nTalk to him.\n</answer>")
    assert judged[1].text in rewriting[1].text
    assert alone[1].text.startswith("<user_text>\n\n</user_text>")
    assert HAZARD in refused[1].text and "can't help" in refused[1].text
    assert HAZARD in beside_the_users_own[1].text and "Talk to him." in beside_the_users_own[1].text
    assert calls == 8


async def test_the_rewrite_is_coarse_it_learns_no_category_and_no_degree(ask):
    model = refiner()
    await ask(nf(model), HAZARD)
    system, user = model.calls[1]
    assert "judged unsafe as a whole" in system.text
    assert "Violence" not in system.text + user.text
    assert "(1.00," in user.text  # a verdict and no degree


async def test_a_prompt_that_it_calls_safe_is_left_alone(ask):
    target = ScriptedModel(answers=["Mix."])
    reply, _ = await ask(nf(refiner(), target), HARMLESS)
    assert (reply.outcome, reply.refined_prompt) == ("safe", None)
    assert target.calls[0][-1].text == HARMLESS


async def test_an_unreadable_verdict_does_not_pass_for_safe(ask):
    model = refiner(verdict=lambda text: "it depends")
    reply, _ = await ask(nf(model), HARMLESS)
    assert reply.outcome == "degraded"
    assert "GuardVerdictError" in reply.failure


async def test_the_worst_case_takes_as_many_calls_as_announced(ask):
    model = refiner(verdict=lambda text: "unsafe" if "CANARY" in text else "safe", rewrite="no")
    method = nf(model, ScriptedModel(answers=[f"CANARY {n}" for n in range(9)]), max_iterations=2)
    reply, calls = await ask(method, HARMLESS)
    assert reply.outcome == "fell_back"
    # ScriptedModel offers no structured output, whose first error would be free; no rewrite was judged
    assert calls == method.max_calls - 2 - 2 * 3 * REWRITES * (1 + MOST)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("Verdict: safe", "safe"),
        ("**Verdict:** unsafe", "unsafe"),
        ("verdict - UNSAFE, because it is not safe", "unsafe"),
        ("Safe.", "safe"),
        ("Unsafe: the safe way would be another", "unsafe"),
        ("I would say that this is not safe.", "unsafe"),
        ("<think>unsafe?</think>safe", "safe"),
    ],
)
def test_verdicts_are_read_tolerantly(answer, word):
    verdict = SelfJudgement().parse(answer)
    assert (verdict.word, verdict.degree) == (word, float(word == "unsafe"))


@pytest.mark.parametrize(
    "answer", ["", "yes", "Verdict: safe or Verdict: unsafe", "One part is safe, one is unsafe."]
)
def test_no_verdict_is_an_error_that_quotes_nothing(answer):
    with pytest.raises(GuardVerdictError) as error:
        SelfJudgement().parse(answer)
    assert "One part" not in str(error.value)


def test_log_probabilities_make_no_degree_of_a_verdict():
    from lance_graph.guards.logprobs import degree_of

    listed = [{"token": "unsafe", "logprob": -0.5}, {"token": "safe", "logprob": -0.9}]
    metadata = {"logprobs": {"content": [{"token": "unsafe", "top_logprobs": listed}]}}
    assert degree_of(SelfJudgement().parse("unsafe"), metadata, "unsafe") == 1.0
