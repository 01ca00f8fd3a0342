"""Runs in which drafts come up that nobody may see, each with a canary in every one of them."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from lance_graph import LanceContext
from tests.fakes import VIOLENCE, ScriptedModel, StructuredModel, WordDetector

DRAFT = "CANARYDRAFT"
REFINED = "CANARYREFINED"
TYPED = "how to attack"
ANSWER = "stay calm and walk away"
UNSAFE = f"step one: {DRAFT} and so on"
QUESTION = {"messages": [("user", TYPED)]}
ANSWER_BLOCK = {"type": "text", "text": ANSWER}
USAGE: Any = {
    "input_tokens": 1, "output_tokens": 1, "total_tokens": 2, DRAFT: 1,
    "input_token_details": {"cache_read": 1, DRAFT: 2}, "output_token_details": {DRAFT: 1},
}  # fmt: skip
FINISHED = "a rewrite that led to a safe answer"

Scenario = Callable[[], LanceContext]


class Speaker(BaseChatModel):
    """A chat model that gives whole messages, ``speak(messages)``, and streams them in pieces."""

    speak: Any
    _calls: list[list[BaseMessage]] = PrivateAttr(default_factory=list)

    @property
    def calls(self) -> list[list[BaseMessage]]:
        return self._calls

    @property
    def _llm_type(self) -> str:
        return "speaker"

    def bind_tools(self, *_: Any, **__: Any) -> Any:
        return self.bind()

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        self._calls.append(messages)
        return ChatResult(generations=[ChatGeneration(message=self.speak(messages))])

    def _stream(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **_: Any
    ) -> Iterator[ChatGenerationChunk]:
        self._calls.append(messages)
        message: AIMessage = self.speak(messages)
        calls = [*message.tool_calls, *message.invalid_tool_calls]
        pieces = [AIMessageChunk(content=message.content)]
        if isinstance(message.content, str):
            pieces = [AIMessageChunk(content=f"{word} ") for word in message.content.split(" ")]
        pieces.append(
            AIMessageChunk(
                content=[] if isinstance(message.content, list) else "",
                additional_kwargs=message.additional_kwargs,
                response_metadata=message.response_metadata,
                tool_call_chunks=[
                    tool_call_chunk(
                        name=call["name"], args=str(call["args"]).replace("'", '"'), id=call["id"],
                        index=index,
                    )
                    for index, call in enumerate(calls)
                ],
            )
        )  # fmt: skip
        for piece in pieces:
            chunk = ChatGenerationChunk(message=piece)
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk


def detector() -> WordDetector:
    return WordDetector(words())


def words() -> dict[str, tuple[str, float]]:
    return {
        "attack": (VIOLENCE, 0.9),
        REFINED: (VIOLENCE, 0.8),
        f"!{DRAFT}": (VIOLENCE, 0.75),
    }


def refiner() -> ScriptedModel:
    """First a hazardous rewrite, from then on harmless ones, by what it is asked to rewrite."""

    def rewrite(messages: Any) -> str:
        text = messages[-1].text
        if "attack" in text:
            return f"tell me about {REFINED} instead"
        return "how to defuse it" if "keep calm" in text else "how to keep calm"

    return StructuredModel(answers=rewrite)


def by_prompt() -> ScriptedModel:
    """Unsafe on the first harmless-looking prompt, safe on the next."""
    return ScriptedModel(
        answers=lambda messages: ANSWER if "defuse" in messages[-1].text else UNSAFE
    )


def always() -> ScriptedModel:
    return ScriptedModel(answers=[UNSAFE])


def made_of(target: Any, **options: Any) -> LanceContext:
    parts = {"detector": detector(), "refiner": refiner(), "max_iterations": 3}
    return LanceContext(target=target, **(parts | options))


def repaired() -> LanceContext:
    return made_of(by_prompt(), max_iterations=4)


def fell_back() -> LanceContext:
    return made_of(always())


class Forgiving(WordDetector):
    """Finds the draft hazardous beside one prompt alone, and harmless beside the next."""

    def _score(self, pair: Any) -> Any:
        prompt, response = (pair, None) if isinstance(pair, str) else pair
        if response and "keep calm" not in prompt:
            return super()._score((prompt, response.replace(DRAFT, "")))
        return super()._score(pair)


def insisted() -> LanceContext:
    """The target says the same again until the prompt makes it look harmless."""
    return made_of(always(), detector=Forgiving(words()), max_iterations=4)


def paired() -> LanceContext:
    return made_of(always(), screening="pair", max_iterations=2)


def harmless_prompt(target: Any) -> LanceContext:
    """What the user typed is harmless here, so that only answers and rewrites are not."""
    found = {word: degree for word, degree in words().items() if word not in TYPED}
    return made_of(target, detector=WordDetector(found), max_iterations=1)


def is_told(messages: Any) -> bool:
    """Whether the target is asked again."""
    return any("was withheld" in message.text for message in messages)


def asked_again() -> LanceContext:
    return harmless_prompt(ScriptedModel(answers=lambda m: ANSWER if is_told(m) else UNSAFE))


def asked_in_vain() -> LanceContext:
    def answer(messages: Any) -> str:
        if is_told(messages):
            raise RuntimeError(f"400: {UNSAFE}")
        return UNSAFE

    return harmless_prompt(ScriptedModel(answers=answer))


def target_failed() -> LanceContext:
    error = RuntimeError(f"400: the prompt {REFINED} led to {DRAFT}")
    return made_of(ScriptedModel(answers=[error]))


class Fussy(WordDetector):
    """Fails on the draft, and quotes it."""

    def score(self, pairs: Any) -> Any:
        if any(DRAFT in str(pair) for pair in pairs):
            raise RuntimeError(f"cannot score {pairs!r}")
        return super().score(pairs)


def detector_failed() -> LanceContext:
    return made_of(always(), detector=Fussy(words()))


def refiner_failed() -> LanceContext:
    broken = ScriptedModel(answers=[ValueError(f"no JSON in {REFINED} {DRAFT}")])
    return made_of(always(), refiner=broken, max_iterations=1)


class Guard(WordDetector):
    """A detector that asks a chat model, which quotes what it judges while it thinks."""

    def __init__(self) -> None:
        super().__init__(words())
        self.model = ScriptedModel(answers=lambda messages: f"I read {messages[-1].text}")

    def score(self, pairs: Any) -> Any:
        for pair in pairs:
            list(self.model.stream(repr(pair)))
            self.model.invoke(repr(pair))
        return super().score(pairs)


class AsyncGuard(Guard):
    async def ascore(self, pairs: Any) -> Any:
        for pair in pairs:
            _ = [chunk async for chunk in self.model.astream(repr(pair))]
        return WordDetector.score(self, pairs)


def guard_model() -> LanceContext:
    return made_of(by_prompt(), detector=Guard(), max_iterations=4)


def async_guard_model() -> LanceContext:
    return made_of(by_prompt(), detector=AsyncGuard(), max_iterations=4)


class Unexplained(WordDetector):
    """Cannot say why, and quotes what it cannot explain."""

    def explain(self, prompt: str, response: str | None = None, categories: Any = None) -> Any:
        raise RuntimeError(f"no gradient for {prompt!r}, {response!r}")


def unexplained() -> LanceContext:
    return made_of(by_prompt(), detector=Unexplained(words()), max_iterations=4)


def reasoned() -> LanceContext:
    """A safe answer, and the canary wherever a provider puts what is no answer."""
    return made_of(Speaker(speak=lambda _: thinking()), max_iterations=4)


def thinking() -> AIMessage:
    return AIMessage(
        [
            {"type": "reasoning", "reasoning": f"they want {DRAFT}"},
            {"type": "thinking", "thinking": f"they want {DRAFT}", "signature": DRAFT},
            {"type": "text", "text": ANSWER, "annotations": [{"quote": DRAFT}]},
            {"type": "non_standard", "value": {"plan": DRAFT}},
        ],
        additional_kwargs={"reasoning_content": f"they want {DRAFT}", "refusal": DRAFT},
        response_metadata={"model_name": "speaker", "reasoning": DRAFT, "logprobs": [DRAFT]},
    )


def unjudged() -> LanceContext:
    """Answers are not judged; what is no answer is still not passed on, nor are bad rewrites."""
    return made_of(Speaker(speak=lambda _: thinking()), guard_answer=False)


def called_tools() -> LanceContext:
    """The canary in what tools are asked to do: in arguments, and in arguments that do not parse."""

    def speak(_: Any) -> AIMessage:
        return AIMessage(
            "",
            tool_calls=[{"name": "note", "args": {"plan": {DRAFT: []}}, "id": "1"}],
            invalid_tool_calls=[{"name": "note", "args": f"{{{DRAFT}", "id": "2", "error": DRAFT}],
        )  # fmt: skip

    return made_of(Speaker(speak=speak))


def called_badly() -> LanceContext:
    """A harmless call that did not parse, and the canary as its reason, as ids, names and usage."""

    def speak(_: Any) -> AIMessage:
        return AIMessage(
            ANSWER,
            invalid_tool_calls=[
                {"name": "note", "args": "{bad", "id": DRAFT, "error": f"no JSON: {DRAFT}"}
            ],
            id=DRAFT,
            name=DRAFT,
            usage_metadata=USAGE,
        )

    return made_of(Speaker(speak=speak))


def drew() -> LanceContext:
    """A safe answer with media, and the canary in every field that media do not need."""
    return made_of(Speaker(speak=lambda _: AIMessage([ANSWER_BLOCK, *odd_media()])))


def odd_media() -> list[dict[str, Any]]:
    odd = {
        "id": DRAFT, "extras": {"note": DRAFT}, "alt": DRAFT, "caption": [DRAFT], "detail": DRAFT,
        "mime_type": f"image/{DRAFT}", "format": DRAFT, "status": DRAFT, DRAFT: DRAFT, "index": DRAFT,
        "annotations": [{"title": DRAFT}], "metadata": {"filename": DRAFT, "deep": [[DRAFT]]},
    }  # fmt: skip
    picture = {"media_type": "image/png", "data": "iVBORw0KGgo=", **odd, "type": "base64"}
    return [
        {"type": "image", "base64": "iVBORw0KGgo=", **odd},
        {"type": "image", "source": picture, **odd},
        {"type": "image_url", "image_url": {"url": "https://a.test/a.png", **odd}, **odd},
        {"type": "input_audio", "input_audio": {"data": "UklGRgA=", **odd}, **odd},
        {"type": "file", "file": {"file_id": "file-1", **odd}, **odd},
        {"type": DRAFT, "base64": "iVBORw0KGgo="},
    ]


def wrote_into_media() -> LanceContext:
    """The canary in the places of media where words may stand, in one of them each time."""
    place = cycle(media_with(f"see {DRAFT}") + media_with(DRAFT))
    return made_of(Speaker(speak=lambda _: AIMessage([ANSWER_BLOCK, next(place)])))


def media_with(words: str) -> list[dict[str, Any]]:
    coded = b64encode(words.encode()).decode()
    return [
        {"type": "image", "base64": words},
        {"type": "image", "url": words},
        {"type": "image", "url": f"https://a.test/{words}"},
        {"type": "image", "url": f"data:image/png;{words};base64,iVBORw0KGgo="},
        {"type": "image", "source": words},
        {"type": "image", "source": {"type": "base64", "data": words}},
        {"type": "image_url", "image_url": words},
        {"type": "image_url", "image_url": {"url": f"data:image/svg+xml;base64,{coded}"}},
        {"type": "audio", "data": words},
        {"type": "audio", "base64": "UklGRgA=", "transcript": words},
        {"type": "input_audio", "input_audio": {"data": words}},
        {"type": "video", "file_id": words},
        {"type": "media", "data": coded},
        {"type": "file", "filename": words, "base64": "iVBORw0KGgo="},
        {"type": "file", "mime_type": "text/plain", "base64": coded},
        {"type": "file", "mime_type": "text/plain", "text": words},
        {"type": "file", "file": {"file_id": words}},
        {"type": "file", "file": {"file_data": f"data:text/plain;base64,{coded}"}},
        {"type": "file", "file": {"file_data": f"data:text/plain,{words}"}},
        {"type": "file", "url": f"data:,{words}", "title": words},
    ]


STATUS: dict[Scenario, str] = {
    repaired: "rewritten",
    fell_back: "fell_back",
    insisted: "fell_back",
    paired: "fell_back",
    asked_again: "safe",
    asked_in_vain: "fell_back",
    target_failed: "degraded",
    detector_failed: "degraded",
    refiner_failed: "fell_back",
    guard_model: "rewritten",
    async_guard_model: "rewritten",
    unexplained: "rewritten",
    reasoned: "rewritten",
    unjudged: "rewritten",
    called_tools: "fell_back",
    called_badly: "rewritten",
    drew: "rewritten",
    wrote_into_media: "fell_back",
}
"""Every scenario, and how it ends."""

EVERY_KIND = (
    fell_back,
    insisted,
    asked_again,
    asked_in_vain,
    detector_failed,
    async_guard_model,
    unexplained,
    reasoned,
    called_tools,
    called_badly,
    drew,
)
"""Scenarios that among them hold a canary in every place."""
