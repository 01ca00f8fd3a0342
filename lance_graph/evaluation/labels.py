"""Which rows a data set calls harmful, whatever it names the label."""

from collections.abc import Mapping
from typing import Any

from lance_graph.evaluation.readers import shown

HARMFUL = ("harmful", "response_harmful")
SAFE = ("is_safe",)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_WORDS = {
    "unsafe": True,
    "harmful": True,
    "safe": False,
    "unharmful": False,
    "harmless": False,
    "benign": False,
}


def harmful_of(row: Mapping[str, Any]) -> bool | None:
    """Whether the row is labelled harmful; None if it has no label.

    In XSTest's older version, which has ``focus`` but no ``label``, a ``type`` that begins with
    ``contrast_`` marks the harmful prompts (Röttger et al. 2024). ValueError for a value that is no
    label, and for two labels that disagree.
    """
    found: dict[str, bool] = {}
    for names, harmful in ((HARMFUL, True), (SAFE, False)):
        for name in names:
            value = _boolean(name, row.get(name))
            if value is not None:
                found[name] = value is harmful
    word = _word(row.get("label"))
    if word is not None:
        found["label"] = word
    if len(set(found.values())) > 1:
        raise ValueError(f"the labels {' and '.join(found)} disagree; keep one of them")
    if not found and "focus" in row and isinstance(row.get("type"), str):
        return str(row["type"]).startswith("contrast_")
    return next(iter(found.values()), None)


def _boolean(name: str, value: Any) -> bool | None:
    if value is None or value == "":
        return None
    known = _BOOLEANS.get(str(value).strip().lower())
    if known is None:
        raise ValueError(f"{name} is {shown(value)}; it must be true or false")
    return known


def _word(value: Any) -> bool | None:
    if value is None or value == "":
        return None
    known = _WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    if known is None:
        raise ValueError(
            f"label is {shown(value)}; it must be one of {', '.join(_WORDS)}, or name the column "
            "that is true for harmful rows: columns harmful=NAME"
        )
    return known
