"""Files of this machine that a context names: word lists, checkpoints, models that run here.

What comes of a run depends on what is in them, so that its `digests` are kept beside an output.

The code that makes a context names any. A client of a server names none, but in the folder that the
server's environment has as `FOLDER`: what may be read here is not for whoever can send a request.
"""

import os
import re
from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from lance_graph.files import looked_up

GUARD = "guard:"
"""How a policy for other languages begins that names a detector."""
WORDS = "words:"
"""How the name of a word list begins: it declares categories that nobody knows before it is loaded."""
FOLDER = "LANCE_FILES"
"""The variable of the environment that names the folder in which a server's clients may name files."""
READ = frozenset({".json", ".safetensors", ".txt", ".model", ".jinja", ".gguf", ".bin"})
"""How the files of a folder end that a model or a detector is made of; a run folder has others."""
_NO_FILES = frozenset({"", "embedded"})
_LOCAL = "huggingface:"
_ELSEWHERE = re.compile(r"\w[\w.:@-]*(?:/\w[\w.:@-]*)*")
"""How names are written that lead to no file: of models on a hub or at a provider."""
_PREFIX = re.compile(r"[\w-]*:")


def named(fields: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(field, name, what of the name may be a path) for each detector and each model of this machine.

    Of ``detector``, ``detectors``, ``out_of_language``, ``target`` and ``refiner``, given as in a
    `LanceContext`; what is no text has no path.
    """
    for field, name in detectors_of(fields):
        if name not in _NO_FILES:
            yield from ((field, name, path) for path in _paths(name))
    for role in ("target", "refiner"):
        model = fields.get(role)
        if isinstance(model, str) and model.startswith(_LOCAL):
            yield role, model, model.removeprefix(_LOCAL)


def detectors_of(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(field, name) of each detector that has a name, the guard for other languages among them."""
    several = fields.get("detectors")
    parts = several if isinstance(several, list | tuple) else ()
    named = [("detector", fields.get("detector")), *(("detectors", one) for one in parts)]
    named.append(("out_of_language", guard_of(fields.get("out_of_language"))))
    return ((field, name) for field, name in named if isinstance(name, str))


def guard_of(policy: object) -> str | None:
    """The detector that a policy for other languages names, if it names one."""
    is_guard = isinstance(policy, str) and policy.startswith(GUARD)
    return str(policy).removeprefix(GUARD) if is_guard else None


def check_files(fields: Mapping[str, Any]) -> None:
    """ValueError for a file of this machine outside of the folder that `FOLDER` names, or without one."""
    for field, name, path in named(fields):
        if (name.startswith(WORDS) or _is_here(path)) and not _is_allowed(path):
            raise ValueError(
                f"context: {field} {name!r} may be a file of the server, and no client reads those: name "
                "'embedded', a guard or a model of a hub; whoever runs the server gives files in code "
                f"or a context file, or lets clients name those in one folder ({FOLDER}=FOLDER)"
            )


def digests(fields: Mapping[str, Any]) -> dict[str, str]:
    """What is in each file or folder that is named, as a digest by its name; OSError if it cannot be read.

    ``fields`` are those that `named` looks at. A name that leads to no file of this machine is left out.
    """
    return {
        name: digest(Path(path).expanduser()) for _, name, path in named(fields) if _exists(path)
    }


def digest(path: Path) -> str:
    """What is in a file, or in those files of a folder that end as in `READ`; OSError if it is not there."""
    whole = blake2b(digest_size=16)
    folder = path.is_dir()
    files = (
        sorted(p for p in path.iterdir() if p.suffix in READ and not p.is_dir())
        if folder
        else [path]
    )
    for file in files:
        whole.update(f"{file.name if folder else ''}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as content:
            while block := content.read(1 << 20):
                whole.update(block)
    return whole.hexdigest()


def _paths(detector: str) -> list[str]:
    """What of a detector's name may be a path: all, what follows the guard, or ``huggingface:`` in it."""
    _, is_local, local = detector.partition(_LOCAL)
    prefix = _PREFIX.match(detector)
    whole = [detector] if not prefix or _exists(detector) else []
    rest = [detector[prefix.end() :]] if prefix else []
    return [*whole, *([local] if is_local else rest)]


def _is_here(path: str) -> bool:
    """Whether a text is a path, or may be one that somebody makes; also what cannot be looked up."""
    try:
        return not _ELSEWHERE.fullmatch(path) or Path(path).exists()
    except (OSError, ValueError):
        return True


def _exists(path: str) -> bool:
    try:
        return bool(path) and Path(path).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def _is_allowed(path: str) -> bool:
    folder = os.environ.get(FOLDER)
    if not folder:
        return False
    return looked_up(partial(_lies_in, path, folder))


def _lies_in(path: str, folder: str) -> bool:
    try:
        found = Path(path).expanduser().resolve()
        return found.is_relative_to(Path(folder).expanduser().resolve())
    except (OSError, ValueError, RuntimeError):  # RuntimeError: a home folder that there is not
        return False
