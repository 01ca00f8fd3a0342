"""The rows of a file that `lance-graph run --input` wrote, and what was set when it did."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lance_graph.cli.batch.rows import Row, highest, label_of
from lance_graph.cli.errors import CliError
from lance_graph.cli.jsonl import Record, kind, prompt_of
from lance_graph.cli.resume import settings_file
from lance_graph.files import Line, parsed, read_lines
from lance_graph.routing import ThresholdPolicy, Thresholds

WANTED = ("prompt", "response", "refined_prompt", "reason", "iterations", "initial_risk", "risk")
"""What the page shows of a record beside its status; where a file has none of a field, it says so."""
SHOWN = (
    "lance-graph",
    "target",
    "refiner",
    "detector",
    "detectors",
    "mode",
    "screening",
    "max_iterations",
)
Risk = Mapping[str, float | None]


@dataclass(frozen=True)
class Batch:
    """The rows of a file in its order; ``before`` and ``after`` are their degrees by category.

    ``notes`` say what the file lacks, ``facts`` under what settings it was written.
    """

    rows: list[Row]
    before: list[Risk]
    after: list[Risk]
    policy: ThresholdPolicy
    facts: dict[str, str]
    notes: list[str]


def read_batch(path: Path) -> Batch:
    """The batch in a file; CliError says what is wrong with it, and quotes no text of it."""
    if not path.is_file():
        raise CliError(f"there is no file '{path}'; give what 'lance-graph run --input' wrote")
    settings, problem = _settings(path)
    policy = _policy(settings)
    records, notes = _records(path, settings.get("fields"))
    judged = [result for _, result in records if "error" not in result]
    lacking = [name for name in WANTED if judged and not any(name in one for one in judged)]
    if lacking:
        notes.append(
            f"The file does not have {', '.join(lacking)}: it was written with --brief or --fields."
        )
    return Batch(
        rows=[_row(record, result, policy) for record, result in records],
        before=[result.get("initial_risk") or {} for _, result in records],
        after=[result.get("risk") or {} for _, result in records],
        policy=policy,
        facts={name: str(settings[name]) for name in SHOWN if settings.get(name) not in (None, [])},
        notes=notes + ([problem] if problem else []),
    )


def _records(path: Path, written: Any) -> tuple[list[tuple[Record, Record]], list[str]]:
    """Each record, and what of it is the run's result; notes on what was left out."""
    records, notes = [], []
    try:
        for line in read_lines(path):
            if line.error and not line.whole:
                notes.append(f"Line {line.number} is half-written and left out; run goes on there.")
                continue
            records.append(_checked(line, path, written))
    except OSError as error:
        raise CliError(f"'{path}' cannot be read: {error.strerror}") from error
    if not records:
        raise CliError(f"'{path}' has no rows yet")
    return records, notes


def _checked(line: Line, path: Path, written: Any) -> tuple[Record, Record]:
    """A line's record and its result; CliError where `run` did not write it.

    A field that the run did not write (``written``, where that is known) is the row's own by that name,
    whatever it holds.
    """
    record, where = line.value, f"line {line.number} of '{path}'"
    remedy = "report reads what 'lance-graph run --input' wrote"
    if line.error:
        raise CliError(f"{where}: {line.error}; {remedy}")
    if not isinstance(record, dict) or type(record.get("line")) is not int:
        raise CliError(f"{where} was not written by this program; {remedy}")
    if isinstance(record.get("error"), str):
        return record, {"error": record["error"]}
    if not isinstance(record.get("status"), str):
        scored = "is a row of 'lance-graph score'" if "max_risk" in record else "has no 'status'"
        raise CliError(f"{where} {scored}; {remedy}")
    known = written if isinstance(written, list) else record.keys()
    result = {name: record[name] for name in record if name in known or name == "status"}
    for name, fits in _FIT.items():
        if result.get(name) is not None and not fits(result[name]):
            raise CliError(f"{where}: '{name}' must not be {kind(result[name])}; {remedy}")
    return record, result | {name: record[name] for name in ("prompt",) if name in record}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_risk(value: Any) -> bool:
    return isinstance(value, dict) and all(
        one is None or (isinstance(one, int | float) and 0 <= one <= 1) for one in value.values()
    )


_FIT = {
    **dict.fromkeys(("refined_prompt", "response", "reason", "would_have"), _is_text),
    "iterations": lambda value: type(value) is int,
    "initial_risk": _is_risk,
    "risk": _is_risk,
}


def _row(record: Record, result: Record, policy: ThresholdPolicy) -> Row:
    return Row(
        name=str(record["line"]),
        outcome="error" if "error" in result else result["status"],
        prompt=_prompt(record),
        rewrite=result.get("refined_prompt"),
        answer=result.get("response"),
        before=highest(_judged(result.get("initial_risk"), policy)),
        after=highest(_judged(result.get("risk"), policy)),
        rewrites=result.get("iterations"),
        note=result.get("error") or result.get("reason") or "",
        would_stop=result.get("would_have") not in (None, "deliver"),
        harmful=label_of(record),
    )


def _prompt(record: Record) -> str | None:
    """The prompt, or the last thing that a user said in the row's conversation."""
    prompt = record.get("prompt")
    prompt = prompt if isinstance(prompt, str) else prompt_of(record)
    if isinstance(prompt, str):
        return prompt
    messages = record.get("messages")
    said = [
        message.get("content")
        for message in (messages if isinstance(messages, list) else ())
        if isinstance(message, dict) and message.get("role") in ("user", "human")
    ]
    return said[-1] if said and isinstance(said[-1], str) else None


def _settings(path: Path) -> tuple[dict[str, Any], str | None]:
    """What was set when a file was written; and what is wrong with it, if so."""
    beside = settings_file(path)
    try:
        found = parsed(beside.read_bytes())
    except FileNotFoundError:
        return {}, f"There is no {beside.name}: thresholds are taken to be the defaults."
    except (OSError, ValueError) as error:
        return (
            {},
            f"{beside.name} cannot be read ({type(error).__name__}): default thresholds are shown.",
        )
    return (found, None) if isinstance(found, dict) else ({}, f"{beside.name} holds no settings.")


def _policy(settings: Mapping[str, Any]) -> ThresholdPolicy:
    try:
        return ThresholdPolicy(
            default=Thresholds.model_validate(settings.get("thresholds") or {}),
            by_category=settings.get("category_thresholds") or {},
        )
    except ValueError as error:
        raise CliError(
            "the thresholds in the settings beside the file are none; remove that file, "
            "and the defaults are taken"
        ) from error


def _judged(risk: Risk | None, policy: ThresholdPolicy) -> Risk:
    """Degrees without those of categories that are switched off."""
    return {key: value for key, value in (risk or {}).items() if not policy.is_off(key)}
