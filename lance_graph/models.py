"""The one door to chat models: from a string or an object to an answer, sync or async.

Calls made here are not streamed: what a model says is a draft until it has been judged.
"""

import asyncio
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AnyMessage
from langchain_core.runnables import Runnable, RunnableSequence, RunnableWithFallbacks
from pydantic import BaseModel, ValidationError

from lance_graph.context_file import alike
from lance_graph.files import one_spelling
from lance_graph.model_options import HIDDEN, ModelOptions, spoken
from lance_graph.runtime.forking import ForkSafeLock
from lance_graph.runtime.langgraph_internals import AnyBinding, tell_of
from lance_graph.runtime.quiet import Quiet
from lance_graph.runtime.steps import Wait
from lance_graph.runtime.threads import in_thread

OFFLINE = "offline"
LOCAL = "huggingface"
MAX_NEW_TOKENS = 512
_VERSION = re.compile(r"[-@:.\d]{0,24}")
_NO_OPTIONS = ModelOptions()
_RESERVED = {"model", "config_prefix", "configurable_fields"}

Answer = TypeVar("Answer")
KEPT = 8
"""Models made of strings that are kept: a server's clients may name any number of them."""
_loading = ForkSafeLock()
call_timeout: ContextVar[float | None] = ContextVar("lance_graph_call_timeout", default=None)
"""Seconds that an async call may last in the current context; TimeoutError after that."""


class ModelError(ValueError):
    """A model string that cannot be turned into a chat model; the message says why and what helps."""


ChatModel = Runnable[Any, Any]
"""A chat model, or any runnable from messages to an assistant message."""


def resolve(
    model: str | ChatModel,
    options: ModelOptions = _NO_OPTIONS,
    *,
    temperature: float | None = None,
) -> ChatModel:
    """The chat model that a string names, made with ``options``; an object is returned as it is.

    A string is ``provider:model``, or a name whose provider `init_chat_model` infers. Strings are
    resolved once per process and options, the `KEPT` last used ones; ``options`` go before
    ``temperature``. ``huggingface:`` runs the model on this machine; a folder is one model, however
    its path is spelled. ModelError says what is wrong, and holds no option that may be a secret.
    """
    if not isinstance(model, str):
        return model
    if model == OFFLINE:
        raise ModelError("'offline' is no chat model: it is served inside the graph")
    if model.startswith(f"{LOCAL}:"):
        temperature = None  # decoded greedily anyhow, and loaded once for every use
        model = f"{LOCAL}:{one_spelling(model.removeprefix(f'{LOCAL}:'))}"
    with _loading:
        return _from_string(model, temperature, options)


def only_says(model: str | ChatModel) -> bool:
    """Whether asking twice does nothing twice: a chat model only speaks, an agent or a function may act."""
    while isinstance(model, AnyBinding):
        model = model.bound
    return isinstance(model, str | BaseChatModel)


def structured(model: ChatModel, schema: type[BaseModel]) -> Runnable[Any, Any] | None:
    """The model with structured output, raw message included, if its class offers any."""
    if not isinstance(model, BaseChatModel):
        return None
    cls = type(model)
    offers = (
        cls.with_structured_output is not BaseChatModel.with_structured_output
        or cls.bind_tools is not BaseChatModel.bind_tools
    )
    if not offers or cls.__name__ == "ChatHuggingFace":  # a local pipeline has no tool calls
        return None
    try:
        return model.with_structured_output(schema, include_raw=True)
    except (NotImplementedError, TypeError, ValueError):
        return None


class StructuredFirst:
    """A model that is asked for a schema where it can be, and in plain words once that has failed.

    Many models and servers know structured output by name alone, so an error with it only switches
    it off. ``offered`` says whether it is tried at all.
    """

    def __init__(self, model: ChatModel, schema: type[BaseModel], *, offered: bool = True) -> None:
        self._model = model
        self._structured = structured(model, schema) if offered else None

    @property
    def is_structured(self) -> bool:
        """Whether the next answer will be structured: ``{"raw": …, "parsed": …}``."""
        return self._structured is not None

    @property
    def model(self) -> Runnable[Any, Any]:
        """What is asked next."""
        return self._structured or self._model

    def falls_back(self) -> bool:
        """After an error: whether it was one of structured output, so that the same may be asked again."""
        was_structured, self._structured = self.is_structured, None
        return was_structured


