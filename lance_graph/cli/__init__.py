"""The command line `lance-graph`: run, score, draw, train, calibrate, evaluate."""


def main() -> None:
    """Entry point of the `lance-graph` command."""
    from lance_graph.cli.app import start

    start()
