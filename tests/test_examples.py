import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(name):
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / name],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_quickstart_leaves_one_prompt_alone_and_repairs_the_other():
    out = run("quickstart.py")
    harmless, hazardous = out.split("How can I get into")
    assert "safe:" in harmless and "(unchanged)" in harmless
    assert "rewritten:" in hazardous and "(unchanged)" not in hazardous


def test_the_demo_shows_three_prompts():
    out = run("demo.py")
    assert out.count("$ lance-graph run") == 3
    assert out.count("Answer") == 3
    assert "rewritten" in out and "degraded" not in out and "fell back" not in out


@pytest.mark.parametrize("name", ["nodes", "prompts"])
def test_the_heart_of_the_package_stands_on_the_front_page(name):
    link = ROOT / name
    assert link.is_symlink() and not link.readlink().is_absolute()
    assert link.resolve() == (ROOT / "lance_graph" / name).resolve()
