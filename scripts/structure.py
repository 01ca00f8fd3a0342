"""Figures about how the sources are laid out, one column a checkout, as a Markdown table.

    python scripts/structure.py [FOLDER ...] [--names]

FOLDER is the root of a checkout (by default this one); several are set side by side, for example the
working tree and one that `git worktree add` made of an older commit. `--names` prints below the table
what the figures count: the cycles, the long and the complex functions, the modules without a test.
Nothing is imported from the folders. Complexity is that of radon, the graph is networkx's.
"""

import argparse
import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import networkx as nx
from radon.complexity import cc_visit
from radon.visitors import Class, Function

ROOT = Path(__file__).parent.parent
PACKAGES = ("lance_graph", "contrasts")
LABORATORY = ("contrasts", "training", "evaluation")
"""Folders that a user of the guard never runs."""
ONCE_IN_DETECTOR = re.compile(
    r"lance_graph\.detector\.(arguments|calibration_fi|collator|contrast|data\b|losses|measured|metrics"
    r"|recipe|risk_control|run_folder|sampling|train)"
)
"""What training is made of, by the names under which it lay in `detector/`."""
LONG, COMPLEX = 50, 10


@dataclass(frozen=True)
class Module:
    """One file of source: its dotted name, its path, and its syntax tree."""

    name: str
    path: Path
    text: str = field(repr=False)

    @cached_property
    def tree(self) -> ast.Module:
        """Raises `SyntaxError` with the path where the file is no Python."""
        return ast.parse(self.text, str(self.path))

    @property
    def lines(self) -> int:
        """Number of lines, blank ones and comments included."""
        return len(self.text.splitlines())

    @property
    def laboratory(self) -> bool:
        """Whether it belongs to training, evaluation or the contrasts."""
        if ONCE_IN_DETECTOR.match(self.name):
            return True
        return not frozenset(LABORATORY).isdisjoint(self.name.split(".")[:2])

    @property
    def package(self) -> str:
        """The name that a relative import starts from."""
        inside = self.path.name == "__init__.py"
        return self.name if inside else self.name.rpartition(".")[0]


def modules(root: Path) -> dict[str, Module]:
    """Modules of a checkout by dotted name; `SystemExit` where the folder holds no package."""
    found = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = Module(name, path, path.read_text(encoding="utf-8"))
    if not found:
        raise SystemExit(
            f"{root} holds none of {', '.join(PACKAGES)}: name the root of a checkout."
        )
    return found


def imports(module: Module, known: dict[str, Module], lazy: bool) -> Iterator[str]:
    """Names of the known modules that a module imports.

    With ``lazy`` also inside functions and for the type checker only; without, what loading it loads.
    """
    for node in _statements(module.tree, lazy):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            base = _base(module, node)
            for alias in node.names:
                full = f"{base}.{alias.name}"
                if full in known or base in known:
                    yield full if full in known else base


