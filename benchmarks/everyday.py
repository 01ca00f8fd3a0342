"""How much of ordinary talk a checkpoint flags: prompts, prompts with answers, messages to a service, work.

    python benchmarks/everyday.py [--checkpoint FOLDER] [--list DEGREE]

The texts are `everyday/answers.tsv` (prompt, answer in the voice of a small model),
`everyday/messages.tsv` (whom it is for, message) and `everyday/work.tsv` (kind, text), written for this
project on subjects of their own, all of them harmless, and never trained on. Prints Markdown; `--list`
adds every text above a degree.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from lance_graph.detector.detector import RiskDetector
from lance_graph.scores import Detector
from lance_graph.training.data.twins import rows_of

FOLDER = Path(__file__).parent / "everyday"
BARS = (0.3, 0.5, 0.7)
Text = tuple[str, str | None]


def main() -> None:
    """Score every set and print the shares above each bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, help="default: the embedded one")
    parser.add_argument("--list", type=float, metavar="DEGREE", help="show what lies above it")
    options = parser.parse_args()
    every = texts()
    found = degrees(RiskDetector.from_pretrained(options.checkpoint), every)
    print(table(found))
    if options.list is not None:
        print(*above(every, found, options.list), sep="\n")


def texts() -> dict[str, list[Text]]:
    """The sets by name: each text with its answer, or None."""
    pairs = [(prompt, answer) for prompt, answer in _cells("answers")]
    return {
        "prompts": [(prompt, None) for prompt, _ in pairs],
        "prompts with answers": list(pairs),
        "messages": [(message, None) for _, message in _cells("messages")],
        "people at work": [(text, None) for _, text in _cells("work")],
    }


def degrees(detector: Detector, every: Mapping[str, Sequence[Text]]) -> dict[str, list[float]]:
    """The any-risk degree of every text of each set."""
    return {name: [score.max_risk for score in detector.score(of)] for name, of in every.items()}


def table(found: Mapping[str, Sequence[float]]) -> str:
    """One line a set, one column a bar: the share of its texts above the bar."""
    lines = [
        f"| flagged | texts | {' | '.join(f'> {bar}' for bar in BARS)} |",
        "|---" * (len(BARS) + 2) + "|",
    ]
    for name, of in found.items():
        shares = [f"{sum(degree > bar for degree in of) / len(of):.1%}" for bar in BARS]
        lines.append(f"| {name} | {len(of)} | {' | '.join(shares)} |")
    return "\n".join(lines)


def above(
    every: Mapping[str, Sequence[Text]], found: Mapping[str, Sequence[float]], bar: float
) -> list[str]:
    """Every text above ``bar`` with its degree, the highest first."""
    rows = [
        (degree, name, prompt)
        for name, of in every.items()
        for (prompt, _), degree in zip(of, found[name], strict=True)
        if degree > bar
    ]
    return [f"{degree:.2f}  {name}: {prompt}" for degree, name, prompt in sorted(rows)[::-1]]


def _cells(name: str) -> list[list[str]]:
    return [cells for _, cells in rows_of(FOLDER / f"{name}.tsv")]


if __name__ == "__main__":
    main()
