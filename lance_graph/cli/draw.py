"""`lance-graph draw`: the graph as Mermaid source, in characters, or as a picture."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lance_graph.cli.errors import CliError, UsageError, one_line
from lance_graph.cli.options import Debug, Format

if TYPE_CHECKING:
    from langchain_core.runnables.graph import Graph

EXAMPLES = """Examples:

lance-graph draw

lance-graph draw --format ascii

lance-graph draw --format svg --output graph.svg

lance-graph draw --format png --dark --output graph.png

An SVG is light or dark as the reader's system is. A PNG is drawn by matplotlib, of the extra
'evaluate': a machine that has no fonts still gets its words."""


def draw(
    form: Annotated[
        Format, typer.Option("--format", help="Mermaid source, a drawing in characters, a picture.")
    ] = Format.MERMAID,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Where it goes, instead of the terminal."),
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="A PNG for dark pages.")] = False,
    debug: Debug = False,
) -> None:
    """Draw the graph; needs no network."""
    if dark and form is not Format.PNG:
        raise UsageError(
            "--dark goes with --format png; an SVG is dark where the reader's system is"
        )
    if form is Format.PNG and output is None and sys.stdout.isatty():
        raise UsageError("a PNG is no text for a terminal; give --output graph.png")
    try:
        drawn = drawing(form, dark)
    except ImportError as error:
        raise CliError(_missing(form, error)) from error
    if output is None:
        typer.echo(drawn, nl=isinstance(drawn, str) and not drawn.endswith("\n"))
        return
    try:
        output.write_bytes(drawn.encode() if isinstance(drawn, str) else drawn)
    except OSError as error:
        raise CliError(f"--output: '{output}' cannot be written: {error.strerror}") from error


def drawing(form: Format, dark: bool = False) -> str | bytes:
    """The graph in one of the forms; ImportError where a package is missing."""
    from lance_graph.cli.drawing.branches import with_words
    from lance_graph.graph import build_graph

    graph = with_words(build_graph().compile(name="lance").get_graph())
    if form is Format.MERMAID:
        return graph.draw_mermaid()
    return graph.draw_ascii() if form is Format.ASCII else _picture(graph, form, dark)


def _picture(graph: "Graph", form: Format, dark: bool) -> str | bytes:
    from lance_graph.cli.drawing.layout import lay_out
    from lance_graph.cli.drawing.png import to_png
    from lance_graph.cli.drawing.svg import to_svg

    picture = lay_out(graph)
    return to_svg(picture) if form is Format.SVG else to_png(picture, "dark" if dark else "light")


def _missing(form: Format, error: ImportError) -> str:
    if form is Format.PNG and "matplotlib" in str(error):
        return "a PNG needs matplotlib: run pip install 'langgraph-lance[evaluate]', or use --format svg"
    if "grandalf" in str(error):
        return "this drawing needs the package grandalf: run 'pip install grandalf', or use --format mermaid"
    return one_line(error)
