"""The one look of progress bars: on standard error, light to import."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


def counting_bar(console: "Console | None" = None, *, on_terminal_only: bool = True) -> "Progress":
    """Description, bar, done of all, time spent and left; elsewhere than on a terminal nothing.

    Without ``on_terminal_only`` a file gets the last state as one line. Not started yet.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = console or Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=on_terminal_only and not console.is_terminal,
    )
