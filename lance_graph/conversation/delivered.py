"""What of an answer is delivered besides its words: media, citations, how it ended.

A field of a provider's message goes out if it is judged with the answer, or if its value stands in a
short list; numbers of a citation say where in a text it belongs.
"""

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import AIMessage

from lance_graph.conversation.blocks import known, may_stand, media_of

_CITING = ("citations", "annotations")
_ENDINGS = ("finish_reason", "stop_reason")
MOST_CITATIONS = 1_000


def content_of(answer: AIMessage, *, with_media: bool) -> str | list[str | dict[Any, Any]]:
    """The answer's text, media and citations in their order; a string where it is text alone.

    Blocks of text grow together unless words of two would.
    """
    if isinstance(answer.content, str):
        return answer.content
    parts: list[dict[str, Any]] = []
    for block in answer.content:
        if text := AIMessage([block]).text:
            part = {"type": "text", "text": text} | _citations_of(block)
            if not (parts and _grow_together(parts[-1], part)):
                parts.append(part)
        elif with_media and (media := media_of(block)):
            parts.append(media)
    if len(parts) == 1 and parts[0].keys() == {"type", "text"}:
        return str(parts[0]["text"])
    return list(parts) if parts else ""


def metadata_of(answer: AIMessage) -> dict[str, Any]:
    """How the answer ended, in a provider's known words, and the log-probabilities of its own text."""
    given = answer.response_metadata
    kept = {name: given[name] for name in _ENDINGS if _is_known(given.get(name))}
    logprobs = _logprobs(given.get("logprobs"), str(answer.text))
    return kept | ({"logprobs": logprobs} if logprobs else {})


def _is_known(ending: Any) -> bool:
    return isinstance(ending, str) and ending.casefold() in known("endings")


def _grow_together(before: dict[str, Any], part: dict[str, Any]) -> bool:
    """Put the text of ``part`` behind that of ``before``, if both are plain and no word would grow."""
    if before.keys() != {"type", "text"} or part.keys() != {"type", "text"}:
        return False
    if before["text"][-1].isalnum() and part["text"][0].isalnum():
        return False
    before["text"] += part["text"]
    return True


def _citations_of(block: Any) -> dict[str, list[dict[str, Any]]]:
    if not isinstance(block, Mapping):
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    for name in _CITING:
        given = block.get(name)
        entries = given[:MOST_CITATIONS] if isinstance(given, list) else []
        kept = [cited for entry in entries if (cited := _citation(entry))]
        if kept:
            found[name] = kept
    return found


def _citation(entry: Any) -> dict[str, Any]:
    """A citation without what nobody judges; empty where it says nothing."""
    if not isinstance(entry, Mapping):
        return {}
    kept: dict[str, Any] = {}
    for name, value in entry.items():
        if name == "url_citation" and (inner := _citation(value)):
            kept[name] = inner
        elif name in known("cited") and _may_be_cited(name, value):
            kept[name] = value
    return kept if kept.keys() - {"type"} else {}


def _may_be_cited(name: str, value: Any) -> bool:
    if name.endswith(("index", "_number")):
        return isinstance(value, int)
    return isinstance(value, str) and may_stand(name, value)


def _logprobs(given: Any, text: str) -> dict[str, Any] | None:
    """The tokens of ``text`` with their log-probabilities; None where they are not those of ``text``.

    Alternatives that the model did not say are left out: nobody judged them.
    """
    entries = given.get("content") if isinstance(given, Mapping) else None
    if not isinstance(entries, list) or not all(isinstance(one, Mapping) for one in entries):
        return None
    tokens = [_token(entry) for entry in entries]
    numbers = [entry.get("logprob") for entry in entries]
    if None in tokens or not all(isinstance(number, int | float) for number in numbers):
        return None
    said = b"".join(token for token in tokens if token is not None)
    if not said or said.decode(errors="replace") != text:
        return None
    content = [
        {"token": token.decode(errors="replace"), "bytes": list(token), "logprob": number,
         "top_logprobs": []}
        for token, number in zip(tokens, numbers, strict=True)
        if token is not None
    ]  # fmt: skip
    return {"content": content}


def _token(entry: Mapping[str, Any]) -> bytes | None:
    """The bytes of a token: one may end inside a character."""
    raw, token = entry.get("bytes"), entry.get("token")
    if isinstance(raw, list):
        try:
            return bytes(raw)
        except (TypeError, ValueError):
            return None
    return token.encode(errors="replace") if isinstance(token, str) else None
