"""Time per character of every regular expression in the package, on the worst inputs found.

    python scripts/regex_scan.py [--all]

Prints file:line, the worst input, ns per character at three lengths and the exponent of its growth:
0 where the time per character stays the same (linear), 1 where it grows with the length
(quadratic). Inputs are the usual ones (spaces, quotes, brackets, digits, ...) and those that the
expression itself suggests: what leads to one of its repetitions, then that repetition's body, or
what follows it, over and over. Without ``--all`` only the expressions are printed whose time per
character grows. Fails where one grows that may meet a text of any length.
"""

import argparse
import ast
import importlib
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from math import log
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]  # the tree of an expression
from re import _parser as sre_parse  # type: ignore[attr-defined]
from time import thread_time_ns
from types import ModuleType
from typing import Any

from lance_graph.offline.text import tidy

SIZES = (1_000, 10_000, 100_000)
BOUNDED = ("lance_graph.offline",)
"""Packages that see a tidy text of at most 2,000 characters (`lance_graph.offline.text.tidy`)."""
BOUNDED_SIZES = (200, 500, 2_000)
NEVER_FOREIGN = ("lance_graph.evaluation.report.plots",)
"""Packages whose expressions meet only texts of the package itself, or pictures that it drew."""
PROVIDERS = ("lance_graph.offline.lexicon", "lance_graph.texts.refusals")
"""Modules with functions that make expressions out of files of the package."""
GROWTH = 4.0
NOISE = 30.0
"""ns per character below which growth is not looked at."""
TOO_LONG = 20e6
"""ns after which greater lengths are not tried."""
MOST_INPUTS = 150
_SCANS = frozenset(["sub", "subn", "split", "findall", "finditer", "search", "match", "fullmatch"])
_UNITS = (
    *" \n\t\"'`()[]{}<>1,.;:-_/\\*|#!?aAé安=&",
    *(
        "a ",
        "a.",
        "1,",
        "< ",
        " \n",
        "\n ",
        '{"',
        '"}',
        "```",
        "sure ",
        "sure: ",
        "<a>",
        "</",
        ". ",
    ),
    *(
        "</user_text",
        "<refined_prompt>",
        '"refined_prompt"',
        "i am ",
        "a-b ",
        "it's ",
        "Aa ",
        "x: ",
    ),
)


@dataclass(frozen=True)
class Place:
    """An expression, where it is written, and how the package uses it."""

    module: str
    line: int
    pattern: re.Pattern[str]
    uses: frozenset[str]

    @property
    def bounded(self) -> bool:
        """Whether only the beginning of a text gets here."""
        return self.module.startswith(BOUNDED)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The lengths to measure at."""
        return BOUNDED_SIZES if self.bounded else SIZES


@dataclass(frozen=True)
class Result:
    """The slowest growth that was seen at a place: the input, ns per character at each length."""

    place: Place
    unit: str
    sizes: tuple[int, ...]
    times: tuple[float, ...]

    @property
    def exponent(self) -> float:
        """How the time per character grows with the length: 0 for a linear one, 1 for a quadratic."""
        before, last = (max(time, NOISE) for time in self.times[-2:])
        return log(last / before) / log(self.sizes[-1] / self.sizes[-2])

    @property
    def linear(self) -> bool:
        """Whether ten times the length costs at most four times as much per character."""
        return self.exponent <= log(GROWTH, 10)


def places(package: str = "lance_graph") -> tuple[list[Place], list[str]]:
    """Every expression of a package that foreign text meets, and the calls that cannot be resolved.

    Of a package that reads a beginning only, calls that cannot be resolved are left out.
    """
    found: dict[tuple[str, int], Place] = {}
    unresolved: list[str] = []
    uses: dict[str, set[str]] = defaultdict(set)
    made: dict[tuple[str, int], str] = {}
    modules = [m for m in _modules(package) if not m.__name__.startswith(NEVER_FOREIGN)]
    calls = []
    for module in modules:
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        top = {
            id(node)
            for stated in tree.body
            if not isinstance(stated, _BODIES)
            for node in ast.walk(stated)
        }
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=attr)) if (
                    attr in _SCANS | {"compile"}
                ):
                    calls.append((module, node, attr, id(node) in top))
                case ast.Attribute(
                    value=ast.Name(id=name) | ast.Attribute(attr=name), attr=attr
                ) if attr in _SCANS:
                    uses[name].add(attr)
                case ast.Assign(targets=[ast.Name(id=name)]):
                    made[module.__name__, node.lineno] = name
    for module, node, attr, is_top in calls:
        pattern = _evaluated(node, module)
        if pattern is None:
            if not is_top and not module.__name__.startswith((*PROVIDERS, *BOUNDED)):
                unresolved.append(f"{module.__name__}:{node.lineno}")
            continue
        name = made.get((module.__name__, node.lineno), "")
        how = frozenset({attr} if attr != "compile" else uses[name]) or frozenset({"finditer"})
        found[module.__name__, node.lineno * 1_000 + node.col_offset] = Place(
            module.__name__, node.lineno, pattern, how
        )
    known = {place.pattern for place in found.values()}
    for module in modules:
        for pattern in _held(module):
            if pattern not in known:
                known.add(pattern)
                found[module.__name__, -len(known)] = Place(
                    module.__name__, 0, pattern, frozenset({"finditer"})
                )
    return sorted(found.values(), key=lambda place: (place.module, place.line)), unresolved


_BODIES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _modules(package: str) -> Iterator[ModuleType]:
    root = importlib.import_module(package)
    yield root
    for info in pkgutil.walk_packages(root.__path__, f"{package}."):
        if not info.name.endswith("__main__"):
            yield importlib.import_module(info.name)


def _evaluated(call: ast.Call, module: ModuleType) -> re.Pattern[str] | None:
    """The expression that ``re.xxx(…)`` compiles; None if it depends on a local name."""
    flags = [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
    place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(call.func.attr, 2)  # type: ignore[attr-defined]
    flags += call.args[place : place + 1]
    try:
        pattern, *given = (eval(_code(node), vars(module)) for node in [call.args[0], *flags])
    except NameError:
        return None
    return pattern if isinstance(pattern, re.Pattern) else re.compile(pattern, *given)


def _code(node: ast.expr) -> Any:
    class Escaped(ast.NodeTransformer):
        """What is escaped is a literal, whatever text it holds."""

        def visit_Call(self, node: ast.Call) -> ast.expr:
            if ast.unparse(node.func) == "re.escape":
                return ast.copy_location(ast.Constant("aa aa"), node)
            return node

    changed = Escaped().visit(ast.parse(ast.unparse(node), mode="eval"))
    return compile(ast.fix_missing_locations(changed), "<pattern>", "eval")


def _held(module: ModuleType) -> Iterator[re.Pattern[str]]:
    """The expressions in a module's names, in their collections, and in what its providers make."""
    yield from _in(vars(module))
    if module.__name__ == "lance_graph.offline.lexicon":
        for name, rows in module._data().items():
            yield from _in(
                module.table(name) if isinstance(rows, dict) else module.word_pattern(name)
            )
        yield from _in(module.rewrites())
    if module.__name__ == "lance_graph.texts.refusals":
        yield from _in(module.phrase_list())


