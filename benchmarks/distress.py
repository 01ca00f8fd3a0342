"""Trains the distress head on the frozen embedded checkpoint and measures it beside plain patterns.

    python benchmarks/distress.py --data DATA [--most TEXTS] [--cache FOLDER] [--write FILE]

DATA holds the research data (train/, train2/, dev/). The texts of distress and their harmless twins are
`distress/texts.tsv`, split by phrase family: the head learns from the half `fit`, the figures are of
the half `held`. Harmless real texts are split by a checksum; the threshold is set by four-fold
cross-validation on the fitted ones. Prints Markdown; `--most` measures on so many texts of each real set
(it does not change the head), `--write` stores the head, `--cache` keeps the features of the real texts
between runs of one `--most`.
"""

import argparse
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from lance_graph.detector.detector import RiskDetector, pad
from lance_graph.detector.distress import DistressHead
from lance_graph.detector.unreadable import UnreadableTextError
from lance_graph.offline import care, crisis
from lance_graph.offline.responder import respond
from lance_graph.prompts import names, prose

TEXTS = Path(__file__).parent / "distress" / "texts.tsv"
REAL = [
    "train2/toxicchat-train",
    "train2/sharegpt92k-sample",
    "train2/instructionwild",
    "train2/esconv",
    "train2/counsel-chat",
    "train2/medical-qa",
    "train2/multidogo",
    "train2/clinc150",
    "train2/banking77",
    "train2/tweeteval-emotion-irony",
    "train/benign",
    "dev/oktest",
]
LAYER, UNITS, MEMBERS, EPOCHS = 4, 16, 3, 40
MOSTLY = 0.9
"""Share of ASCII in a real text, so that it is English and nothing else."""
FALSE_ALARMS = 0.003
"""Share of the fitted harmless real texts that may lie above 0.3, out of fold."""
Array = NDArray[np.float32]


@dataclass
class Texts:
    """Texts with the early states [N, H] of their windows and the detector's degree of self_harm."""

    texts: list[str]
    owners: NDArray[np.int64]
    states: Array
    base: Array

    def highest(self, scores: Array) -> Array:
        """Per text the highest of its windows' scores."""
        best = np.full(len(self.texts), -np.inf, np.float32)
        np.maximum.at(best, self.owners, scores)
        return best


def main() -> None:
    """Fit, measure, print, store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with train/, train2/, dev/"
    )
    parser.add_argument("--most", type=int, default=600, help="real texts of a set to measure on")
    parser.add_argument("--cache", type=Path, help="folder for features")
    parser.add_argument("--write", type=Path, help="where to store the head")
    options = parser.parse_args()
    detector = RiskDetector.from_pretrained()
    rows = [line.split("\t") for line in TEXTS.read_text("utf-8").splitlines()[1:]]
    own = read(detector, [row[3] for row in rows])
    fitted = np.array([row[0] == "fit" for row in rows])
    distress = np.array([row[2] == "distress" for row in rows])
    real = {
        name: of_set(detector, options.data, name, options.most, options.cache) for name in REAL
    }
    negatives = np.concatenate([fit.states for fit, _ in real.values() if fit.texts])
    ours = read(detector, harmless_of_ours(options.data)).states
    at = own.owners
    states = np.concatenate([own.states[fitted[at]], ours, negatives])
    labels = np.concatenate([distress[at][fitted[at]], np.zeros(len(ours) + len(negatives))])
    is_real = np.arange(len(states)) >= len(states) - len(negatives)
    head = shifted(train(states, labels), cross_validated(states, labels, is_real))
    if options.write:
        store(head, options.write, len(negatives) + len(ours), int(distress[fitted].sum()))
    print(table(own, rows, real, lambda found: degrees(head, found)))


def read(detector: RiskDetector, texts: Sequence[str]) -> Texts:
    """The detector's early states and degrees of prompts without a response."""
    owners, states, base = [], [], []
    detector.distress = None  # the model's own degrees
    for start in range(0, len(texts), 64):
        some = list(texts[start : start + 64])
        base += [score.mean["self_harm"] for score in detector.score(some)]
        for owner, text in enumerate(some, start):
            rows = list(detector._windows(text, None))
            inputs = pad(detector.tokenizer, rows)
            with torch.inference_mode():
                states.append(detector.model.encode(layer=LAYER, **inputs).numpy())
            owners += [owner] * len(rows)
    width = detector.model.hidden_size
    found = np.concatenate([np.zeros((0, width)), *states]).astype(np.float32)
    return Texts(list(texts), np.array(owners), found, np.array(base, np.float32))


