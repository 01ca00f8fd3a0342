"""Every name of LangChain, LangGraph and langsmith that they do not promise to keep.

Nothing else in this package may use one: ``tests/runtime/test_langgraph_internals.py`` looks for them
in the sources, and names what is missing or behaves differently. ``make canary`` runs that test
against the newest releases, in an environment of its own. There are no upper bounds instead: one
would keep users from LangGraph's own mending releases and this package from standing beside others
that need them, while what is used here was found as it is from the lower bounds on.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables.base import RunnableBindingBase
from langchain_core.runnables.config import var_child_runnable_config
from langchain_core.tracers._streaming import (
    _StreamingCallbackHandler,
    _V2StreamingCallbackHandler,
)
from langchain_core.tracers.context import _configure_hooks
from langsmith.run_helpers import tracing_context

config_variable = var_child_runnable_config
"""Where a runnable finds the configuration around it: quiet calls have their own. langchain-core 1.4"""

AnyBinding = RunnableBindingBase
"""What `bind` and `with_config` make: a model's name and callbacks lie in it. langchain-core 1.4"""

STREAMING_HANDLERS = (_StreamingCallbackHandler, _V2StreamingCallbackHandler)
"""By which `astream_events` and LangGraph's "messages" hear a model speak. langchain-core 1.4"""

configure_hooks = _configure_hooks
"""(variable, …) of each handler that lies in a context variable, as usage callbacks do. langchain-core 1.4"""

SELF = "_serialized"
"""Cached property in which a chat model keeps what callbacks, tracers and caches are told of it.
langchain-core 1.4"""

PLUMBING = "__pregel"
"""How the keys begin that LangGraph puts into ``config["configurable"]``. langgraph 1.2."""

Part = Literal["runtime", "stream", "checkpointer"]
_KEYS: dict[Part, str] = {
    "runtime": "__pregel_runtime",  # the `Runtime` of the run, with its stream writer
    "stream": "__pregel_stream",  # to which an inner graph passes its streams
    "checkpointer": "__pregel_checkpointer",  # into which an inner graph writes
}
INTERRUPTED = "__interrupt__"
"""Where the values of a run that paused hold its interrupts. langgraph 1.2."""

OVERRIDDEN = (
    "_generate_with_cache",
    "_agenerate_with_cache",
    "_resolve_model_profile",
    "_get_ls_params",
)
"""Methods of `BaseChatModel` that `LanceChatModel` builds on: the first two are the one place through
which every `invoke` goes that knows its run. langchain-core 1.4."""


def tell_of(model: BaseChatModel, change: Callable[[Any], Any]) -> None:
    """Have callbacks, tracers and caches told what ``change`` makes of a model's serialised form."""
    model.__dict__[SELF] = change(getattr(model, SELF))


def untraced() -> AbstractContextManager[None]:
    """No tracer of langsmith's environment variables for what is started inside. langsmith 0.7."""
    off: AbstractContextManager[None] = tracing_context(enabled=False)
    return off


def part_of(configurable: dict[str, Any] | None, part: Part) -> Any:
    """What the enclosing graph's configuration has under one of LangGraph's own keys; else None."""
    return (configurable or {}).get(_KEYS[part])


def without_parts(configurable: dict[str, Any] | None, *parts: Part) -> dict[str, Any]:
    """``configurable`` without some of LangGraph's own keys; without all of them where none is named."""
    if not parts:
        return {k: v for k, v in (configurable or {}).items() if not k.startswith(PLUMBING)}
    left_out = {_KEYS[part] for part in parts}
    return {key: value for key, value in (configurable or {}).items() if key not in left_out}
