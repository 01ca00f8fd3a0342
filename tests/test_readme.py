"""Every Python block of the README runs as it stands, but for those that need somebody's server."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
SERVED = ("http://", "ollama:")
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@pytest.mark.parametrize("block", [b for b in BLOCKS if not any(s in b for s in SERVED)])
def test_it_runs(block):
    exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})


def test_there_is_a_block_for_every_door():
    text = "".join(BLOCKS)
    for door in ("build_graph", "LanceChatModel", "LanceMiddleware", "SafetyLayer", "risk_score",
                 "RemoteGraph", "detector="):  # fmt: skip
        assert door in text


def test_every_link_into_the_repository_leads_somewhere():
    paths = set(LINK.findall(README))
    assert paths
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_the_doors_have_five_lines_at_most():
    section = README.split("## The doors")[1].split("\n## ")[0]
    for block in re.findall(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE):
        assert len([line for line in block.splitlines() if line.strip()]) <= 6
