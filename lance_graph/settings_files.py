"""Files that people write settings into, YAML, JSON or TOML, read with a limit on size and shape.

A YAML file of a few lines can stand for any amount of memory; here it cannot. An error says where the
fault is and quotes nothing that stands there: it may be a key.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

MOST_BYTES = 100_000
DEEPEST = 20
_QUOTED = re.compile(r"'(?!utf-8')[^'<][^']{3,}'|\"[^\"<][^\"]{3,}\"")
"""What an error quotes of a file; not single characters, nor the parsers' own names such as '<scalar>'."""


def read_settings(path: Path, what: str = "settings") -> dict[str, Any]:
    """The settings of a file by name; TOML where its name says so, else YAML, of which JSON is a part.

    ``what`` the file ought to hold is named in errors: ValueError with the file, the place and the
    limit for anything else; OSError if it cannot be opened.
    """
    data = read_bounded(path, what)
    loaded = _from_toml(data, path) if path.suffix.lower() == ".toml" else from_yaml(data, path)
    if not isinstance(loaded, dict) or not all(isinstance(name, str) for name in loaded):
        how = "name = value" if path.suffix.lower() == ".toml" else "name: value"
        raise ValueError(f"{path} holds no {what}: write '{how}' lines")
    return loaded


def read_bounded(path: Path, what: str, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file; ValueError if there are more than ``most``."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{path} is no {what}: it has more than {most:,} bytes")
    return data


def from_yaml(data: bytes | str, source: object) -> Any:
    """What a YAML text says; ValueError names its ``source`` and what is wrong.

    As in YAML 1.2 only true and false are booleans: ``off`` is a word.
    """
    import yaml

    try:
        return yaml.load(data, _loader())
    except yaml.YAMLError as error:
        what = f"is not YAML: {_told(error)}"
    except (ValueError, RecursionError) as error:  # a date that is none, bytes that are no text
        what = f"cannot be read: {_without_quotes(error)}"
    raise ValueError(f"{source} {what}")  # here, for the first error would be its context


def _from_toml(data: bytes, path: Path) -> Any:
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        what = f"is not TOML: {_without_quotes(error)}"
    except RecursionError:
        what = "is not TOML that can be read: it is nested too deep"
    raise ValueError(f"{path} {what}")


def _told(error: Any) -> str:
    """What a YAML error says, and where, without the line itself."""
    problem = _without_quotes(getattr(error, "problem", None) or getattr(error, "reason", error))
    mark = getattr(error, "problem_mark", None)
    return f"{problem} (line {mark.line + 1}, column {mark.column + 1})" if mark else problem


def _without_quotes(said: object) -> str:
    return _QUOTED.sub("'…'", str(said))


@cache
def _loader() -> Any:
    """YAML without aliases, without a name that stands twice, and of a bounded depth."""
    import yaml

    class Bounded(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
        def __init__(self, stream: Any) -> None:
            super().__init__(stream)
            self.depth = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            """One node, checked before anything is made of it."""
            mark = self.peek_event().start_mark
            if self.check_event(yaml.AliasEvent):
                raise yaml.composer.ComposerError(
                    problem="no aliases (*name) are taken: write the value out", problem_mark=mark
                )
            if self.depth == DEEPEST:
                raise yaml.composer.ComposerError(
                    problem=f"it may be nested {DEEPEST} deep at most", problem_mark=mark
                )
            self.depth += 1
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            """Names and values; of a name that stands twice one value would be lost without a word."""
            seen = set()
            for key, _ in getattr(node, "value", ()):
                if not isinstance(key.value, str):
                    continue
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        problem="a name stands twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
            return super().construct_mapping(node, deep)

    Bounded.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":bool")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Bounded.add_implicit_resolver(
        "tag:yaml.org,2002:bool", re.compile(r"true|True|TRUE|false|False|FALSE"), list("tTfF")
    )
    return Bounded
