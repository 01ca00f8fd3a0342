"""`lance-graph report`: one page about a file that `run --input` wrote."""

from pathlib import Path
from typing import Annotated

import typer

from lance_graph.cli.errors import CliError, UsageError
from lance_graph.cli.options import Debug

EXAMPLES = """Examples:

lance-graph report answers.jsonl

lance-graph report answers.jsonl --output page.html

The page asks no host for anything and holds the prompts, rewrites and answers of the file: pass it on
with the same care."""


def report(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What 'lance-graph run --input' wrote.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", show_default="FILE with .html",
            help="Where the page goes; '-' is standard output.",
        ),
    ] = None,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Make one page of a batch: counts, and a table to sort and search."""
    from lance_graph.cli.batch.page import to_page
    from lance_graph.cli.batch.reading import read_batch
    from lance_graph.files import write_whole

    target = output or file.with_suffix(".html")
    if target == file or (target.exists() and target.samefile(file)):
        raise UsageError("--output is the file that is read; choose another")
    page = to_page(read_batch(file), file.name)
    if str(target) == "-":
        typer.echo(page, nl=False)
        return
    try:
        write_whole(target, page.encode())
    except OSError as error:
        raise CliError(f"--output: '{target}' cannot be written: {error.strerror}") from error
    typer.echo(f"report: {target}", err=True)
