"""Labels that well-known text classifiers answer, mapped on the 14 categories."""

from collections.abc import Iterable, Mapping

from lance_graph.guards.score import CATEGORIES, UNSAFE, check_targets

SAFE = "safe"
"""What a label maps on that says that nothing is wrong."""

_DISCRIMINATION = "discrimination,stereotype,injustice"
_HATE = "hate_speech,offensive_language"
_SEXUAL = "sexually_explicit,adult_content"
_VIOLENCE = "violence,aiding_and_abetting,incitement"

WELL_KNOWN: dict[str, str] = {
    **dict.fromkeys(("safe", "benign", "harmless", "ok", "neutral", "clean"), SAFE),
    **dict.fromkeys(("non_toxic", "not_toxic", "nontoxic", "no_hate", "not_hate", "nothate"), SAFE),
    **dict.fromkeys(("non_hate", "not_offensive", "non_offensive", "sfw"), SAFE),
    **dict.fromkeys(("unsafe", "harmful", "injection", "jailbreak", "malicious"), UNSAFE),
    **dict.fromkeys(("toxic", "toxicity", "severe_toxic", "severe_toxicity"), _HATE),
    **dict.fromkeys(("insult", "hate", "hate_speech", "offensive", "harassment"), _HATE),
    **dict.fromkeys(("identity_hate", "identity_attack"), _DISCRIMINATION),
    **dict.fromkeys(("obscene", "obscenity", "profanity"), _HATE),
    **dict.fromkeys(("sexual", "sexual_explicit", "sexually_explicit", "nsfw"), _SEXUAL),
    **dict.fromkeys(("threat", "violence"), _VIOLENCE),
    "self_harm": "self_harm",
    "privacy": "privacy_violation",
    "terrorism": "terrorism,organized_crime",
    **{key: key for key in CATEGORIES},
}
"""By label in lower case, with underscores. Not in it: a label whose meaning only its model tells."""

Targets = Mapping[str, tuple[str, ...]]


def targets_of(
    labels: Iterable[str], given: Mapping[str, str | Iterable[str]] | None = None
) -> Targets:
    """What each label of a model stands for: as ``given``, else as `WELL_KNOWN`.

    ValueError that names a label that is in neither, one that is given but not the model's, an
    unknown category, or a model of which every label is safe.
    """
    labels = list(labels)
    named = {
        label: (targets,) if isinstance(targets, str) else tuple(targets)
        for label, targets in (given or {}).items()
    }
    if strange := [label for label in named if label not in labels]:
        raise ValueError(f"labels: {_quoted(strange)} is not among the model's: {_quoted(labels)}")
    check_targets(named, (*CATEGORIES, SAFE), "labels")
    found = {label: named.get(label) or _well_known(label) for label in labels}
    unmapped = [label for label, targets in found.items() if not targets]
    if unmapped:
        raise ValueError(
            f"nothing tells what {_quoted(unmapped)} of the model stands for: say it with labels="
            f"{{{unmapped[0]!r}: {SAFE!r}}}, or with one or more of {_quoted(CATEGORIES)}"
        )
    if mixed := [label for label, targets in found.items() if SAFE in targets and len(targets) > 1]:
        raise ValueError(f"labels: {_quoted(mixed)} maps on {SAFE!r} and on a category as well")
    if all(targets == (SAFE,) for targets in found.values()):
        raise ValueError(f"every label of the model is {SAFE!r}: {_quoted(labels)}")
    return found


def _well_known(label: str) -> tuple[str, ...]:
    name = label.strip().lower()
    target = WELL_KNOWN.get(name) or WELL_KNOWN.get(name.replace("-", "_").replace(" ", "_"))
    return (target,) if target else ()


def _quoted(labels: Iterable[str]) -> str:
    return ", ".join(map(repr, labels))
