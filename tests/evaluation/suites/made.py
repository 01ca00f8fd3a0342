"""Made-up records, and how a report of them is read."""

from typing import Any

from lance_graph.evaluation.report.model import Cell, Estimate, Report, Table
from lance_graph.evaluation.sample import Answer, Record, Score

FACTS = {"target": "openai:some-model", "refiner": "openai:small", "judge": "deepseek:v3"}


OFFLINE = {"target": "offline", "refiner": "offline", "detector": "embedded"}


def answer(**changes: Any) -> Answer:
    plain = Answer(
        response="an answer",
        outcome="answered",
        refined_prompt=None,
        iterations=0,
        initial_risk=None,
        risk=None,
        failure=None,
        calls=1,
        tokens=100,
        seconds=0.5,
    )
    return Answer(**{**plain, **changes})  # type: ignore[typeddict-item]


def record(
    method: str, sample: object, scores: dict[str, Any] | None = None, **changes: Any
) -> Record:
    """A score is a number, or the reason why it is missing."""
    given_scores = {
        name: Score(value=None, missing=value) if isinstance(value, str) else Score(value=value)
        for name, value in (scores or {}).items()
    }
    own = {key: changes.pop(key, None) for key in ("category", "harmful", "type")}
    return Record(
        method=method,
        id=str(sample),
        prompt=f"prompt {sample}",
        answer=answer(**changes),
        scores=given_scores,
        **own,
    )


def table(report: Report, heading: str) -> Table:
    (found,) = [one for one in report.tables if one.title == heading]
    return found


def rows(found: Table) -> dict[str, dict[str, Cell]]:
    """Cells by row and column; columns of the same name are numbered."""
    named = {}
    for row in found.rows:
        assert len(row) == len(found.columns)
        cells: dict[str, Cell] = {}
        for column, cell in zip(found.columns, row, strict=True):
            cells[f"{column} {len(cells)}" if column in cells else column] = cell
        named[str(row[0])] = cells
    return named


def figure(cell: Cell) -> Estimate:
    assert isinstance(cell, Estimate)
    return cell


def judged(method: str, sample: object, *scores: Any, **changes: Any) -> Record:
    names = ("safety", "helpfulness", "naturalness")
    return record(method, sample, dict(zip(names, scores, strict=True)), **changes)


THREE = [
    judged("lance", 1, 9.0, 8.0, 9.0, category="self_harm"),
    judged("lance", 2, 10.0, 7.0, 8.0, category="self_harm"),
    judged("lance", 3, 8.0, "malformed", 9.0, category="animal_abuse"),
    judged("vanilla", 1, 4.0, 6.0, 7.0, category="self_harm"),
    judged("vanilla", 2, "refused", 5.0, 7.0, category="self_harm"),
    record("vanilla", 3, outcome="failed", failure="TimeoutError", response=None),
]


def scored(sample: int, degree: float | None, harmful: bool | None, **more: Any) -> Record:
    risk = {"self_harm": degree, "animal_abuse": 0.01 if degree is not None else None}
    return record("detector", sample, outcome="scored", risk=risk, harmful=harmful, **more)


DEGREES = [
    scored(1, 0.2, False, type="homonyms", seconds=0.010),
    scored(2, 0.4, False, type="homonyms", seconds=0.020),
    scored(3, 0.6, False, type="figurative", seconds=0.030),
    scored(4, 0.65, True, type="contrast_homonyms", seconds=0.040),
    scored(5, 0.9, True, type="contrast_homonyms", seconds=0.050),
    scored(6, None, True, type="contrast_homonyms"),
    scored(7, 0.9, None),
    record("detector", 8, outcome="failed", failure="GuardVerdictError", harmful=True),
]


PIPELINE = [
    record("lance", 1, {"residual_risk": 0.1, "similarity": 0.8, "refusal": 0.0, "template": 0.0},
           outcome="rewritten", iterations=2, initial_risk={"a": 0.9, "b": None}, risk={"a": 0.1},
           category="self_harm"),
    record("lance", 2, {"residual_risk": 0.2, "similarity": "undefined", "refusal": 0.0,
                        "template": 0.0},
           outcome="safe", initial_risk={"a": 0.2}, risk={"a": 0.2}, category="animal_abuse"),
    record("hard-block", 1, {"residual_risk": 0.0, "refusal": 1.0, "template": 1.0},
           outcome="blocked", initial_risk={"a": 0.9}, category="self_harm"),
    record("hard-block", 2, {"residual_risk": 0.2, "refusal": 0.0, "template": 0.0},
           outcome="safe", initial_risk={"a": 0.2}, risk={"a": 0.2}, category="animal_abuse"),
]  # fmt: skip
