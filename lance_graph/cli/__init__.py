"""The command line: `lance-graph run`, `lance-graph score`, `lance-graph draw`, `lance-graph train`."""


def main() -> None:
    """Entry point of the `lance-graph` command."""
    from lance_graph.cli.app import start

    start()
