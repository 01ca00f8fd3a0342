"""`lance-graph calibrate`: make degrees mean frequencies, and find thresholds that keep a promise."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lance_graph.cli.errors import CliError, UsageError, one_line
from lance_graph.cli.options import AsJson, Debug
from lance_graph.detector import EMBEDDED, EMBEDDED_NAME

if TYPE_CHECKING:
    from lance_graph.detector.calibration import Calibration
    from lance_graph.training.data.example import Example
    from lance_graph.training.measured import Measured

EXAMPLES = """Examples:

lance-graph calibrate RUN --data rows.jsonl --data more.jsonl

lance-graph calibrate RUN --data DATA --false-positive-rate 0.05 --miss-rate 0.1

lance-graph calibrate embedded --data rows.jsonl --output CALIBRATED

A row has a 'prompt', perhaps a 'response', and 'categories', 'category' or 'is_safe', as for
training; rows that the recipe beside the checkpoint trained on are left out, with a line that says
so. Of a folder DATA those rows are taken that the recipe held out."""


class Method(StrEnum):
    """What a certified threshold promises."""

    LTT = "ltt"
    CONFORMAL = "conformal"


def calibrate(
    checkpoint: Annotated[
        str, typer.Argument(metavar="CHECKPOINT", help="Checkpoint folder, or 'embedded'.")
    ],
    data: Annotated[
        list[Path],
        typer.Option("--data", metavar="FILE", help="Labelled JSON Lines; may be repeated."),
    ],
    false_positive_rate: Annotated[
        list[float] | None,
        typer.Option(
            "--false-positive-rate", metavar="R", show_default="0.1",
            help="Wanted share of safe rows flagged; may be repeated.",
        ),
    ] = None,
    miss_rate: Annotated[
        list[float] | None,
        typer.Option(
            "--miss-rate", metavar="R", show_default="0.1",
            help="Wanted share of unsafe rows not flagged; may be repeated.",
        ),
    ] = None,
    confidence: Annotated[
        float, typer.Option("--confidence", metavar="C", help="Of bounds and of 'ltt'.")
    ] = 0.95,
    prevalence: Annotated[
        float,
        typer.Option("--prevalence", metavar="P", help="Share of unsafe rows to calibrate for."),
    ] = 0.5,
    method: Annotated[
        Method,
        typer.Option(
            "--method", help="'ltt' keeps a rate with the confidence, 'conformal' on average."
        ),
    ] = Method.LTT,
    most: Annotated[
        int | None,
        typer.Option(
            "--most", metavar="ROWS", min=1, show_default="all",
            help="Of a folder, take at most so many rows of each file.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="Of the halves: one is fitted, the other measured.")
    ] = 0,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FOLDER", help="Write a calibrated copy, not into CHECKPOINT."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Measure and show, write nothing.")
    ] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Calibrate a detector on rows that it was not trained on; the result stands in its config.json."""
    wanted = [("false_positive", rate) for rate in false_positive_rate or (0.1,)]
    wanted += [("miss", rate) for rate in miss_rate or (0.1,)]
    named = [("--prevalence", prevalence), ("--confidence", confidence)]
    named += [(f"--{name.replace('_', '-')}-rate", rate) for name, rate in wanted]
    for name, number in named:
        if not 0 < number < 1:
            raise UsageError(f"{name} is {number}; it must lie between 0 and 1")
    if checkpoint == EMBEDDED_NAME and output is None and not dry_run:
        raise UsageError(
            "the embedded checkpoint is not changed: give --output for a calibrated copy, or --dry-run"
        )
    options = {"prevalence": prevalence, "confidence": confidence, "method": method.value}
    try:
        found, written = _calibrate(
            checkpoint,
            data,
            wanted,
            {**options, "seed": seed},
            most=most,
            output=output,
            write=not dry_run,
        )
    except (OSError, ValueError, ImportError) as error:
        raise CliError(one_line(error, 1_000)) from error
    if as_json:
        from lance_graph.files import dumps

        typer.echo(dumps({**found.as_json(), "checkpoint": str(written) if written else None}))
    else:
        show(found, written)


