"""Whether the spread of a detector's Beta posterior says where its decisions at 0.5 are wrong.

    python -m benchmarks.uncertainty --data DATA [--checkpoint FOLDER] [--against FOLDER] [--most ROWS]

The rows are those of `benchmarks.detector`, and their decision is that of the highest category. Prints
Markdown: how well each signal ranks wrong decisions before right ones (AUROC), also among texts of like
distance to 0.5, where only what the spread knows beyond the degree can tell; the error among those kept
when the least certain are left out; and what bands of so many spreads around a threshold hold, in which a
router could soften a decision or ask a person. ``--against`` names a second checkpoint, whose disagreement
is a signal too: rows that are held out from the first may have been seen by it. Needs the extra `benchmark`.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.detector import binary, labelled_sets
from lance_graph.detector import EMBEDDED
from lance_graph.detector.detector import RiskDetector
from lance_graph.training.data.example import Example

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

THRESHOLD = 0.5
COVERAGES = (0.5, 0.7, 0.8, 0.9, 1.0)
WIDTHS = (0.5, 1.0, 2.0)
BINS = 20
RESAMPLED = 200
ENTROPY = "entropy of d (a plain classifier's), or nearness to 0.5"


@dataclass(frozen=True)
class Posteriors:
    """Shapes of Beta(alpha_j, beta_j) of N texts, each [N, K]."""

    alpha: Array
    beta: Array

    @property
    def d(self) -> Array:
        """Degrees [N, K]."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def spread(self) -> Array:
        """Standard deviations [N, K]: sqrt(d (1 - d) / (alpha + beta + 1))."""
        return np.sqrt(self.d * (1 - self.d) / (self.alpha + self.beta + 1))

    @property
    def top(self) -> "Posteriors":
        """The posterior of the highest category of each text [N]."""
        place = self.d.argmax(1)[:, None]
        return Posteriors(*(np.take_along_axis(s, place, 1)[:, 0] for s in (self.alpha, self.beta)))


def main() -> None:
    """Score everything and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, default=EMBEDDED)
    parser.add_argument("--against", type=Path, help="a checkpoint whose disagreement is measured")
    parser.add_argument("--most", type=int, help="rows of each set; all unless told")
    options = parser.parse_args()
    first, second = labelled_sets(options.data, options.checkpoint, options.most)
    sets = {**first, **second}
    rows = [row for part in sets.values() for row in part]
    kinds = np.array([kind_of(name, second) for name, part in sets.items() for _ in part])
    mine = posteriors(options.checkpoint, rows)
    other = posteriors(options.against, rows) if options.against else None
    unsafe = binary(rows) > 0
    found, high = signals(mine, other), mine.top
    wrong = (high.d > THRESHOLD) != unsafe
    print(f"{len(rows)} texts, {wrong.sum()} decided wrongly at {THRESHOLD}\n")
    print(shape_line(high))
    print(ranking_table(found, wrong, high.d, kinds))
    print(coverage_table(found, wrong))
    print(band_table(high, unsafe))


def kind_of(name: str, second: Mapping[str, object]) -> str:
    """Which column a set of rows belongs to."""
    if name in second:
        return "second batch"
    return "first batch" if name.startswith("held-out") else "development"


def posteriors(checkpoint: Path, rows: Sequence[Example]) -> Posteriors:
    """What a checkpoint says of the rows, calibrated if it is."""
    detector = RiskDetector.from_pretrained(checkpoint)
    scores = detector.score([(row.prompt, row.response) for row in rows])
    return Posteriors(np.array([s.alpha for s in scores]), np.array([s.beta for s in scores]))


def signals(mine: Posteriors, other: Posteriors | None = None) -> dict[str, Array]:
    """Each signal [N], higher where the decision is thought less certain."""
    high = mine.top
    away = np.abs(mine.d - THRESHOLD)
    found = {
        ENTROPY: entropy(high.d),
        "spread": high.spread,
        "interval's distance to 0.5, in spreads": -np.abs(high.d - THRESHOLD) / high.spread,
        "the lowest such distance of all categories": -(away / mine.spread).min(1),
        "belief on the other side of 0.5": across(high),
        "vagueness 1 / (alpha + beta)": 1 / (high.alpha + high.beta),
    }
    if other is not None:
        theirs = other.top.d
        found["disagreement with the other checkpoint"] = np.abs(high.d - theirs)
        found["entropy of the mean of both"] = entropy((high.d + theirs) / 2)
        found["spread of the other checkpoint"] = other.top.spread
    return found


def entropy(p: Array) -> Array:
    """-p ln p - (1 - p) ln(1 - p), each within [0, ln 2]."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return -p * np.log(p) - (1 - p) * np.log1p(-p)


def across(high: Posteriors) -> Array:
    """Ln P of the Beta on the other side of 0.5 than its mean: logs, for most are tiny."""
    from scipy.stats import beta

    above, below = (f(THRESHOLD, high.alpha, high.beta) for f in (beta.logsf, beta.logcdf))
    return np.where(high.d > THRESHOLD, below, above)


def shape_line(high: Posteriors) -> str:
    """How far the spread is a function of the degree: quantiles of alpha + beta, and a correlation."""
    low, middle, top = np.quantile(high.alpha + high.beta, [0.05, 0.5, 0.95])
    rho = rank_correlation(high.spread, entropy(high.d))
    return (
        f"alpha + beta of the highest category: median {middle:.1f}, nine of ten in {low:.1f} to "
        f"{top:.1f}. Rank correlation of its spread with the entropy of its degree: {rho:.3f}.\n"
    )


