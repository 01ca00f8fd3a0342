"""What came with a request and is the target's to heed: tools, stop words, limits, sampling."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableBinding

from lance_graph import models
from lance_graph.context import LanceContext
from lance_graph.server.errors import ApiError, unsupported
from lance_graph.server.requests import ABSENT, ACCOUNTS, FORMS, PASSABLE, ChatRequest, Choice

LIMITS = (
    "max_tokens",
    "max_tokens_to_sample",
    "max_output_tokens",
    "num_predict",
    "max_new_tokens",
)
"""What the classes of chat models call the most tokens of an answer."""
CHATS = frozenset({"BaseChatOpenAI"})
"""Classes whose models take each parameter of the protocol with a call."""


@dataclass(frozen=True)
class Bound:
    """A context whose target was given what it knows of a request, and the names of the rest."""

    context: LanceContext
    ignored: tuple[str, ...]


def check_offered(request: ChatRequest) -> None:
    """`ApiError` 400 for what no target changes: parameters that this server does not have."""
    if request.n not in (None, 1):
        raise unsupported(
            "n", "n: this server gives one answer a request; leave n out, or set it to 1"
        )
    if request.modalities not in (None, ["text"]):
        raise unsupported(
            "modalities", "modalities: answers are text; leave it out, or set it to ['text']"
        )
    for name in sorted(request.given(ABSENT)):
        instead = {"functions": "; give tools", "function_call": "; give tool_choice"}.get(name, "")
        raise unsupported(name, f"{name}: this server does not have it{instead}")
    _check_choice(request)
    if request.stream_options and not request.stream:
        raise unsupported("stream_options", "stream_options: they go with stream=true")
    if request.max_tokens is not None and request.max_completion_tokens is not None:
        raise unsupported(
            "max_tokens", "max_tokens and max_completion_tokens are one limit; give one"
        )


def _check_choice(request: ChatRequest) -> None:
    """`ApiError` 400 for a choice among tools that did not come: its words would reach the target unread."""
    choice = request.tool_choice
    if choice in (None, "none", "auto"):
        return
    names = [tool.function.name for tool in request.tools or ()]
    if not names or (isinstance(choice, Choice) and choice.function.name not in names):
        raise ApiError(
            400, "tool_choice: it is none of the tools of this request", code="invalid_value",
            param="tool_choice",
        )  # fmt: skip


def bound_to(request: ChatRequest, context: LanceContext, passed: frozenset[str]) -> Bound:
    """The target with what it knows of a request; may load it, hence not for an event loop.

    Known is what its class has a field for, and for those of OpenAI's protocol all of it, with what is
    ``passed`` in any case. `ApiError` 400 for a tool or a form of the answer that it does not know;
    `lance_graph.models.ModelError` where there is no such target.
    """
    asked = _asked(request)
    spare = {name for name, value in request.given(ACCOUNTS).items() if value}
    limit = request.max_tokens if request.max_tokens is not None else request.max_completion_tokens
    if context.target == models.OFFLINE:
        _check_known([*(FORMS & asked.keys()), *(["tools"] if _tools(request) else [])])
        spare |= set(asked) | ({"stop"} if request.stop else set())
        return Bound(context, _named(spare, limit))
    target: Any = models.resolve(context.target, options=context.target_options)
    fields, options = _sorted(target, asked, passed)
    _check_known(FORMS & asked.keys() - fields.keys() - options.keys())
    spare |= asked.keys() - fields.keys() - options.keys()
    if limit is not None and (known := _limit(target)):
        (options if _speaks_openai(target) else fields)[known] = limit
        limit = None
    if fields:
        target = target.model_copy(update=fields)
    if request.stop and isinstance(_innermost(target), BaseChatModel):
        options["stop"] = [request.stop] if isinstance(request.stop, str) else request.stop
    elif request.stop:
        spare.add("stop")
    if "response_format" in options and _speaks_openai(target) and _is_loose(request):
        options = _unparsed(target, options)
    target = _with_tools(target, request)
    bound = target.bind(**options) if options else target
    return Bound(context.model_copy(update={"target": bound}), _named(spare, limit))


def _asked(request: ChatRequest) -> dict[str, Any]:
    """The parameters of a request that ask for something: not those that say what holds anyhow."""
    asked = request.given(PASSABLE)
    if asked.get("response_format") == {"type": "text"}:
        del asked["response_format"]
    if not asked.get("logprobs"):
        asked.pop("logprobs", None)
        asked.pop("top_logprobs", None)
    if not _tools(request):
        asked.pop("parallel_tool_calls", None)
    return asked


def _sorted(
    target: Any, asked: Mapping[str, Any], passed: frozenset[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is a field of the target, and what goes along with a call."""
    known = asked.keys() if _speaks_openai(target) else passed
    options = {name: value for name, value in asked.items() if name in known}
    own = set(type(target).model_fields) if isinstance(target, BaseChatModel) else set()
    rest = {name: value for name, value in asked.items() if name in own - options.keys()}
    return rest, options


def _is_loose(request: ChatRequest) -> bool:
    return any(not tool["function"].get("strict") for tool in _tools(request))


def _unparsed(target: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with the form of an answer in the raw body.

    As an option OpenAI's client would parse the answer, and refuse tools that are not strict beside it.
    """
    rest = {name: value for name, value in options.items() if name != "response_format"}
    own = getattr(_innermost(target), "extra_body", None) or {}
    return {**rest, "extra_body": {**own, "response_format": options["response_format"]}}


def _with_tools(target: Any, request: ChatRequest) -> Any:
    """The target with the tools of a request; none where it is told to call none."""
    tools = _tools(request)
    if not tools:
        return target
    given: dict[str, Any] = {}
    if request.tool_choice and request.tool_choice != "auto":
        given["tool_choice"] = _portable(request.tool_choice)
    try:
        return target.bind_tools(tools, **given)
    except (AttributeError, NotImplementedError):
        raise unsupported("tools", "tools: the model of this server takes none") from None


def _tools(request: ChatRequest) -> list[dict[str, Any]]:
    if not request.tools or request.tool_choice == "none":
        return []
    tools = [tool.model_dump(exclude_none=True) for tool in request.tools]
    for tool in tools:  # those of some providers need what OpenAI's may leave out
        tool["function"].setdefault("parameters", {"type": "object", "properties": {}})
    return tools


def _portable(choice: Any) -> str:
    """A choice of tools as LangChain's models understand it, whoever they belong to."""
    return "any" if choice == "required" else str(choice.function.name)


def _limit(target: Runnable[Any, Any]) -> str | None:
    if _speaks_openai(target):
        return "max_tokens"
    own = type(target).model_fields if isinstance(target, BaseChatModel) else {}
    return next((name for name in LIMITS if name in own), None)


def _speaks_openai(target: Any) -> bool:
    return any(kind.__name__ in CHATS for kind in type(_innermost(target)).__mro__)


def _innermost(target: Any) -> Any:
    while isinstance(target, RunnableBinding):
        target = target.bound
    return target


def _check_known(unknown: Iterable[str]) -> None:
    """`ApiError` for the first; it does not say what the model is, which may be a path of the server."""
    for param in sorted(unknown):
        raise unsupported(param, f"{param}: the model of this server does not have it")


def _named(spare: set[str], limit: int | None) -> tuple[str, ...]:
    return tuple(sorted(spare | ({"max_tokens"} if limit is not None else set())))
