"""Other safety models as detectors: guard LLMs, OpenAI moderation, text classifiers.

Each is a `lance_graph.Detector` and goes wherever one goes, as an object or by name
(`from_string`). Importing this package loads none of them; docs/detectors.md has the tables that map
their categories on the 14.

`guard_model` asks a guard LLM in one of the ``formats`` and reads its `logprobs`; `moderation` is OpenAI's;
`classification` takes any classifier, with the `labels` of well-known ones. All answer with a `score`.
"""

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lance_graph.folders import one_spelling
from lance_graph.runtime.forking import ForkSafeLock

if TYPE_CHECKING:
    from lance_graph.guards.classification import PipelineDetector as PipelineDetector
    from lance_graph.guards.formats import Format as Format
    from lance_graph.guards.formats import Verdict as Verdict
    from lance_graph.guards.formats.llama_guard import LlamaGuard3 as LlamaGuard3
    from lance_graph.guards.formats.shield_lm import ShieldLM as ShieldLM
    from lance_graph.guards.guard_model import GuardModelDetector as GuardModelDetector
    from lance_graph.guards.moderation import ModerationDetector as ModerationDetector
    from lance_graph.guards.score import GuardScore as GuardScore
    from lance_graph.guards.score import GuardVerdictError as GuardVerdictError
    from lance_graph.scores import Detector

_HOME = {
    "Format": "formats",
    "GuardModelDetector": "guard_model",
    "GuardScore": "score",
    "GuardVerdictError": "score",
    "LlamaGuard3": "formats.llama_guard",
    "ModerationDetector": "moderation",
    "PipelineDetector": "classification",
    "ShieldLM": "formats.shield_lm",
    "Verdict": "formats",
}
__all__ = [  # noqa: PLE0604 - the names are strings, and this keeps one list of them
    *_HOME,
    "from_string",
]

_EXAMPLES = {
    "llama-guard": "llama-guard:ollama:llama-guard3",
    "shield-lm": "shield-lm:openai:ShieldLM-14B-qwen",
    "openai-moderation": "openai-moderation:omni-moderation-latest",
    "classifier": "classifier:unitary/toxic-bert",
}
KEPT = 8
"""Guards made of names that are kept: a server's clients may name any number of them."""
_loading = ForkSafeLock()


def from_string(name: str) -> "Detector | None":
    """The guard that ``name`` stands for; None where it is the name of no guard.

    ``llama-guard:PROVIDER:MODEL``, ``shield-lm:PROVIDER:MODEL``, ``openai-moderation``,
    ``openai-moderation:MODEL``, ``classifier:ORG/NAME`` (or a folder). Made once per process.
    ValueError if what follows the prefix is missing; ModelError or what the package of the guard
    raises if it cannot be had.
    """
    kind, _, rest = name.partition(":")
    if kind not in _EXAMPLES:
        return None
    first, _, second = rest.partition(":")
    if kind == "openai-moderation":
        complete = bool(rest) or ":" not in name
    else:
        complete = bool(first if kind == "classifier" else first and second)
    if not complete:
        raise ValueError(
            f"{name!r} names no guard: write it like {_EXAMPLES[kind]!r}; "
            f"a folder of that name is './{name}'"
        )
    if kind == "classifier":
        rest = one_spelling(rest)
    elif first == "huggingface":
        rest = f"{first}:{one_spelling(second)}"
    with _loading:
        return _load(kind, rest)


@lru_cache(maxsize=KEPT)
def _load(kind: str, rest: str) -> "Detector":
    if kind == "openai-moderation":
        from lance_graph.guards.moderation import ModerationDetector

        return ModerationDetector(rest) if rest else ModerationDetector()
    if kind == "classifier":
        from lance_graph.guards.classification import PipelineDetector

        return PipelineDetector(rest)
    from lance_graph.guards.guard_model import GuardModelDetector

    return GuardModelDetector(rest, "llama_guard_3" if kind == "llama-guard" else "shield_lm")


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lance_graph.guards' has no attribute {name!r}")
    return getattr(import_module(f"lance_graph.guards.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
