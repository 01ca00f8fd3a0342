"""What LangChain and LangGraph do not promise and this package uses: is it there, as it was?

Each failure names what changed. `make canary` runs this file alone against the newest releases.
"""

import re
from contextvars import ContextVar, copy_context
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

from lance_graph.runtime.langgraph_internals import tell_of

PACKAGE = Path(__file__).parents[2] / "lance_graph"
NAMES = (
    ("langchain_core.runnables.config", "var_child_runnable_config"),
    ("langchain_core.runnables.base", "RunnableBindingBase"),
    ("langchain_core.tracers._streaming", "_StreamingCallbackHandler"),
    ("langchain_core.tracers._streaming", "_V2StreamingCallbackHandler"),
    ("langchain_core.tracers.context", "_configure_hooks"),
    ("langsmith.run_helpers", "tracing_context"),
)
FOREIGN = re.compile(
    r"from lang(?:chain|graph|smith)[\w.]*\._|from lang(?:chain|graph|smith)[\w.]* import [^\n]*\b_[a-z]"
    r"|__pregel|__interrupt__|var_child_runnable_config|RunnableBindingBase|langsmith"
)


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_the_name_is_there(module, name):
    assert hasattr(import_module(module), name), f"{module} has no {name} any more"


def test_no_other_module_uses_such_a_name():
    found = [
        f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "langgraph_internals.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if FOREIGN.search(line)
    ]
    assert found == [], "spell it in lance_graph/runtime/langgraph_internals.py"


def model(**options):
    from langchain_core.language_models import GenericFakeChatModel
    from langchain_core.messages import AIMessage

    return GenericFakeChatModel(messages=iter([AIMessage("one two")] * 9), **options)


def graph_of(node, **options):
    from langgraph.graph import START, MessagesState, StateGraph

    builder = StateGraph(MessagesState).add_node("node", node).add_edge(START, "node")
    return builder.compile(**options)


def heard_by(callbacks):
    """The kinds of handlers in a configuration's callbacks."""
    return list(getattr(callbacks, "handlers", callbacks or []))


def test_a_runnable_finds_its_surroundings_in_the_context_variable():
    from langchain_core.callbacks import BaseCallbackHandler
    from langchain_core.runnables import RunnableLambda

    from lance_graph.runtime.langgraph_internals import config_variable

    heard = []

    class Handler(BaseCallbackHandler):
        def on_chain_start(self, *_, **__):
            heard.append("start")

    context = copy_context()
    context.run(config_variable.set, {"callbacks": [Handler()]})
    context.run(RunnableLambda(str).invoke, 1)
    assert heard == ["start"], "var_child_runnable_config no longer hands on callbacks"


def test_bindings_are_of_one_class_and_show_what_they_bind():
    from langchain_core.runnables import RunnableLambda

    from lance_graph.runtime.langgraph_internals import AnyBinding

    bound = RunnableLambda(str)
    for made in (bound.bind(a=1), bound.with_config(run_name="b"), bound.with_retry()):
        assert isinstance(made, AnyBinding), f"{type(made).__name__} is no RunnableBindingBase"
        assert made.bound is bound
    assert bound.bind(a=1).kwargs == {"a": 1}
    assert bound.with_config(run_name="b").config["run_name"] == "b"


def test_all_that_hears_a_model_speak_is_a_streaming_handler():
    import asyncio

    from langchain_core.runnables.config import ensure_config

    from lance_graph.runtime.langgraph_internals import STREAMING_HANDLERS

    seen = []

    def node(state):
        seen.append(heard_by(ensure_config()["callbacks"]))
        return {}

    graph, given = graph_of(node), {"messages": [("user", "hi")]}
    graph.invoke(given)

    async def events(version):
        return [event async for event in graph.astream_events(given, version=version)]

    list(graph.stream(given, stream_mode="messages"))
    asyncio.run(events("v2"))
    plain, *streams = [
        [type(handler).__name__ for handler in handlers if isinstance(handler, STREAMING_HANDLERS)]
        for handlers in seen
    ]
    assert plain == [], "a run that nobody streams has a streaming handler"
    for how, handlers in zip(("stream_mode='messages'", "astream_events"), streams, strict=True):
        assert handlers, f"{how} listens with a handler of another class: {seen}"


