"""Prompt files: prose in Markdown with ``$placeholders``, one prompt a file.

`load` reads one by name; a name is the path below this folder without ``.md``
(``rewrite_request``, ``fall_back/self_harm``). Callers replace a prompt by name through
``LanceContext.prompts``; a replacement has to use the same placeholders.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template

_TAG = re.compile(r"<(?=\s*(?:/\s*)?(\w+))")
_PARAGRAPH = re.compile(r"\n\s*\n")


@cache
def names() -> tuple[str, ...]:
    """Every prompt that this package ships, sorted."""
    root = files(__name__)
    found = []
    for entry in root.iterdir():
        if entry.is_dir() and not entry.name.startswith("_"):
            found += [
                f"{entry.name}/{p.name[:-3]}" for p in entry.iterdir() if p.name.endswith(".md")
            ]
        elif entry.name.endswith(".md"):
            found.append(entry.name[:-3])
    return tuple(sorted(found))


@cache
def load(name: str) -> str:
    """Text of the prompt file ``name``; KeyError with the known names if there is none."""
    if name not in names():
        raise KeyError(f"no prompt is named {name!r}; known are {', '.join(names())}")
    return files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8").strip()


def placeholders(text: str) -> set[str]:
    """Names of the ``$placeholders`` in a prompt text; ValueError on a stray ``$``."""
    template = Template(text)
    if not template.is_valid():
        raise ValueError("a '$' in the prompt starts no placeholder; write '$$' for a dollar sign")
    return set(template.get_identifiers())


def render(name: str, overrides: Mapping[str, str] | None = None, **values: str) -> str:
    """The prompt ``name`` with every placeholder filled; KeyError names a missing value."""
    text = overrides[name] if overrides and name in overrides else load(name)
    return Template(text).substitute(values)


def fenced(**texts: str) -> str:
    """Texts as data, each in tags of its name; none of them can open or close one of the tags."""
    names = tuple(texts)

    def opened(found: re.Match[str]) -> str:
        return "‹" if found[1].casefold().startswith(names) else "<"

    return "\n\n".join(
        f"<{name}>\n{_TAG.sub(opened, text)}\n</{name}>" for name, text in texts.items()
    )


def prose(name: str, overrides: Mapping[str, str] | None = None) -> str:
    """The prompt ``name`` as an answer shows it: a paragraph a line, however the file is wrapped.

    A replacement is shown as it was given.
    """
    text = render(name, overrides)
    if overrides and name in overrides:
        return text
    return paragraphs(text)


def paragraphs(text: str) -> str:
    """``text`` with a line for each paragraph, however it is wrapped."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in _PARAGRAPH.split(text))


def check_overrides(overrides: Mapping[str, str]) -> None:
    """ValueError unless each replacement has a known name and the same placeholders, and can be read."""
    from lance_graph.prompts.worked import EXAMPLES, examples  # which reads what this package ships

    for name, text in overrides.items():
        if name not in names():
            raise ValueError(
                f"prompts: no prompt is named {name!r}; known are {', '.join(names())}"
            )
        if not text.strip():
            raise ValueError(f"prompts[{name!r}] is empty; leave it out to keep the one that ships")
        given, wanted = placeholders(text), placeholders(load(name))
        if given != wanted:
            raise ValueError(
                f"prompts[{name!r}] uses placeholders {sorted(given)}; it must use {sorted(wanted)}"
            )
        if name == EXAMPLES:
            try:
                examples(render(name, overrides))
            except ValueError as error:
                raise ValueError(f"prompts[{name!r}]: {error}") from None
