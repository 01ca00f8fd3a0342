"""Which models of this process refused structured output and then answered in plain words.

A server that knows no JSON schema says so with an error, and its client asks again before it believes it:
once is enough.
"""

from collections import OrderedDict
from weakref import ref

from lance_graph import models
from lance_graph.model_options import ModelOptions
from lance_graph.runtime.forking import ForkSafeLock
from lance_graph.runtime.patience import LateError, may_pass, status_of

_BROKEN = 500
"""The status by which some servers say that they know no schema."""
KEPT = 64
"""Models that are remembered: a server's clients may name any number of them."""
_refusing: "OrderedDict[str | int, ref[models.ChatModel] | None]" = OrderedDict()
_telling = ForkSafeLock()


def is_passing(error: Exception) -> bool:
    """Whether an error says that a server is busy, slow or away, and nothing of its forms."""
    return isinstance(error, LateError) or (may_pass(error) and status_of(error) != _BROKEN)


def remember(model: str | models.ChatModel, options: ModelOptions) -> None:
    """Ask ``model`` with ``options`` in plain words from now on; an object as long as it lives."""
    kept = None if isinstance(model, str) else ref(model)
    with _telling:
        _refusing[_key(model, options)] = kept
        while len(_refusing) > KEPT:
            _refusing.popitem(last=False)


def is_known(model: str | models.ChatModel, options: ModelOptions) -> bool:
    """Whether ``model`` with ``options`` has refused structured output before."""
    with _telling:
        key = _key(model, options)
        if key not in _refusing:
            return False
        kept = _refusing[key]
        return kept is None or kept() is model


def _key(model: str | models.ChatModel, options: ModelOptions) -> str | int:
    return models.identity(model, options) if isinstance(model, str) else id(model)
