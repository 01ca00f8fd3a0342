"""The command line `lance-graph`: run, score, chat, report and draw, and what entry points add to them.

| module | what it holds |
|---|---|
| ``app`` | the Typer app; every exception becomes one line and an exit code |
| ``plugins`` | commands that installed packages add, this one's train, calibrate, evaluate among them |
| ``run`` ``score`` ``chat`` ``report`` ``draw`` | one command a module |
| ``prepare`` | from options to a checked `LanceContext` |
| ``options`` ``settings`` ``errors`` | what commands share: options, ``--set``, errors of one line |
| ``jobs`` ``bulk`` ``jsonl`` ``resume`` | many rows: in parallel, line by line, going on after a kill |
| ``render`` ``words`` ``bars`` | what a terminal shows: runs and scores, changed words, progress |
| ``conversing/`` ``batch/`` ``drawing/`` | what chat, report and draw need beside |
"""


def main() -> None:
    """Entry point of the `lance-graph` command."""
    from lance_graph.cli.app import start

    start()
