"""`lance-graph draw`."""

import sys

import pytest

BOXES = (
    "open_turn",
    "score_risk",
    "rewrite_mild",
    "rewrite_severe",
    "generate_response",
    "ask_again",
    "fall_back",
    "deliver",
)


@pytest.mark.parametrize("args", [(), ("--format", "mermaid"), ("--format", "ascii")])
def test_every_box_is_drawn(lance, args):
    result = lance("draw", *args)
    assert result.exit_code == 0
    assert all(box in result.stdout for box in BOXES)


def test_mermaid_is_the_default(lance):
    assert "graph TD;" in lance("draw").stdout


def test_a_missing_package_is_named_with_the_remedy(lance, monkeypatch):
    for name in [
        name for name in sys.modules if name.startswith("langchain_core.runnables.graph_a")
    ]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("grandalf", "grandalf.graphs", "grandalf.layouts", "grandalf.routing"):
        monkeypatch.setitem(sys.modules, name, None)
    result = lance("draw", "--format", "ascii")
    assert result.exit_code == 1
    assert "pip install grandalf" in result.stderr and result.stderr.count("\n") == 1


def test_a_wrong_format_names_the_right_ones(lance):
    result = lance("draw", "--format", "png")
    assert result.exit_code == 2
    assert "mermaid" in result.stderr and "ascii" in result.stderr
