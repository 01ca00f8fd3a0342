"""The doors into LANCE as graphs that stand in an application, and careless ones to compare with.

Each takes a scenario's context and gives something with ``compile(checkpointer=…)`` and what to
pass as ``context`` to its runs.
"""

import logging
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.runnables.config import ensure_config
from langgraph.config import get_config, get_stream_writer
from langgraph.graph import END, START, MessagesState, StateGraph
from typing_extensions import TypedDict

from lance_graph import LanceChatModel, LanceContext, LanceMiddleware, SafetyLayer, build_graph

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Agent:
    """`create_agent` with the one method of a graph builder that the taps use."""

    options: dict[str, Any]

    def compile(self, **options: Any) -> Any:
        return create_agent(**self.options, **options)


def of_one_node(call: Any, acall: Any = None, *, context: Any = None) -> Any:
    """A graph around one node."""
    graph = StateGraph(MessagesState, context)
    graph.add_node("inner", RunnableLambda(call, acall) if acall else call)
    graph.add_edge(START, "inner")
    graph.add_edge("inner", END)
    return graph


def alone(_: Any = None) -> Any:
    return build_graph()


def as_a_subgraph(_: Any = None) -> Any:
    return of_one_node(build_graph().compile(), context=LanceContext)


def two_deep(_: Any = None) -> Any:
    return of_one_node(as_a_subgraph().compile(), context=LanceContext)


def with_a_memory(_: Any = None) -> Any:
    """A subgraph that keeps its own state from call to call."""
    return of_one_node(build_graph().compile(checkpointer=True), context=LanceContext)


class Ticket(TypedDict):
    messages: list[Any]
    reply: str


def in_another_state(_: Any = None) -> Any:
    """A parent with a state of its own, which calls LANCE in a node and takes what it needs."""
    lance = build_graph().compile()

    def desk(ticket: Ticket) -> dict[str, Any]:
        return {"reply": lance.invoke({"messages": ticket["messages"]})["messages"][-1].text}

    async def adesk(ticket: Ticket) -> dict[str, Any]:
        result = await lance.ainvoke({"messages": ticket["messages"]})
        return {"reply": result["messages"][-1].text}

    graph = StateGraph(Ticket, LanceContext)
    graph.add_node("desk", RunnableLambda(desk, adesk))
    graph.add_edge(START, "desk")
    graph.add_edge("desk", END)
    return graph


def options_of(context: LanceContext) -> dict[str, Any]:
    """The fields of a context but the target, as a door takes them."""
    return {name: getattr(context, name) for name in LanceContext.model_fields if name != "target"}


def agent(context: LanceContext, **options: Any) -> Any:
    """An agent's own model behind LanceMiddleware."""
    middleware = LanceMiddleware(**options_of(context), **options)
    return Agent({"model": context.target, "middleware": [middleware]})


def agent_on_chat_model(context: LanceContext, on_degraded: Any = "answer") -> Any:
    return Agent({"model": LanceChatModel(context=context, on_degraded=on_degraded)})


def chat_model_in_a_node(context: LanceContext, on_degraded: Any = "answer") -> Any:
    model = LanceChatModel(context=context, on_degraded=on_degraded)

    def call(state: MessagesState) -> dict[str, Any]:
        return {"messages": [model.invoke(state["messages"])]}

    async def acall(state: MessagesState) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])]}

    return of_one_node(call, acall)


def safety_layer_in_a_node(context: LanceContext, on_degraded: Any = "answer") -> Any:
    layer = SafetyLayer(context.target, **options_of(context))

    def finish(answer: Any) -> dict[str, Any]:
        if on_degraded == "raise":
            answer.raise_if_degraded()
        return {"messages": [answer.message]}

    async def acall(state: MessagesState) -> dict[str, Any]:
        return finish(await layer.acall(state["messages"]))

    return of_one_node(lambda state: finish(layer(state["messages"])), acall)


# Careless guards: each asks, tells everybody, and looks at it afterwards


def tell(text: str) -> None:
    """Say ``text`` wherever code that means no harm says it."""
    logger.debug("moderating %s", text)
    print(text)
    print(text, file=sys.stderr)
    warnings.warn(f"unsafe: {text}", stacklevel=2)


def naive_graph(context: LanceContext) -> Any:
    """A guard as guards are commonly written: ask, put it in the history, look at it afterwards."""

    def ask(state: MessagesState) -> dict[str, Any]:
        answer = context.target.invoke(state["messages"])
        tell(answer.text)
        get_stream_writer()({"answer": answer.text})
        return {"messages": [answer]}

    def moderate(state: MessagesState, config: RunnableConfig) -> dict[str, Any]:
        if config["configurable"]["cut_short"]:
            raise ValueError(f"unsafe: {state['messages'][-1].text}")
        return {"messages": [AIMessage("Let us talk about something else.")]}

    graph = StateGraph(MessagesState)
    graph.add_sequence([ask, moderate])
    graph.add_edge(START, "ask")
    graph.add_edge("moderate", END)
    return graph


def naive_graph_as_a_subgraph(context: LanceContext) -> Any:
    return of_one_node(naive_graph(context).compile())


class NaiveMiddleware(AgentMiddleware[Any, Any, Any]):
    """Looks at the model's message once it is in the history, and adds one of its own."""

    def after_model(self, state: Any, runtime: Any) -> dict[str, Any]:
        text = state["messages"][-1].text
        tell(text)
        runtime.stream_writer({"answer": text})
        if get_config()["configurable"]["cut_short"]:
            raise ValueError(f"unsafe: {text}")
        return {"messages": [AIMessage("Let us talk about something else.")]}


def naive_agent(context: LanceContext) -> Any:
    return Agent({"model": context.target, "middleware": [NaiveMiddleware()]})


class NaiveChatModel(BaseChatModel):
    """Asks the model it wraps, and keeps what it withheld beside the answer."""

    target: Any

    @property
    def _llm_type(self) -> str:
        return "naive"

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **_: Any
    ) -> ChatResult:
        list(self._stream(messages, stop, run_manager))
        draft = self.target.invoke(messages).text
        message = AIMessage("Let us talk.", additional_kwargs={"withheld": draft})
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **_: Any
    ) -> Iterator[ChatGenerationChunk]:
        config = {"callbacks": list(run_manager.inheritable_handlers)} if run_manager else {}
        draft = ""
        for chunk in self.target.stream(messages, config):
            draft += chunk.text
            yield ChatGenerationChunk(message=chunk)
        tell(draft)
        configurable = ensure_config().get("configurable", {})
        if "cut_short" in configurable:
            get_stream_writer()({"answer": draft})
        if configurable.get("cut_short", "fail" in messages[-1].text):
            raise ValueError(f"unsafe: {draft}")


def naive_chat_model_agent(context: LanceContext) -> Any:
    return Agent({"model": NaiveChatModel(target=context.target)})


def naive_chat_model_in_a_node(context: LanceContext) -> Any:
    model = NaiveChatModel(target=context.target)
    return of_one_node(lambda state: {"messages": [model.invoke(state["messages"])]})
