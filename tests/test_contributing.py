"""CONTRIBUTING's map leads to what is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
MAP = (
    (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## The map")[1].split("\n## ")[0]
)
PATH = re.compile(r"`((?:lance_graph|contrasts|tests|scripts|docs)/[\w./-]*)`")
REQUESTS = MAP.split("### Which file does it belong to?")[1]


def test_every_path_is_there():
    paths = set(PATH.findall(MAP))
    assert len(paths) > 40
    assert [p for p in sorted(paths) if not _is_there(ROOT / p, folder=p.endswith("/"))] == []


def test_every_request_of_ten_or_more_names_its_file():
    rows = [line.split("|")[1:-1] for line in REQUESTS.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 10
    for request, file, _ in rows:
        assert PATH.search(file), request


def test_every_folder_of_the_package_is_on_the_map():
    folders = {path.parent for path in (ROOT / "lance_graph").glob("*/__init__.py")}
    for folder in folders:
        assert f"`lance_graph/{folder.name}/`" in MAP, folder


def _is_there(path, *, folder):
    return path.is_dir() if folder else path.is_file()
