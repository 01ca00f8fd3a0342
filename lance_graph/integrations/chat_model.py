"""LANCE as a chat model: it goes wherever a chat model goes."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from typing import Any, Literal

from langchain_core.callbacks import (
    AsyncCallbackManager,
    AsyncCallbackManagerForLLMRun,
    CallbackManager,
    CallbackManagerForLLMRun,
)
from langchain_core.language_models import BaseChatModel, LanguageModelInput, ModelProfile
from langchain_core.language_models.base import LangSmithParams
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage
from langchain_core.messages.utils import count_tokens_approximately
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableBinding, RunnableWithFallbacks
from langchain_core.tools import BaseTool
from pydantic import (
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    field_validator,
    model_validator,
)

from lance_graph import models
from lance_graph.context import LanceContext, validated
from lance_graph.detectors import configured_name
from lance_graph.integrations.branching import BranchingChatModel, of_run
from lance_graph.integrations.running import DegradedError, SafeAnswer, aanswer, answer
from lance_graph.review import written_by_reviewer
from lance_graph.runtime.replay import chunks_of
from lance_graph.runtime.threads import in_thread


class LanceChatModel(BranchingChatModel):
    """A chat model behind LANCE: ``LanceChatModel(target="openai:gpt-4o-mini", refiner=…)``.

    Takes every field of `LanceContext`, or a ``context``. An answer streams, word by word, once it
    has been judged; its ``usage_metadata`` sums all inner calls, its ``response_metadata["lance"]``
    holds status and verdict. Tools and structured output are the target's own, and so are
    ``stop``, ``temperature``, ``max_tokens`` and whatever else comes with a call. A client's
    options, such as a key or a timeout, belong to the target itself or into ``target_options``; a
    cache belongs to the target: LANCE's own answers depend on more than the messages.

    Where a component fails, ``on_degraded="raise"`` raises `DegradedError`, as a chat model whose
    service is down would, so that `with_fallbacks` and `with_retry` work; ``"answer"`` gives the
    prepared answer. ValueError (pydantic's ValidationError) names a wrong or unknown option.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    context: LanceContext = Field(default_factory=LanceContext)
    on_degraded: Literal["raise", "answer"] = "raise"
    temperature: float | None = None
    max_tokens: int | None = None
    stop: list[str] | None = None
    streaming: bool = False
    cache: Literal[False] = False
    _must_call: bool = PrivateAttr(default=False)

    @model_validator(mode="before")
    @classmethod
    def _collect_options(cls, values: Any) -> Any:
        """Fields of `LanceContext` given side by side become the context."""
        options = {k: values[k] for k in LanceContext.model_fields if k in values}
        if not options:
            return values
        if "context" in values:
            raise ValueError(f"give a context or {', '.join(options)}, not both")
        return {k: v for k, v in values.items() if k not in options} | {"context": options}

    @model_validator(mode="wrap")
    @classmethod
    def _without_secrets(cls, given: Any, handler: ModelWrapValidatorHandler[Any]) -> Any:
        return validated(handler, given, {**LanceContext.model_fields, **cls.model_fields})

    @field_validator("cache", mode="before")
    @classmethod
    def _leave_caching_to_the_target(cls, value: Any) -> Literal[False]:
        if value:
            raise ValueError("LANCE's answers are not cached; give the cache to the target model")
        return False

    @property
    def model_name(self) -> str:
        """The target's name, marked as LANCE's."""
        return _marked(models.configured_name(self.context.target))

    @property
    def _llm_type(self) -> str:
        return "lance"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        context = self.context
        return {
            "model_name": self.model_name,
            "refiner": models.configured_name(context.refiner),
            "detector": configured_name(context.judged_by),
            "mode": context.mode,
            "review": context.review,
        }

    def _resolve_model_profile(self) -> ModelProfile | None:
        target = self.context.target
        return target.profile if isinstance(target, BaseChatModel) else None

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop or self.stop, **kwargs)
        params["ls_provider"] = "lance"
        return params

    def get_token_ids(self, text: str) -> list[int]:
        """The target's own count; NotImplementedError where it has no tokens."""
        if self.custom_get_token_ids is not None:
            return self.custom_get_token_ids(text)
        return list(self._chat_model("tokens").get_token_ids(text))

    def get_num_tokens(self, text: str) -> int:
        """The target's own count; an estimate for the offline target."""
        if self.custom_get_token_ids is not None or self.context.target != models.OFFLINE:
            return len(self.get_token_ids(text))
        return count_tokens_approximately([text])

    def get_num_tokens_from_messages(
        self, messages: list[BaseMessage], tools: Sequence[Any] | None = None
    ) -> int:
        """The target's own count; an estimate for the offline target."""
        if self.context.target == models.OFFLINE:
            return count_tokens_approximately(messages)
        counted = self._chat_model("tokens").get_num_tokens_from_messages(messages, tools)
        return int(counted)

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The target's own `bind_tools`; what a call's arguments say is judged like an answer.

        Where ``tool_choice`` obliges the model to call a tool and LANCE has withheld the call,
        `WithheldOutputError` is raised: an agent that waits for a call would ask again for ever.
        NotImplementedError if the target takes no tools.
        """
        target = self._chat_model("tools")
        bound = target.bind_tools(tools, **kwargs)
        if isinstance(bound, RunnableBinding) and bound.bound is target:
            model, options = self.model_copy(), bound.kwargs
        else:
            model, options = self._with_target(bound), {}
        model._must_call = _obliges(kwargs.get("tool_choice"))
        return model.bind(**options)

    def with_structured_output(
        self, schema: Any, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """The target's own structured output, delivered once its raw message was judged.

        Where LANCE has no such answer (it fell back), there is nothing to parse:
        `WithheldOutputError`, or with ``include_raw`` that error as ``parsing_error``.
        NotImplementedError if the target has no structured output; ValueError if it cannot be given
        this model's own ``temperature``, ``max_tokens`` or ``stop``.
        """
        from lance_graph.integrations.structured_output import structured

        target = self._configured(self._chat_model("structured output"))
        inner = target.with_structured_output(schema, include_raw=True, **kwargs)
        traced = {"ls_structured_output_format": {"kwargs": kwargs, "schema": schema}}

        def behind_lance(model: Runnable[Any, Any]) -> Runnable[Any, AIMessage]:
            unset = dict.fromkeys(self._options())
            return self._with_target(model).model_copy(update=unset).bind(**traced)

        return structured(behind_lance, inner, schema, include_raw=include_raw)

    def with_fallbacks(
        self,
        fallbacks: Sequence[Runnable[Any, Any]],
        *,
        exceptions_to_handle: tuple[type[BaseException], ...] = (DegradedError,),
        exception_key: str | None = None,
    ) -> RunnableWithFallbacks[Any, Any]:
        """`Runnable.with_fallbacks`, by default where a component failed and not for every exception.

        LangGraph's pause for a review is an exception too: a fallback that took it for a failure
        would answer unreviewed. With tools bound, name `DegradedError` yourself.
        """
        return super().with_fallbacks(
            fallbacks, exceptions_to_handle=exceptions_to_handle, exception_key=exception_key
        )

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        callbacks = of_run(CallbackManager, run_manager) if run_manager else None
        context = self._for_call(stop, kwargs)
        return _result(self._delivered(answer(_as_given(messages), context, callbacks)))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        callbacks = of_run(AsyncCallbackManager, run_manager) if run_manager else None
        # a model that a string names may have to be loaded first
        context = await in_thread(partial(self._for_call, stop, kwargs))
        return _result(self._delivered(await aanswer(_as_given(messages), context, callbacks)))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in _chunks(self._generate(messages, stop, run_manager, **kwargs)):
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
        for chunk in _chunks(await self._agenerate(messages, stop, run_manager, **kwargs)):
            if run_manager:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    def _chat_model(self, what: str) -> Any:
        """The target; NotImplementedError where it is not a chat model, and so has no ``what``."""
        target = self.context.target
        if target != models.OFFLINE:
            target = models.resolve(target, options=self.context.target_options)
        if not hasattr(target, "bind_tools"):
            raise NotImplementedError(
                f"the target {models.configured_name(target)!r} has no {what}"
            )
        return target

    def _with_target(self, target: Runnable[Any, Any]) -> "LanceChatModel":
        context = self.context.model_copy(update={"target": target})
        return self.model_copy(update={"context": context})

    def _for_call(self, stop: list[str] | None, kwargs: dict[str, Any]) -> LanceContext:
        """The context of one call: what came with it goes to the target."""
        given = self._options() | kwargs | ({"stop": stop} if stop else {})
        given.pop("stream", None)
        target = self.context.target
        if not given or target == models.OFFLINE:
            return self.context
        bound = models.resolve(target, options=self.context.target_options).bind(**given)
        return self.context.model_copy(update={"target": bound})

    def _options(self) -> dict[str, Any]:
        """What is given to the target with every call."""
        own = {"temperature": self.temperature, "max_tokens": self.max_tokens, "stop": self.stop}
        return {key: value for key, value in own.items() if value is not None}

    def _configured(self, target: Any) -> Any:
        """The target with this model's options built in: its structured output takes none per call."""
        missing = [name for name in self._options() if not hasattr(target, name)]
        if missing:
            raise ValueError(
                f"the target {models.configured_name(target)!r} takes no {', '.join(missing)} in "
                "structured output"
            )
        return target.model_copy(update=self._options()) if self._options() else target

    def _delivered(self, answered: SafeAnswer) -> AIMessage:
        if self.on_degraded == "raise":
            answered.raise_if_degraded()
        message = answered.message
        if self._must_call and not message.tool_calls and not _is_the_models(answered):
            from lance_graph.integrations.structured_output import WithheldOutputError

            raise WithheldOutputError(message)
        metadata = message.response_metadata | {
            # whoever sums usage by name sees the inner calls as well, under their own names
            "model_name": _marked(message.response_metadata["model_name"]),
            "lance": message.response_metadata["lance"] | {"verdict": answered.verdict},
        }
        return message.model_copy(update={"response_metadata": metadata, "id": None})


