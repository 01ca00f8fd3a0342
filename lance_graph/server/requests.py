"""What the body of a request may hold: OpenAI's names, strictly typed, and nothing unknown."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lance_graph.server.messages import Message

HINTS = frozenset(
    {
        "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "logit_bias",
        "parallel_tool_calls", "reasoning_effort", "verbosity",
    }
)  # fmt: skip
"""Parameters that shape an answer; one that the target does not know is left out, and named."""
FORMS = frozenset({"response_format", "logprobs", "top_logprobs"})
"""Parameters on whose effect a program relies: one that the target does not know is an error."""
PASSABLE = HINTS | FORMS
ACCOUNTS = frozenset(
    {
        "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "metadata", "store",
        "service_tier",
    }
)  # fmt: skip
"""What belongs to the account of whoever asks, which here is not the target's: left out, and named."""
ABSENT = frozenset(
    {"audio", "prediction", "web_search_options", "functions", "function_call", "moderation"}
)
"""What the protocol knows, and this server does not have."""
LONGEST_NAME = 256
MOST_MESSAGES = 2_048
"""As OpenAI's own servers."""


class Strict(BaseModel):
    """A part of a body: no unknown fields, no values of another type."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Function(Strict):
    """A function that the target may ask for."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\-]{1,64}$")]
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(Strict):
    """A tool: of the protocol's kinds, functions alone."""

    type: Literal["function"]
    function: Function


class Named(Strict):
    """Which function is meant."""

    name: str


class Choice(Strict):
    """A function that has to be called."""

    type: Literal["function"]
    function: Named


class ResponseFormat(Strict):
    """The form of an answer."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: dict[str, Any] | None = None


class StreamOptions(Strict):
    """What a stream holds beside the answer."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class LanceRequest(Strict):
    """LANCE's own field of a request: thresholds, as one number (tau) or by name."""

    thresholds: float | dict[str, float] | None = None


class ChatRequest(Strict):
    """The body of ``POST /v1/chat/completions``."""

    model: Annotated[str, Field(max_length=LONGEST_NAME)]
    messages: Annotated[list[Message], Field(min_length=1, max_length=MOST_MESSAGES)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    tools: list[Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | Choice | None = None
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    seed: int | None = None
    logit_bias: dict[str, Annotated[float, Field(ge=-100, le=100)]] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    response_format: ResponseFormat | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None
    metadata: dict[str, str] | None = None
    store: bool | None = None
    service_tier: str | None = None
    audio: dict[str, Any] | None = None
    prediction: dict[str, Any] | None = None
    web_search_options: dict[str, Any] | None = None
    functions: list[Any] | None = None
    function_call: Any = None
    moderation: Any = None
    lance: LanceRequest | None = None

    def given(self, names: frozenset[str]) -> dict[str, Any]:
        """Those of the fields that came with something, as plain values."""
        return self.model_dump(include=set(names), exclude_none=True)


class ModerationRequest(Strict):
    """The body of ``POST /v1/moderations``."""

    input: str | Annotated[list[str], Field(min_length=1, max_length=256)]
    model: Annotated[str, Field(max_length=LONGEST_NAME)] | None = None