def of_set(
    detector: RiskDetector, data: Path, name: str, most: int, cache: Path | None
) -> tuple[Texts, Texts]:
    """Up to 400 short harmless texts of a set to fit on, and ``most`` of any length to measure on."""
    rows = [json.loads(line) for line in (data / f"{name}.jsonl").read_text("utf-8").splitlines()]
    texts = list(dict.fromkeys(row["prompt"] for row in rows if row.get("is_safe", True)))
    texts = [text for text in texts if sum(map(str.isascii, text)) > MOSTLY * len(text)]
    texts.sort(key=lambda text: zlib.crc32(text.encode()))
    fit = [text for text in texts[::2] if len(text) < 700][:400]
    fit = [] if name.startswith("dev/") else fit  # development sets teach nothing
    halves = []
    for kind, some in (("fit", fit), ("measure", texts[1::2][:most])):
        chosen = [text for text in some if is_readable(detector, text)]
        file = cache / f"{name.replace('/', '_')}-{kind}.npz" if cache else None
        if file and file.exists():
            kept = np.load(file)
            halves.append(
                Texts(chosen, kept["owners"], kept["states"].astype(np.float32), kept["base"])
            )
            continue
        found = read(detector, chosen)
        halves.append(found)
        if file:
            np.savez(
                file, owners=found.owners, states=found.states.astype(np.float16), base=found.base
            )
    return halves[0], halves[1]


def is_readable(detector: RiskDetector, text: str) -> bool:
    """Whether the detector reads it: what it refuses it cannot learn from either."""
    try:
        list(detector._windows(text, None))
    except UnreadableTextError:
        return False
    return True


def harmless_of_ours(data: Path) -> list[str]:
    """What LANCE itself writes to people in distress, and 300 answers of counsellors: no distress."""
    prose_files = [name for name in names() if name.startswith(("guidance/", "fall_back/"))]
    texts = [prose(name) for name in prose_files] + care.requests()
    texts += [respond(request, "self_harm") for request in care.requests()[::4]]
    rows = (data / "train2" / "counsel-chat.jsonl").read_text("utf-8").splitlines()
    answers = [row["response"] for row in map(json.loads, rows) if row["response"]]
    return texts + [answer for answer in answers if len(answer) < 700][:300]


def train(states: Array, labels: Array) -> DistressHead:
    """Small networks on standardised states, averaged into one: their units stand side by side."""
    mean, scale = states.mean(0), states.std(0) + 1e-6
    inputs = torch.tensor((states - mean) / scale)
    members = [
        _member(inputs, torch.tensor(labels, dtype=torch.float32), n) for n in range(MEMBERS)
    ]
    head = DistressHead(states.shape[1], UNITS * MEMBERS, LAYER)
    with torch.no_grad():
        weight = torch.cat([inner.weight for inner, _ in members]) / torch.tensor(scale)
        head.inner.weight.copy_(weight)
        head.inner.bias.copy_(
            torch.cat([inner.bias for inner, _ in members]) - weight @ torch.tensor(mean)
        )
        head.outer.weight.copy_(torch.cat([outer.weight for _, outer in members], 1) / MEMBERS)
        head.outer.bias.copy_(sum(outer.bias for _, outer in members) / MEMBERS)
    return head.train(False)


