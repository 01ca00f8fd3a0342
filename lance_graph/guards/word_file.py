"""A word list, an allow-list and the categories of one's own from a TOML file: ``words:FILE``."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lance_graph.asking import Excuses, Several
from lance_graph.categories import Category
from lance_graph.guards.word_list import DEGREE, AllowList, Finding, WordList
from lance_graph.routing import Thresholds
from lance_graph.scores import Detector
from lance_graph.settings_files import read_bounded

MOST_BYTES = 10_000_000
_STRICT = ConfigDict(extra="forbid")
Names = Annotated[list[str], Field(min_length=1)]


class _Category(BaseModel):
    model_config = _STRICT
    title: str = ""
    meaning: str = ""
    repair: str = ""
    guidance: str = ""
    fall_back: str = ""
    thresholds: Thresholds | None = None


class _Words(BaseModel):
    model_config = _STRICT
    category: str
    phrases: Names
    degree: float = Field(default=DEGREE, strict=True)


class _Allowed(BaseModel):
    model_config = _STRICT
    phrases: Names
    categories: Names


class _File(BaseModel):
    model_config = _STRICT
    categories: dict[str, _Category] = {}
    words: list[_Words] = []
    allow: list[_Allowed] = []


def word_file(path: str) -> Detector | Excuses:
    """What a file holds: tables ``[categories.KEY]``, ``[[words]]`` and ``[[allow]]``.

    ``[categories.KEY]`` has the fields of `lance_graph.Category`, ``[[words]]`` a ``category``,
    ``phrases`` and perhaps a ``degree``, ``[[allow]]`` ``phrases`` and ``categories``. The file is
    read once per process, up to `MOST_BYTES`. OSError if there is none; ValueError names the file and
    what is wrong.
    """
    file = Path(path)
    if file.exists() and not file.is_file():  # of a pipe or a device there is no end
        raise ValueError(f"{path} is no file of words: give a regular file, in TOML")
    data = read_bounded(file, "file of words", MOST_BYTES)
    try:
        return _made_of(_File.model_validate(tomllib.loads(data.decode("utf-8"))))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{path}: {where}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from None


def _made_of(file: _File) -> Detector | Excuses:
    own = [
        Category(key, **{name: value for name, value in told if value})
        for key, told in file.categories.items()
    ]
    found: dict[str, list[Finding]] = {}
    for entry in file.words:
        for phrase in entry.phrases:
            found.setdefault(phrase, []).append((entry.category, entry.degree))
    innocent: dict[str, list[str]] = {}
    for allowed in file.allow:
        for phrase in allowed.phrases:
            innocent.setdefault(phrase, []).extend(allowed.categories)
    if not innocent:
        return WordList({**found}, own)
    allow_list = AllowList(innocent)
    if not found and not own:
        return allow_list
    return Several([("word list", WordList({**found}, own)), ("allow-list", allow_list)])
