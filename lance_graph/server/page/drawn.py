"""The page's HTML, with the drawing of the graph in it, and the files that it asks for."""

from functools import cache
from importlib.resources import files

MEDIA = {
    "page.css": "text/css",
    "icon.svg": "image/svg+xml",
    "page.js": "text/javascript",
    "compare.js": "text/javascript",
    "compose.js": "text/javascript",
    "elements.js": "text/javascript",
    "examples.js": "text/javascript",
    "graph.js": "text/javascript",
    "results.js": "text/javascript",
    "rule.js": "text/javascript",
    "run.js": "text/javascript",
    "sliders.js": "text/javascript",
}
"""The files of the page by name, and what they are."""


@cache
def index() -> str:
    """The whole page; it is the same for everybody, and holds nothing of the server."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    templates = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    drawing = Markup(_drawing())  # made here, of names in this package
    return templates.from_string(asset("index.html.jinja")).render(drawing=drawing) + "\n"


@cache
def asset(name: str) -> str:
    """The text of a file beside the page."""
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")


def _drawing() -> str:
    """The graph as SVG without a style of its own, which the page's policy would not allow."""
    from lance_graph.cli.drawing.branches import with_words
    from lance_graph.cli.drawing.layout import lay_out
    from lance_graph.cli.drawing.svg import to_svg
    from lance_graph.graph import build_graph

    return to_svg(
        lay_out(with_words(build_graph().compile(name="lance").get_graph())), styled=False
    )
