"""A conversation of OpenAI's protocol as messages of LangChain."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import uuid4

from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    HumanMessage,
    InvalidToolCall,
    SystemMessage,
    ToolCall,
    ToolMessage,
)
from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class TextPart(_Strict):
    """Words."""

    type: Literal["text"]
    text: str


class RefusalPart(_Strict):
    """Words with which the assistant once refused."""

    type: Literal["refusal"]
    refusal: str


class ImageUrl(_Strict):
    """Where an image is, or the image itself."""

    url: str
    detail: Literal["auto", "low", "high", "original"] | None = None


class ImagePart(_Strict):
    """An image."""

    type: Literal["image_url"]
    image_url: ImageUrl


class Audio(_Strict):
    """A recording."""

    data: str
    format: Literal["wav", "mp3"]


class AudioPart(_Strict):
    """A recording."""

    type: Literal["input_audio"]
    input_audio: Audio


class File(_Strict):
    """A file, or the name of one that the target's service keeps."""

    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class FilePart(_Strict):
    """A file."""

    type: Literal["file"]
    file: File


Part = Annotated[
    TextPart | RefusalPart | ImagePart | AudioPart | FilePart, Field(discriminator="type")
]
Content = str | list[Part]


class CalledFunction(_Strict):
    """What was called, with arguments as the target wrote them."""

    name: str
    arguments: str


class Call(_Strict):
    """A call that the assistant made."""

    id: str
    type: Literal["function"] = "function"
    function: CalledFunction


class User(_Strict):
    """What the user says."""

    role: Literal["user"]
    content: Content
    name: str | None = None

    def message(self) -> AnyMessage:
        """Itself, for LangChain."""
        return HumanMessage(_content(self.content), name=self.name)


class Instructions(_Strict):
    """What the application tells the model."""

    role: Literal["system", "developer"]
    content: Content
    name: str | None = None

    def message(self) -> AnyMessage:
        """Itself, for LangChain."""
        role = {"__openai_role__": "developer"} if self.role == "developer" else {}
        return SystemMessage(_content(self.content), name=self.name, additional_kwargs=role)


class Assistant(_Strict):
    """What the assistant said or called; fields that clients send back without a use are let in."""

    role: Literal["assistant"]
    content: Content | None = None
    refusal: str | None = None
    name: str | None = None
    tool_calls: list[Call] | None = None
    annotations: list[Any] | None = None
    audio: None = None
    function_call: None = None

    def message(self) -> AnyMessage:
        """Itself, for LangChain."""
        calls = [_call(call) for call in self.tool_calls or ()]
        return AIMessage(
            _content(self.refusal or "" if self.content is None else self.content),
            name=self.name,
            tool_calls=[call for call in calls if call["type"] == "tool_call"],
            invalid_tool_calls=[call for call in calls if call["type"] == "invalid_tool_call"],
        )


class ToolResult(_Strict):
    """What a tool gave back."""

    role: Literal["tool"]
    content: Content
    tool_call_id: str
    name: str | None = None

    def message(self) -> AnyMessage:
        """Itself, for LangChain."""
        return ToolMessage(_content(self.content), tool_call_id=self.tool_call_id, name=self.name)


Message = Annotated[User | Instructions | Assistant | ToolResult, Field(discriminator="role")]


def conversation(
    messages: Sequence[User | Instructions | Assistant | ToolResult],
) -> list[AnyMessage]:
    """The messages for LangChain, with ids of their own: a client's would replace one another."""
    return [one.message().model_copy(update={"id": str(uuid4())}) for one in messages]


def _content(given: str | list[Any]) -> Any:
    if isinstance(given, str):
        return given
    return [_block(part) for part in given]


def _block(part: BaseModel) -> dict[str, Any]:
    if isinstance(part, RefusalPart):
        return {"type": "text", "text": part.refusal}
    return part.model_dump(exclude_none=True)


def _call(call: Call) -> ToolCall | InvalidToolCall:
    """A call; one whose arguments are no object of JSON that can be sent on stays as it was written."""
    name, written = call.function.name, call.function.arguments
    try:
        arguments = json.loads(written or "{}")
        json.dumps(arguments, allow_nan=False, ensure_ascii=False).encode()  # NaN, half a character
    except (ValueError, RecursionError):
        arguments = None
    if isinstance(arguments, dict):
        return ToolCall(name=name, args=arguments, id=call.id, type="tool_call")
    return InvalidToolCall(
        name=name, args=written, id=call.id, error=None, type="invalid_tool_call"
    )
