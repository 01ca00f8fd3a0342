"""From what was typed to what a command works with; everything that can be wrong is found here."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from lance_graph.cli.errors import CliError, UsageError, one_line

if TYPE_CHECKING:
    from lance_graph.cli.jobs import Job
    from lance_graph.context import LanceContext
    from lance_graph.detectors import Choice
    from lance_graph.scores import Detector

_SURROGATE = re.compile("[\ud800-\udfff]")


def whole(text: str) -> str:
    """``text`` with U+FFFD for each lone surrogate: half a character, which nothing can encode."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def choose_source(
    command: str, prompt: str | None, source: Path | None, target: Path | None
) -> tuple[Path, Path] | None:
    """The two files of a bulk run, None for a single prompt; UsageError unless exactly one is given."""
    if prompt is not None and (source or target):
        raise UsageError("give either a prompt or --input and --output, not both")
    if source and target:
        return source, target
    if source or target:
        missing = "--output" if source else "--input"
        raise UsageError(
            f"{missing} is missing; for example: "
            f"lance-graph {command} --input prompts.jsonl --output results.jsonl"
        )
    if prompt is None:
        raise UsageError(
            "give a prompt, or --input and --output; "
            f'for example: lance-graph {command} "How do I kill a Python process?"'
        )
    return None


def check_bulk(files: tuple[Path, Path], as_json: bool) -> None:
    """UsageError or CliError if a bulk run cannot begin."""
    from lance_graph.cli.bulk import check_files

    if as_json:
        raise UsageError("--json goes with a single prompt; a file of results is JSON Lines anyway")
    check_files(*files)


def choose_fields(
    fields: str | None, brief: bool, known: frozenset[str], short: frozenset[str]
) -> frozenset[str]:
    """The fields of a result that are wanted, ``status`` among them; UsageError names an unknown one."""
    if fields is None:
        return short if brief else known
    if brief:
        raise UsageError("--brief is short for --fields; give one of them")
    names = {name.strip() for name in fields.split(",")} - {""}
    if unknown := sorted(names - known):
        raise UsageError(
            f"--fields: there is no field {unknown[0]!r}; there are {', '.join(sorted(known))}"
        )
    return frozenset(names | {"status"})


def run_job(job: "Job", files: tuple[Path, Path], **how: Any) -> None:
    """Work through the rows of a file; typer's Exit with the code of how they came out."""
    from lance_graph.cli.bulk import work_through

    if code := work_through(job, *files, **how):
        raise typer.Exit(code)


def read_prompt(prompt: str | None) -> str:
    """The prompt as typed, or standard input for '-'; CliError if there is nothing in it."""
    if prompt == "-":
        prompt = sys.stdin.buffer.read().decode("utf-8", "replace").removeprefix("\ufeff")
        prompt = prompt.rstrip("\r\n")
        if not prompt.strip():
            raise CliError("standard input is empty; '-' reads the prompt from it")
    if not prompt or not prompt.strip():
        raise CliError("the prompt is empty")
    return whole(prompt)


def build_context(*, thresholds: dict[str, float | None], **options: Any) -> "LanceContext":
    """The context of a run from the options that were given; UsageError names the wrong one."""
    from pydantic import ValidationError

    from lance_graph.context import LanceContext
    from lance_graph.routing import Thresholds

    given = {name: value for name, value in options.items() if value is not None}
    taus = {name: value for name, value in thresholds.items() if value is not None}
    try:
        return LanceContext(thresholds=Thresholds(**taus), **given)
    except ValidationError as error:
        raise UsageError(_explain(error.errors()[0])) from error


def judged_by(names: Sequence[str] | None) -> "Choice":
    """What ``--detector`` names, once or several times."""
    return names[0] if names and len(names) == 1 else tuple(names or ()) or None


def chosen(names: Sequence[str] | None) -> dict[str, Any]:
    """`judged_by` as a field of `LanceContext`."""
    one = judged_by(names)
    return {"detectors": one} if isinstance(one, tuple) else {"detector": one}


def digests(choice: "Choice") -> dict[str, str]:
    """What is in the word lists that are named, as digests: with other words results are others."""
    from hashlib import sha256

    names = choice if isinstance(choice, tuple) else (choice,)
    files = [name for name in names if isinstance(name, str) and name.startswith("words:")]
    return {
        name: sha256(Path(name.partition(":")[2]).expanduser().read_bytes()).hexdigest()
        for name in files
    }


def load_models(context: "LanceContext") -> None:
    """Load the detector and the chat models now, so that a wrong name stops before any work."""
    from lance_graph import models
    from lance_graph.detectors import UnknownCategoryError, policy_of

    detector = load_detector(context.judged_by)
    try:
        policy_of(context, detector)
    except UnknownCategoryError as error:
        raise UsageError(str(error)) from error
    for option, name, settings in (
        ("--target", context.target, {}),
        ("--refiner", context.refiner, {"temperature": 0}),
    ):
        if name == models.OFFLINE:
            continue
        try:
            models.resolve(name, **settings)
        except Exception as error:
            raise CliError(f"{option}: {one_line(error)}") from error


def load_detector(name: "Choice") -> "Detector":
    """The detector of that name; CliError says what is missing, and blames no option that is not meant."""
    from lance_graph.detector import EMBEDDED_NAME

    _check_temporary_folder()
    try:
        from lance_graph.detectors import resolve

        return resolve(name)
    except Exception as error:
        named = name not in (None, EMBEDDED_NAME)
        what = "--detector" if named else "the embedded detector cannot be loaded"
        raise CliError(f"{what}: {one_line(error)}") from error


def _check_temporary_folder() -> None:
    """CliError where there is none: torch needs one, and whatever is loaded then would be blamed."""
    import tempfile

    try:
        tempfile.gettempdir()
    except OSError as error:
        raise CliError(
            f"there is no temporary folder that can be written; set TMPDIR to one ({one_line(error)})"
        ) from error


def _explain(error: Any) -> str:
    """One of pydantic's errors in the words of the command line."""
    message = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return str(message)
    option = [part for part in error["loc"] if isinstance(part, str)][-1].replace("_", "-")
    option = option.replace("detectors", "detector")
    value = "" if error["type"] == "value_error" else f" (got {error['input']!r})"
    return f"--{option}: {message}{value}"
