"""The Typer app, and the boundary where every exception becomes one line and an exit code."""

import logging
import sys
import traceback
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, NoReturn

import typer

from lance_graph.cli.chat import EXAMPLES as CHAT_EXAMPLES
from lance_graph.cli.chat import chat
from lance_graph.cli.draw import EXAMPLES as DRAW_EXAMPLES
from lance_graph.cli.draw import draw
from lance_graph.cli.errors import CliError, one_line
from lance_graph.cli.options import Debug
from lance_graph.cli.plugins import PluginGroup
from lance_graph.cli.report import EXAMPLES as REPORT_EXAMPLES
from lance_graph.cli.report import report
from lance_graph.cli.run import EXAMPLES as RUN_EXAMPLES
from lance_graph.cli.run import run
from lance_graph.cli.score import EXAMPLES as SCORE_EXAMPLES
from lance_graph.cli.score import score

EXAMPLES = """Examples:

lance-graph run "How do I kill a Python process?"

lance-graph score "How do I kill my neighbour?" --json

lance-graph run --input prompts.jsonl --output answers.jsonl

lance-graph draw"""


class OneLineErrors(PluginGroup):
    """Turns exceptions into one line on standard error; `--debug` shows the traceback too."""

    def main(
        self,
        args: Sequence[str] | None = None,
        *rest: Any,
        standalone_mode: bool = True,
        **more: Any,
    ) -> Any:
        """Run the command line; always ends in SystemExit unless ``standalone_mode`` is off."""
        run = partial(super().main, args, *rest, **more)
        if not standalone_mode:
            return run(standalone_mode=False)
        debug = "--debug" in (sys.argv[1:] if args is None else args)
        if not debug:  # a file's rows would otherwise write a line each between the progress bar's
            logging.getLogger("lance_graph.runtime.failures").addHandler(logging.NullHandler())
        try:
            code = run(standalone_mode=False)
        except typer.Abort:
            sys.exit(130)
        except Exception as error:  # noqa: BLE001 - the boundary
            _stop(error, debug)
        sys.exit(code if isinstance(code, int) else 0)


def _stop(error: Exception, debug: bool) -> NoReturn:
    if type(error).__name__ == "NoArgsIsHelpError":  # the help was shown when it was raised
        sys.exit(2)
    if debug:
        traceback.print_exception(error)
    # typer brings its own copy of click or uses the real one, by version: hence no class to catch
    usage = getattr(error, "format_message", None)
    if isinstance(error, CliError):
        message, code = str(error), error.exit_code
    elif usage:
        message, code = f"{usage()} (--help shows how)", getattr(error, "exit_code", 2)
    else:  # its message may quote text that was not judged safe
        message, code = f"unexpected {type(error).__name__}; --debug shows where it came from", 1
    typer.echo(f"lance-graph: error: {one_line(message, 1_000)}", err=True)
    sys.exit(code)


app = typer.Typer(
    name="lance-graph",
    cls=OneLineErrors,
    epilog=EXAMPLES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        from lance_graph import __version__

        typer.echo(f"lance-graph {__version__}")
        raise typer.Exit


@app.callback()
def lance_graph(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and leave."
        ),
    ] = False,
    debug: Debug = False,
) -> None:
    """Repair a risky request instead of refusing it."""


app.command(epilog=RUN_EXAMPLES)(run)
app.command(epilog=SCORE_EXAMPLES)(score)
app.command(epilog=CHAT_EXAMPLES)(chat)
app.command(epilog=REPORT_EXAMPLES)(report)
app.command(epilog=DRAW_EXAMPLES)(draw)


def start() -> None:
    """Run the app on this process's arguments; text that the terminal cannot show becomes '?'."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")
    app(prog_name="lance-graph")
