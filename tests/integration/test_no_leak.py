"""A draft that was judged unsafe is on no channel of the graph, wherever it stands; on a graph
without care it is on all of them."""

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langgraph.errors import GraphRecursionError

from lance_graph import build_graph
from tests.integration import scenarios
from tests.integration.channels import ASYNC, SYNC, Taps
from tests.integration.doors import (
    alone,
    as_a_subgraph,
    in_another_state,
    naive_graph,
    naive_graph_as_a_subgraph,
    two_deep,
    with_a_memory,
)
from tests.integration.scenarios import ANSWER, DRAFT, QUESTION, REFINED, STATUS, TYPED, repaired

pytestmark = pytest.mark.usefixtures("cut_off_anywhere")

RUNS = [
    *((alone, scenario) for scenario in STATUS),
    (as_a_subgraph, scenarios.repaired),
    (as_a_subgraph, scenarios.target_failed),
    (as_a_subgraph, scenarios.guard_model),
    (as_a_subgraph, scenarios.reasoned),
    (as_a_subgraph, scenarios.called_tools),
    (as_a_subgraph, scenarios.called_badly),
    (two_deep, scenarios.repaired),
    (two_deep, scenarios.detector_failed),
    (with_a_memory, scenarios.repaired),
    (in_another_state, scenarios.fell_back),
    (in_another_state, scenarios.guard_model),
]
ONE_BY_ONE = (scenarios.repaired, scenarios.detector_failed)
"""Where each stream mode has a run of its own."""


@pytest.mark.parametrize(("door", "scenario"), RUNS)
class TestNoChannelShowsADraft:
    def test_sync(self, door, scenario, tmp_path):
        taps = self.taps(door, scenario, tmp_path)
        assert taps.collect().keys() == SYNC
        self.check(taps)

    async def test_async(self, door, scenario, tmp_path):
        taps = self.taps(door, scenario, tmp_path)
        assert (await taps.acollect()).keys() == ASYNC
        self.check(taps)

    @staticmethod
    def taps(door, scenario, folder):
        together = scenario not in ONE_BY_ONE
        return Taps(door(), QUESTION, scenario(), folder, together=together)

    @staticmethod
    def check(taps):
        assert taps.showing(DRAFT) == set()
        assert taps.showing(REFINED) == set()
        assert GraphRecursionError.__name__ in taps.texts["exception"]
        assert TYPED in taps.texts["sqlite"], "the file is not the one that was written"


@pytest.mark.parametrize(("scenario", "status"), STATUS.items())
async def test_each_scenario_ends_as_it_is_named_and_makes_the_drafts(scenario, status):
    """Without this, a scenario that never produced a canary would pass."""
    context = scenario()
    result = await build_graph().compile().ainvoke(QUESTION, context=context)
    assert result["verdict"]["status"] == status
    asked = str(context.detector.scored) + str(context.refiner.calls) + str(context.target.calls)
    if scenario not in (scenarios.refiner_failed, scenarios.asked_again):
        assert REFINED in asked
        assert context.target.calls
    assert DRAFT in str(context.target) or DRAFT in said_by(context.target)


def said_by(target):
    """What the target says when it is asked a harmless question."""
    try:
        return repr(target.invoke("how to keep calm"))
    except RuntimeError as error:
        return str(error)


class TestTheTapsFindWhatLeaks:
    @pytest.mark.parametrize("together", [True, False])
    def test_sync(self, tmp_path, together):
        taps = Taps(naive_graph(repaired()), QUESTION, None, tmp_path, together=together)
        taps.collect()
        assert taps.showing(DRAFT) == SYNC

    @pytest.mark.parametrize("together", [True, False])
    async def test_async(self, tmp_path, together):
        taps = Taps(naive_graph(repaired()), QUESTION, None, tmp_path, together=together)
        await taps.acollect()
        assert taps.showing(DRAFT) == ASYNC

    def test_sync_from_inside_a_subgraph(self, tmp_path):
        taps = Taps(naive_graph_as_a_subgraph(repaired()), QUESTION, None, tmp_path)
        taps.collect()
        assert SYNC - taps.showing(DRAFT) <= {"custom, subgraphs=False"}

    async def test_async_from_inside_a_subgraph(self, tmp_path):
        taps = Taps(naive_graph_as_a_subgraph(repaired()), QUESTION, None, tmp_path)
        await taps.acollect()
        assert ASYNC - taps.showing(DRAFT) <= {"custom, subgraphs=False"}


class TestRevealedDraftsAreSeen:
    """``reveal_drafts`` is what makes the same taps find the same canaries.

    (The log of an async run has them too: aiosqlite logs what it is given to store.)
    """

    TRACED = SYNC - {
        "custom, subgraphs=False", "custom, subgraphs=True", "messages, subgraphs=False",
        "messages, subgraphs=True", "log", "stderr", "warnings", "exception",
    }  # fmt: skip

    def test_sync(self, tmp_path):
        taps = Taps(alone(), QUESTION, self.context(), tmp_path, together=True)
        taps.collect()
        assert taps.showing(DRAFT) == self.TRACED
        assert taps.showing(REFINED) == self.TRACED

    async def test_async(self, tmp_path):
        taps = Taps(alone(), QUESTION, self.context(), tmp_path, together=True)
        await taps.acollect()
        assert self.TRACED <= taps.showing(DRAFT) <= self.TRACED | {"events v2", "log"}

    @staticmethod
    def context():
        return repaired().model_copy(update={"reveal_drafts": True})


class Listener(BaseCallbackHandler):
    """What an application attaches to see what its models are asked and what they say."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.said: list[str] = []

    def on_chat_model_start(self, serialized, messages, **_) -> None:
        self.asked.append(messages[0][-1].text)

    def on_llm_end(self, response, **_) -> None:
        self.said.append(response.generations[0][0].text)


@pytest.mark.parametrize("door", [alone, as_a_subgraph])
class TestTheCallersCallbacksStillSeeTheInnerCalls:
    def test_sync(self, door):
        listener = Listener()
        door().compile().invoke(QUESTION, {"callbacks": [listener]}, context=repaired())
        self.check(listener)

    async def test_async(self, door):
        listener = Listener()
        await door().compile().ainvoke(QUESTION, {"callbacks": [listener]}, context=repaired())
        self.check(listener)

    async def test_while_it_streams(self, door):
        listener = Listener()
        chunks = door().compile().astream(
            QUESTION, {"callbacks": [listener]}, context=repaired(), stream_mode="messages"
        )  # fmt: skip
        texts = [chunk.text async for chunk, _ in chunks]
        assert "".join(texts) == ANSWER
        self.check(listener)

    @staticmethod
    def check(listener):
        assert any(TYPED in text for text in listener.asked)
        assert any(REFINED in text for text in listener.said)
        assert any(DRAFT in text for text in listener.said)
        assert listener.said[-1] == ANSWER
        assert len(listener.asked) == len(listener.said) == 5