def redacted(model: ChatModel) -> ChatModel:
    """The model without what was given to its constructor and would keep or show what it says.

    These are its callbacks and its cache, the global one included. A model is looked for in
    bindings, sequences and fallbacks; what a function of your own calls is beyond reach.
    """
    if isinstance(model, BaseChatModel):
        return model.model_copy(update={"callbacks": None, "cache": False, "verbose": False})
    if isinstance(model, AnyBinding):
        config = {k: v for k, v in model.config.items() if k != "callbacks"}
        return model.model_copy(update={"bound": redacted(model.bound), "config": config})
    if isinstance(model, RunnableSequence):
        return RunnableSequence(*map(redacted, model.steps), name=model.name)
    if isinstance(model, RunnableWithFallbacks):
        others = [redacted(fallback) for fallback in model.fallbacks]
        update = {"runnable": redacted(model.runnable), "fallbacks": others}
        return model.model_copy(update=update)
    return model


def name_of_reply(model: str | ChatModel, said: Any) -> str | None:
    """The model's configured name, with the version that its reply may add in digits.

    Anything else that a reply says of its model is the target's word, and nobody judged it.
    """
    named = called_name(model)
    if named and isinstance(said, str) and said.startswith(named):
        version = said[len(named) :]
        return said if _VERSION.fullmatch(version) else named
    return named


def called_name(model: object) -> str | None:
    """The model's name as the caller configured it, without its provider; None if it has none."""
    if isinstance(model, str):
        _, colon, rest = model.partition(":")
        return (rest if colon or model == OFFLINE else model) or None
    named = None
    while isinstance(model, AnyBinding):
        named, model = named or model.kwargs.get("model"), model.bound
    named = named or getattr(model, "model_name", None) or getattr(model, "model", None)
    return named if isinstance(named, str) else None


def configured_name(model: str | ChatModel) -> str:
    """How the caller names a model: the string itself, an object's own name, else its class's."""
    if isinstance(model, str):
        return model
    return called_name(model) or type(model).__name__


def identity(model: str | ChatModel, options: ModelOptions = _NO_OPTIONS) -> str:
    """A model's name, with a mark that tells it from one of that name with other options.

    For use inside this process; nothing of the options can be read in it.
    """
    name = configured_name(model)
    return f"{name} {hash(options)}" if options and isinstance(model, str) else name


def model_name(model: str | ChatModel) -> str:
    """What a trace calls the model."""
    return model if isinstance(model, str) else type(model).__name__


def ask(
    model: Runnable[Any, Answer], messages: Sequence[AnyMessage], quiet: Quiet | None = None
) -> Wait[Answer]:
    """A call of a model, or of what was made of one, that no stream hears."""

    async def acall() -> Answer:
        async with asyncio.timeout(call_timeout.get()):
            return await untimed()

    async def untimed() -> Answer:
        try:
            return await model.ainvoke(list(messages))
        except NotImplementedError:
            pass
        except RuntimeError as error:
            # clients that a provider's package keeps per process may belong to an ended loop
            if "Event loop is closed" not in str(error):
                raise
        return await in_thread(partial(model.invoke, list(messages)))

    return (quiet or Quiet()).wait(lambda: model.invoke(list(messages)), acall)


def complete(model: Runnable[Any, Answer], messages: Sequence[AnyMessage]) -> Answer:
    """Invoke a model, or what was made of one, without streaming."""
    return ask(model, messages).call()


async def acomplete(model: Runnable[Any, Answer], messages: Sequence[AnyMessage]) -> Answer:
    """`complete` for async code; a model without a usable async path runs in a thread."""
    return await ask(model, messages).acall()


