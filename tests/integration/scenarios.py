"""Runs in which drafts come up that nobody may see, each with a canary in every one of them."""

from collections.abc import Callable, Iterator
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


def paired() -> LanceContext:
    return made_of(always(), screening="pair", max_iterations=2)


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
    """A harmless call, and a reason why another one did not parse that quotes the canary."""

    def speak(_: Any) -> AIMessage:
        return AIMessage(
            ANSWER,
            invalid_tool_calls=[
                {"name": "note", "args": "{bad", "id": "2", "error": f"no JSON: {DRAFT}"}
            ],
        )

    return made_of(Speaker(speak=speak))


STATUS: dict[Scenario, str] = {
    repaired: "rewritten",
    fell_back: "fell_back",
    paired: "fell_back",
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
}
"""Every scenario, and how it ends."""

EVERY_KIND = (
    fell_back,
    detector_failed,
    async_guard_model,
    unexplained,
    reasoned,
    called_tools,
    called_badly,
)
"""Scenarios that among them hold a canary in every place."""
