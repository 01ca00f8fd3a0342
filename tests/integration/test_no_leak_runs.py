"""No draft is seen in runs that pause, are cut off, are cancelled or call tools."""

import asyncio
from contextlib import asynccontextmanager, contextmanager

import pytest
from langchain.agents import create_agent
from langchain.agents.structured_output import ToolStrategy
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import tool
from langchain_core.tracers.base import BaseTracer
from langchain_core.tracers.langchain import LangChainTracer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.errors import GraphRecursionError
from langgraph.types import Command
from langsmith import Client
from pydantic import BaseModel

from lance_graph import LanceChatModel, LanceMiddleware
from tests.integration import scenarios
from tests.integration.channels import MODES, Seen, stored
from tests.integration.doors import (
    agent,
    agent_on_chat_model,
    alone,
    as_a_subgraph,
    chat_model_in_a_node,
    options_of,
    safety_layer_in_a_node,
)
from tests.integration.scenarios import ANSWER, DRAFT, QUESTION, REFINED, TYPED, UNSAFE, Speaker

pytestmark = pytest.mark.usefixtures("cut_off_anywhere")

THREAD = {"configurable": {"thread_id": "1"}}
ON_STREAMS = {"stream_mode": list(MODES), "subgraphs": True}
UNSAFE_TOOL = f"Weather: mild. {REFINED} is what you should ask about."


def in_enforcing_graphs(context):
    """What to pass as ``context`` to a graph whose node is LANCE itself."""
    return {"context": context}


def nowhere(_):
    return {}


DOORS = [(alone, in_enforcing_graphs), (as_a_subgraph, in_enforcing_graphs), (agent, nowhere)]


class Watched(Seen):
    """A graph on a SQLite file whose streams, states, history, log and bytes are all kept."""

    def __init__(self, folder) -> None:
        super().__init__()
        self.file = folder / "threads.db"

    @contextmanager
    def graph(self, builder):
        with self.process():
            with SqliteSaver.from_conn_string(str(self.file)) as saver:
                graph = builder.compile(checkpointer=saver)
                yield graph
                self.look(graph)
            self.keep("sqlite", stored(self.file))

    @asynccontextmanager
    async def agraph(self, builder):
        with self.process():
            async with AsyncSqliteSaver.from_conn_string(str(self.file)) as saver:
                graph = builder.compile(checkpointer=saver)
                yield graph
                self.keep("state", await graph.aget_state(THREAD, subgraphs=True))
                self.keep("history", [state async for state in graph.aget_state_history(THREAD)])
            self.keep("sqlite", stored(self.file))

    def look(self, graph) -> None:
        self.keep("state", graph.get_state(THREAD, subgraphs=True))
        self.keep("history", list(graph.get_state_history(THREAD)))

    def shows_no_draft(self) -> None:
        assert self.showing(DRAFT) == set()
        assert self.showing(REFINED) == set()


@pytest.mark.parametrize("decision", ["approve", "reject", "retry"])
@pytest.mark.parametrize(("door", "passed"), DOORS)
def test_a_run_that_pauses_for_a_person_shows_no_unsafe_draft(door, passed, decision, tmp_path):
    context = scenarios.repaired().model_copy(update={"review": "always"})
    watched = Watched(tmp_path)
    with watched.graph(door(context)) as graph:
        watched.keep(
            "stream", list(graph.stream(QUESTION, THREAD, **passed(context), **ON_STREAMS))
        )
        assert graph.get_state(THREAD).interrupts[0].value["response"] == ANSWER
        watched.look(graph)
    watched.shows_no_draft()
    with watched.graph(door(context)) as graph:  # as after a restart
        on = Command(resume=decision)
        watched.keep("stream", list(graph.stream(on, THREAD, **passed(context), **ON_STREAMS)))
    watched.shows_no_draft()
    assert ANSWER in watched.texts["state"] or decision == "reject"


@pytest.mark.parametrize(("door", "passed"), DOORS)
async def test_a_paused_run_shows_no_unsafe_draft_in_async_code(door, passed, tmp_path):
    context = scenarios.repaired().model_copy(update={"review": "always"})
    watched = Watched(tmp_path)
    async with watched.agraph(door(context)) as graph:
        for step in (QUESTION, Command(resume="approve")):
            chunks = graph.astream(step, THREAD, **passed(context), **ON_STREAMS)
            watched.keep("stream", [chunk async for chunk in chunks])
    watched.shows_no_draft()
    assert ANSWER in watched.texts["state"]


