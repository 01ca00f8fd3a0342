"""The doors that need no graph around them show no draft either: the chat model, the safety layer."""

from typing import Any

import pytest
from pydantic import BaseModel

from lance_graph import LanceChatModel, SafetyLayer
from lance_graph.integrations.running import DegradedError
from tests.fakes import StructuredModel
from tests.integration import scenarios
from tests.integration.channels import PROCESS, Seen
from tests.integration.doors import NaiveChatModel, options_of
from tests.integration.scenarios import (
    ANSWER,
    DRAFT,
    EVERY_KIND,
    REFINED,
    STATUS,
    TYPED,
    UNSAFE,
    always,
)

pytestmark = pytest.mark.usefixtures("cut_off_anywhere")

SYNC = {"invoke", "stream", "batch", "generate", "events v3", "exception", *PROCESS}
ASYNC = SYNC | {"events v2"}


class ModelTaps(Seen):
    """What each channel of a chat model carried; ``failing`` is one whose call raises."""

    def __init__(self, model: Any, failing: Any) -> None:
        super().__init__()
        self.model = model
        self.failing = failing

    def collect(self) -> dict[str, str]:
        model = self.model
        with self.process():
            self.keep("invoke", model.invoke(TYPED))
            self.keep("stream", list(model.stream(TYPED)))
            self.keep("batch", model.batch([TYPED, TYPED]))
            self.keep("generate", model.generate_prompt([model._convert_input(TYPED)]))
            run = model.stream_events(TYPED, version="v3")
            self.keep("events v3", [list(run), run.output])
            try:
                self.failing.invoke(f"{TYPED} fail")
            except Exception as error:  # noqa: BLE001  # whatever it says is looked at
                self.keep_error(error)
        return self.texts

    async def acollect(self) -> dict[str, str]:
        model = self.model
        with self.process():
            self.keep("invoke", await model.ainvoke(TYPED))
            self.keep("stream", [chunk async for chunk in model.astream(TYPED)])
            self.keep("batch", await model.abatch([TYPED, TYPED]))
            self.keep("generate", await model.agenerate_prompt([model._convert_input(TYPED)]))
            events = model.astream_events(TYPED, version="v2")
            self.keep("events v2", [event async for event in events])
            run = await model.astream_events(TYPED, version="v3")
            self.keep("events v3", [[event async for event in run], await run.output])
            try:
                await self.failing.ainvoke(f"{TYPED} fail")
            except Exception as error:  # noqa: BLE001  # whatever it says is looked at
                self.keep_error(error)
        return self.texts


@pytest.mark.parametrize("scenario", EVERY_KIND)
class TestTheChatModelShowsNoDraft:
    def test_sync(self, scenario):
        taps = self.taps(scenario())
        assert taps.collect().keys() == SYNC
        self.check(taps)

    async def test_async(self, scenario):
        taps = self.taps(scenario())
        assert (await taps.acollect()).keys() == ASYNC
        self.check(taps)

    @staticmethod
    def taps(context):
        failing = LanceChatModel(context=scenarios.target_failed())
        return ModelTaps(LanceChatModel(context=context, on_degraded="answer"), failing)

    @staticmethod
    def check(taps):
        assert taps.showing(DRAFT) == set()
        assert taps.showing(REFINED) == set()
        assert "DegradedError" in taps.texts["exception"]


class TestTheModelTapsFindWhatLeaks:
    def test_sync(self):
        naive = NaiveChatModel(target=always())
        taps = ModelTaps(naive, naive)
        taps.collect()
        assert taps.showing(DRAFT) == SYNC

    async def test_async(self):
        naive = NaiveChatModel(target=always())
        taps = ModelTaps(naive, naive)
        await taps.acollect()
        assert taps.showing(DRAFT) == ASYNC


@pytest.mark.parametrize("scenario", STATUS)
@pytest.mark.parametrize("is_async", [False, True])
async def test_the_safety_layer_shows_no_draft(scenario, is_async):
    context, seen = scenario(), Seen()
    layer = SafetyLayer(context.target, **options_of(context))
    with seen.process():
        answer = await layer.acall(TYPED) if is_async else layer(TYPED)
    seen.keep("answer", [answer, str(answer), vars(answer)])
    seen.keep("layer", [layer, vars(layer)] if DRAFT not in repr(context.target) else [])
    assert answer.verdict["status"] == STATUS[scenario]
    if answer.verdict["status"] == "degraded":
        with pytest.raises(DegradedError) as caught:
            answer.raise_if_degraded()
        seen.keep_error(caught.value)
    assert seen.showing(DRAFT) == set()
    assert seen.showing(REFINED) == set()


def naive_layer(target):
    """A plain callable that looks afterwards, and keeps what it found."""
    from tests.integration.doors import tell

    draft = target.invoke(TYPED).text
    tell(draft)
    return {"answer": "Let us talk.", "withheld": draft}


def test_the_same_reading_finds_what_a_careless_layer_shows():
    seen = Seen()
    with seen.process():
        answer = naive_layer(always())
    seen.keep("answer", answer)
    assert seen.showing(DRAFT) == {"answer", *PROCESS}


class Plan(BaseModel):
    step: str


class Planner(StructuredModel):
    """Its structured output is what it says."""


@pytest.mark.parametrize("include_raw", [False, True])
@pytest.mark.parametrize("is_async", [False, True])
async def test_structured_output_shows_no_draft(include_raw, is_async):
    context = scenarios.made_of(Planner(answers=[UNSAFE]))
    planned = LanceChatModel(context=context).with_structured_output(Plan, include_raw=include_raw)
    seen = Seen()
    with seen.process():
        try:
            answer = await planned.ainvoke(TYPED) if is_async else planned.invoke(TYPED)
            seen.keep("answer", answer)
        except ValueError as error:
            seen.keep_error(error)
    assert ("answer" in seen.texts) is include_raw
    assert "withheld" in "".join(seen.texts.values())
    assert context.target.calls
    assert seen.showing(DRAFT) == set()
    assert seen.showing(REFINED) == set()


def test_structured_output_that_was_judged_safe_is_seen():
    context = scenarios.made_of(Planner(answers=[ANSWER]))
    plan = LanceChatModel(context=context).with_structured_output(Plan).invoke(TYPED)
    assert plan == Plan(step=ANSWER)
