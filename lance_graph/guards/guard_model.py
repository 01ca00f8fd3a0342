"""A guard LLM, spoken to through any chat model, as a detector."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AnyMessage, BaseMessage
from langchain_core.runnables import RunnableLambda
from langchain_core.runnables.config import ContextThreadPoolExecutor

from lance_graph.answers import said
from lance_graph.guards.formats import Format, named
from lance_graph.guards.logprobs import degree_of
from lance_graph.guards.score import (
    CATEGORIES,
    GuardScore,
    GuardVerdictError,
    both_sides,
    guard_score,
)
from lance_graph.local_models import OneAtATime
from lance_graph.model_options import ModelOptions
from lance_graph.models import LOCAL, ChatModel, acomplete, complete, resolve
from lance_graph.scores import Pair


class GuardModelDetector:
    """Asks a guard LLM for a verdict on each prompt or pair, one call each.

    ``model`` is a ``provider:model`` string or a chat model; ``format`` is the name of one of
    `lance_graph.guards.formats`, such as ``"llama_guard_3"``, or an object like these. A hard verdict has the
    degree 1 or 0; a model that gives log-probabilities (for OpenAI's protocol
    ``ChatOpenAI(...).bind(logprobs=True, top_logprobs=5)``) has its probability for degree.
    ``options`` are those of the client of a model that is named, as in `LanceContext.guard_options`.
    At most ``max_concurrency`` calls run at a time: 8, or 1 with a model on this machine.

    ValueError for an unknown format, ModelError for an unusable model string. Scoring raises
    `GuardVerdictError` for an answer that is no verdict, and what the model raises.
    """

    categories = CATEGORIES

    def __init__(
        self,
        model: str | ChatModel,
        format: str | Format = "llama_guard_3",
        *,
        max_concurrency: int | None = None,
        options: ModelOptions | Mapping[str, Any] | None = None,
    ) -> None:
        if max_concurrency is not None and max_concurrency < 1:
            raise ValueError(f"max_concurrency={max_concurrency}: at least 1 call has to run")
        own = ModelOptions.of(options)
        if own and not isinstance(model, str):
            raise ValueError(
                "the model is an object and keeps its own options; name it, or leave them out"
            )
        self.format = named(format) if isinstance(format, str) else format
        resolved = resolve(model, own, temperature=0)
        local = _served_here(resolved)
        self.model = local or resolved
        self.max_concurrency = max_concurrency or (1 if local else 8)

    def score(self, pairs: Sequence[Pair]) -> list[GuardScore]:
        """One score per pair, in order; the calls run in threads."""
        if len(pairs) == 1:
            return [self._read(complete(self.model, self._messages(pairs[0])), pairs[0])]
        with ContextThreadPoolExecutor(max_workers=self.max_concurrency) as threads:
            asked = [threads.submit(complete, self.model, self._messages(pair)) for pair in pairs]
            try:
                return [
                    self._read(answer.result(), pair)
                    for answer, pair in zip(asked, pairs, strict=True)
                ]
            finally:
                for answer in asked:
                    answer.cancel()

    async def ascore(self, pairs: Sequence[Pair]) -> list[GuardScore]:
        """`score` for async code."""
        free = asyncio.Semaphore(self.max_concurrency)

        async def ask(pair: Pair) -> GuardScore:
            async with free:
                return self._read(await acomplete(self.model, self._messages(pair)), pair)

        tasks = [asyncio.create_task(ask(pair)) for pair in pairs]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    def _messages(self, pair: Pair) -> list[AnyMessage]:
        return self.format.messages(*both_sides(pair))

    def _read(self, answer: Any, pair: Pair) -> GuardScore:
        text = said(answer)
        if text is None:
            raise GuardVerdictError(
                f"the guard gave a {type(answer).__name__} instead of an assistant message"
            )
        parse = self.format.parse
        if both_sides(pair)[1] is None:
            parse = getattr(self.format, "parse_prompt", parse)
        verdict = parse(text)
        degree = degree_of(verdict, getattr(answer, "response_metadata", {}), text)
        return guard_score((key, degree) for key in verdict.categories)


def _served_here(model: ChatModel) -> ChatModel | None:
    """A Hugging Face pipeline of this process, asked with its own chat template.

    ChatHuggingFace refuses a conversation that ends with an answer, which is what a guard judges.
    """
    if type(model).__name__ != "ChatHuggingFace":
        return None
    from langchain_huggingface import ChatHuggingFace, HuggingFacePipeline

    if not isinstance(model, ChatHuggingFace) or not isinstance(model.llm, HuggingFacePipeline):
        return None
    pipeline = model.llm.pipeline
    if not isinstance(pipeline, OneAtATime):  # made by hand; requests may come from many threads
        pipeline = OneAtATime(pipeline)

    def ask(messages: Sequence[BaseMessage]) -> str:
        roles = {"human": "user", "ai": "assistant"}
        chat = [{"role": roles.get(m.type, m.type), "content": m.text} for m in messages]
        answers = pipeline(chat, return_full_text=False, continue_final_message=False)
        return str(answers[0]["generated_text"])

    return RunnableLambda(ask, name=f"{LOCAL} guard")
