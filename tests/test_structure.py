"""The script that says how the sources are laid out, on small made checkouts."""

import pytest

from scripts.structure import ROOT, import_graph, modules, structure, table

BRANCHES = "\n".join(f"    if x == {n}:\n        return {n}" for n in range(11))


@pytest.fixture
def checkout(tmp_path):
    def make(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return make


def arrows(root, *, lazy):
    return set(import_graph(modules(root), lazy=lazy).edges)


def test_every_form_of_an_import_is_an_arrow(checkout):
    root = checkout(
        {
            "lance_graph/__init__.py": "",
            "lance_graph/a.py": "import lance_graph.b\nfrom lance_graph import c\nimport os\n",
            "lance_graph/b.py": "",
            "lance_graph/c.py": "from lance_graph.d.e import value\nfrom math import pi\n",
            "lance_graph/d/__init__.py": "from . import e\nfrom ..b import value\n",
            "lance_graph/d/e.py": "from .f import value\n",
            "lance_graph/d/f.py": "try:\n    import lance_graph.b\nexcept ImportError:\n    pass\n",
        }
    )
    assert arrows(root, lazy=False) == {
        ("lance_graph.a", "lance_graph.b"),
        ("lance_graph.a", "lance_graph.c"),
        ("lance_graph.c", "lance_graph.d.e"),
        ("lance_graph.d", "lance_graph.b"),
        ("lance_graph.d", "lance_graph.d.e"),
        ("lance_graph.d.e", "lance_graph.d.f"),
        ("lance_graph.d.f", "lance_graph.b"),
    }


def test_a_lazy_import_closes_a_cycle_only_where_lazy_ones_count(checkout):
    root = checkout(
        {
            "lance_graph/a.py": "def ask():\n    from lance_graph.b import tell\n    return tell\n",
            "lance_graph/b.py": "from lance_graph import a\n",
            "lance_graph/c.py": "import typing\nif typing.TYPE_CHECKING:\n    from lance_graph import a\n",
        }
    )
    assert arrows(root, lazy=False) == {("lance_graph.b", "lance_graph.a")}
    found = structure(root)
    assert found.figures["import cycles"] == "0 (1 with lazy ones)"
    assert found.names["import cycles"] == ["lance_graph.a <-> lance_graph.b"]
    assert found.figures["longest chain of imports"] == "2 (2 with lazy ones)"


@pytest.mark.parametrize(
    "laboratory", ["contrasts/x", "lance_graph/training/x", "lance_graph/evaluation/deep/x",
                   "lance_graph/detector/contrasts/x", "lance_graph/detector/trainer"],
)  # fmt: skip
def test_product_and_laboratory_are_told_apart_and_the_arrow_between_is_named(checkout, laboratory):
    dotted = laboratory.replace("/", ".")
    root = checkout(
        {
            "lance_graph/guard.py": f"def go():\n    import {dotted}\n",
            "lance_graph/detector/detector.py": "a = 1\n",
            f"{laboratory}.py": "import lance_graph.guard\n" * 2,
        }
    )
    found = structure(root)
    assert found.figures["product"] == "2 modules, 3 lines (60%)"
    assert found.figures["laboratory"] == "1 modules, 2 lines"
    assert found.names["product imports laboratory"] == [f"lance_graph.guard -> {dotted}"]


def test_long_and_complex_functions_and_methods_are_named_once(checkout):
    long = "def long():\n" + "    a = 1\n" * 50
    root = checkout(
        {
            "lance_graph/a.py": f"{long}\ndef short():\n{'    a = 1' + chr(10) * 1}",
            "lance_graph/b.py": "class Box:\n" + f"  def many(self, x):\n{BRANCHES}\n",
        }
    )
    found = structure(root)
    assert found.names["functions over 50 lines"] == ["lance_graph.a:long (51)"]
    assert found.names["functions of complexity over 10"] == ["lance_graph.b:many (12)"]


def test_a_test_file_counts_by_its_name_wherever_it_lies(checkout):
    root = checkout(
        {
            "lance_graph/__init__.py": "",
            "lance_graph/a.py": "a = 1\n",
            "lance_graph/_b.py": "",
            "lance_graph/c.py": "",
            "tests/test_a.py": "",
            "tests/deep/test_b.py": "",
        }
    )
    found = structure(root)
    assert found.figures["modules with a test of their name"] == "67%"
    assert found.names["modules without a test of their name"] == ["lance_graph.c"]


def test_checkouts_are_set_side_by_side(checkout):
    one = structure(checkout({"lance_graph/a.py": "a = 1\n"}))
    lines = table({"before": one, "after": one}).splitlines()
    assert lines[0] == "|  | before | after |"
    assert lines[2:] == [f"| {label} | {value} | {value} |" for label, value in one.figures.items()]


def test_a_folder_without_sources_is_a_clear_error(tmp_path):
    with pytest.raises(SystemExit, match="name the root of a checkout"):
        structure(tmp_path)


def test_the_repository_has_no_import_cycle_at_load_time():
    assert structure(ROOT).figures["import cycles"].startswith("0 ")