@pytest.mark.parametrize("steps", range(1, 9))
@pytest.mark.parametrize("door", [alone, as_a_subgraph])
def test_a_run_that_is_cut_off_and_resumed_shows_no_draft(door, steps, tmp_path):
    context, watched = scenarios.repaired(), Watched(tmp_path)
    with watched.graph(door()) as graph:
        short = THREAD | {"recursion_limit": steps}
        with pytest.raises(GraphRecursionError) as caught:
            for chunk in graph.stream(QUESTION, short, context=context, **ON_STREAMS):
                watched.keep("stream", chunk)
        watched.keep_error(caught.value)
        chunks = graph.stream(None, THREAD, context=context, **ON_STREAMS)
        watched.keep("stream", list(chunks))
        assert graph.get_state(THREAD).values["messages"][-1].text == ANSWER
    watched.shows_no_draft()


def lingering(context):
    """The same, but the target never comes back once it is asked a second time."""
    target = context.target

    async def linger(messages):
        if "defuse" in messages[-1].text:
            await asyncio.sleep(60)
        return target.invoke(messages)

    class Lingering(Speaker):
        async def ainvoke(self, messages, config=None, **_):
            self._calls.append(messages)
            return await linger(messages)

    return context.model_copy(update={"target": Lingering(speak=None)})


@pytest.mark.parametrize(("door", "passed"), DOORS[:2])
async def test_a_cancelled_run_shows_no_draft_and_can_go_on(door, passed, tmp_path):
    context = scenarios.repaired()
    slow, watched = lingering(context), Watched(tmp_path)
    async with watched.agraph(door(slow)) as graph:
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(3):
                async for chunk in graph.astream(QUESTION, THREAD, **passed(slow), **ON_STREAMS):
                    watched.keep("stream", chunk)
        watched.keep_error(caught.value)
        assert len(slow.target.calls) == 2, "it was not cancelled where it was meant to be"
        watched.keep("state", await graph.aget_state(THREAD, subgraphs=True))
        chunks = graph.astream(None, THREAD, **passed(context), **ON_STREAMS)
        watched.keep("stream", [chunk async for chunk in chunks])
    watched.shows_no_draft()
    assert ANSWER in watched.texts["state"]


async def test_a_cancelled_agent_shows_no_draft(tmp_path):
    slow, watched = lingering(scenarios.repaired()), Watched(tmp_path)
    layer = safety_layer_in_a_node(slow)
    async with watched.agraph(layer) as graph:
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(3):
                async for chunk in graph.astream(QUESTION, THREAD, **ON_STREAMS):
                    watched.keep("stream", chunk)
        watched.keep_error(caught.value)
        assert len(slow.target.calls) == 2
    watched.shows_no_draft()


class AsyncFussy(scenarios.Fussy):
    async def ascore(self, pairs):
        return self.score(pairs)


async def test_asyncios_debug_log_shows_no_draft_of_lances_own_calls():
    """(Tasks that langchain starts inside a model are its own: they show what the model raised.)"""
    context = scenarios.detector_failed()
    context = context.model_copy(update={"detector": AsyncFussy(scenarios.words())})
    seen, loop = Seen(), asyncio.get_running_loop()
    with seen.process():
        loop.set_debug(True)
        loop.slow_callback_duration = 0.0  # every step of every task is logged
        result = await alone().compile().ainvoke(QUESTION, context=context)
        await asyncio.sleep(0)
        loop.set_debug(False)
    assert result["verdict"]["status"] == "degraded"
    assert "Executing <Task finished" in seen.texts["log"]
    assert seen.showing(DRAFT) == set()
    assert seen.showing(REFINED) == set()


# An agent that calls tools


@tool
def weather() -> str:
    """The weather, from a page that somebody has tampered with."""
    return UNSAFE_TOOL


def caller(first: AIMessage | None = None) -> Speaker:
    """Calls the tool, and then says something unsafe until it is asked in other words."""

    def speak(messages):
        if not any(isinstance(message, ToolMessage) for message in messages):
            return first or AIMessage("", tool_calls=[{"name": "weather", "args": {}, "id": "1"}])
        return AIMessage(ANSWER if "defuse" in str(messages) else UNSAFE)

    return Speaker(speak=speak)


def by_middleware(context):
    options = options_of(context)
    return create_agent(context.target, [weather], middleware=[LanceMiddleware(**options)])


def by_chat_model(context):
    return create_agent(LanceChatModel(context=context, on_degraded="answer"), [weather])


