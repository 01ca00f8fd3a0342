"""How often a text is safe as a whole and one of its clauses is not, by the embedded detector.

    python -m benchmarks.clauses HARMLESS.jsonl [MORE.jsonl ...] [--offline] [--show]

Of harmless prompts that is a false alarm of `lance_graph.rewriting.clauses`. ``--offline`` looks at what the
offline refiner makes of the flagged prompts instead, ``--show`` prints what was found.
"""

import argparse
import json
from pathlib import Path

from lance_graph.detectors import resolve
from lance_graph.gradients import build_gradient
from lance_graph.offline.refiner import refine
from lance_graph.rewriting.clauses import cores
from lance_graph.routing import ThresholdPolicy, hazards


def main() -> None:
    """Print one line a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prompts", nargs="+", type=Path)
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    detector = resolve(None)

    def found(texts: list[str]) -> list[dict]:
        scores = detector.score([(text, None) for text in texts]) if texts else []
        return [hazards(score.mean, ThresholdPolicy()) for score in scores]

    for path in options.prompts:
        texts = [json.loads(line)["prompt"].strip() for line in path.open(encoding="utf-8")]
        if options.offline:
            scores = detector.score([(text, None) for text in texts])
            risks = [dict(score.mean) for score in scores]
            texts = [
                refine(text, build_gradient(risk, hazards(risk, ThresholdPolicy()), {}))
                for text, risk in zip(texts, risks, strict=True)
                if hazards(risk, ThresholdPolicy())
            ]
        safe = [text for text, flagged in zip(texts, found(texts), strict=True) if not flagged]
        parts = {text: list(cores(text)) for text in safe}
        flat = [part for text in safe for part in parts[text]]
        unsafe = {p for p, flagged in zip(flat, found(flat), strict=True) if flagged}
        alarms = [text for text in safe if unsafe.intersection(parts[text])]
        split = sum(bool(parts[text]) for text in safe)
        print(f"{path.name}: safe {len(safe)}, with clauses {split}, one unsafe {len(alarms)}")
        for text in alarms if options.show else ():
            print(f"  {text!r}: {sorted(unsafe.intersection(parts[text]))}")


if __name__ == "__main__":
    main()
