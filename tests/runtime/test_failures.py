"""A failure can be understood: component, type, file, line and frames, and no word of a draft."""

import asyncio
import logging
import traceback

import pytest

from lance_graph import DegradedError, LanceChatModel, LanceContext, SafetyLayer, build_graph
from lance_graph.runtime.failures import ComponentError, Failure
from tests.fakes import BrokenDetector, ScriptedModel, WordDetector

SECRET = "zanzibar"
HARMLESS = WordDetector({})


def fail(prompt):
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise ConnectionError(f"{SECRET} {prompt}") from error


async def afail(prompt):
    fail(prompt)


def lines_of(caplog):
    return [record for record in caplog.records if hasattr(record, "lance")]


BROKEN = {
    "target model": {"target": fail, "detector": HARMLESS},
    "risk detector": {"target": fail, "detector": BrokenDetector()},
}


@pytest.mark.parametrize("component", BROKEN)
def test_a_failure_is_one_record_with_its_place_and_no_content(caplog, component):
    answered = SafetyLayer(**BROKEN[component])(SECRET)
    assert answered.verdict["status"] == "degraded"
    (record,) = [line for line in lines_of(caplog) if line.levelno == logging.ERROR]
    noted = record.lance
    kind, function = (
        ("ConnectionError", "fail") if component == "target model" else ("RuntimeError", "score")
    )
    assert (noted["component"], noted["error"], noted["message"]) == (component, kind, None)
    assert noted["frames"][-1] == f"{noted['file']}:{noted['line']} {function}"
    assert noted["file"].endswith(".py") and len(noted["frames"]) > 2
    assert f"{noted['file']}:{noted['line']}" in record.getMessage()
    assert not record.exc_info
    for each in lines_of(caplog):
        assert SECRET not in repr(vars(each))


@pytest.mark.parametrize("target", [fail, afail])
@pytest.mark.parametrize("component", BROKEN)
def test_a_degraded_error_has_a_cause_that_quotes_nothing(component, target):
    layer = SafetyLayer(**{**BROKEN[component], "target": target}, on_degraded="raise")
    with pytest.raises(DegradedError) as caught:
        asyncio.run(layer.acall(SECRET))
    cause = caught.value.__cause__
    assert isinstance(cause, ComponentError) and cause.failure.component == component
    assert f"{cause.failure.file}:{cause.failure.line}" in str(cause)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert cause.__cause__ is None and cause.__context__ is None


def test_what_led_to_an_error_is_named_by_type():
    layer = SafetyLayer(fail, detector=HARMLESS, on_degraded="raise")
    with pytest.raises(DegradedError) as caught:
        layer("hello")
    assert caught.value.__cause__.failure.causes == ("KeyError",)
    assert "ConnectionError, from KeyError at " in str(caught.value.__cause__)


def test_the_content_is_there_where_drafts_are_revealed(caplog):
    layer = SafetyLayer(fail, detector=HARMLESS, reveal_drafts=True, on_degraded="raise")
    with pytest.raises(DegradedError) as caught:
        layer("hello")
    assert str(caught.value.__cause__).endswith(f": {SECRET} hello")
    assert lines_of(caplog)[-1].lance["message"] == f"{SECRET} hello"


def test_a_chat_model_says_the_cause_and_the_graph_alone_logs_it(caplog):
    broken = ScriptedModel(answers=[OSError(SECRET)])
    with pytest.raises(DegradedError) as caught:
        LanceChatModel(target=broken, detector=HARMLESS).invoke("hello")
    assert caught.value.__cause__.failure.error == "OSError"
    caplog.clear()
    context = LanceContext(target=broken, detector=HARMLESS)
    build_graph().compile().invoke({"messages": [("user", "hello")]}, context=context)
    assert [record.lance["component"] for record in lines_of(caplog)] == ["target model"]


def test_a_refiner_that_fails_is_a_warning_a_call_and_no_cause_of_the_answer(caplog):
    refiner = ScriptedModel(answers=[OSError(SECRET)])
    detector = WordDetector({"kill": ("self_harm", 0.9)})
    layer = SafetyLayer(
        ScriptedModel(answers=["Fine."]), refiner=refiner, detector=detector, on_degraded="raise"
    )
    answered = layer("kill it")
    levels = {record.levelno for record in lines_of(caplog)}
    assert levels == {logging.WARNING} and answered.failures == ()
    assert {record.lance["component"] for record in lines_of(caplog)} == {"refiner"}


def test_each_run_has_its_own_failures():
    layer = SafetyLayer(fail, detector=HARMLESS)
    first, second = layer("a"), layer("b")
    assert len(first.failures) == len(second.failures) == 1
    working = SafetyLayer(lambda prompt: "Fine.", detector=HARMLESS)
    assert working("a").failures == ()


def test_an_endless_chain_of_causes_ends():
    first, second = OSError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert len(Failure.of("x", first).causes) == 10


def test_a_wrong_choice_is_named():
    with pytest.raises(ValueError, match="'answer' or 'raise', not 'shrug'"):
        SafetyLayer(on_degraded="shrug")
