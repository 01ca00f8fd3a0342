"""`lance-graph draw`: the graph as Mermaid source, or as a drawing in characters."""

from typing import Annotated

import typer

from lance_graph.cli.errors import CliError
from lance_graph.cli.options import Debug, Format

EXAMPLES = """Examples:

lance-graph draw

lance-graph draw --format ascii"""


def draw(
    form: Annotated[
        Format, typer.Option("--format", help="Mermaid source, or a drawing in characters.")
    ] = Format.MERMAID,
    debug: Debug = False,
) -> None:
    """Print the graph; needs no network."""
    from lance_graph.graph import build_graph

    drawing = build_graph().compile(name="lance").get_graph()
    if form is Format.MERMAID:
        typer.echo(drawing.draw_mermaid())
        return
    try:
        picture = drawing.draw_ascii()
    except ImportError as error:
        raise CliError(
            "drawing in characters needs the package grandalf: "
            "run 'pip install grandalf', or use --format mermaid"
        ) from error
    typer.echo(picture)