def _calibrate(
    checkpoint: str,
    data: Sequence[Path],
    wanted: Sequence[tuple[str, float]],
    options: dict[str, Any],
    *,
    most: int | None,
    output: Path | None,
    write: bool,
) -> tuple["Calibration", Path | None]:
    """(the calibration, where it was written, if it was); without ``output`` that is in place."""
    from lance_graph.training import calibration_files
    from lance_graph.training.calibration_fit import calibrate

    folder = EMBEDDED if checkpoint == EMBEDDED_NAME else Path(checkpoint)
    if not (folder / calibration_files.CONFIG).is_file():
        raise CliError(
            f"there is no checkpoint folder '{checkpoint}'; a hub id is downloaded first"
        )
    if write and output and output.resolve() != folder.resolve():
        calibration_files.check_free(output)
    measured = _measure(folder, data, most, options["seed"])
    found = calibrate(measured, wanted=wanted, **options)
    return found, calibration_files.store(found, folder, output) if write else None


def _measure(folder: Path, data: Sequence[Path], most: int | None, seed: int) -> "Measured":
    from lance_graph.cli.bars import counting_bar
    from lance_graph.detector.detector import RiskDetector
    from lance_graph.training.calibration_files import calibration_rows
    from lance_graph.training.data.grammars import ALL
    from lance_graph.training.measured import measure

    quota = ALL if most is None else most
    rows = [row for source in data for row in calibration_rows(source, folder, quota, seed)]
    rows = _unseen(folder, rows)
    detector = RiskDetector.from_pretrained(folder)
    with counting_bar() as progress:
        task = progress.add_task("scoring", total=len(rows))
        return measure(detector, rows, lambda count: progress.advance(task, count))


def _unseen(folder: Path, rows: list["Example"]) -> list["Example"]:
    """The rows that the run was not trained on; a line says that there were others."""
    from lance_graph.training.calibration_files import unseen

    left = unseen(rows, folder)
    if not left:
        raise CliError(
            f"--data: all {len(rows)} rows are among those that '{folder}' was trained on, where its "
            "degrees look better than they are; give rows that it never saw"
        )
    if len(left) < len(rows):
        typer.echo(
            f"lance-graph: {len(rows) - len(left)} of {len(rows)} rows are left out: their prompts "
            "are among those that the checkpoint was trained on",
            err=True,
        )
    return left


def show(found: "Calibration", written: Path | None) -> None:
    """Print the figures before and after, the rates at the thresholds, and what is certified."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    fitted, other = found.fitted_on, found.measured_on
    console.print(
        f"fitted on {fitted['rows']} rows ({fitted['safe']} safe, {fitted['unsafe']} unsafe), "
        f"measured on {other['rows']} others ({other['safe']} safe, {other['unsafe']} unsafe), "
        f"for traffic with {fitted['prevalence']:.0%} unsafe"
    )
    table = Table("figure", "before", "after")
    for name, value in found.before.items():
        table.add_row(name.replace("_", " "), _number(value), _number(found.after[name]))
    console.print(table)
    table = Table("threshold", "false positives", "at most", "misses", "at most")
    for threshold, rates in found.at.items():
        table.add_row(threshold, *(f"{rate:.1%}" for rate in rates.values()))
    console.print(table)
    console.print(f"'at most' with a confidence of {other['confidence']:.0%} each")
    for one in found.certified:
        console.print(Text(promise(one)))
    console.print(Text(f"calibrated: {written}" if written else "nothing was written"))


def promise(one: Any) -> str:
    """What a certificate says, in one line."""
    names = {"false_positive": "false positives", "miss": "misses"}
    sure = f", confidence {one['confidence']:.0%}" if one["confidence"] else ", on average"
    what = f"{names[one['rate']]} at most {one['wanted']:.1%}{sure}"
    if one["threshold"] is not None:
        return f"{what}: threshold {one['threshold']:.4f} (as --tau, or thresholds=)"
    if one["rows_needed"] is None:
        return f"{what}: no threshold keeps that, and more rows would not help"
    rows, needed = one["rows"], one["rows_needed"]
    return f"{what}: not with {rows} prompts of that kind; about {needed} are needed to measure on"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


command = typer.Typer(add_completion=False)
command.command(epilog=EXAMPLES)(calibrate)
