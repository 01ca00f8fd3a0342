"""Which room may import which: the contract of pyproject.toml, held here so that every run checks it."""

import os
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(folder, *options):
    """Run import-linter on the package in a folder, with the repository's contracts."""
    return subprocess.run(
        [sys.executable, "-c", LINT, str(ROOT / "pyproject.toml"), "--no-cache", *options],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip


def test_the_contracts_are_kept():
    found = lint(ROOT)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "5 kept, 0 broken" in found.stdout


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("", False),
        ("import lance_graph.training", True),
        ("def later():\n    from lance_graph.training import trainer", True),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import lance_graph.training",
            True,
        ),
    ],
)
def test_an_import_of_the_laboratory_breaks_them_lazy_or_not(tmp_path, text, broken):
    for name in ("", "training", "training/trainer.py", "new_room.py"):
        path = tmp_path / "lance_graph" / name
        if path.suffix:
            path.write_text(text if name == "new_room.py" else "")
        else:
            path.mkdir()
            (path / "__init__.py").write_text("")
    found = lint(tmp_path, "--contract", "training")
    assert (found.returncode != 0) == broken, found.stdout + found.stderr
    assert ("lance_graph.new_room -> lance_graph.training" in found.stdout) == broken


def test_no_module_imports_itself_by_way_of_others():
    """Packages and their own modules included, which the contract on siblings does not see."""
    graph = grimp.build_graph("lance_graph", cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))
    assert len(imports) > 150