def test_handlers_that_lie_in_context_variables_are_registered_with_them():
    from langchain_core.callbacks import CallbackManager, get_usage_metadata_callback

    from lance_graph.runtime.langgraph_internals import configure_hooks

    with get_usage_metadata_callback() as handler:
        assert all(isinstance(hook[0], ContextVar) for hook in configure_hooks)
        assert handler in CallbackManager.configure().handlers
        context = copy_context()
        for hook, *_ in configure_hooks:
            context.run(hook.set, None)
        left = context.run(CallbackManager.configure).handlers
    assert handler not in left, "a handler lies somewhere else than in _configure_hooks"


def test_tracing_can_be_switched_off_for_a_context(monkeypatch):
    from langsmith import utils

    from lance_graph.runtime.langgraph_internals import untraced

    monkeypatch.setattr(utils, "get_env_var", lambda *_, **__: "true")
    assert utils.tracing_is_enabled()
    with untraced():
        assert not utils.tracing_is_enabled(), "tracing_context(enabled=False) no longer does so"


def test_a_node_finds_langgraphs_own_parts_in_its_configuration():
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.config import get_config
    from langgraph.runtime import Runtime

    from lance_graph.runtime.langgraph_internals import PLUMBING, part_of, without_parts

    seen = []

    def node(state):
        seen.append(get_config()["configurable"])
        return {}

    graph = graph_of(node, checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "1"}}
    list(graph.stream({"messages": []}, config, stream_mode="custom", subgraphs=True))
    (found,) = seen
    for part in ("runtime", "stream", "checkpointer"):
        assert part_of(found, part) is not None, (
            f"there is no {PLUMBING}_{part} in the configuration"
        )
    assert isinstance(part_of(found, "runtime"), Runtime)
    assert callable(part_of(found, "runtime").stream_writer)
    left = set(without_parts(found))
    assert "thread_id" in left and not {key for key in left if key.startswith("__")}, left
    assert set(found) - set(without_parts(found, "stream")) == {f"{PLUMBING}_stream"}


def test_a_pause_shows_under_its_key():
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.types import interrupt

    from lance_graph.runtime.langgraph_internals import INTERRUPTED

    graph = graph_of(lambda _: interrupt("asked"), checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "1"}}
    *_, last = graph.stream({"messages": []}, config, stream_mode="values")
    assert INTERRUPTED in last, f"a paused run has no {INTERRUPTED}, but {sorted(last)}"
    assert last[INTERRUPTED][0].value == "asked"


def test_what_is_overridden_of_chat_models_is_called():
    from langchain_core.language_models import BaseChatModel

    from lance_graph.runtime.langgraph_internals import OVERRIDDEN

    missing = [name for name in OVERRIDDEN if not hasattr(BaseChatModel, name)]
    assert missing == [], f"BaseChatModel has no {', '.join(missing)}"
    for name in ("_generate_with_cache", "_agenerate_with_cache"):
        taken = [*signature(getattr(BaseChatModel, name)).parameters]
        assert taken == ["self", "messages", "stop", "run_manager", "kwargs"], f"{name}: {taken}"

    called = []

    class Model(type(model())):
        def _generate_with_cache(self, messages, stop=None, run_manager=None, **kwargs):
            called.append(run_manager is not None)
            return super()._generate_with_cache(messages, stop, run_manager, **kwargs)

        def _get_ls_params(self, stop=None, **kwargs):
            called.append("params")
            return super()._get_ls_params(stop=stop, **kwargs)

        def _resolve_model_profile(self):
            called.append("profile")

    made = Model(messages=model().messages)
    made.invoke("hi")
    assert {"profile", "params", True} <= set(called), f"invoke called only {called}"


def test_what_a_chat_model_tells_of_itself_can_be_changed():
    from langchain_core.callbacks import BaseCallbackHandler

    told = []

    class Listener(BaseCallbackHandler):
        def on_chat_model_start(self, serialized, messages, **kwargs):
            told.append(serialized)

    asked = model()
    tell_of(asked, lambda serialized: {"was": type(serialized).__name__})
    asked.model_copy().invoke("hi", {"callbacks": [Listener()]})
    assert told == [{"was": "dict"}]
