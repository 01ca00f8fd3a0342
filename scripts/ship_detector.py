"""Copy a trained checkpoint into the package, in half precision, as the one that ships.

    python scripts/ship_detector.py RUN [DESTINATION]

RUN is the output of `lance-graph train`; `make checkpoint` does both.
"""

import argparse
from pathlib import Path

from lance_graph.detector import EMBEDDED
from lance_graph.training.shipping import ship


def main() -> None:
    """Ship, say where the result is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("destination", type=Path, nargs="?", default=EMBEDDED)
    options = parser.parse_args()
    print(ship(options.run, options.destination))


if __name__ == "__main__":
    main()
