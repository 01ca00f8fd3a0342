"""The tables in docs/detectors.md are those of the code."""

import re
from pathlib import Path

from lance_graph.guards.formats.llama_guard import HAZARDS
from lance_graph.guards.formats.qwen3_guard import HARMS
from lance_graph.guards.known import GUARDS
from lance_graph.guards.labels import WELL_KNOWN
from lance_graph.guards.moderation import MODERATED
from lance_graph.guards.score import CATEGORIES

TEXT = (Path(__file__).parents[2] / "docs" / "detectors.md").read_text(encoding="utf-8")


def table(title):
    """Cells of the rows under the header that begins with ``title``."""
    body = TEXT.split(f"| {title} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r" *\| *", row.strip("| "))] for row in body]


def codes(cell):
    return tuple(re.findall(r"`([^`]+)`", cell))


def test_the_hazards():
    assert {code: codes(keys) for code, _, keys in table("code")} == HAZARDS


def test_the_categories_of_the_moderation():
    assert {codes(name)[0]: codes(keys) for name, keys in table("of the service")} == MODERATED


def test_the_well_known_labels():
    rows = table("label")
    listed = {label: codes(key)[0] for labels, key in rows for label in codes(labels)}
    assert listed == {k: v for k, v in WELL_KNOWN.items() if k not in CATEGORIES}


def test_the_categories_of_qwen3_guard():
    assert {codes(name)[0]: codes(keys) for name, keys in table("of the model")} == HARMS


def test_every_guard_that_has_a_name_is_listed():
    assert [name for name in GUARDS if f"`{name}" not in TEXT] == []