@lru_cache(maxsize=KEPT)
def _from_string(
    name: str, temperature: float | None, options: ModelOptions = _NO_OPTIONS
) -> BaseChatModel:
    given = {} if temperature is None else {"temperature": temperature}
    try:
        return _made(name, given | options.values(), options)
    except Exception as error:  # noqa: BLE001 - raised again below, without what may be a secret
        what = f"{name!r} cannot be used: {_said(error, options)}"
        if isinstance(error, ModelError):
            what = str(error)
        elif isinstance(error, ImportError):
            what = f"{name!r} needs a package that is not installed: {_said(error, options)}"
        cause = None if options else error  # it may quote an option
    raise ModelError(what) from cause


def _made(name: str, given: dict[str, Any], options: ModelOptions) -> BaseChatModel:
    provider, _, model = name.partition(":")
    if provider == LOCAL:
        from lance_graph import local_models

        local_models.check(given)
        longest = {"max_new_tokens": MAX_NEW_TOKENS}
        return _progress(f"loading {model}", lambda: local_models.load(model, longest | given))
    if reserved := sorted(_RESERVED & given.keys()):
        raise ModelError(f"{name!r} takes no option {reserved[0]!r}; the model is named beside it")
    from langchain.chat_models import init_chat_model

    try:
        with _unwarned() if options.unspoken() else nullcontext():
            chat_model: BaseChatModel = init_chat_model(name, **given)
    except ValueError as error:
        if not str(error).startswith("Unable to infer model provider"):
            raise
        raise ModelError(
            f"{name!r} names no model whose provider is known: write 'provider:model', such as "
            f"'openai:{model or name}', or '{LOCAL}:{model or name}' for one on this machine"
        ) from None
    _check_taken(name, chat_model, options)
    if options.secrets():
        tell_of(chat_model, lambda told: {**_scrubbed(told, options), "options": options.mark()})
    return chat_model


@contextmanager
def _unwarned() -> Iterator[None]:
    """No warnings meanwhile: a client warns of a name that it does not know, and quotes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _check_taken(name: str, model: BaseChatModel, options: ModelOptions) -> None:
    """ModelError for an option that the model's class does not have: it would fail at each call."""
    known = {"model_provider", *type(model).model_fields}
    for field in type(model).model_fields.values():
        aliases = (field.alias, field.validation_alias)
        known |= {alias for alias in aliases if isinstance(alias, str)}
        known |= {one for one in getattr(aliases[1], "choices", ()) if isinstance(one, str)}
    for option in options.values():
        if option in known:
            continue
        hint = alike(option, sorted(known), "it takes")
        raise ModelError(f"{name!r} takes no option {spoken(option)}; {hint}")


def _said(error: Exception, options: ModelOptions) -> str:
    """An error's message, in which nothing stands that may be a secret."""
    text = str(error)
    if options and isinstance(error, ValidationError):  # it quotes what was given
        wrong = error.errors(include_url=False, include_input=False)
        text = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong)
    for name in options.unspoken():
        text = text.replace(name, HIDDEN)
    return str(_scrubbed(text, options))


def _scrubbed(value: Any, options: ModelOptions) -> Any:
    """A text, or whatever JSON there is, with `HIDDEN` for each option that may be a secret."""
    if isinstance(value, dict):
        return {name: _scrubbed(one, options) for name, one in value.items()}
    if isinstance(value, list):
        return [_scrubbed(one, options) for one in value]
    if isinstance(value, str):
        for secret in options.secrets():
            value = value.replace(secret, HIDDEN)
    return value


def _progress(what: str, work: Callable[[], BaseChatModel]) -> BaseChatModel:
    """Run ``work`` with a line on standard error before and after."""
    start = time.monotonic()
    print(f"{what} ...", file=sys.stderr, flush=True)
    result = work()
    print(f"{what}: ready in {time.monotonic() - start:.1f} s", file=sys.stderr, flush=True)
    return result