@pytest.mark.parametrize("make", [by_middleware, by_chat_model])
@pytest.mark.parametrize("is_async", [False, True])
class TestAnAgentThatCallsTools:
    async def test_shows_no_draft_and_sends_no_hazardous_result(self, make, is_async):
        context, seen = scenarios.made_of(caller()), Seen()
        with seen.process():
            result = await self.run(make(context), seen, is_async)
        kinds = [message.type for message in result["messages"]]
        assert kinds == ["human", "ai", "tool", "ai"]
        assert result["messages"][-1].text == ANSWER
        assert seen.showing(DRAFT) == set()
        # the tool's own words are the agent's history; nothing but that message shows them
        assert REFINED not in str([m for m in result["messages"] if m.type != "tool"])
        sent = str([message for call in context.target.calls for message in call])
        assert "Weather: mild." in sent
        assert REFINED not in sent

    async def test_sends_results_as_they_are_where_they_are_not_guarded(self, make, is_async):
        """The test above can fail."""
        context, seen = scenarios.made_of(caller(), guard_tool_results=False), Seen()
        await self.run(make(context), seen, is_async)
        assert REFINED in str(context.target.calls)

    @staticmethod
    async def run(graph, seen, is_async):
        if not is_async:
            chunks = list(graph.stream(QUESTION, **ON_STREAMS))
        else:
            chunks = [chunk async for chunk in graph.astream(QUESTION, **ON_STREAMS)]
        seen.keep("stream", chunks)
        return [chunk for space, mode, chunk in chunks if mode == "values" and not space][-1]


class Plan(BaseModel):
    """What to do."""

    step: str


@pytest.mark.parametrize("says", [UNSAFE, ANSWER])
@pytest.mark.parametrize("is_async", [False, True])
async def test_an_agents_structured_response_is_judged(says, is_async):
    def speak(_):
        return AIMessage("", tool_calls=[{"name": "Plan", "args": {"step": says}, "id": "1"}])

    context, seen = scenarios.made_of(Speaker(speak=speak)), Seen()
    middleware = [LanceMiddleware(**options_of(context))]
    graph = create_agent(context.target, middleware=middleware, response_format=ToolStrategy(Plan))
    with seen.process():
        result = await TestAnAgentThatCallsTools.run(graph, seen, is_async)
    assert seen.showing(DRAFT) == set()
    assert seen.showing(REFINED) == set() or says == ANSWER
    assert result.get("structured_response") == (Plan(step=ANSWER) if says == ANSWER else None)


# What the caller attached


class Recorder(BaseCallbackHandler):
    """Keeps whatever a callback handler is told, by the name of the event."""

    def __init__(self) -> None:
        self.seen = Seen()

    def __getattribute__(self, name):
        if name.startswith("on_") and name != "on_custom_event":
            return lambda *args, **kwargs: self.seen.keep(name, [args, kwargs])
        return super().__getattribute__(name)


class Tracer(BaseTracer):
    """Keeps every run that a tracer is given, whole."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()

    def _persist_run(self, run) -> None:
        self.seen.keep("trace", [run.inputs, run.outputs, run.error, run.events])
        for child in run.child_runs:
            self._persist_run(child)


class Sent(Client):
    """A LangSmith client that keeps what it would have sent."""

    def __init__(self) -> None:
        super().__init__(api_url="http://127.0.0.1:9", api_key="none", auto_batch_tracing=False)
        self.seen = Seen()

    def create_run(self, *args, **kwargs) -> None:
        self.seen.keep("created", [args, kwargs])

    def update_run(self, *args, **kwargs) -> None:
        self.seen.keep("updated", [args, kwargs])


def langsmith():
    client = Sent()
    tracer = LangChainTracer(client=client, project_name="test")
    tracer.seen = client.seen
    return tracer


EVERY_DOOR = [alone, as_a_subgraph, agent, agent_on_chat_model, chat_model_in_a_node,
              safety_layer_in_a_node]  # fmt: skip


@pytest.mark.parametrize("attached", [Recorder, Tracer, langsmith])
@pytest.mark.parametrize("door", EVERY_DOOR)
@pytest.mark.parametrize("is_async", [False, True])
class TestRedactedCallbacks:
    async def test_are_told_no_draft(self, door, attached, is_async):
        seen = await self.run(door, attached(), is_async, redact_callbacks=True)
        assert seen.showing(TYPED), "nothing was recorded at all"
        assert seen.showing(ANSWER)
        assert seen.showing(DRAFT) == set()
        assert seen.showing(REFINED) == set()

    async def test_are_told_of_inner_calls_otherwise(self, door, attached, is_async):
        seen = await self.run(door, attached(), is_async, redact_callbacks=False)
        assert seen.showing(DRAFT)
        assert seen.showing(REFINED)

    @staticmethod
    async def run(door, handler, is_async, **options):
        context = scenarios.repaired().model_copy(update=options)
        passed = {"context": context} if door in (alone, as_a_subgraph) else {}
        graph, config = door(context).compile(), {"callbacks": [handler]}
        if is_async:
            await graph.ainvoke(QUESTION, config, **passed)
        else:
            graph.invoke(QUESTION, config, **passed)
        return handler.seen