def _in(value: Any, depth: int = 0) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth < 4 and isinstance(value, Mapping):
        yield from _in(list(value.values()), depth + 1)
    elif depth < 4 and isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _in(item, depth + 1)


def inputs(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """(beginning, unit) of hostile texts: the beginning once, then the unit over and over."""
    tree = list(sre_parse.parse(pattern.pattern, pattern.flags & ~re.DEBUG))
    found: list[tuple[str, str]] = []
    for before, body in _repeats(tree, ""):
        found += [(before, body), ("", body)]
        found += [("", before + body), ("", before), (before, " "), (before, "a"), (before, "a ")]
    for whole in _words(tree):
        found += [
            ("", whole),
            ("", whole + " "),
            ("", whole[:-1]),
            ("", whole[:-1] + " "),
            (whole, " "),
        ]
    own = list(dict.fromkeys((head, unit) for head, unit in found if unit))
    return [*(("", unit) for unit in _UNITS), *own[:MOST_INPUTS]]


def _repeats(tree: Iterable[Any], before: str) -> Iterator[tuple[str, str]]:
    """(what leads to it, its body) of each repetition without a near end."""
    tree = list(tree)
    for index, (op, value) in enumerate(tree):
        if op in _REPEATS:
            _, most, body = value
            if most >= 50:
                after = takewhile(lambda node: node[0] not in _REPEATS, tree[index + 1 :])
                yield from ((before, word) for word in (*_words(body), *_words(after)) if word)
            yield from _repeats(body, before)
        elif op is sre.BRANCH:
            for branch in value[1]:
                yield from _repeats(branch, before)
        elif op in (sre.SUBPATTERN, sre.ASSERT, sre.ASSERT_NOT, sre.ATOMIC_GROUP):
            yield from _repeats(_body(op, value), before)
        before += _words([(op, value)])[0]


_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
_CANDIDATES = "a1 \n.,'\"<{[(-_:;/*`é安\t"
_MOST = 6


def _body(op: Any, value: Any) -> Any:
    return value if op is sre.ATOMIC_GROUP else value[-1]


def _words(tree: Iterable[Any]) -> list[str]:
    """A few short texts that a part of an expression matches, one for each of its alternatives."""
    found = [""]
    for op, value in tree:
        ends = _alternatives(op, value)
        found = [word + ends[0] for word in found] + [found[0] + end for end in ends[1:]]
        found = found[:_MOST]
    return found


def _alternatives(op: Any, value: Any) -> list[str]:
    if op is sre.LITERAL:
        return [chr(value)]
    if op in (sre.ANY, sre.IN, sre.NOT_LITERAL, sre.CATEGORY):
        return _letters(_as_class(op, value))
    if op is sre.BRANCH:
        return [_words(branch)[0] for branch in value[1][:_MOST]]
    if op in _REPEATS:
        least, _, body = value
        return [word * least for word in _words(body)] if least else ["", *_words(body)][:3]
    if op in (sre.SUBPATTERN, sre.ATOMIC_GROUP):
        return _words(_body(op, value))
    return [""]  # an anchor, a look around, a reference


@cache
def _letters(one: str) -> list[str]:
    """A few letters of a class, of different kinds."""
    pattern = re.compile(one, re.DOTALL)
    found = [
        letter for letter in (*_CANDIDATES, *map(chr, range(33, 127))) if pattern.match(letter)
    ]
    return found[:4] or [""]


def _as_class(op: Any, value: Any) -> str:
    if op is sre.ANY:
        return "."
    items = value if op is sre.IN else [(op, value)]
    parts = []
    for kind, item in items:
        if kind is sre.NEGATE:
            parts.insert(0, "^")
        elif kind is sre.LITERAL:
            parts.append(re.escape(chr(item)))
        elif kind is sre.NOT_LITERAL:
            parts += ["^", re.escape(chr(item))]
        elif kind is sre.RANGE:
            parts.append(f"{re.escape(chr(item[0]))}-{re.escape(chr(item[1]))}")
        elif kind is sre.CATEGORY:
            parts.append(_CATEGORIES[str(item)])
    return f"[{''.join(parts)}]"


_CATEGORIES = {
    "CATEGORY_SPACE": r"\s", "CATEGORY_NOT_SPACE": r"\S", "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D", "CATEGORY_WORD": r"\w", "CATEGORY_NOT_WORD": r"\W",
}  # fmt: skip


def text_of(head: str, unit: str, size: int) -> str:
    """``head``, then ``unit`` over and over, ``size`` characters in all; the last one matches nothing."""
    return (head + unit * (size // len(unit) + 1))[: size - 1] + "\0"


def per_character(place: Place, text: str) -> float:
    """Ns of this thread per character, by the slowest of the uses of a place."""
    slowest = 0
    for use in place.uses:
        once = use in ("search", "match", "fullmatch")
        call = getattr(place.pattern, use if once else "finditer")
        begin = thread_time_ns()
        found = call(text)
        if not once:
            for _ in found:
                pass
        slowest = max(slowest, thread_time_ns() - begin)
    return slowest / max(1, len(text))


def measure(place: Place, head: str, unit: str, sizes: Iterable[int]) -> Result:
    """Time per character at each length; after one that takes long the rest is left out."""
    times: list[float] = []
    tried: list[int] = []
    for size in sizes:
        tried.append(size)
        text = text_of(head, unit, size)
        text = tidy(text) if place.bounded else text
        times.append(per_character(place, text))
        if len(times) > 1 and times[-1] > GROWTH * max(times[-2], NOISE):  # perhaps another process
            times[-1] = min(times[-1], per_character(place, text))
        if len(times) > 1 and times[-1] * size > TOO_LONG:
            break
    return Result(place, head[-30:] + unit[:30], tuple(tried), tuple(times))


def worst(place: Place, most: int = 5) -> Result:
    """The first input on which a place's time per character grows; else the slowest one.

    The greatest length is measured for the ``most`` slowest inputs of the shorter ones.
    """
    tried: list[tuple[Result, str, str]] = []
    for head, unit in inputs(place.pattern):
        result = measure(place, head, unit, (place.sizes[0] // 4, *place.sizes[:2]))
        if not result.linear:
            return result
        tried.append((result, head, unit))
    tried.sort(key=lambda one: -one[0].times[-1])
    results = []
    for _, head, unit in tried[:most]:
        result = measure(place, head, unit, place.sizes)
        if not result.linear:
            return result
        results.append(result)
    return max(results, key=lambda result: result.times[-1])


def main() -> None:
    """Scan, print, and fail if an expression grows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--all", action="store_true", help="print the linear ones too")
    parser.add_argument("package", nargs="?", default="lance_graph", help="scan a part only")
    options = parser.parse_args()
    everything = options.all
    found, unresolved = places()
    found = [place for place in found if place.module.startswith(options.package)]
    bad = 0
    print(f"{'place':46} {'ns/char at three lengths':27} exponent worst input      expression")
    for place in found:
        result = worst(place)
        grows = not (result.linear or place.bounded)
        bad += grows
        if everything or grows:
            where = f"{place.module.removeprefix('lance_graph.')}:{place.line}"
            times = " ".join(f"{time:8.1f}" for time in result.times)
            head = place.pattern.pattern[:40]
            print(
                f"{where:46} {times:27} {result.exponent:8.2f}  {result.unit!r:24.24} {head!r}",
                flush=True,
            )
    print(f"{len(found)} expressions, {bad} of them grow; not resolved: {unresolved or 'none'}")
    sys.exit(bool(bad or unresolved))


if __name__ == "__main__":
    main()
