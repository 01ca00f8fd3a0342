"""Which texts are taken for another language than English, and what the embedded detector does to them.

python benchmarks/languages.py tests/detector/other_languages.toml DATA/train2/*.jsonl

The JSON Lines files hold English messages under ``prompt``; a sample of each is read.
"""

import json
import random
import sys
import tomllib
from pathlib import Path

from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.languages import unread

SAMPLE = 1_000


def main() -> None:
    """Print both tables."""
    sentences, *files = map(Path, sys.argv[1:])
    groups = tomllib.loads(sentences.read_text(encoding="utf-8"))
    print(
        "language | sentences | taken for foreign | false alarms | found | share of unknown tokens"
    )
    detector = RiskDetector.from_pretrained()
    for name, group in groups.items():
        print(name, *_figures(detector, group["harmless"], group["harmful"]), sep=" | ")
    print("\nfile | messages | taken for foreign | some of them")
    for file in files:
        texts = sorted({json.loads(line)["prompt"] for line in file.open(encoding="utf-8")})
        texts = random.Random(0).sample(texts, min(SAMPLE, len(texts)))
        taken = [text for text in texts if unread(text, ["en"])]
        print(file.stem, len(texts), len(taken), [text[:60] for text in taken[:12]], sep=" | ")


def _figures(
    detector: RiskDetector, harmless: list[str], harmful: list[str]
) -> tuple[int, int, str, str, str]:
    def found(texts: list[str]) -> str:
        return f"{sum(score.max_risk > 0.5 for score in detector.score(texts))} of {len(texts)}"

    texts = harmless + harmful
    backend, unknown = detector.tokenizer.backend_tokenizer, detector.tokenizer.unk_token_id
    ids = [token for text in texts for token in backend.encode(text, add_special_tokens=False).ids]
    taken = sum(unread(text, ["en"]) for text in texts)
    return (
        len(texts),
        taken,
        found(harmless),
        found(harmful),
        f"{ids.count(unknown) / len(ids):.0%}",
    )


if __name__ == "__main__":
    main()