def _member(
    inputs: torch.Tensor, labels: torch.Tensor, seed: int
) -> tuple[torch.nn.Linear, torch.nn.Linear]:
    torch.manual_seed(seed)
    inner, outer = torch.nn.Linear(inputs.shape[1], UNITS), torch.nn.Linear(UNITS, 1)
    drop = torch.nn.Dropout(0.3)
    optimizer = torch.optim.AdamW(
        [*inner.parameters(), *outer.parameters()], 2e-3, weight_decay=0.05
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    loss = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(inputs)).split(128):
            noisy = drop(inputs[batch] + 0.3 * torch.randn_like(inputs[batch]))
            logits = outer(drop(torch.nn.functional.gelu(inner(noisy)))).squeeze(-1)
            optimizer.zero_grad()
            loss(logits, labels[batch]).backward()
            optimizer.step()
        schedule.step()
    return inner.requires_grad_(False), outer.requires_grad_(False)


def cross_validated(states: Array, labels: Array, is_real: NDArray[np.bool_]) -> float:
    """The logit that `FALSE_ALARMS` of the real harmless rows exceed, each scored by a head without it."""
    fold = np.random.default_rng(0).integers(4, size=len(states))
    logits = np.zeros(len(states), np.float32)
    for one in range(4):
        found = degrees(train(states[fold != one], labels[fold != one]), states[fold == one])
        logits[fold == one] = np.log(found) - np.log1p(-found)
    return float(np.quantile(logits[is_real], 1 - FALSE_ALARMS))


def shifted(head: DistressHead, threshold: float) -> DistressHead:
    """The head with its degree 0.3 at the logit ``threshold``."""
    with torch.no_grad():
        head.outer.bias += log(0.3 / 0.7) - threshold
    return head


def degrees(head: DistressHead, states: Array) -> Array:
    """The head's degrees, kept off 0 and 1."""
    with torch.inference_mode():
        found: Array = head(torch.tensor(states)).clamp(1e-7, 1 - 1e-7).numpy()
    return found


def store(head: DistressHead, file: Path, harmless: int, distress: int) -> None:
    """The head in half precision, with where it comes from."""
    weights = {name: weight.half().contiguous() for name, weight in head.state_dict().items()}
    origin = f"benchmarks/distress.py on {distress} written texts of distress and {harmless} harmless windows"
    save_file(weights, file, metadata={"format": "pt", "layer": str(LAYER), "origin": origin})


def table(
    own: Texts,
    rows: Sequence[Sequence[str]],
    real: dict[str, tuple[Texts, Texts]],
    head: Callable[[Array], Array],
) -> str:
    """What each candidate finds of the held-out texts, and newly flags elsewhere."""
    lines = [
        "| texts | n | detector alone > 0.3 | patterns | head > 0.3 | head > 0.5 | both > 0.3 | both > 0.5 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in ("distress", "harmless"):
        chosen = np.array([row[0] == "held" and row[2] == kind for row in rows])
        lines.append(_line(f"held-out {kind}", own, chosen, head, new=kind == "harmless"))
    for name, (_, measured) in real.items():
        every = np.ones(len(measured.texts), bool)
        lines.append(_line(name, measured, every, head, new=True))
    return "\n".join(lines)


def _line(
    name: str, texts: Texts, chosen: NDArray[np.bool_], head: Callable[[Array], Array], new: bool
) -> str:
    """One line; with ``new`` what a candidate flags beyond the detector, else what it finds with it."""
    found = texts.highest(head(texts.states))[chosen]
    base = texts.base[chosen]
    picked = [text for text, kept in zip(texts.texts, chosen, strict=True) if kept]
    patterns = np.array([bool(crisis.plainly_own(t) or crisis.plainly_another(t)) for t in picked])
    columns = [base > 0.3]
    for flags, bar in (
        (patterns, 0.3),
        (found > 0.3, 0.3),
        (found > 0.5, 0.5),
        (patterns | (found > 0.3), 0.3),
        (patterns | (found > 0.5), 0.5),
    ):
        columns.append(flags & (base <= bar) if new else flags | (base > bar))
    return f"| {name} | {len(picked)} | " + " | ".join(f"{c.mean():.1%}" for c in columns) + " |"


if __name__ == "__main__":
    main()
