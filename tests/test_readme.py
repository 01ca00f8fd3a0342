"""Every Python block of the README runs as it stands, but for those that need somebody's server.

Its commands have the options that it shows.
"""

import re
from pathlib import Path

import pytest
import typer

from lance_graph.cli.app import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
SERVED = ("http://", "ollama:")
OPTION = re.compile(r"(?<!\S)--[a-z-]+")
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


COMMANDS = re.findall(r"^\$ lance-graph (\w+)(.*(?:\\\n.*)*)", README, re.MULTILINE)


@pytest.mark.parametrize("name", sorted({name for name, _ in COMMANDS}))
def test_every_command_has_the_options_that_are_shown(name):
    group = typer.main.get_command(app)
    with group.make_context("lance-graph", ["--help-all"], resilient_parsing=True) as context:
        command = group.get_command(context, name)
    known = {option for parameter in command.params for option in parameter.opts}
    shown = {option for one, rest in COMMANDS if one == name for option in OPTION.findall(rest)}
    assert shown - known == set()


def test_every_command_is_shown():
    assert {"run", "score", "chat", "report", "draw"} <= {name for name, _ in COMMANDS}


def test_the_doors_have_five_lines_at_most():
    section = README.split("## The doors")[1].split("\n## ")[0]
    for block in re.findall(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE):
        assert len([line for line in block.splitlines() if line.strip()]) <= 6
