"""The test suite's fakes, all in one place: scripted chat models and detectors that count words."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import RunnableLambda
from langchain_core.utils.function_calling import convert_to_json_schema, convert_to_openai_tool
from pydantic import PrivateAttr

from lance_graph.categories import KEYS
from lance_graph.scores import Pair, RiskScore, Span

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


class AnswerDetector(WordDetector):
    """A pair is judged by its answer alone, as a real detector judges a refusal beside any prompt."""

    def _score(self, pair: Pair) -> RiskScore:
        prompt, response = (pair, None) if isinstance(pair, str) else pair
        return super()._score((prompt if response is None else "", response))


@dataclass(frozen=True)
class PlainScore:
    """Degrees and spreads as they are given."""

    mean: dict[str, float]
    std: dict[str, float]


class DoubtfulDetector:
    """Degree and spread of violence by the words of a prompt, or with ``!`` of an answer.

    Of several words the highest degree counts.
    """

    def __init__(self, words: dict[str, tuple[float, float]]) -> None:
        self.words = words

    def score(self, pairs: Sequence[Pair]) -> list[PlainScore]:
        return [self._score(pair) for pair in pairs]

    def _score(self, pair: Pair) -> PlainScore:
        prompt, response = (pair, None) if isinstance(pair, str) else pair
        found = [
            number
            for word, number in self.words.items()
            if word.removeprefix("!") in ((response or "") if word.startswith("!") else prompt)
        ]
        degree, spread = max(found, default=(0.02, 0.0))
        nothing = dict.fromkeys(KEYS, 0.0)
        return PlainScore(
            dict.fromkeys(KEYS, 0.02) | {VIOLENCE: degree}, nothing | {VIOLENCE: spread}
        )


class BrokenDetector:
    """A detector that always fails, with the text it was given in its error."""

    def score(self, pairs: Sequence[Pair]) -> list[RiskScore]:
        raise RuntimeError(f"out of memory on {pairs!r}")


def answer_with(make: Callable[[str], str]) -> ScriptedModel:
    """A model whose answer is a function of the last message's text."""
    return ScriptedModel(answers=lambda messages: make(messages[-1].text))


class ToolCallingModel(ScriptedModel):
    """A chat model with tools, tool choice and structured output.

    Scripted answers are texts, assistant messages or exceptions. Without a script it calls the
    bound tool that ``tool_choice`` names, or the first one until a tool has answered, with
    arguments out of the prompt's numbers and quotations; else it says "hello". ``options`` records
    what came with each call, and the model's own temperature. ``stop`` cuts a text, ``model`` is
    the name it answers under.
    """

    answers: Any = None
    model: str = "tool-caller"
    temperature: float | None = None
    _options: list[dict[str, Any]] = PrivateAttr(default_factory=list)

    @property
    def options(self) -> list[dict[str, Any]]:
        return self._options

    def bind_tools(self, tools: Any, *, tool_choice: Any = None, **kwargs: Any) -> Any:
        tools = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=tools, tool_choice=tool_choice, **kwargs)

    def with_structured_output(self, schema: Any, *, include_raw: bool = False, **how: Any) -> Any:
        if how.get("method", "function_calling") == "function_calling":
            return super().with_structured_output(schema, include_raw=include_raw, **how)
        wanted = convert_to_json_schema(schema)
        answer = self.bind(
            response_format=wanted,
            ls_structured_output_format={"kwargs": how, "schema": wanted},
        )
        is_class = isinstance(schema, type) and hasattr(schema, "model_validate")
        parser = PydanticOutputParser(pydantic_object=schema) if is_class else JsonOutputParser()
        if not include_raw:
            return answer | parser

        def parse(messages: Any) -> dict[str, Any]:
            raw, parsed, error = answer.invoke(messages), None, None
            try:
                parsed = parser.invoke(raw)
            except ValueError as failed:
                error = failed
            return {"raw": raw, "parsed": parsed, "parsing_error": error}

        return RunnableLambda(parse)

    def _message(
        self, messages: list[BaseMessage], stop: Any, options: dict[str, Any]
    ) -> AIMessage:
        own = {"temperature": self.temperature} if self.temperature is not None else {}
        self._options.append(own | options | ({"stop": stop} if stop else {}))
        answer = self._next(messages) if self.answers is not None else None
        if self.answers is None:
            self._calls.append(messages)
            answer = _obedient(messages, options)
        message = answer if isinstance(answer, AIMessage) else AIMessage(answer)
        for word in stop or ():
            message = message.model_copy(update={"content": message.text.partition(word)[0]})
        usage = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
        name = {"model_name": options.get("model", self.model)}
        return message.model_copy(update={"usage_metadata": usage, "response_metadata": name})

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **options: Any
    ) -> ChatResult:
        message = self._message(messages, stop, options)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **options: Any
    ) -> Iterator[ChatGenerationChunk]:
        message = self._message(messages, stop, options)
        calls = [
            tool_call_chunk(
                name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=index
            )
            for index, call in enumerate(message.tool_calls)
        ]
        pieces = [AIMessageChunk(content=piece) for piece in re.findall(r"\S+\s*", message.text)]
        last = AIMessageChunk(
            content="",
            tool_call_chunks=calls,
            usage_metadata=message.usage_metadata,
            response_metadata=message.response_metadata,
            chunk_position="last",
        )
        for piece in [*pieces, last]:
            chunk = ChatGenerationChunk(message=piece)
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk


def _obedient(messages: list[BaseMessage], options: dict[str, Any]) -> AIMessage:
    """What `ToolCallingModel` says without a script: it does what the call asks for."""
    asked = next(m.text for m in reversed(messages) if isinstance(m, HumanMessage))
    if options.get("response_format"):
        return AIMessage(json.dumps(_example(options["response_format"], asked)))
    tools = {tool["function"]["name"]: tool["function"] for tool in options.get("tools") or ()}
    choice = options.get("tool_choice")
    if not tools or not (choice or isinstance(messages[-1], HumanMessage)):
        return AIMessage("hello")
    name = choice if choice in tools else next(iter(tools))
    arguments = _example(tools[name].get("parameters", {"type": "object"}), asked)
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": f"call_{name}"}])


def _example(schema: dict[str, Any], asked: str) -> Any:
    """A value that fits a JSON schema, out of what was asked."""
    for alternatives in ("anyOf", "allOf", "oneOf"):
        if alternatives in schema:
            return _example(schema[alternatives][0], asked)
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {name: _example(field, asked) for name, field in fields.items()}
        case "array":
            return [_example(schema.get("items", {}), asked)]
        case "integer" | "number":
            return int((re.findall(r"\d+", asked) or ["3"])[0])
        case "boolean":
            return True
    return (re.findall(r"'([^']*)'", asked) or ["something"])[0]
