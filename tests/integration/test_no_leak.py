"""A draft that was judged unsafe is on no channel; on a graph without care it is on all of them."""

import logging
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.config import get_stream_writer
from langgraph.errors import GraphRecursionError
from langgraph.graph import END, START, MessagesState, StateGraph

from lance_graph import LanceContext, build_graph
from tests.fakes import VIOLENCE, ScriptedModel, StructuredModel, WordDetector
from tests.integration.channels import MODES, Taps

DRAFT = "CANARYDRAFT"
REFINED = "CANARYREFINED"
QUESTION = {"messages": [("user", "how to attack")]}
ANSWER = "stay calm and walk away"

STREAMS = {f"{mode}, {subgraphs=}" for mode in MODES for subgraphs in (False, True)}
SYNC = STREAMS | {
    "invoke", "stream v2", "events v3", "exception", "get_state", "history", "sqlite", "log",
}  # fmt: skip
ASYNC = SYNC | {"events v2"}


def detector() -> WordDetector:
    return WordDetector(
        {
            "attack": (VIOLENCE, 0.9),
            REFINED: (VIOLENCE, 0.8),
            f"!{DRAFT}": (VIOLENCE, 0.75),
        }
    )


class Fussy(WordDetector):
    """Fails on the draft, and quotes it."""

    def score(self, pairs: Any) -> Any:
        if any(DRAFT in str(pair) for pair in pairs):
            raise RuntimeError(f"cannot score {pairs!r}")
        return super().score(pairs)


def repaired() -> LanceContext:
    return LanceContext(
        detector=detector(), refiner=refiner(), target=by_prompt(), max_iterations=4
    )


def fell_back() -> LanceContext:
    return LanceContext(detector=detector(), refiner=refiner(), target=always(), max_iterations=3)


def paired() -> LanceContext:
    return LanceContext(
        detector=detector(), refiner=refiner(), target=always(), screening="pair", max_iterations=2
    )


def target_failed() -> LanceContext:
    error = RuntimeError(f"400: the prompt {REFINED} led to {DRAFT}")
    return LanceContext(
        detector=detector(), refiner=refiner(), target=ScriptedModel(answers=[error])
    )


def detector_failed() -> LanceContext:
    scores = Fussy(detector().words)
    return LanceContext(detector=scores, refiner=refiner(), target=always())


def refiner_failed() -> LanceContext:
    broken = ScriptedModel(answers=[ValueError(f"no JSON in {REFINED} {DRAFT}")])
    return LanceContext(detector=detector(), refiner=broken, target=always(), max_iterations=1)


def refiner() -> ScriptedModel:
    """First a hazardous rewrite, from then on harmless ones, by what it is asked to rewrite."""

    def rewrite(messages: Any) -> str:
        text = messages[-1].text
        if "attack" in text:
            return f"tell me about {REFINED} instead"
        return "how to defuse it" if "keep calm" in text else "how to keep calm"

    return StructuredModel(answers=rewrite)


def by_prompt() -> ScriptedModel:
    """Unsafe on the first harmless-looking prompt, safe on the next."""
    return ScriptedModel(
        answers=lambda messages: ANSWER if "defuse" in messages[-1].text else always_text()
    )


def always() -> ScriptedModel:
    return ScriptedModel(answers=[always_text()])


def always_text() -> str:
    return f"step one: {DRAFT} and so on"


SCENARIOS = {
    repaired: "rewritten",
    fell_back: "fell_back",
    paired: "fell_back",
    target_failed: "degraded",
    detector_failed: "degraded",
    refiner_failed: "fell_back",
}


def alone() -> Any:
    return build_graph()


def as_a_subgraph() -> Any:
    parent = StateGraph(MessagesState, LanceContext)
    parent.add_node("lance", build_graph().compile())
    parent.add_edge(START, "lance")
    parent.add_edge("lance", END)
    return parent


@pytest.mark.parametrize("builder", [alone, as_a_subgraph])
@pytest.mark.parametrize("scenario", SCENARIOS)
class TestNoChannelShowsADraft:
    def test_sync(self, builder, scenario, tmp_path):
        taps = Taps(builder(), QUESTION, scenario(), tmp_path)
        assert taps.collect().keys() == SYNC
        check(taps)

    async def test_async(self, builder, scenario, tmp_path):
        taps = Taps(builder(), QUESTION, scenario(), tmp_path)
        assert (await taps.acollect()).keys() == ASYNC
        check(taps)


