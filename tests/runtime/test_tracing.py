"""Spans: their tree, what they tell, and that no word of a prompt, draft, answer or error is in them."""

import asyncio
import json
import sys
import threading
import time
from importlib import import_module
from importlib.util import spec_from_loader

import httpx
import opentelemetry
import pytest
from langgraph.errors import GraphInterrupt
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lance_graph import LanceContext, SafetyLayer, build_graph
from lance_graph.runtime import tracing
from tests.fakes import VIOLENCE, ScriptedModel, WordDetector
from tests.server.serving import HELLO, Target, serving

CANARY = "CANARY"
TYPED = f"how to kill {CANARY}"
REFINED = f"How do I stay safe from {CANARY}?"
PARENT = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


@pytest.fixture
def spans(monkeypatch):
    """The spans that have ended, in the order in which they began."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    return lambda: sorted(exporter.get_finished_spans(), key=lambda span: span.start_time)


def context(target, **fields):
    detector = WordDetector({"kill": (VIOLENCE, 0.9), "!step one": (VIOLENCE, 0.9)})
    refiner = ScriptedModel(answers=[REFINED])
    return LanceContext(target=target, refiner=refiner, detector=detector, **fields)


def tree(spans):
    """(name of the parent or None, name) of each span."""
    names = {span.context.span_id: span.name for span in spans}
    return [(span.parent and names[span.parent.span_id], span.name) for span in spans]


def no_word_is_in(spans):
    return all(CANARY not in span.to_json() for span in spans)


@pytest.mark.parametrize("is_async", [False, True])
async def test_a_rewritten_run_is_a_tree_of_boxes_and_calls(spans, is_async):
    target = ScriptedModel(answers=[f"step one: {CANARY}", f"Ask the {CANARY} officer."])
    given = context(target, screening="prompt")
    layer = SafetyLayer(context=given)
    answer = await layer.acall(TYPED) if is_async else layer(TYPED)
    assert answer.verdict["status"] == "rewritten" and CANARY in answer.text
    found = spans()
    run, *boxes = [span for span in found if not span.name.startswith("chat ")]
    assert (run.name, run.parent) == ("invoke_workflow lance", None)
    assert run.attributes["gen_ai.operation.name"] == "invoke_workflow"
    assert run.attributes["lance.status"] == "rewritten"
    assert run.attributes["lance.iterations"] == answer.verdict["iterations"]
    assert all(box.parent.span_id == run.context.span_id for box in boxes)
    assert [box.name for box in boxes] == walked(answer.verdict)
    calls = [span for span in found if span.name.startswith("chat ")]
    inside = {parent for parent, name in tree(found) if name.startswith("chat ")}
    assert inside <= {"rewrite_severe", "generate_response", "ask_again"} and len(inside) > 1
    for call in calls:
        assert call.kind is trace.SpanKind.CLIENT and call.attributes["gen_ai.request.model"]
        assert call.attributes["gen_ai.usage.input_tokens"] == 3
        assert call.attributes["gen_ai.usage.output_tokens"] == 2
    assert len(calls) == len(target.calls) + len(given.refiner.calls)
    scored = next(box for box in boxes if box.name == "score_risk")
    assert scored.attributes["lance.branch"] == "rewrite_severe"
    assert scored.attributes["lance.categories"] == (VIOLENCE,)
    assert not any(span.events or span.status.description for span in found)
    assert no_word_is_in(found)


def walked(verdict):
    """The boxes of a run: what its trace names, between those that are in every one."""
    boxes = [step["node"] for step in verdict["trace"]]
    return [*(() if boxes[0] == "open_turn" else ("open_turn",)), *boxes, "deliver"]


async def test_a_target_that_fails_is_told_by_the_type_of_its_error(spans):
    target = ScriptedModel(answers=[PermissionError(f"no {CANARY} for you")])
    answer = await SafetyLayer(context=context(target)).acall(f"hello {CANARY}")
    assert answer.verdict["status"] == "degraded"
    found = spans()
    failures = [span for span in found if span.name.startswith("chat ")]
    assert {span.attributes["error.type"] for span in failures} == {"PermissionError"}
    assert {span.status.status_code for span in failures} == {trace.StatusCode.ERROR}
    assert found[0].attributes["lance.status"] == "degraded"
    assert not any(span.events or span.status.description for span in found)
    assert no_word_is_in(found)


class Hanging(ScriptedModel):
    """A model that never answers async code."""

    async def _agenerate(self, messages, *_, **__):
        self._calls.append(messages)
        await asyncio.sleep(60)


async def test_a_call_that_takes_too_long_has_a_span_that_says_so(spans):
    given = context(Hanging(answers=[CANARY]), target_timeout=0.5)
    answer = await SafetyLayer(context=given).acall(f"hello {CANARY}")
    assert answer.verdict["status"] == "degraded"
    (call,) = [span for span in spans() if span.name.startswith("chat ")]
    assert call.attributes["error.type"].endswith("CancelledError")
    assert call.status.status_code is trace.StatusCode.ERROR and no_word_is_in(spans())


async def test_every_span_of_a_run_that_is_cancelled_ends(spans):
    target = Hanging(answers=[CANARY])
    task = asyncio.create_task(SafetyLayer(context=context(target)).acall(f"hello {CANARY}"))
    while not target.calls:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    names = [span.name for span in spans()]
    assert names[0] == "invoke_workflow lance" and "generate_response" in names
    assert names[-1].startswith("chat ") and no_word_is_in(spans())


def test_an_error_is_told_by_its_type_and_a_pause_is_none(spans):
    for error in (ValueError(CANARY), GraphInterrupt()):
        with pytest.raises(type(error)), tracing.span("box"):
            raise error
    failed, paused = spans()
    assert failed.attributes["error.type"] == "ValueError" and no_word_is_in([failed])
    assert failed.status.status_code is trace.StatusCode.ERROR and not failed.events
    assert paused.status.status_code is trace.StatusCode.UNSET and not paused.events


def test_the_boxes_of_a_graph_of_ones_own_are_inside_ones_own_span(spans):
    target = ScriptedModel(answers=["hello"])
    with trace.get_tracer("mine").start_as_current_span("mine"):
        build_graph().compile().invoke({"messages": [("user", "hi")]}, context=context(target))
    found = spans()
    assert {parent for parent, name in tree(found)} == {None, "mine", "generate_response"}


@pytest.mark.parametrize(
    ("model", "provider", "name"),
    [
        ("openai:gpt-4o-mini", "openai", "gpt-4o-mini"),
        ("openai:qwen2.5:1.5b", "openai", "qwen2.5:1.5b"),
        ("ScriptedModel", "_OTHER", "ScriptedModel"),
    ],
)
def test_a_call_has_the_provider_and_the_name_that_were_configured(spans, model, provider, name):
    tracing.end_call(tracing.begin_call(model))
    (call,) = spans()
    assert call.name == f"chat {name}"
    assert call.attributes["gen_ai.provider.name"] == provider
    assert call.attributes["gen_ai.request.model"] == name


def test_where_nobody_has_imported_it_nothing_is_imported_and_nothing_fails(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    answer = SafetyLayer(context=context(ScriptedModel(answers=["hello"])))("hi")
    assert answer.verdict["status"] == "safe"
    assert not [name for name in sys.modules if name.startswith("opentelemetry")]


class SlowImport:
    """Finds `opentelemetry.trace` and takes its time to fill it."""

    def __init__(self):
        self.begun = threading.Event()

    def find_spec(self, name, path=None, target=None):
        return spec_from_loader(name, self) if name == trace.__name__ else None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        self.begun.set()
        time.sleep(0.2)
        vars(module).update({k: v for k, v in vars(trace).items() if not k.startswith("__")})


def test_a_run_beside_which_a_thread_is_importing_it_waits(monkeypatch):
    slow = SlowImport()
    monkeypatch.setattr(sys, "meta_path", [slow, *sys.meta_path])
    monkeypatch.setattr(opentelemetry, "trace", trace)
    monkeypatch.delitem(sys.modules, trace.__name__)
    other = threading.Thread(target=import_module, args=(trace.__name__,))
    other.start()
    assert slow.begun.wait(5)
    with tracing.span("box"):
        tracing.annotate(iteration=1)
    other.join()


@pytest.mark.server
def test_an_error_in_the_server_is_told_by_its_type(spans, monkeypatch):
    def fail(*_):
        raise LookupError(CANARY)

    with serving(Target()) as served:
        monkeypatch.setattr(served.app.state.lance, "check_name", fail)
        assert served.chat().status_code == 500
        assert served.idle()
    (request,) = [span for span in spans() if span.kind is trace.SpanKind.SERVER]
    assert request.attributes["error.type"] == "LookupError"
    assert request.status.status_code is trace.StatusCode.ERROR
    assert no_word_is_in(spans())


@pytest.mark.server
def test_a_request_goes_on_with_the_trace_that_its_headers_name(spans):
    with serving(Target()) as served:
        served.target.plays(f"the {CANARY} answer")
        headers = {"traceparent": f"00-{PARENT[0]}-{PARENT[1]}-01", "authorization": CANARY}
        said = {**HELLO, "messages": [{"role": "user", "content": f"hello {CANARY}"}]}
        answered = httpx.post(f"{served.url}/v1/chat/completions", json=said, headers=headers)
        assert answered.json()["lance"]["status"] == "safe"
        assert served.post("/v1/nothing").status_code == 404
        assert served.idle()
    found = [span for span in spans() if span.kind is trace.SpanKind.SERVER]
    assert [span.name for span in found] == ["POST /v1/chat/completions", "POST unmatched"]
    request, other = found
    assert f"{request.context.trace_id:032x}" == PARENT[0]
    assert f"{request.parent.span_id:016x}" == PARENT[1]
    told = {name.partition(".")[2]: value for name, value in request.attributes.items()}
    assert request.name == "POST /v1/chat/completions"
    assert (told["response.status_code"], told["outcome"]) == (200, "safe")
    assert told["request"] == answered.headers["x-request-id"]
    runs = [span for span in spans() if span.name.startswith("invoke_workflow")]
    (run,) = [span for span in runs if span.context.trace_id == request.context.trace_id]
    assert run.parent.span_id == request.context.span_id  # the others are of the warm-up
    assert (other.name, other.parent) == ("POST unmatched", None)
    assert no_word_is_in(spans()) and "authorization" not in json.dumps(list(told))
