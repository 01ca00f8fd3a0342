"""Content blocks of every form, with words in every place of them."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

Forms = dict[str, Callable[[Callable[[], str]], Any]]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PIXEL = base64.b64encode(
    bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de")
).decode()
PDF = base64.b64encode(b"%PDF-1.4\n\xe2\xe3\xcf\xd3\n\x00\x01").decode()
TEXTS: Forms = {
    "text": lambda w: {"type": "text", "text": w()},
    "text that begins like a data URL": lambda w: {"type": "text", "text": f"data: {w()}"},
    "text with annotations": lambda w: {
        "type": "text", "text": w(), "id": w(), "extras": {"note": w()},
        "annotations": [
            {"type": "citation", "title": w(), "cited_text": w(), "url": w(), "extras": {"x": w()}},
            {"type": "non_standard_annotation", "value": {"deep": [{"er": w()}]}},
        ],
    },
    "text with citations": lambda w: {
        "type": "text", "text": w(),
        "citations": [
            {"type": "char_location", "cited_text": w(), "document_title": w(),
             "document_index": 0, "start_char_index": 0, "end_char_index": 3},
        ],
    },
    "text with cache control": lambda w: {
        "type": "text", "text": w(), "cache_control": {"type": "ephemeral", "ttl": w()},
    },
    "input_text": lambda w: {"type": "input_text", "text": f"data: {w()}"},
    "output_text": lambda w: {"type": "output_text", "text": w()},
    "text-plain": lambda w: {
        "type": "text-plain", "mime_type": "text/plain", "text": f"data: {w()}", "title": w(),
        "context": w(),
    },
    "text-plain, extras": lambda w: {
        "type": "text-plain", "mime_type": "text/plain", "text": w(),
        "extras": {"title": w(), "context": w()},
    },
    "no type": lambda w: {"text": w()},
}  # fmt: skip
DOCUMENTS: Forms = {
    "document, text": lambda w: {
        "type": "document", "title": w(), "context": w(),
        "source": {"type": "text", "media_type": "text/plain", "data": f"data:{w()}"},
    },
    "document, one word": lambda w: {
        "type": "document", "source": {"type": "text", "media_type": "text/plain", "data": w()},
    },
    "document, content": lambda w: {
        "type": "document", "source": {"type": "content", "content": [{"type": "text", "text": w()}]},
    },
    "document, content is a string": lambda w: {
        "type": "document", "source": {"type": "content", "content": w()},
    },
    "document, url": lambda w: {
        "type": "document", "title": w(), "source": {"type": "url", "url": f"see {w()}"},
    },
    "document, base64": lambda w: {
        "type": "document", "context": w(),
        "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
    },
    "document, base64 of text": lambda w: {
        "type": "document",
        "source": {"type": "base64", "media_type": "text/plain", "data": encoded(w())},
    },
    "file, source_type text": lambda w: {
        "type": "file", "source_type": "text", "mime_type": "text/plain", "text": f"data: {w()}",
        "metadata": {"title": w(), "context": w(), "filename": w()},
    },
    "file, base64 of text": lambda w: {
        "type": "file", "mime_type": "text/plain", "base64": encoded(w()), "filename": w(),
    },
    "file, base64 of JSON": lambda w: {
        "type": "file", "source_type": "base64", "mime_type": "application/json",
        "data": encoded(f'{{"a": "{w()}"}}'), "metadata": {"filename": w()},
    },
    "file, text that says to be a PDF": lambda w: {
        "type": "file", "mime_type": "application/pdf", "base64": encoded(w()),
        "extras": {"filename": w()},
    },
    "file, words as base64": lambda w: {
        "type": "file", "mime_type": "application/pdf", "base64": w(), "filename": w(),
    },
    "file, data URL": lambda w: {
        "type": "file",
        "file": {"file_data": f"data:text/plain;base64,{encoded(w())}", "filename": w()},
    },
    "file, data URL with a name": lambda w: {
        "type": "file",
        "file": {"file_data": f"data:application/pdf;name={w()};base64,{PDF}", "filename": "a.pdf"},
    },
    "file, id": lambda w: {"type": "file", "file": {"file_id": w()}},
    "file, v1 id": lambda w: {"type": "file", "file_id": w()},
    "file, url": lambda w: {"type": "file", "url": f"data:text/csv,{w()}".replace(" ", "%20")},
    "input_file": lambda w: {
        "type": "input_file", "filename": w(),
        "file_data": f"data:text/markdown;base64,{encoded(w())}",
    },
    "input_file, url": lambda w: {
        "type": "input_file", "file_url": f"https://files.test/{w()}".replace(" ", "-"),
    },
    "search_result": lambda w: {
        "type": "search_result", "source": w(), "title": w(),
        "content": [{"type": "text", "text": w()}], "citations": {"enabled": True},
    },
    "search_result, address": lambda w: {
        "type": "search_result", "title": "a",
        "source": f"https://pages.test/find?q={w()}".replace(" ", "+"),
        "content": [{"type": "text", "text": "b"}],
    },
    "container_upload": lambda w: {"type": "container_upload", "file_id": w()},
}  # fmt: skip
PICTURES: Forms = {
    "image, words as base64": lambda w: {
        "type": "image", "mime_type": "image/png", "base64": w(), "id": w(), "extras": {"alt": w()},
    },
    "image, mime type": lambda w: {"type": "image", "mime_type": f"image/{w()}", "base64": PIXEL},
    "image, url": lambda w: {"type": "image", "url": w()},
    "image, address": lambda w: {
        "type": "image", "url": f"https://pictures.test/{w()}.png".replace(" ", "_"),
    },
    "image, data URL of text": lambda w: {
        "type": "image", "url": f"data:image/svg+xml;base64,{encoded(f'<svg>{w()}</svg>')}",
    },
    "image_url": lambda w: {"type": "image_url", "image_url": {"url": w(), "detail": w()}},
    "image_url, data URL": lambda w: {
        "type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}", "alt": w()},
    },
    "image, source": lambda w: {
        "type": "image", "alt_text": w(),
        "source": {"type": "base64", "media_type": "image/png", "data": PIXEL},
    },
    "input_image": lambda w: {"type": "input_image", "image_url": w(), "detail": "auto"},
    "input_audio": lambda w: {"type": "input_audio", "input_audio": {"data": w(), "format": w()}},
    "audio": lambda w: {
        "type": "audio", "mime_type": "audio/wav", "base64": PIXEL, "transcript": w(), "id": w(),
    },
}  # fmt: skip
DOINGS: Forms = {
    "tool_result": lambda w: {"type": "tool_result", "tool_use_id": w(), "content": w()},
    "tool_result, blocks": lambda w: {
        "type": "tool_result", "tool_use_id": "toolu_1", "content": [
            {"type": "text", "text": w()},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain",
                                            "data": w()}},
        ],
    },
    "tool_use": lambda w: {
        "type": "tool_use", "id": w(), "name": w(), "input": {w(): {"a": [w(), {w(): 1}]}},
    },
    "tool_use, partial": lambda w: {
        "type": "tool_use", "id": "toolu_1", "name": "find", "input": {},
        "partial_json": f'{{"a": "{w()}"}}',
    },
    "server_tool_use": lambda w: {
        "type": "server_tool_use", "id": w(), "name": "web_search", "input": {"query": w()},
    },
    "web_search_tool_result": lambda w: {
        "type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [
            {"type": "web_search_result", "title": w(), "url": w(), "page_age": w(),
             "encrypted_content": w()},
        ],
    },
    "mcp_tool_use": lambda w: {
        "type": "mcp_tool_use", "id": "mcp_1", "name": w(), "server_name": w(), "input": {"q": w()},
    },
    "function_call": lambda w: {
        "type": "function_call", "name": w(), "arguments": f'{{"q": "{w()}"}}', "call_id": w(),
        "id": w(),
    },
    "mcp_approval_response": lambda w: {
        "type": "mcp_approval_response", "approve": True, "approval_request_id": w(), "reason": w(),
    },
    "mcp_call": lambda w: {
        "type": "mcp_call", "id": "mcp_1", "name": w(), "arguments": w(), "server_label": w(),
        "output": w(),
    },
    "web_search_call": lambda w: {
        "type": "web_search_call", "id": "ws_1", "status": w(),
        "action": {"type": "search", "query": w()},
    },
    "file_search_call": lambda w: {
        "type": "file_search_call", "id": "fs_1", "status": "completed", "queries": [w()],
        "results": [{"filename": w(), "text": w(), "attributes": {w(): w()}}],
    },
    "code_interpreter_call": lambda w: {
        "type": "code_interpreter_call", "id": "ci_1", "code": w(), "container_id": "c_1",
        "outputs": [{"type": "logs", "logs": w()}],
    },
    "compaction": lambda w: {"type": "compaction", "content": w()},
    "reasoning": lambda w: {
        "type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": w()}],
        "encrypted_content": w(),
    },
    "thinking": lambda w: {"type": "thinking", "thinking": w(), "signature": w()},
    "redacted_thinking": lambda w: {"type": "redacted_thinking", "data": w()},
    "refusal": lambda w: {"type": "refusal", "refusal": w()},
    "custom": lambda w: {"type": "custom", w(): w()},
    "json": lambda w: {"type": "json", "json": {w(): [{"a": w()}], "data": w(), "url": w()}},
    "non_standard": lambda w: {
        "type": "non_standard", "value": {"type": "input_text", "text": w(), w(): w()},
    },
    "unheard of": lambda w: {"type": w(), "payload": {"data": w(), "base64": w(), "id": w()}},
    "deep": lambda w: {"type": "custom", "value": nested({"text": w(), w(): 1}, 100)},
}  # fmt: skip
FORMS: Forms = TEXTS | DOCUMENTS | PICTURES | DOINGS


def nested(value: Any, levels: int) -> Any:
    for _ in range(levels):
        value = [value]
    return value


def counted(pattern: str = "plant{0} a small {0}tree") -> tuple[Callable[[], str], list[str]]:
    """A maker of texts that are told apart, and the list of those it has made."""
    made: list[str] = []

    def make() -> str:
        made.append(pattern.format(letters(len(made))))
        return made[-1]

    return make, made


def letters(number: int) -> str:
    """A number as a word."""
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:04}")


def strings_in(value: Any) -> Iterator[str]:
    """Every string in a JSON value, names included."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from (name, *strings_in(item))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings_in(item)
    elif isinstance(value, str):
        yield value