def check(taps: Taps) -> None:
    assert taps.showing(DRAFT) == set()
    assert taps.showing(REFINED) == set()
    assert GraphRecursionError.__name__ in taps.texts["exception"]
    assert "how to attack" in taps.texts["sqlite"], "the file is not the one that was written"


@pytest.mark.parametrize(("scenario", "status"), SCENARIOS.items())
async def test_each_scenario_ends_as_it_is_named_and_makes_the_drafts(scenario, status):
    """Without this, a scenario that never produced a canary would pass."""
    context = scenario()
    result = await build_graph().compile().ainvoke(QUESTION, context=context)
    assert result["verdict"]["status"] == status
    seen = str(context.detector.scored) + str(context.refiner.calls) + str(context.target.calls)
    if scenario is not refiner_failed:
        assert REFINED in seen
    assert scenario is target_failed or context.target.calls


logger = logging.getLogger(__name__)


def naive() -> Any:
    """A guard as guards are commonly written: ask, put it in the history, look at it afterwards."""

    def ask(state: MessagesState) -> dict[str, Any]:
        answer = always().invoke(state["messages"])
        logger.debug("moderating %s", answer.text)
        get_stream_writer()({"answer": answer.text})
        return {"messages": [answer]}

    def moderate(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        if config["configurable"]["cut_short"]:
            raise ValueError(f"unsafe: {state['messages'][-1].text}")
        return {"messages": [AIMessage("Let us talk about something else.")]}

    graph = StateGraph(MessagesState, LanceContext)
    graph.add_node(ask)
    graph.add_node(moderate)
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "moderate")
    graph.add_edge("moderate", END)
    return graph


def naive_as_a_subgraph() -> Any:
    parent = StateGraph(MessagesState, LanceContext)
    parent.add_node("guard", naive().compile())
    parent.add_edge(START, "guard")
    parent.add_edge("guard", END)
    return parent


class TestTheTapsFindWhatLeaks:
    def test_sync(self, tmp_path):
        taps = Taps(naive(), QUESTION, repaired(), tmp_path)
        taps.collect()
        assert taps.showing(DRAFT) == SYNC

    async def test_async(self, tmp_path):
        taps = Taps(naive(), QUESTION, repaired(), tmp_path)
        await taps.acollect()
        assert taps.showing(DRAFT) == ASYNC

    def test_sync_from_inside_a_subgraph(self, tmp_path):
        taps = Taps(naive_as_a_subgraph(), QUESTION, repaired(), tmp_path)
        taps.collect()
        assert SYNC - taps.showing(DRAFT) <= {"custom, subgraphs=False"}

    async def test_async_from_inside_a_subgraph(self, tmp_path):
        taps = Taps(naive_as_a_subgraph(), QUESTION, repaired(), tmp_path)
        await taps.acollect()
        assert ASYNC - taps.showing(DRAFT) <= {"custom, subgraphs=False"}


class Listener(BaseCallbackHandler):
    """What an application attaches to see what its models are asked and what they say."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.said: list[str] = []

    def on_chat_model_start(self, serialized: Any, messages: Any, **_: Any) -> None:
        self.asked.append(messages[0][-1].text)

    def on_llm_end(self, response: Any, **_: Any) -> None:
        self.said.append(response.generations[0][0].text)


@pytest.mark.parametrize("builder", [alone, as_a_subgraph])
class TestTheCallersCallbacksStillSeeTheInnerCalls:
    def test_sync(self, builder):
        listener = Listener()
        builder().compile().invoke(QUESTION, {"callbacks": [listener]}, context=repaired())
        self.check(listener)

    async def test_async(self, builder):
        listener = Listener()
        await builder().compile().ainvoke(QUESTION, {"callbacks": [listener]}, context=repaired())
        self.check(listener)

    async def test_while_it_streams(self, builder):
        listener = Listener()
        chunks = builder().compile().astream(
            QUESTION, {"callbacks": [listener]}, context=repaired(), stream_mode="messages"
        )  # fmt: skip
        texts = [chunk.text async for chunk, _ in chunks]
        assert "".join(texts) == ANSWER
        self.check(listener)

    @staticmethod
    def check(listener: Listener) -> None:
        assert any("how to attack" in text for text in listener.asked)
        assert any(REFINED in text for text in listener.said)
        assert any(DRAFT in text for text in listener.said)
        assert listener.said[-1] == ANSWER
        assert len(listener.asked) == len(listener.said) == 5