def rank_correlation(a: Array, b: Array) -> float:
    """Spearman's rho."""
    from scipy.stats import spearmanr

    return float(spearmanr(a, b).statistic)


def auroc(signal: Array, wrong: Flags) -> float:
    """AUROC of a signal against wrong decisions; NaN where all or none are wrong."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(wrong, signal)) if 0 < wrong.mean() < 1 else float("nan")


def among_alike(signal: Array, wrong: Flags, d: Array) -> float:
    """AUROC over pairs of texts that lie alike far from 0.5, on the same side of it.

    0.5: the signal knows no more than the degree. Strata are `BINS` quantiles of d.
    """
    edges = np.quantile(d, np.linspace(0, 1, BINS + 1)[1:-1])
    strata = np.digitize(d, np.unique([*edges, THRESHOLD]))
    total, weight = 0.0, 0
    for stratum in np.unique(strata):
        part = strata == stratum
        pairs = int(wrong[part].sum() * (~wrong[part]).sum())
        if pairs:
            total, weight = total + pairs * auroc(signal[part], wrong[part]), weight + pairs
    return total / weight if weight else float("nan")


def gain(signal: Array, plain: Array, wrong: Flags) -> tuple[float, float]:
    """95 % interval of the AUROC of ``signal`` less that of ``plain``, by resampling texts."""
    rng = np.random.default_rng(0)
    differences = []
    for _ in range(RESAMPLED):
        some = rng.integers(0, len(wrong), len(wrong))
        differences.append(auroc(signal[some], wrong[some]) - auroc(plain[some], wrong[some]))
    low, high = np.quantile(differences, [0.025, 0.975])
    return float(low), float(high)


def ranking_table(found: Mapping[str, Array], wrong: Flags, d: Array, kinds: Array) -> str:
    """AUROC of each signal against wrong decisions, by kind of rows and by decision."""
    parts: dict[str, Flags] = {"all": np.ones_like(wrong)}
    parts |= {str(kind): kinds == kind for kind in dict.fromkeys(kinds)}
    parts |= {"flagged": d > THRESHOLD, "not flagged": d <= THRESHOLD}
    titles = [f"{name} ({wrong[part].sum()} of {part.sum()})" for name, part in parts.items()]
    titles += ["all, against entropy", "among like degrees"]
    lines = [
        "| AUROC against wrong decisions | " + " | ".join(titles) + " |",
        "|---" * (len(titles) + 1) + "|",
    ]
    for name, signal in found.items():
        cells = [f"{auroc(signal[part], wrong[part]):.3f}" for part in parts.values()]
        low, high = gain(signal, found[ENTROPY], wrong)
        cells += [f"{low:+.3f} to {high:+.3f}" if name != ENTROPY else ""]
        cells += [f"{among_alike(signal, wrong, d):.3f}"]
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return "\n".join(lines) + "\n"


def risk_coverage(signal: Array, wrong: Flags) -> Array:
    """Error [N] among the 1, 2, …, N most certain texts; ties in a drawn order."""
    drawn = np.random.default_rng(0).random(len(signal))
    order = np.lexsort((drawn, signal))
    errors: Array = np.cumsum(wrong[order]) / np.arange(1, len(wrong) + 1)
    return errors


def coverage_table(found: Mapping[str, Array], wrong: Flags) -> str:
    """Error among the share of texts that is kept, and its mean over all shares (AURC)."""
    lines = [
        "| error among the kept | " + " | ".join(f"{c:.0%}" for c in COVERAGES) + " | AURC |",
        "|---" * (len(COVERAGES) + 2) + "|",
    ]
    for name, signal in {**found, "the best possible": wrong.astype(float)}.items():
        errors = risk_coverage(signal, wrong)
        cells = [f"{errors[max(round(c * len(errors)), 1) - 1]:.1%}" for c in COVERAGES]
        lines.append("| " + " | ".join([name, *cells, f"{errors.mean():.4f}"]) + " |")
    return "\n".join(lines) + "\n"


def band_table(high: Posteriors, unsafe: Flags) -> str:
    """Shares of texts in bands of so many spreads around the thresholds."""
    near = {t: np.abs(high.d - t) / high.spread for t in (0.3, 0.5, 0.7)}
    wrong, severe = (high.d > THRESHOLD) != unsafe, high.d > 0.7
    lines = [
        "| spreads | texts near 0.5 | error there | elsewhere | severe softened: harmful | harmless "
        "| near any threshold (a person is asked): harmful | harmless |",
        "|---" * 8 + "|",
    ]
    for width in WIDTHS:
        inside = near[THRESHOLD] < width
        softened = severe & (near[0.7] < width)
        asked = np.minimum.reduce(list(near.values())) < width
        cells = [share(inside), share(wrong[inside]), share(wrong[~inside])]
        cells += [share(softened[severe & kind]) for kind in (unsafe, ~unsafe)]
        cells += [share(asked[kind]) for kind in (unsafe, ~unsafe)]
        lines.append("| " + " | ".join([f"{width:g}", *cells]) + " |")
    return "\n".join(lines) + "\n"


def share(flags: Flags) -> str:
    """Share of what is flagged; empty for nothing."""
    return f"{flags.mean():.1%}" if len(flags) else ""


if __name__ == "__main__":
    main()
