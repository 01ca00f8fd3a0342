"""A folder with more than five modules opens with a map that names each of them."""

import re
from pathlib import Path

import pytest

import lance_graph

PACKAGE = Path(lance_graph.__file__).parent
MOST = 5


def modules(folder):
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("__"))


FOLDERS = [
    path.parent
    for path in sorted(PACKAGE.rglob("__init__.py"))
    if len(modules(path.parent)) > MOST and path.parent != PACKAGE
]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_map_names_every_module(folder):
    docstring = (folder / "__init__.py").read_text(encoding="utf-8").split('"""')[1]
    named = set(re.findall(r"`{1,2}(\w+)`{1,2}", docstring))
    runs = re.search(r"`(\w+?)(\d)` to `\1(\d)`", docstring)
    if runs:
        named |= {f"{runs[1]}{number}" for number in range(int(runs[2]), int(runs[3]) + 1)}
    assert [name for name in modules(folder) if name not in named] == []


def test_the_readme_names_every_room_and_module_of_the_package():
    readme = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    tree = readme.partition("## The tree")[2].partition("## ")[0]
    rooms = [f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")]
    files = [f"{name}.py" for name in modules(PACKAGE)]
    assert [name for name in rooms + files if name not in tree] == []


def test_there_are_folders_to_map():
    assert len(FOLDERS) > 8
