"""Samples from a local file or the hub, and a selection of them that is balanced over categories."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from lance_graph.evaluation.labels import harmful_of
from lance_graph.evaluation.readers import Place, open_hub, read_file, shown
from lance_graph.evaluation.sample import Sample
from lance_graph.hub import PREFIX

FIELDS = ("id", "prompt", "response", "category", "type", "harmful")


def load(
    source: str | Path, *, split: str | None = None, columns: Mapping[str, str] | None = None
) -> list[Sample]:
    """The samples of a data set.

    Args:
        source: A ``.jsonl`` file (objects with ``prompt`` and perhaps ``id``, ``response``,
            ``category``, ``type`` and a label: ``harmful``, ``response_harmful``, ``is_safe`` or
            ``label``), a ``.json`` list of such objects, a ``.csv`` (XSTest's schema, or any with a
            column ``prompt``), or ``hub:NAME``, ``hub:NAME:SPLIT``, ``hub:NAME:CONFIGURATION:SPLIT``.
        split: The split of a data set on the hub, where ``source`` names none; by default the only
            one, or the one named ``test``.
        columns: Names in the data set by names here, such as ``{"prompt": "question"}``.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A row cannot be used; it names the place and what to do, and quotes no prompt.
        ImportError: ``hub:`` without the package ``datasets``.

    """
    names = _checked(columns or {})
    if str(source).startswith(PREFIX):
        rows = open_hub(str(source), split)
    elif split is not None:
        raise ValueError(f"split: {split!r} is for hub:NAME; {str(source)!r} is a file")
    else:
        rows = read_file(Path(source))
    samples = list(_samples(rows, names))
    if not samples:
        raise ValueError(f"{source}: there are no samples in it")
    return samples


def balanced(samples: Sequence[Sample], count: int, seed: int = 0) -> list[Sample]:
    """``count`` samples, or all if there are fewer, as even over the categories as they allow.

    Where samples have no category their type takes its place; within a category harmful and safe
    ones alternate. The selection is a function of the set of samples and the seed, whatever their
    order, and a smaller one is the beginning of a larger one. ValueError for a count below 1.
    """
    if count < 1:
        raise ValueError(f"count: {count} samples cannot be selected; give at least 1")

    def draw(*parts: object) -> bytes:
        return sha256("\n".join(map(str, (seed, *parts))).encode("utf-8", "replace")).digest()

    drawn = sorted(samples, key=lambda sample: (draw(sample.id), sample.id))
    by_kind: dict[str, dict[str, list[Sample]]] = {}
    for sample in drawn:
        kind = sample.category or sample.type or ""
        by_kind.setdefault(kind, {}).setdefault(str(sample.harmful), []).append(sample)
    lines = [
        _in_turns(labels[label] for label in sorted(labels, key=lambda label: draw(kind, label)))
        for kind, labels in sorted(by_kind.items(), key=lambda item: draw(item[0]))
    ]
    return _in_turns(lines)[:count]


def _in_turns(lines: Iterable[Sequence[Sample]]) -> list[Sample]:
    """The first of each line, then the second of each, and so on."""
    lines = list(lines)
    longest = max(map(len, lines), default=0)
    return [line[turn] for turn in range(longest) for line in lines if turn < len(line)]


def _checked(columns: Mapping[str, str]) -> Mapping[str, str]:
    unknown = [name for name in columns if name not in FIELDS]
    if unknown:
        raise ValueError(f"columns: {unknown[0]!r} is no field; known are {', '.join(FIELDS)}")
    return columns


def _samples(
    rows: Iterable[tuple[Place, Mapping[str, Any]]], columns: Mapping[str, str]
) -> Iterator[Sample]:
    taken: dict[str, Place] = {}
    repeats: dict[str, int] = {}
    for place, raw in rows:
        try:
            sample = _sample(_renamed(raw, columns), repeats)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
        if sample.id in taken:
            raise ValueError(
                f"{place}: the id {shown(sample.id)} is that of {taken[sample.id]} too; "
                "give each row its own, or none"
            )
        taken[sample.id] = place
        yield sample


def _renamed(row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    missing = [theirs for theirs in columns.values() if theirs not in row]
    if missing:
        raise ValueError(f"there is no field {missing[0]!r}, which columns names; {_has(row)}")
    taken = set(columns.values())
    own = {name: value for name, value in row.items() if name not in taken}
    return own | {ours: row[theirs] for ours, theirs in columns.items()}


def _sample(row: Mapping[str, Any], repeats: dict[str, int]) -> Sample:
    prompt, response = row.get("prompt"), row.get("response")
    if "prompt" not in row:
        raise ValueError(f"there is no field 'prompt'; {_has(row)}; name it with columns")
    if not isinstance(prompt, str) or not isinstance(response, str | None):
        raise ValueError("'prompt' must be text, and so must 'response' where there is one")
    if not prompt.strip():
        raise ValueError("the prompt is empty; leave the row out")
    return Sample(
        id=_id(row.get("id"), prompt, response, repeats),
        prompt=prompt,
        category=_category(row.get("category")),
        harmful=harmful_of(row),
        type=_word(row, "type"),
        response=response or None,
    )


def _id(given: Any, prompt: str, response: str | None, repeats: dict[str, int]) -> str:
    """The set's own id; otherwise a digest of the text, numbered where the text repeats."""
    if isinstance(given, str | int) and not isinstance(given, bool) and str(given).strip():
        return str(given)
    if given is not None and given != "":
        raise ValueError(f"the id {shown(given)} is neither text nor a whole number")
    text = json.dumps([prompt, response])
    digest = sha256(text.encode()).hexdigest()[:16]
    repeats[digest] = number = repeats.get(digest, 0) + 1
    return f"{digest}-{number}"


def _category(value: Any) -> str | None:
    """A category; of BeaverTails' mapping of category to bool, or of a list, the first that applies."""
    if isinstance(value, Mapping):
        value = [key for key, applies in value.items() if applies]
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, str | None):
        raise ValueError(f"the category {shown(value)} is no text")
    return value or None


def _word(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    if not isinstance(value, str | None):
        raise ValueError(f"the {name} {shown(value)} is no text")
    return value or None


def _has(row: Mapping[str, Any]) -> str:
    return f"it has {', '.join(shown(name) for name in row) or 'no fields'}"