def import_graph(known: dict[str, Module], lazy: bool) -> "nx.DiGraph[str]":
    """One vertex a module, one arrow an import."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(known)
    for module in known.values():
        graph.add_edges_from((module.name, other) for other in imports(module, known, lazy))
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    return graph


def cycles(graph: "nx.DiGraph[str]") -> list[list[str]]:
    """Groups of modules that import one another, directly or through others."""
    return sorted(
        sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1
    )


def chain(graph: "nx.DiGraph[str]") -> int:
    """Modules on the longest chain of imports, a cycle counted as one."""
    return len(nx.dag_longest_path(nx.condensation(graph)))


def functions(module: Module) -> list[Function]:
    """Functions and methods of a module, inner ones left out, with lines and complexity."""
    blocks = cc_visit(module.text)
    methods = [method for block in blocks if isinstance(block, Class) for method in block.methods]
    return list(
        {(f.lineno, f.name): f for f in [*blocks, *methods] if isinstance(f, Function)}.values()
    )


def tested(known: dict[str, Module], root: Path) -> set[str]:
    """Modules whose name a file `tests/**/test_NAME.py` bears."""
    names = {path.stem for path in (root / "tests").rglob("test_*.py")}
    return {name for name in known if f"test_{name.rpartition('.')[2].lstrip('_')}" in names}


@dataclass(frozen=True)
class Structure:
    """What is said about one checkout: figures by label, and the names behind them."""

    figures: dict[str, str]
    names: dict[str, list[str]]


def structure(root: Path) -> Structure:
    """Read a checkout."""
    known = modules(root)
    loaded, graph = import_graph(known, lazy=False), import_graph(known, lazy=True)
    found = [(module, function) for module in known.values() for function in functions(module)]
    length = {f"{m.name}:{f.name} ({_length(f)})": _length(f) for m, f in found}
    branches = {f"{m.name}:{f.name} ({f.complexity})": f.complexity for m, f in found}
    across = sorted(
        f"{a} -> {b}" for a, b in graph.edges if known[b].laboratory and not known[a].laboratory
    )
    alone = {
        name: m for name, m in known.items() if m.path.name not in ("__init__.py", "__main__.py")
    }
    named = tested(alone, root)
    names = {
        "import cycles": [" <-> ".join(group) for group in cycles(graph)],
        "product imports laboratory": across,
        f"functions over {LONG} lines": [name for name, n in length.items() if n > LONG],
        f"functions of complexity over {COMPLEX}": [n for n, c in branches.items() if c > COMPLEX],
        "modules without a test of their name": sorted(set(alone) - named),
    }
    figures = {
        **_sizes(known),
        "deepest folder": str(max(name.count(".") for name in known)),
        "longest chain of imports": f"{chain(loaded)} ({chain(graph)} with lazy ones)",
        "import cycles": f"{len(cycles(loaded))} ({len(cycles(graph))} with lazy ones)",
        "product imports laboratory": str(len(across)),
        f"functions over {LONG} lines": _worst(length, LONG),
        f"functions of complexity over {COMPLEX}": _worst(branches, COMPLEX),
        "modules with a test of their name": f"{len(named) / len(alone):.0%}",
    }
    return Structure(figures, names)


def table(columns: dict[str, Structure]) -> str:
    """The figures as Markdown, one column a checkout."""
    rows = [["", *columns], ["---"] * (len(columns) + 1)]
    for label in next(iter(columns.values())).figures:
        rows.append([label, *(column.figures[label] for column in columns.values())])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _sizes(known: dict[str, Module]) -> dict[str, str]:
    lines = {name: module.lines for name, module in known.items()}
    product = [name for name, module in known.items() if not module.laboratory]
    total, kept = sum(lines.values()), sum(lines[name] for name in product)
    return {
        "modules": f"{len(known):,}",
        "lines": f"{total:,}",
        "product": f"{len(product)} modules, {kept:,} lines ({kept / total:.0%})",
        "laboratory": f"{len(known) - len(product)} modules, {total - kept:,} lines",
        "modules over 300 lines": str(sum(n > 300 for n in lines.values())),
    }


def _statements(tree: ast.AST, lazy: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        typing = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if lazy or not (inside or typing):
            yield node
            yield from _statements(node, lazy)


def _base(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.package.split(".")
    kept = parts[: len(parts) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _length(function: Function) -> int:
    return int(function.endline - function.lineno + 1)


def _worst(values: dict[str, int], limit: int) -> str:
    beyond = [value for value in values.values() if value > limit]
    return f"{len(beyond)} (most: {max(beyond)})" if beyond else "0"


def main() -> None:
    """Print the table, and on demand the names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="*", default=[ROOT], metavar="FOLDER")
    parser.add_argument("--names", action="store_true")
    options = parser.parse_args()
    columns = {str(folder): structure(folder) for folder in options.folders}
    print(table(columns))
    if options.names:
        for folder, column in columns.items():
            for label, names in column.names.items():
                print(f"\n{folder}: {label}", *(names or ["none"]), sep="\n  ")


if __name__ == "__main__":
    main()
