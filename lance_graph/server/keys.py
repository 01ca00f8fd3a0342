"""API keys: made here, kept as hashes in a file, one a line.

``ID sha256:HEX [context=FILE] [per_minute=N]``; blank lines and those that begin with ``#`` are none. A
key is 256 random bits, which nobody can try out, so that one round of SHA-256 is enough: slow hashes are
for what people think up.
"""

import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

PREFIX = "lance-"
BYTES = 32
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}")
_HASH = re.compile(r"sha256:([0-9a-f]{64})")
MOST_BYTES = 10_000_000


@dataclass(frozen=True)
class Key:
    """Who may come in, and with what: ``context`` is a file, None for the server's own context."""

    id: str
    digest: str
    context: Path | None = None
    per_minute: float | None = None


def read_keys(path: Path) -> tuple[Key, ...]:
    """The keys in a file; ValueError names the line that is wrong and quotes none of it.

    OSError where the file cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path}: larger than {MOST_BYTES:,} bytes; that is no file of keys")
    found: dict[str, Key] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            key = _key(words, path.parent)
        except ValueError as error:
            raise ValueError(f"{path}:{number}: {error}") from None
        if key.id in found:
            raise ValueError(f"{path}:{number}: the id {key.id!r} is there twice")
        found[key.id] = key
    if not found:
        raise ValueError(f"{path}: no key in it; make one with --new-key ID")
    return tuple(found.values())


def _key(words: Sequence[str], folder: Path) -> Key:
    name, *rest = words
    if not _ID.fullmatch(name):
        raise ValueError("a line begins with an id of letters, digits, '-', '_' and '.'")
    hashed = _HASH.fullmatch(rest[0]) if rest else None
    if hashed is None:
        raise ValueError(
            "behind the id stands sha256: and 64 hexadecimal digits, as --new-key writes"
        )
    context, rate = None, None
    for word in rest[1:]:
        option, _, value = word.partition("=")
        if option == "context" and value:
            context = folder / value
        elif option == "per_minute" and re.fullmatch(r"[1-9][0-9]{0,6}", value):
            rate = float(value)
        else:
            raise ValueError(
                "behind the hash stand context=FILE and per_minute=N (from 1), or nothing"
            )
    return Key(name, hashed[1], context, rate)


def owner(keys: Sequence[Key], given: str) -> Key | None:
    """Whose a key is; every hash is compared, and in constant time."""
    digest = sha256(given.encode("utf-8", "surrogatepass")).hexdigest()
    found = None
    for key in keys:
        if compare_digest(key.digest, digest):
            found = key
    return found


def new_key(path: Path, name: str) -> str:
    """A new key, its hash at the end of the file, which is made if it is not there; the key itself is
    nowhere else. ValueError for an id that is none, or that is there already.
    """  # noqa: D205
    if not _ID.fullmatch(name):
        raise ValueError(
            f"{name!r} is no id: it begins with a letter or digit, then letters, digits, '-', '_', '.'"
        )
    is_there = path.exists() and path.stat().st_size > 0
    if is_there and name in {key.id for key in read_keys(path)}:
        raise ValueError(f"{path}: the id {name!r} is there already; take its line out first")
    key = f"{PREFIX}{secrets.token_urlsafe(BYTES)}"
    line = f"{name} sha256:{sha256(key.encode()).hexdigest()}\n"
    torn = is_there and not path.read_bytes().endswith(b"\n")
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with open(descriptor, "a", encoding="utf-8") as file:
        file.write(f"\n{line}" if torn else line)
    return key
