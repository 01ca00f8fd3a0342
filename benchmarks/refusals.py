"""Figures of the refusal scorer on labelled answers, and the fit of its classifier.

    python benchmarks/refusals.py [--write] [--data DATA]

Fits the classifiers to the training families of `benchmarks/refusal_answers.tsv`
and prints Markdown: precision, recall and F1 of the phrase list, the classifier and their
combinations on the held-out families, then what the scorer says of this package's own texts.
`--write` stores the fitted weights in the package; without it the stored ones are measured. `--data`
is the folder of the research data with `train/`: then also the shares that are called refusals among
answers of real models. None of those was used for the fit, but their misses, like those among this
package's own texts, showed which training families were lacking. Needs the dependency group `benchmark`.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from refusal_answers import Labelled, labelled
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from lance_graph.offline.responder import NOT_REWRITTEN, respond
from lance_graph.prompts import names, prose
from lance_graph.texts import declining
from lance_graph.texts.declining import SURE, Weights, declines, is_template
from lance_graph.texts.refusals import find_phrase

STRENGTHS = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
LEAST_ANSWERS = 2  # n-grams of a single answer are left out
Says = Callable[[str], bool]


def main() -> None:
    """Fit if asked, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    train, held = labelled("train"), labelled("held_out")
    if options.write:
        fitted = {
            "refusal": fit(train, [row.refuses for row in train]),
            "template": fit(train, [row.is_template for row in train]),
        }
        path = Path(declining.__file__).with_name("declining.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({name: found._asdict() for name, found in fitted.items()}, file, indent=0)
            file.write("\n")
        declining.weights.cache_clear()
    print(
        f"Training answers: {len(train)}, held-out answers: {len(held)}, of which refusals "
        f"{sum(row.refuses for row in held)}, templates {sum(row.is_template for row in held)}\n"
    )
    print(table(held))
    print(errors(held))
    print(own_texts())
    if options.data:
        print(real_answers(options.data / "train"))


def fit(rows: Sequence[Labelled], labels: Sequence[bool]) -> Weights:
    """A logistic regression, its strength chosen by cross-validation over families."""
    found = [declining.features(row.text) for row in rows]
    count: dict[str, int] = {}
    for feature in (feature for features in found for feature in features):
        count[feature] = count.get(feature, 0) + 1
    # every text is scaled by its number of features, known or not, as `Weights` does
    scaled = [
        {f: len(features) ** -0.5 for f in sorted(features) if count[f] >= LEAST_ANSWERS}
        for features in found
    ]
    vectorizer = DictVectorizer()
    matrix, target = vectorizer.fit_transform(scaled), np.array(labels)
    families = [row.family for row in rows]

    def loss(strength: float) -> float:
        said = cross_val_predict(
            model(strength),
            matrix,
            target,
            groups=families,
            cv=GroupKFold(8),
            method="predict_proba",
        )[:, 1].clip(1e-6, 1 - 1e-6)
        return float(-np.where(target, np.log(said), np.log(1 - said)).mean())

    losses = {strength: loss(strength) for strength in STRENGTHS}
    best = min(losses, key=losses.__getitem__)
    print(f"strength {best:g}, cross-validated loss {losses[best]:.3f}\n")
    fitted = model(best).fit(matrix, target)
    pairs = zip(vectorizer.get_feature_names_out(), fitted.coef_[0], strict=True)
    weights = {str(name): round(float(weight), 3) for name, weight in pairs if abs(weight) > 0.02}
    return Weights(round(float(fitted.intercept_[0]), 4), weights)


def model(strength: float) -> LogisticRegression:
    """The regression; refusals and the rest weigh the same."""
    return LogisticRegression(C=strength, class_weight="balanced", max_iter=2000)


def table(rows: Sequence[Labelled]) -> str:
    """Precision, recall and F1 of each way."""

    def phrase(text: str) -> bool:
        return find_phrase(text) is not None

    def classifier(text: str) -> bool:
        return declining.refusal_probability(text) > SURE

    ways: list[tuple[str, Says, Callable[[Labelled], bool]]] = [
        ("refusal: phrase list alone", phrase, lambda row: row.refuses),
        ("refusal: classifier alone", classifier, lambda row: row.refuses),
        ("refusal: either says so", lambda t: phrase(t) or classifier(t), lambda row: row.refuses),
        ("refusal: both say so", lambda t: phrase(t) and classifier(t), lambda row: row.refuses),
        ("refusal: the scorer", declines, lambda row: row.refuses),
        ("template: the scorer", is_template, lambda row: row.is_template),
    ]
    lines = ["| way | precision | recall | F1 |", "|---|---|---|---|"]
    for title, says, label in ways:
        said = [says(row.text) for row in rows]
        true = [label(row) for row in rows]
        hits = sum(s and t for s, t in zip(said, true, strict=True))
        precision, recall = hits / max(1, sum(said)), hits / max(1, sum(true))
        f1 = 2 * hits / max(1, sum(said) + sum(true))
        lines.append(f"| {title} | {precision:.3f} | {recall:.3f} | {f1:.3f} |")
    return "\n".join([*lines, ""])


def errors(rows: Sequence[Labelled]) -> str:
    """Share of wrong verdicts per held-out family."""
    lines = [
        "| family | kind | answers | refusal wrong | template wrong |",
        "|---|---|---|---|---|",
    ]
    for family in dict.fromkeys(row.family for row in rows):
        own = [row for row in rows if row.family == family]
        wrong = sum(declines(row.text) != row.refuses for row in own)
        bare = sum(is_template(row.text) != row.is_template for row in own)
        lines.append(f"| {family} | {own[0].kind} | {len(own)} | {wrong} | {bare} |")
    return "\n".join([*lines, ""])


def own_texts() -> str:
    """What the scorer says of the fall-back texts and of the offline responder's answers."""
    from lance_graph.categories import KEYS

    groups = {
        "fall-back texts": [prose(name) for name in names() if name.startswith("fall_back/")],
        "guidance texts": [prose(name) for name in names() if name.startswith("guidance/")],
        "offline answers": [NOT_REWRITTEN, *(respond("a question", key) for key in KEYS)],
    }
    lines = ["| own texts | texts | refusal | template |", "|---|---|---|---|"]
    for title, texts in groups.items():
        refused, bare = sum(map(declines, texts)), sum(map(is_template, texts))
        lines.append(f"| {title} | {len(texts)} | {refused} | {bare} |")
    return "\n".join(lines)


def real_answers(folder: Path) -> str:
    """Shares of refusals and templates among answers of other models, by their own labels."""

    def answers(name: str, keep: Callable[[dict[str, Any]], bool] = bool) -> list[str]:
        lines = (folder / name).read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        return [row["response"] for row in rows if row.get("response") and keep(row)]

    pairs, asked = "beavertails_pairs.jsonl", "donotanswer_pairs.jsonl"
    groups = {
        "answers to benign prompts": answers("benign.jsonl"),
        "BeaverTails, refusals": answers(pairs, lambda row: row["source"].endswith("-refusal")),
        "BeaverTails, unsafe answers": answers(pairs, lambda row: not row["is_safe"]),
        "Do-Not-Answer, harmless answers": answers(asked, lambda row: not row["response_harmful"]),
        "Do-Not-Answer, harmful answers": answers(asked, lambda row: row["response_harmful"]),
    }
    lines = ["", "| answers | number | phrase list | refusal | template |", "|---|---|---|---|---|"]
    for title, texts in groups.items():
        hits = [find_phrase(text) is not None for text in texts]
        shares = [np.mean(hits), *(np.mean([f(t) for t in texts]) for f in (declines, is_template))]
        lines.append(f"| {title} | {len(texts)} | {' | '.join(f'{s:.1%}' for s in shares)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
