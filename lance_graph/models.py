"""The one door to chat models: from a string or an object to an answer, sync or async.

Calls made here are not streamed: what a model says is a draft until it has been judged, so every
streaming handler is taken off before the call (FIELD: no other way was seen to leak nowhere).
Callbacks and tracers that the caller attached keep working.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from functools import cache
from threading import Lock
from typing import Any, TypeVar

from langchain_core.callbacks import BaseCallbackManager
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AnyMessage
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.runnables.config import ensure_config, var_child_runnable_config
from langchain_core.tracers import _streaming

OFFLINE = "offline"
LOCAL = "huggingface"
MAX_NEW_TOKENS = 512

Answer = TypeVar("Answer")
_loading = Lock()


class ModelError(ValueError):
    """A model string that cannot be turned into a chat model; the message says why and what helps."""


def resolve(model: str | BaseChatModel, *, temperature: float | None = None) -> BaseChatModel:
    """The chat model that a ``provider:model`` string names; an object is returned as it is.

    Strings are resolved once per process. ``huggingface:`` runs the model on this machine.
    """
    if isinstance(model, BaseChatModel):
        return model
    if model == OFFLINE:
        raise ModelError("'offline' is no chat model: it is served inside the graph")
    if model.startswith(f"{LOCAL}:"):
        temperature = None  # decoded greedily anyhow, and loaded once for every use
    with _loading:
        return _from_string(model, temperature)


async def aresolve(
    model: str | BaseChatModel, *, temperature: float | None = None
) -> BaseChatModel:
    """`resolve` for async code: loading blocks, so it happens in a thread."""
    return await asyncio.to_thread(resolve, model, temperature=temperature)


def model_name(model: str | BaseChatModel) -> str:
    """What a trace calls the model."""
    return model if isinstance(model, str) else type(model).__name__


def complete(model: Runnable[Any, Answer], messages: Sequence[AnyMessage]) -> Answer:
    """Invoke a model, or what was made of one, without streaming."""
    return _silent_context().run(model.invoke, list(messages))


async def acomplete(model: Runnable[Any, Answer], messages: Sequence[AnyMessage]) -> Answer:
    """`complete` for async code; a model without a usable async path runs in a thread."""
    context = _silent_context()

    async def call() -> Answer:
        try:
            return await model.ainvoke(list(messages))
        except NotImplementedError:
            pass
        except RuntimeError as error:
            # clients that a provider's package keeps per process may belong to an ended loop
            if "Event loop is closed" not in str(error):
                raise
        return await asyncio.to_thread(model.invoke, list(messages))

    return await asyncio.create_task(call(), context=context)


def silent_config(config: RunnableConfig) -> RunnableConfig:
    """``config`` without streaming handlers, and without the enclosing graph's own plumbing."""
    silent = RunnableConfig(**config)
    manager = config.get("callbacks")
    if isinstance(manager, BaseCallbackManager):
        manager = manager.copy()
        for handler in [*manager.handlers, *manager.inheritable_handlers]:
            if _streams(handler):
                manager.remove_handler(handler)
        silent["callbacks"] = manager
    elif manager:
        silent["callbacks"] = [handler for handler in manager if not _streams(handler)]
    configurable = config.get("configurable") or {}
    silent["configurable"] = {k: v for k, v in configurable.items() if not k.startswith("__pregel")}
    return silent


def _streams(handler: object) -> bool:
    kinds = (_streaming._StreamingCallbackHandler, _streaming._V2StreamingCallbackHandler)
    return isinstance(handler, kinds)


def _silent_context() -> Context:
    config = silent_config(ensure_config())
    context = copy_context()
    context.run(var_child_runnable_config.set, config)
    return context


@cache
def _from_string(name: str, temperature: float | None) -> BaseChatModel:
    provider, _, model = name.partition(":")
    try:
        if provider == LOCAL:
            return _progress(f"loading {model}", lambda: _local(model))
        from langchain.chat_models import init_chat_model

        options: dict[str, Any] = {} if temperature is None else {"temperature": temperature}
        chat_model: BaseChatModel = init_chat_model(name, **options)
    except ImportError as error:
        raise ModelError(f"{name!r} needs a package that is not installed: {error}") from error
    except Exception as error:
        raise ModelError(f"{name!r} cannot be used: {error}") from error
    return chat_model


def _local(model: str) -> BaseChatModel:
    """A Hugging Face causal model in this process, decoded greedily."""
    from langchain_huggingface import ChatHuggingFace, HuggingFacePipeline
    from transformers import AutoTokenizer, pipeline

    tokenizer = AutoTokenizer.from_pretrained(model)
    if not tokenizer.chat_template:
        raise ModelError(f"{model!r} has no chat template; choose an instruct model")
    generator = pipeline(
        "text-generation",
        model=model,
        tokenizer=tokenizer,
        return_full_text=False,
        max_new_tokens=MAX_NEW_TOKENS,
        do_sample=False,
    )
    llm = HuggingFacePipeline(pipeline=generator, model_id=model)
    return ChatHuggingFace(llm=llm, tokenizer=tokenizer, model_id=model)


def _progress(what: str, work: Callable[[], BaseChatModel]) -> BaseChatModel:
    """Run ``work`` with a line on standard error before and after."""
    start = time.monotonic()
    print(f"{what} ...", file=sys.stderr, flush=True)
    result = work()
    print(f"{what}: ready in {time.monotonic() - start:.1f} s", file=sys.stderr, flush=True)
    return result
