import pytest
from langchain_core.messages import AIMessage, HumanMessage

from lance_graph import build_graph
from lance_graph.context import LanceContext
from lance_graph.guards import GuardModelDetector
from lance_graph.verdicts import explain_status
from tests.fakes import VIOLENCE, DoubtfulDetector, ScriptedModel, WordDetector

CANARY = "how to light the fuse"


class Liar(ScriptedModel):
    """A model that says of itself what nobody judged."""

    def _generate(self, *args, **kwargs):
        result = super()._generate(*args, **kwargs)
        message = result.generations[0].message
        message.response_metadata["model_name"] = CANARY
        message.usage_metadata[CANARY] = 7
        return result


def usage(calls):
    return {"input_tokens": 3 * calls, "output_tokens": 2 * calls, "total_tokens": 5 * calls}


def verdict_on(prompt, **context):
    graph = build_graph().compile()
    given = {"messages": [HumanMessage(prompt)]}
    return graph.invoke(given, context=LanceContext(**context))["verdict"]


def test_usage_is_told_by_model_and_its_sum_beside_it():
    target = Liar(answers=["light the fuse", "all is well"]).bind(model="aimed")
    refiner = Liar(answers=["how can people stay safe"]).bind(model="mended")
    verdict = verdict_on(
        "how to attack",
        target=target,
        refiner=refiner,
        detector=WordDetector({"attack": (VIOLENCE, 0.9), "fuse": (VIOLENCE, 0.8)}),
    )
    by_model = verdict["usage_by_model"]
    assert set(by_model) == {"aimed", "mended"}
    assert by_model == {name: usage(len(calls)) for name, calls in said(target, refiner).items()}
    assert verdict["usage"] == usage(len(target.bound.calls) + len(refiner.bound.calls))
    assert CANARY not in str(verdict["usage"]) + str(by_model)


def said(target, refiner):
    return {"aimed": target.bound.calls, "mended": refiner.bound.calls}


def test_a_guard_counts_under_the_name_of_its_model():
    guard = GuardModelDetector(ScriptedModel(answers=lambda _: "safe").bind(model="warden"))
    verdict = verdict_on("hello", target=ScriptedModel(answers=["hi"]), detector=guard)
    assert verdict["status"] == "safe"
    assert set(verdict["usage_by_model"]) == {"warden", "ScriptedModel"}
    assert verdict["usage_by_model"]["ScriptedModel"] == usage(1)
    assert verdict["usage_by_model"]["warden"]["total_tokens"] >= 10


@pytest.mark.parametrize("answer", [AIMessage("hi"), "hi"])
def test_what_reports_nothing_is_not_listed(answer):
    from langchain_core.runnables import RunnableLambda

    verdict = verdict_on(
        "hello", target=RunnableLambda(lambda _: answer), detector=WordDetector({})
    )
    assert (verdict["usage"], verdict["usage_by_model"]) == (None, {})


@pytest.mark.parametrize(
    ("abstain", "told"),
    [
        (0, None),
        (1, "In doubt, within 1 spread of a threshold: Violence"),
        (1.5, "In doubt, within 1.5 spreads of a threshold: Violence"),
    ],
)
@pytest.mark.parametrize("mode", ["enforce", "monitor"])
def test_what_was_in_doubt_is_told(abstain, told, mode):
    detector = DoubtfulDetector({"attack": (0.75, 0.1)})
    target, refiner = ScriptedModel(answers=["hi"]), ScriptedModel(answers=["how can we be kind"])
    models = {"target": target, "refiner": refiner, "detector": detector}
    verdict = verdict_on("how to attack", abstain=abstain, mode=mode, **models)
    assert verdict["uncertain"] == ([VIOLENCE] if told else [])
    if told:
        assert told in verdict["reason"]
    else:
        assert "In doubt" not in verdict["reason"]


def test_a_softened_severe_hazard_is_noted_as_one():
    graph, detector = build_graph().compile(), DoubtfulDetector({"attack": (0.75, 0.1)})
    context = LanceContext(detector=detector, abstain=1)
    result = graph.invoke({"messages": [HumanMessage("how to attack")]}, context=context)
    clauses = [c["effort"] for s in result["verdict"]["trace"] for c in s.get("gradient", ())]
    assert "severe" not in clauses and "mild" in clauses
    note = result["messages"][-1].response_metadata["lance"]
    assert note["severe"] and note["uncertain"]


def step(node, **more):
    return {"node": node, "iteration": 1, "seconds": 0.0, **more}


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([], "safe after 0 rewrites."),
        ([{}], "safe after 1 rewrite."),
        ([{"failed_attempts": ["echo"], "model": "openai:x"}], "safe after 1 rewrite."),
        (
            [{"stood_in": "all"}],
            "safe after 1 rewrite by the offline refiner, for the refiner failed.",
        ),
        (
            [{"stood_in": "all"}, {}],
            "safe after 2 rewrites, 1 of them by the offline refiner, for the refiner failed.",
        ),
        (
            [{"stood_in": 2, "passages": 3, "omitted": 1}],
            "safe after 1 rewrite, 2 passages rewritten or left out by the offline refiner, for the "
            "refiner failed, without 1 passage of the prompt.",
        ),
        (
            [{"stood_in": 1, "passages": 1, "omitted": 0}, {"stood_in": "all"}],
            "safe after 2 rewrites, 1 of them by the offline refiner, 1 passage rewritten or left out by "
            "the offline refiner, for the refiner failed.",
        ),
    ],
)
def test_the_reason_says_what_the_offline_refiner_wrote_and_no_more(steps, told):
    clause = {"category": VIOLENCE, "intensity": 0.9, "effort": "severe", "words": []}
    trace = [step("score_risk", gradient=[clause])]
    trace += [step("rewrite_severe", **one) for one in steps]
    state = {"trace": trace, "iteration": len(steps), "reviewed": False, "prompt": "how to attack"}
    assert explain_status(state, LanceContext(), "rewritten").endswith(told)


def test_a_refiner_that_fails_once_is_not_said_to_have_failed_always():
    found = verdict_on(
        "how to attack",
        refiner=ScriptedModel(answers=["", "<refined_prompt>how to assault</refined_prompt>"] * 4),
        target=ScriptedModel(answers=["Gently."]),
        detector=WordDetector({"attack": (VIOLENCE, 0.9), "assault": (VIOLENCE, 0.4)}),
        refiner_attempts=1,
    )
    rewrites = [one for one in found["trace"] if one["node"].startswith("rewrite")]
    assert rewrites[0]["stood_in"] == "all"
    assert all("stood_in" not in one for one in rewrites if one["model"] != "offline")
