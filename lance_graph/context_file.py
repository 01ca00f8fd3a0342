"""A file for a whole `LanceContext`: its fields by name, in YAML, JSON or TOML.

Paths in it are seen from its folder: ``prompts: {rewrite: {file: rewrite.md}}``, and one that begins
with a dot in the name of a detector or a model, such as ``words:./words.toml``. A value ``env:NAME``
among a model's options is the environment variable NAME, so that no key need stand in the file.
"""

import os
import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lance_graph.model_options import spoken
from lance_graph.named_files import detectors_of
from lance_graph.settings_files import read_bounded, read_settings

ENVIRONMENT = "env:"
_BESIDE = re.compile(r"((?:[\w-]+:)*)(\.\.?/.*)", re.DOTALL)
"""A path from the file's folder, after whatever says what it is the path of."""
_OPTIONS = ("target_options", "refiner_options", "guard_options")
_ASKS_A_MODEL = re.compile(r"(?!words:|classifier:|openai-moderation:)[\w-]+:[\w-]+:.+", re.DOTALL)
"""A guard that is a language model, by its name: GUARD:PROVIDER:MODEL."""


def read_fields(path: Path, known: Collection[str]) -> dict[str, Any]:
    """The fields in a file, as `LanceContext` takes them; ValueError names file, field and remedy."""
    found = read_settings(path, "context")
    for name in found:
        if name not in known:
            raise ValueError(f"{path}: {unknown_field(name, known)}")
    folder = path.parent
    for name in ("target", "refiner", "detector", "out_of_language"):
        if isinstance(found.get(name), str):
            found[name] = _from(folder, found[name])
    if isinstance(found.get("detectors"), list):
        parts = found["detectors"]
        found["detectors"] = [_from(folder, p) if isinstance(p, str) else p for p in parts]
    if isinstance(found.get("prompts"), Mapping):
        found["prompts"] = {k: _prompt(folder, v) for k, v in found["prompts"].items()}
    for name in _OPTIONS:
        if isinstance(found.get(name), Mapping):
            found[name] = from_environment(found[name], f"{path}: {name}")
    return found


def merged(fields: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a file with ``changes`` over them.

    A model that is changed has none of the file's options: they were another's, its address above all.
    The same holds for a guard, wherever it is named; one that is still named keeps them.
    A detector in the changes takes the place of several in the file, and several that of one.
    """
    kept = dict(fields)
    for role in ("target", "refiner"):
        if role in changes and changes[role] != fields.get(role):
            kept.pop(f"{role}_options", None)
    for chosen, other in (("detector", "detectors"), ("detectors", "detector")):
        if chosen in changes:
            kept.pop(other, None)
    found = {**kept, **changes}
    if "guard_options" not in changes and asked_guards(found) != asked_guards(fields):
        found.pop("guard_options", None)
    return found


def asked_guards(fields: Mapping[str, Any]) -> list[str]:
    """The names of guards that are language models, each once, of fields as a `LanceContext` takes them."""
    return sorted({name for _, name in detectors_of(fields) if _ASKS_A_MODEL.fullmatch(name)})


def unknown_field(name: str, known: Collection[str]) -> str:
    """What is said of a field that there is not."""
    return f"there is no field {spoken(name)}; {alike(name, known)}"


def alike(name: str, known: Collection[str], there_are: str = "there are") -> str:
    """The one of ``known`` that was meant, perhaps; all of them where none is like ``name``."""
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"{there_are} {', '.join(known)}"


def from_environment(options: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Options with what the environment has for each ``env:NAME``; ValueError if it has nothing."""
    found = dict(options)
    for option, value in options.items():
        if isinstance(value, Mapping):
            found[option] = from_environment(value, f"{where}, {spoken(option)}")
        if not isinstance(value, str) or not value.startswith(ENVIRONMENT):
            continue
        variable = value.removeprefix(ENVIRONMENT)
        if not os.environ.get(variable):
            raise ValueError(
                f"{where}, {spoken(option)}: the environment has no variable {spoken(variable)}; set "
                f"it, and write {ENVIRONMENT}NAME with its name"
            )
        found[option] = os.environ[variable]
    return found


def _from(folder: Path, name: str) -> str:
    """A name in which a path that begins with a dot is seen from ``folder``."""
    found = _BESIDE.fullmatch(name)
    return f"{found[1]}{folder / found[2]}" if found else name


def _prompt(folder: Path, given: Any) -> Any:
    """A prompt's text, read where ``{file: PATH}`` says where it is."""
    if not isinstance(given, Mapping):
        return given
    if set(given) != {"file"} or not isinstance(given["file"], str):
        raise ValueError("prompts: a prompt is a text, or {file: PATH} with a path to one")
    path = folder / given["file"]
    try:
        return read_bounded(path, "prompt").decode("utf-8")
    except OSError as error:
        raise ValueError(f"prompts: '{path}' cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ValueError(f"prompts: '{path}' is no UTF-8 text") from None