def _is_the_models(answered: SafeAnswer) -> bool:
    """Whether the message is the target's, and neither a prepared answer nor a reviewer's."""
    return not answered.is_prepared and not written_by_reviewer(answered.verdict["trace"])


def _obliges(tool_choice: Any) -> bool:
    """Whether a ``tool_choice`` leaves the model no other answer than a tool call."""
    kind = tool_choice.get("type") if isinstance(tool_choice, dict) else tool_choice
    return kind not in (None, False, "auto", "none")


def _marked(name: str) -> str:
    return name if name == "lance" else f"lance({name})"


def _as_given(messages: Sequence[BaseMessage]) -> list[AnyMessage]:
    """The conversation without earlier verdicts: what was wrong with a prompt is not for the target."""
    return [_without_verdict(message) for message in messages]  # type: ignore[misc]


def _without_verdict(message: BaseMessage) -> BaseMessage:
    note = message.response_metadata.get("lance")
    if not isinstance(note, dict) or "verdict" not in note:
        return message
    kept = {key: value for key, value in note.items() if key != "verdict"}
    return message.model_copy(
        update={"response_metadata": message.response_metadata | {"lance": kept}}
    )


def _result(message: AIMessage) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=message)])


def _chunks(result: ChatResult) -> Iterator[ChatGenerationChunk]:
    message = result.generations[0].message
    assert isinstance(message, AIMessage)
    for chunk in chunks_of(message):
        yield ChatGenerationChunk(message=chunk)
