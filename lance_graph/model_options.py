"""Options of a model's client, such as address, key and limits: used by code, shown without secrets.

What may hold a secret is not shown: of texts only those under a name that is known to hold none, of
addresses neither user, password nor query.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit, urlunsplit

HIDDEN = "**********"
SHORTEST = 4
PLAIN = frozenset(
    {
        "api_version", "base_url", "device", "device_map", "dtype", "gguf_file", "model",
        "model_provider", "output_version", "quantization", "reasoning_effort", "region",
        "region_name", "revision", "service_tier", "verbosity",
    }
)  # fmt: skip
"""Options whose text holds no secret."""
_ADDRESSES = ("url", "endpoint", "api_base", "host")
_SECRET = re.compile(
    r"key|secret|passw|passphrase|credential|auth|cookie|header|query|signature|token$|pin$|pat$",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d]\w*")
_PART = r"(?:[A-Z]{1,16}|[A-Za-z][a-z]{0,15}(?:[A-Z][a-z]{2,15}){0,3})\d{0,2}"
_WORDS = re.compile(rf"_{{0,2}}{_PART}(?:[-_ .]{_PART}){{0,5}}")
_KEY = re.compile(r"(?:sk|pk|rk|hf|ghp|gho|gsk|xai|glpat|key|bearer)[-_ ]", re.IGNORECASE)
UNSPOKEN = "a name that is not shown, for it may be a key"


def spoken(name: object) -> str:
    """A name that was given, as an error may quote it: a key typed in its place is not quoted."""
    return repr(name) if _is_plain(name) else UNSPOKEN


def _is_plain(name: object) -> bool:
    """Whether a name is made of words, as keys are not."""
    return isinstance(name, str) and bool(_WORDS.fullmatch(name)) and not _KEY.match(name)


class ModelOptions:
    """Options by name, as the constructor of a model takes them: ``{"base_url": …, "timeout": 30}``.

    Equal and of one hash where all options are. No repr, serialiser, error or log shows what may be
    a secret; `shown` is what they show. ValueError for what is no mapping of names.
    """

    __slots__ = ("_identity", "_options")
    _identity: Callable[[], str]
    _options: Callable[[], dict[str, Any]]

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        given = dict(options or {})
        for name in given:
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                raise ValueError(
                    "options of a model have names such as 'base_url' or 'max_tokens', "
                    f"not {spoken(name)}"
                )
        identity = json.dumps(_plain(given), sort_keys=True)
        self._options, self._identity = lambda: given, lambda: identity

    @classmethod
    def of(cls, given: Any) -> "ModelOptions":
        """Options as one may give them: a mapping, or None for none; ValueError quotes no value."""
        if isinstance(given, cls):
            return given
        if given is not None and not isinstance(given, Mapping):
            raise ValueError(
                "options of a model are names with values, such as {'base_url': …, 'timeout': 30}, "
                f"not a {type(given).__name__}"
            )
        return cls(given)

    def __bool__(self) -> bool:
        return bool(self._options())

    def __contains__(self, name: object) -> bool:
        return name in self._options()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModelOptions) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        return f"ModelOptions({self.shown()!r})"

    def __copy__(self) -> "ModelOptions":
        return self

    def __deepcopy__(self, memo: Any) -> "ModelOptions":
        return self

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        if self:
            raise TypeError(
                "options of a model are not serialised, for they may hold a key: give them to the "
                "context of each process, or have the provider's package read its key itself"
            )
        return ModelOptions, ()

    def values(self) -> dict[str, Any]:
        """The options themselves, secrets included, for the constructor of a model."""
        return dict(self._options())

    def updated(self, other: Mapping[str, Any]) -> "ModelOptions":
        """These options, with those of ``other`` in their place or beside them."""
        return ModelOptions({**self._options(), **other})

    def shown(self) -> dict[str, Any]:
        """The options as JSON in which `HIDDEN` stands for what may be a secret."""
        return _named(self._options())

    def mark(self) -> str:
        """A digest by which a cache tells options apart; of what is named like a secret nothing is in it."""
        told = {n: shown(n, v) if n.endswith(_ADDRESSES) else v for n, v in self._options().items()}
        known = json.dumps(_unsecret(_plain(told)), sort_keys=True)
        return blake2b(known.encode(), digest_size=6).hexdigest()

    def secrets(self) -> list[str]:
        """Every text that `shown` hides, longest first: what an error's message must not hold.

        What is shorter than `SHORTEST` is no secret, and too often part of a word.
        """
        found = {text for name, value in self._options().items() for text in _hidden(name, value)}
        return sorted((t for t in found if len(t) >= SHORTEST), key=len, reverse=True)

    def unspoken(self) -> list[str]:
        """The names of options that may be keys, longest first: no error's message holds them either."""
        found = [name for name in self._options() if not _is_plain(name) and len(name) >= SHORTEST]
        return sorted(found, key=len, reverse=True)


@dataclass(frozen=True)
class WithOptions:
    """The name of what is made of a model, such as a guard, with the options of the model's client."""

    name: str
    options: ModelOptions


def shown(name: str, value: Any) -> Any:
    """What may be shown of an option of that name."""
    if value is None or isinstance(value, bool):
        return value
    if is_secret(name) or isinstance(value, int | float):
        return HIDDEN if is_secret(name) else value
    if isinstance(value, Mapping):
        return _named(value)
    if isinstance(value, list | tuple):
        return [shown(name, one) for one in value]
    if isinstance(value, str) and name.endswith(_ADDRESSES):
        return _without_secrets(value)
    return value if isinstance(value, str) and name in PLAIN else HIDDEN


def _named(values: Mapping[Any, Any]) -> dict[str, Any]:
    """What may be shown of values by name; a name that may be a key is a number, counted from 1."""
    return {
        str(name) if _is_plain(name) else f"{HIDDEN} {place}": shown(str(name), value)
        for place, (name, value) in enumerate(values.items(), 1)
    }


def is_secret(name: str) -> bool:
    """Whether an option of that name may be a secret whatever its type; of others, texts may be."""
    return bool(_SECRET.search(name))


def _unsecret(value: Any) -> Any:
    """A plain value without what is named like a secret."""
    if isinstance(value, dict):
        return {name: _unsecret(one) for name, one in value.items() if not is_secret(name)}
    return [_unsecret(one) for one in value] if isinstance(value, list) else value


def _hidden(name: str, value: Any) -> list[str]:
    if isinstance(value, Mapping):
        inner = ((name if is_secret(name) else str(key), one) for key, one in value.items())
        return [text for key, one in inner for text in _hidden(key, one)]
    if isinstance(value, list | tuple):
        return [text for one in value for text in _hidden(name, one)]
    return [] if shown(name, value) == value else [_text(value)]


def _text(value: Any) -> str:
    """A value as a text; that of pydantic's secrets."""
    reveal = getattr(value, "get_secret_value", None)
    return str(reveal() if reveal else value)


def _without_secrets(address: str) -> str:
    """An address without user, password, query and fragment."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return HIDDEN
    if not parts.netloc:  # no address that is known: its beginning may be anything
        return HIDDEN if {"@", "?"} & set(address) else address
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _plain(value: Any) -> Any:
    """A value by which it is told from others: of objects only whether they are the same."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return f"{type(value).__qualname__} {id(value)}"
