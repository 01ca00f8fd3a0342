"""Average checkpoints of one descent into a new one, for instance a student and what it started from.

    python scripts/average_checkpoints.py OUTPUT SHARE FOLDER SHARE FOLDER …

The last FOLDER gives the configuration. Calibrate the result; its parts' calibrations do not hold.
"""

import argparse
from pathlib import Path

from lance_graph.training.averaging import average


def main() -> None:
    """Average, say where the result is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path)
    parser.add_argument("parts", nargs="+", metavar="SHARE FOLDER", help="in pairs")
    options = parser.parse_args()
    shares, folders = options.parts[::2], options.parts[1::2]
    if len(shares) != len(folders):
        parser.error("give a share before each folder")
    try:
        print(
            average(
                {Path(f): float(s) for s, f in zip(shares, folders, strict=True)}, options.output
            )
        )
    except (OSError, ValueError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
