"""The test suite's fakes, all in one place: scripted chat models and detectors that count words."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import RunnableLambda
from pydantic import PrivateAttr

from lance_graph.categories import KEYS
from lance_graph.detector.score import Pair, RiskScore, Span

VIOLENCE = "violence,aiding_and_abetting,incitement"
SELF_HARM = "self_harm"
FRAUD = "financial_crime,property_crime,theft"


class ScriptedModel(BaseChatModel):
    """Answers from a list (the last one repeats) or from a function of the messages.

    An exception in the list is raised. ``calls`` records what the model was sent. Streams word by
    word, so that a leak of a draft shows as message chunks.
    """

    answers: Any
    _calls: list[list[BaseMessage]] = PrivateAttr(default_factory=list)

    @property
    def calls(self) -> list[list[BaseMessage]]:
        return self._calls

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _next(self, messages: list[BaseMessage]) -> str:
        self._calls.append(messages)
        if callable(self.answers):
            return self.answers(messages)
        answer = self.answers[min(len(self._calls), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        message = AIMessage(
            self._next(messages),
            usage_metadata={"input_tokens": 3, "output_tokens": 2, "total_tokens": 5},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **_: Any
    ) -> Iterator[ChatGenerationChunk]:
        for word in self._next(messages).split(" "):
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=word + " "))
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk


class StructuredModel(ScriptedModel):
    """A scripted model that also serves structured output: its answers are the field's values."""

    def with_structured_output(self, schema: Any, *, include_raw: bool = False, **_: Any) -> Any:
        field = next(iter(schema.model_fields))

        def parse(messages: Any) -> Any:
            message = self.invoke(messages)
            parsed = schema(**{field: message.text}) if message.text else None
            result = {"raw": message, "parsed": parsed, "parsing_error": None}
            return result if include_raw else parsed

        return RunnableLambda(parse)


class WordDetector:
    """Degree of a category = the highest weight of its words in the prompt, or in the answer.

    ``words`` maps a word to (category, degree). Answers weigh only by words that start with ``!``.
    """

    def __init__(self, words: dict[str, tuple[str, float]]) -> None:
        self.words = words
        self.scored: list[Pair] = []

    def score(self, pairs: Sequence[Pair]) -> list[RiskScore]:
        self.scored += pairs
        return [self._score(pair) for pair in pairs]

    def explain(
        self, prompt: str, response: str | None = None, categories: Sequence[str] | None = None
    ) -> list[Span]:
        return [
            Span(category, word, prompt.index(word), prompt.index(word) + len(word), degree)
            for word, (category, degree) in self.words.items()
            if word in prompt and (categories is None or category in categories)
        ]

    def _score(self, pair: Pair) -> RiskScore:
        prompt, response = (pair, None) if isinstance(pair, str) else pair
        degrees = dict.fromkeys(KEYS, 0.02)
        for word, (category, degree) in self.words.items():
            text = response or "" if word.startswith("!") else prompt
            if word.removeprefix("!") in text:
                degrees[category] = max(degrees[category], degree)
        total = 50.0
        return RiskScore(
            KEYS,
            tuple(total * degree for degree in degrees.values()),
            tuple(total * (1 - degree) for degree in degrees.values()),
        )


class BrokenDetector:
    """A detector that always fails, with the text it was given in its error."""

    def score(self, pairs: Sequence[Pair]) -> list[RiskScore]:
        raise RuntimeError(f"out of memory on {pairs!r}")


def answer_with(make: Callable[[str], str]) -> ScriptedModel:
    """A model whose answer is a function of the last message's text."""
    return ScriptedModel(answers=lambda messages: make(messages[-1].text))
