"""`python -m lance_graph.cli` is the same as `lance-graph`."""

from lance_graph.cli import main

if __name__ == "__main__":
    main()
