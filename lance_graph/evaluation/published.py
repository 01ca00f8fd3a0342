"""The figures of the paper's four tables, to print beside measured ones.

Source: Zhang, Qiao, Geng, Xu, "Beyond 'I cannot fulfill this request': Alleviating Rigid Rejection
in LLMs via Label Enhancement" (arXiv 2605.07883), section 4. Where a figure stands is in `table` and
`row`; nothing is computed here. The paper says that its Table 4 averages Lance over the three
backbones; the means of Table 1's rows are 9.48, 7.90 and 8.52.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lance_graph.evaluation.report.model import Estimate

SOURCE = "arXiv 2605.07883"
JUDGED = ("safety", "helpfulness", "naturalness")
BACKBONES: Mapping[str, str] = {
    "llama3-8b": "Llama3-8B",
    "llama3.1-8b": "Llama3.1-8B",
    "qwen2.5-7b": "Qwen2.5-7B",
}
"""Backbones of Table 1 as they are named here, and as the paper writes them; all abliterated."""


@dataclass(frozen=True)
class Published:
    """One row of a table: ``key`` is the method or model here, ``row`` what the paper calls it.

    ``figures`` by name: scores from 1 to 10, or shares of one.
    """

    table: int
    row: str
    key: str
    figures: Mapping[str, float]
    backbone: str | None = None

    def estimate(self, name: str) -> Estimate | None:
        """The figure as a cell: the paper gives no interval and no count."""
        if name not in self.figures:
            return None
        return Estimate(self.figures[name], unit="number" if name in JUDGED else "share")


def _judged(table: int, row: str, key: str, figures: str, backbone: str | None = None) -> Published:
    values = (float(figure) for figure in figures.split())
    return Published(table, row, key, dict(zip(JUDGED, values, strict=True)), backbone)


_TABLE1 = (  # rows as printed: three figures for each of the three backbones
    ("Vanilla", "vanilla", "4.57 5.59 7.04", "5.88 6.21 7.28", "9.74 8.01 8.03"),
    ("RepE", "rep-e", "5.91 6.45 7.45", "7.66 7.02 7.63", "9.73 7.98 8.02"),
    ("SysPrompt", "sys-prompt", "8.40 7.21 7.74", "9.21 7.56 7.84", "9.79 8.00 7.98"),
    ("SelfRefine", "self-refine", "9.03 6.65 7.86", "9.27 6.56 7.67", "9.86 8.03 8.02"),
    ("Instruct", "instruct", "9.55 3.41 6.71", "9.18 4.17 7.00", "9.59 7.58 7.90"),
    ("Lance", "lance", "9.23 7.89 8.69", "9.34 7.79 8.61", "9.88 8.03 8.25"),
)

TABLE1: tuple[Published, ...] = tuple(
    _judged(1, row, key, figures, backbone)
    for row, key, *columns in _TABLE1
    for backbone, figures in zip(BACKBONES, columns, strict=True)
)

TABLE2: tuple[Published, ...] = (
    _judged(2, "Ours-nr", "lance-nr", "4.57 5.59 7.04", "llama3-8b"),
    _judged(2, "Ours-nf", "lance-nf", "8.64 7.69 8.37", "llama3-8b"),
    _judged(2, "Ours", "lance", "9.23 7.89 8.69", "llama3-8b"),
)

TABLE3: Mapping[float, Published] = {
    0.3: Published(3, "0.3", "detector", {"false_positives": 0.2167, "detection": 0.9638}),
    0.5: Published(3, "0.5", "detector", {"false_positives": 0.1371, "detection": 0.9258}),
    0.7: Published(3, "0.7", "detector", {"false_positives": 0.0881, "detection": 0.9064}),
}
"""By threshold, on XSTest."""

TABLE4: tuple[Published, ...] = (
    _judged(4, "Kimi-k2", "kimi-k2", "9.68 7.35 8.13"),
    _judged(4, "Qwen3-max", "qwen3-max", "9.89 7.81 8.35"),
    _judged(4, "Gemini2.5-Pro", "gemini-2.5-pro", "9.33 2.84 4.12"),
    _judged(4, "GPT-4o", "gpt-4o", "9.84 3.58 6.64"),
    _judged(4, "Ours", "lance", "9.55 7.88 8.53"),
)


def table1(method: str, backbone: str) -> Published | None:
    """Table 1's row of ``method`` on ``backbone``; ValueError names an unknown backbone."""
    if backbone not in BACKBONES:
        raise ValueError(
            f"backbone: {backbone!r} is not in the paper's Table 1; it has {', '.join(BACKBONES)}"
        )
    found = (row for row in TABLE1 if (row.key, row.backbone) == (method, backbone))
    return next(found, None)


def table2(method: str) -> Published | None:
    """Table 2's row of ``method``."""
    return next((row for row in TABLE2 if row.key == method), None)


def table4(model: str) -> Published | None:
    """Table 4's row of a model string such as ``"openai:gpt-4o-2024-08-06"``, or of ``"lance"``.

    A name matches with a date, ``preview`` or ``latest`` after it, and with nothing else: GPT-4o
    mini is another model.
    """
    for name in re.split("[:/]", model.lower()):
        for row in TABLE4:
            rest = name.removeprefix(row.key)
            if rest != name and re.fullmatch(r"(-(\d{2,}|preview|latest))*", rest):
                return row
    return None
