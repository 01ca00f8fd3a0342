"""LANCE as a chat model: it goes wherever a chat model goes."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Literal

from langchain_core.callbacks import (
    AsyncCallbackManager,
    AsyncCallbackManagerForLLMRun,
    BaseCallbackManager,
    BaseRunManager,
    CallbackManager,
    CallbackManagerForLLMRun,
)
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableBinding
from langchain_core.tools import BaseTool
from pydantic import ConfigDict, Field, model_validator

from lance_graph import models
from lance_graph.context import LanceContext
from lance_graph.replay import chunks_of
from lance_graph.running import SafeAnswer, aanswer, answer


class LanceChatModel(BaseChatModel):
    """A chat model behind LANCE: ``LanceChatModel(target="openai:gpt-4o-mini", refiner=…)``.

    Takes every field of `LanceContext`, or a ``context``. An answer streams, word by word, once it
    has been judged; its ``usage_metadata`` sums all inner calls, its ``response_metadata["lance"]``
    holds status and verdict. Tools and structured output are the target's own.

    Where a component fails, ``on_degraded="raise"`` raises `DegradedError`, as a chat model whose
    service is down would, so that `with_fallbacks` and `with_retry` work; ``"answer"`` gives the
    prepared answer.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    context: LanceContext = Field(default_factory=LanceContext)
    on_degraded: Literal["raise", "answer"] = "raise"

    @model_validator(mode="before")
    @classmethod
    def _collect_options(cls, values: Any) -> Any:
        """Fields of `LanceContext` given side by side become the context."""
        options = {k: values[k] for k in LanceContext.model_fields if k in values}
        if not options:
            return values
        if "context" in values:
            raise ValueError(f"give a context or {', '.join(options)}, not both")
        rest = {k: v for k, v in values.items() if k not in options}
        return rest | {"context": LanceContext(**options)}

    @model_validator(mode="after")
    def _take_over_profile(self) -> "LanceChatModel":
        if self.profile is None and isinstance(self.context.target, BaseChatModel):
            self.profile = self.context.target.profile
        return self

    @property
    def _llm_type(self) -> str:
        return "lance"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": f"lance({models.model_name(self.context.target)})"}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        callbacks = _child(CallbackManager, run_manager) if run_manager else None
        answered = answer(_as_given(messages), self._for_call(stop, kwargs), callbacks)
        return _result(self._delivered(answered))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        callbacks = _child(AsyncCallbackManager, run_manager) if run_manager else None
        answered = await aanswer(_as_given(messages), self._for_call(stop, kwargs), callbacks)
        return _result(self._delivered(answered))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        result = self._generate(messages, stop, run_manager, **kwargs)
        for chunk in _chunks(result):
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        result = await self._agenerate(messages, stop, run_manager, **kwargs)
        for chunk in _chunks(result):
            if run_manager:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The target's own `bind_tools`; what a call's arguments say is judged like an answer.

        NotImplementedError if the target takes no tools.
        """
        target = self._target()
        if not isinstance(target, BaseChatModel):
            raise NotImplementedError(f"the target {models.model_name(target)} takes no tools")
        bound = target.bind_tools(tools, **kwargs)
        if isinstance(bound, RunnableBinding) and bound.bound is target:
            return self.bind(**bound.kwargs)
        return self._with_target(bound).bind()

    def with_structured_output(
        self, schema: Any, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """The target's own structured output, delivered once its raw message was judged.

        Where LANCE has no such answer (it fell back), there is nothing to parse:
        `WithheldOutputError`, or with ``include_raw`` that error as ``parsing_error``.
        """
        from lance_graph.integrations.structured_output import structured

        target = self._target()
        if not isinstance(target, BaseChatModel):
            raise NotImplementedError(
                f"the target {models.model_name(target)} has no structured output"
            )
        inner: Any = target.with_structured_output(schema, include_raw=True, **kwargs)
        return structured(self._with_target, inner, include_raw=include_raw)

    def _target(self) -> Any:
        target = self.context.target
        return target if target == models.OFFLINE else models.resolve(target)

    def _with_target(self, target: Runnable[Any, Any]) -> "LanceChatModel":
        context = self.context.model_copy(update={"target": target})
        return self.model_copy(update={"context": context})

    def _for_call(self, stop: list[str] | None, kwargs: dict[str, Any]) -> LanceContext:
        """The context of one call: what came with it goes to the target."""
        given = kwargs | ({"stop": stop} if stop else {})
        if not given or self.context.target == models.OFFLINE:
            return self.context
        return self.context.model_copy(
            update={"target": models.resolve(self.context.target).bind(**given)}
        )

    def _delivered(self, answered: SafeAnswer) -> AIMessage:
        if self.on_degraded == "raise":
            answered.raise_if_degraded()
        message = answered.message
        note = message.response_metadata["lance"] | {"verdict": answered.verdict}
        metadata = message.response_metadata | {"lance": note}
        return message.model_copy(update={"response_metadata": metadata, "id": None})


def _child(kind: type[BaseCallbackManager], run: BaseRunManager) -> BaseCallbackManager:
    """Callbacks for what happens inside a model's run, which langchain-core expects to be a leaf."""
    return kind(
        handlers=list(run.inheritable_handlers),
        inheritable_handlers=list(run.inheritable_handlers),
        parent_run_id=run.run_id,
        tags=list(run.inheritable_tags),
        inheritable_tags=list(run.inheritable_tags),
        metadata=dict(run.inheritable_metadata),
        inheritable_metadata=dict(run.inheritable_metadata),
    )


def _as_given(messages: Sequence[BaseMessage]) -> list[AnyMessage]:
    return list(messages)  # type: ignore[arg-type]


def _result(message: AIMessage) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=message)])


def _chunks(result: ChatResult) -> Iterator[ChatGenerationChunk]:
    message = result.generations[0].message
    assert isinstance(message, AIMessage)
    for chunk in chunks_of(message):
        yield ChatGenerationChunk(message=chunk)
