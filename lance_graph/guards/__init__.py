"""Other safety models as detectors: guard LLMs, OpenAI moderation, text classifiers.

Each is a `lance_graph.Detector` and goes wherever one goes, as an object or by name
(`from_string`). Importing this package loads none of them; docs/detectors.md has the tables that map
their categories on the 14.

`guard_model` asks a guard LLM in one of the ``formats`` and reads its `logprobs`; `moderation` is OpenAI's;
`classification` takes any classifier, with the `labels` of well-known ones. All answer with a `score`.
Words of one's own are a `word_list`, or a `word_file`. `known` is the one table of those that have a name.
"""

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lance_graph.guards.known import GUARDS, Guard, guard_named
from lance_graph.model_options import ModelOptions, WithOptions
from lance_graph.runtime.forking import ForkSafeLock

if TYPE_CHECKING:
    from lance_graph.asking import Excuses
    from lance_graph.guards.classification import PipelineDetector as PipelineDetector
    from lance_graph.guards.formats import Format as Format
    from lance_graph.guards.formats import Verdict as Verdict
    from lance_graph.guards.formats.gpt_oss_safeguard import GptOssSafeguard as GptOssSafeguard
    from lance_graph.guards.formats.granite_guardian import GraniteGuardian as GraniteGuardian
    from lance_graph.guards.formats.llama_guard import LlamaGuard3 as LlamaGuard3
    from lance_graph.guards.formats.qwen3_guard import Qwen3Guard as Qwen3Guard
    from lance_graph.guards.formats.shield_gemma import ShieldGemma as ShieldGemma
    from lance_graph.guards.formats.shield_lm import ShieldLM as ShieldLM
    from lance_graph.guards.formats.wild_guard import WildGuard as WildGuard
    from lance_graph.guards.guard_model import GuardModelDetector as GuardModelDetector
    from lance_graph.guards.moderation import ModerationDetector as ModerationDetector
    from lance_graph.guards.score import GuardScore as GuardScore
    from lance_graph.guards.score import GuardVerdictError as GuardVerdictError
    from lance_graph.guards.word_file import word_file as word_file
    from lance_graph.guards.word_list import AllowList as AllowList
    from lance_graph.guards.word_list import WordList as WordList
    from lance_graph.scores import Detector

_SHARED = {
    "AllowList": "word_list",
    "Format": "formats",
    "GuardModelDetector": "guard_model",
    "GuardScore": "score",
    "GuardVerdictError": "score",
    "Verdict": "formats",
    "WordList": "word_list",
}
__all__ = [  # noqa: PLE0604 - the names are strings, and this keeps one list of them
    *sorted([*_SHARED, *(guard.kind for guard in GUARDS.values()), "from_string"]),
]

KEPT = 8
"""Guards made of names that are kept: a server's clients may name any number of them."""
_loading = ForkSafeLock()
_NO_OPTIONS = ModelOptions()


def guard_with(named: WithOptions) -> "Detector | Excuses":
    """A guard that asks a model, by its name, with options of the model's client; ValueError for another."""
    guard = guard_named(named.name)
    if guard is None or guard.format is None:
        raise ValueError(
            f"{named.name!r} is no guard that asks a model, so that it takes no options"
        )
    found = from_string(named.name, named.options)
    assert found is not None  # a guard of that name is known
    return found


def from_string(name: str, options: ModelOptions = _NO_OPTIONS) -> "Detector | Excuses | None":
    """The guard that ``name`` stands for; None where it is the name of no guard.

    ``llama-guard:PROVIDER:MODEL`` and so for each guard LLM in `lance_graph.guards.known`,
    ``openai-moderation``, ``openai-moderation:MODEL``, ``classifier:ORG/NAME`` (or a folder),
    ``words:FILE``. Made once per process, and per ``options`` of a guard LLM's client.
    ValueError if what follows the prefix is missing; ModelError or what the package of the guard
    raises if it cannot be had.
    """
    guard = guard_named(name)
    if guard is None:
        return None
    _, colon, rest = name.partition(":")
    spelled = guard.spelled(rest if colon else None)
    if spelled is None and (colon or guard.rest != "word"):
        raise ValueError(
            f"{name!r} names no guard: write it like {guard.example!r}; "
            f"a folder of that name is './{name}'"
        )
    with _loading:
        return _load(guard, spelled, options)


@lru_cache(maxsize=KEPT)
def _load(guard: Guard, rest: str | None, options: ModelOptions) -> "Detector | Excuses":
    kind = guard.load()
    if guard.format is None:
        detector: Detector | Excuses = kind() if rest is None else kind(rest)
        return detector
    from lance_graph.guards.guard_model import GuardModelDetector

    assert rest is not None  # a model's name is never left out
    return GuardModelDetector(rest, kind(), options=options)


def __getattr__(name: str) -> Any:
    homes = _SHARED | {guard.kind: guard.home for guard in GUARDS.values()}
    if name not in homes:
        raise AttributeError(f"module 'lance_graph.guards' has no attribute {name!r}")
    return getattr(import_module(f"lance_graph.guards.{homes[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
