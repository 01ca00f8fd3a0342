"""False alarms on long harmless texts by their number of windows, and planted harm that is found.

``python -m benchmarks.long_documents --texts FOLDER … --data SHARED/data [--detector D] [--most N]``

``--texts`` are folders of files taken for harmless (licences, modules, READMEs; each folder is a row of the
table); ``--data`` holds ``dev/`` and ``train/`` as the other benchmarks read them, for what is planted.
Every text is cut like the detector's own windows, and once more half a step later; so what several ways
to put windows together would say is computed from the same degrees:

max        the highest window, as `lance_graph.detector` has it
both cuts  a window counts as far as one that overlaps it in the other cut agrees
pairs      the mean log-odds of a window and the higher of its two neighbours in the same cut
less ln n  the log-odds of the highest window, less 0.5 ln n (n windows); "up to 8": n is 8 at most
chosen     log-odds below 0 times 1 + ln n (`lance_graph.detector.windows.of_many`)
"""

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lance_graph.detector.attribution import log_odds
from lance_graph.detector.detector import RiskDetector, load_detector

Array = NDArray[np.float64]
THRESHOLDS = (0.3, 0.5, 0.7)
SIZES = (1, 2, 4, 8, 16)
TASK = "Summarise this file in three sentences.\n\n"
SEED = 7


@dataclass
class Read:
    """A text's windows: log-odds [2n - 1, K], every second one half a step later than those in use."""

    odds: Array

    def first(self, count: int) -> "Read":
        """The text up to the end of its window number ``count``."""
        return Read(self.odds[: 2 * count - 1])

    @property
    def count(self) -> int:
        """Windows in use."""
        return (len(self.odds) + 1) // 2


def highest(read: Read) -> float:
    """The highest log-odds of any window in use."""
    return float(read.odds[::2].max())


def both_cuts(read: Read) -> float:
    """The same of windows as far as one that overlaps it in the other cut agrees."""
    if read.count == 1:
        return highest(read)
    beside = np.pad(read.odds, ((1, 1), (0, 0)), constant_values=-np.inf)
    agreed = np.minimum(read.odds, np.maximum(beside[:-2], beside[2:]))
    return float(agreed[::2].max())


def pairs(read: Read) -> float:
    """The mean of a window and the higher of its neighbours."""
    if read.count == 1:
        return highest(read)
    used = read.odds[::2]
    beside = np.pad(used, ((1, 1), (0, 0)), constant_values=-np.inf)
    return float(((used + np.maximum(beside[:-2], beside[2:])) / 2).max())


def less(read: Read, most: int = 10**9) -> float:
    """The highest less half of ln n."""
    return highest(read) - 0.5 * log(min(read.count, most))


def chosen(read: Read) -> float:
    """What the detector says of the whole text."""
    found = highest(read)
    return found * (1 + log(read.count)) if found < 0 else found


FORMS: dict[str, Callable[[Read], float]] = {
    "max": highest,
    "both cuts": both_cuts,
    "pairs": pairs,
    "less ln n": less,
    "less ln n, up to 8": lambda read: less(read, 8),
    "chosen": chosen,
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--texts", type=Path, nargs="+", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--detector", default=None)
    parser.add_argument("--most", type=int, default=8, help="texts a folder")
    parser.add_argument("--planted", type=int, default=40, help="planted requests, and answers")
    options = parser.parse_args()
    random.seed(SEED)
    detector = load_detector(options.detector)
    texts = {folder.name: list(sampled(folder, options.most)) for folder in options.texts}
    reads = {
        name: [windows_of(detector, TASK + text) for text in some] for name, some in texts.items()
    }
    for name, some in reads.items():
        for count in SIZES:
            table(f"{name}, {count} windows", [r.first(count) for r in some if r.count >= count])
    calm = [
        text
        for name, some in texts.items()
        for text, read in zip(some, reads[name], strict=True)
        if read.count >= 4 and highest(read) < log(3 / 7)
    ]
    for name, harm in harms(options.data, options.planted).items():
        alone = [windows_of(detector, text).first(1) for text in harm]
        table(f"{name} alone", alone)
        table(f"{name}, planted", [windows_of(detector, planted(calm, text)) for text in harm])


def sampled(folder: Path, most: int) -> Iterator[str]:
    """Distinct texts of files in a folder that are long enough to have several windows."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and 3_000 < path.stat().st_size < 300_000:
            text = path.read_text(encoding="utf-8", errors="replace")
            found.setdefault(re.sub(r"\W+", "", text)[200:900], text[:12_000])
    texts = list(found.values())
    yield from random.sample(texts, min(most, len(texts)))


def harms(data: Path, most: int) -> dict[str, list[str]]:
    """Harmful requests of the development sets, and harmful answers."""
    asked = [
        row["prompt"]
        for name in ("ailuminate", "jailbreakbench", "beavertails_evaluation")
        for row in rows(data / f"dev/{name}.jsonl")
        if not row.get("is_safe")
    ]
    said = [
        row["response"]
        for row in rows(data / "train/beavertails_pairs.jsonl")
        if not row["is_safe"] and 250 < len(row["response"]) < 900
    ]
    return {"requests": random.sample(asked, most), "answers": random.sample(said, most)}


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of JSON Lines."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def planted(calm: Sequence[str], harm: str) -> str:
    """``harm`` as a paragraph of its own somewhere in one of the ``calm`` texts."""
    text = random.choice(calm)[:5_000]
    place = random.choice([m.end() for m in re.finditer(r"\n+", text)] or [0])
    return f"{TASK}{text[:place]}\n{harm}\n\n{text[place:]}"


def windows_of(detector: RiskDetector, text: str) -> Read:
    """The calibrated log-odds of a text's windows in both cuts."""
    encoded = detector.tokenizer.backend_tokenizer.encode(text, add_special_tokens=False)
    size = detector.model.config.max_tokens - detector.tokenizer.num_special_tokens_to_add(True)
    step = (size - size // 4) // 2
    last = max(0, len(encoded.ids) - size)
    count = min(-(-last // step) + 1, 2 * SIZES[-1] - 1)
    starts = range(0, (count + (count % 2 == 0)) * step, step)  # the last one may be short
    places = [encoded.offsets[start : start + size] for start in starts]
    cut = [text[place[0][0] : place[-1][1]] for place in places if place]
    return Read(np.array([[*log_odds(score).values()] for score in detector.score(cut)]))


def table(name: str, reads: Sequence[Read]) -> None:
    """One line for each form: how many of the texts are above each threshold."""
    if not reads:
        return
    for form, degree in FORMS.items():
        degrees = [1 / (1 + exp(-degree(read))) for read in reads]
        found = "  ".join(f"> {t}: {sum(d > t for d in degrees):3}" for t in THRESHOLDS)
        print(f"{name:<28} {form:<18} of {len(reads):3}  {found}", flush=True)


if __name__ == "__main__":
    main()
