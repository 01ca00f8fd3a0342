"""The picture as SVG: one file, light or dark as the reader's system is, with words for a screen reader."""

from html import escape
from importlib import import_module

from lance_graph.cli.drawing.colours import COLOURS, KINDS, Scheme
from lance_graph.cli.drawing.layout import HEIGHT, LINE, Box, Line, Picture, curves

TITLE = "The graph of LANCE"


def to_svg(picture: Picture, *, styled: bool = True) -> str:
    """A whole SVG document; it asks for nothing outside itself and runs no script.

    Boxes have the ids ``box-NAME``, lines ``way-FROM-TO``. Without its own style it is for a page that
    has one for it.
    """
    width, height = picture.width, picture.height
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" aria-labelledby="lance-title lance-desc">',
        f'<title id="lance-title">{TITLE}</title>',
        f'<desc id="lance-desc">{escape(described(picture))}</desc>',
        f"<style>{_style()}</style>" if styled else "",
        '<defs><marker id="lance-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
        f'<rect class="paper" width="{width:g}" height="{height:g}" rx="10"/>',
        *map(_line, picture.lines),
        *map(_words, picture.lines),
        *map(_box, picture.boxes),
        "</svg>",
    ]
    return "\n".join(filter(None, parts)) + "\n"


def described(picture: Picture) -> str:
    """The picture in words: what leads where, and when."""
    ways: dict[str, list[str]] = {}
    for line in picture.lines:
        when = f" ({' '.join(line.words)})" if line.words else ""
        ways.setdefault(line.source.strip("_"), []).append(f"{line.target.strip('_')}{when}")
    return " ".join(f"{source} leads to {', '.join(to)}." for source, to in ways.items())


def about(name: str) -> str:
    """What a box does: the first line of its file."""
    first = (import_module(f"lance_graph.nodes.{name}").__doc__ or "").split("\n", 1)[0]
    return f"nodes/{name}.py: {first.partition(': ')[2] or first}"


def _style() -> str:
    dark = "".join(_rules("dark"))
    return f"{''.join(_rules('light'))}@media (prefers-color-scheme:dark){{{dark}}}{_FONTS}"


_FONTS = (
    ".box text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
    "text-anchor:middle;dominant-baseline:central}"
    ".words{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
    "paint-order:stroke;stroke-width:4px;stroke-linejoin:round}"
    ".way{fill:none;stroke-width:1.4}.may{stroke-dasharray:5 4}.box rect{stroke-width:1.2}"
)


def _rules(scheme: Scheme) -> list[str]:
    colours = COLOURS[scheme]
    kinds = [f".{kind} rect{{fill:{colours[kind]}}}" for kind in ("plain", *_kinds())]
    return [
        f".paper{{fill:{colours['paper']}}}.box rect{{stroke:{colours['edge']}}}",
        f".box text{{fill:{colours['ink']}}}.way{{stroke:{colours['line']}}}",
        f".tip{{fill:{colours['line']}}}",
        f".words{{fill:{colours['muted']};stroke:{colours['paper']}}}",
        *kinds,
    ]


def _kinds() -> list[str]:
    return list(dict.fromkeys(KINDS.values()))


def _box(box: Box) -> str:
    title = "" if box.is_end else f"<title>{escape(about(box.name))}</title>"
    x, y = box.x - box.width / 2, box.y - HEIGHT / 2
    corner = HEIGHT / 2 if box.is_end else 7
    return (
        f'<g class="box {KINDS.get(box.name, "plain")}" id="box-{escape(box.name)}">{title}'
        f'<rect x="{x:g}" y="{y:g}" width="{box.width:g}" height="{HEIGHT:g}" rx="{corner:g}"/>'
        f'<text x="{box.x:g}" y="{box.y:g}">{escape(box.text)}</text></g>'
    )


def _line(line: Line) -> str:
    way = "".join(
        f"C{a:g} {b:g} {c:g} {d:g} {e:g} {f:g}" for (a, b), (c, d), (e, f) in curves(line.points)
    )
    x, y = line.points[0]
    kind = "way may" if line.conditional else "way"
    name = escape(f"way-{line.source}-{line.target}")
    drawn = f'd="M{x:g} {y:g}{way}" marker-end="url(#lance-tip)"'
    return f'<path class="{kind}" id="{name}" {drawn}/>'


def _words(line: Line) -> str:
    (x, y), count = line.place, len(line.words)
    anchor = ' text-anchor="end"' if line.leftward else ""
    return "\n".join(
        f'<text class="words" x="{x:g}" y="{y - LINE * (count - 1 - at):g}"{anchor}>{escape(words)}</text>'
        for at, words in enumerate(line.words)
    )
