"""From what was typed to what a command works with; everything that can be wrong is found here."""

import re
import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from lance_graph.cli.errors import CliError, UsageError, one_line
from lance_graph.cli.settings import parse_model_options

if TYPE_CHECKING:
    from lance_graph.cli.jobs import Job
    from lance_graph.context import LanceContext
    from lance_graph.detectors import Choice
    from lance_graph.routing import ThresholdPolicy
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


def build_context(
    file: Path | None = None,
    *,
    tau: float | None = None,
    tau_mild: float | None = None,
    tau_severe: float | None = None,
    target_options: Sequence[str] | None = None,
    refiner_options: Sequence[str] | None = None,
    guard_options: Sequence[str] | None = None,
    prompts: Mapping[str, str] = {},
    **options: Any,
) -> "LanceContext":
    """The context of a run from a file and the options that were given, which win over it.

    A model or a guard that is named by an option has none of the file's options, for they were another's.
    A prompt in the file goes before that in ``prompts``.
    UsageError names what is wrong.
    """
    from pydantic import ValidationError

    from lance_graph.context import LanceContext
    from lance_graph.context_file import merged
    from lance_graph.model_options import ModelOptions

    fields = _fields_of(file)
    own = fields.get("prompts", {})
    fields["prompts"] = {**prompts, **own} if isinstance(own, Mapping) else own
    given = {
        name: value.value if isinstance(value, Enum) else value
        for name, value in options.items()
        if value is not None
    }
    of_file = merged(fields, given)
    for name, texts in (
        ("target_options", target_options),
        ("refiner_options", refiner_options),
        ("guard_options", guard_options),
    ):
        if texts:
            option = f"--{name.removesuffix('s').replace('_', '-')}"
            typed = parse_model_options(texts, option)
            try:
                given[name] = ModelOptions.of(of_file.get(name)).updated(typed)
            except ValueError as error:
                raise UsageError(f"{option}: {error}") from None
    thresholds = {"tau": tau, "tau_mild": tau_mild, "tau_severe": tau_severe}
    if taus := {name: value for name, value in thresholds.items() if value is not None}:
        given["thresholds"] = {**_spelled_out(fields.get("thresholds")), **taus}
    try:
        return LanceContext(**merged(fields, given))
    except ValidationError as error:
        raise UsageError(_explain(error.errors()[0], given, file)) from None


def _fields_of(file: Path | None) -> dict[str, Any]:
    """What stands in a context file; UsageError says what is wrong with it."""
    if file is None:
        return {}
    from lance_graph.context import LanceContext
    from lance_graph.context_file import read_fields

    try:
        return read_fields(file, LanceContext.model_fields)
    except OSError as error:
        raise UsageError(f"--context: '{file}' cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"--context: {error}") from None


def _spelled_out(thresholds: Any) -> dict[str, Any]:
    """Thresholds by name, however they were written."""
    if isinstance(thresholds, Mapping):
        return dict(thresholds)
    return {} if thresholds is None else {"tau": thresholds}


def check_unattended(context: "LanceContext") -> None:
    """UsageError where a run may wait for a person: a command does not."""
    if context.may_pause:
        raise UsageError(
            f"--context: {context.pausing} pauses a run for a person, and a command cannot be "
            "resumed; leave it out here"
        )


def judged_by(names: Sequence[str] | None) -> "Choice":
    """What ``--detector`` names, once or several times."""
    return names[0] if names and len(names) == 1 else tuple(names or ()) or None


def chosen(names: Sequence[str] | None) -> dict[str, Any]:
    """`judged_by` as a field of `LanceContext`."""
    one = judged_by(names)
    return {"detectors": one} if isinstance(one, tuple) else {"detector": one}


def digests(context: "LanceContext", *fields: str) -> dict[str, str]:
    """What is in the files that a context names, in these of its ``fields`` or in any, as digests."""
    from lance_graph import named_files

    given = dict(context)
    try:
        return named_files.digests({name: given[name] for name in fields or given})
    except OSError as error:
        raise CliError(f"'{error.filename}' cannot be read: {error.strerror}") from error


def policy_for(context: "LanceContext", detector: "Detector") -> "ThresholdPolicy":
    """The thresholds of every category of a detector, or of the context's guard; UsageError for others."""
    from lance_graph.detectors import UnknownCategoryError, policy_of

    try:
        try:
            return policy_of(context, detector)
        except UnknownCategoryError:
            guard = load_guard(context)
            if guard is None:
                raise
            return policy_of(context, detector, guard)
    except UnknownCategoryError as error:
        raise UsageError(str(error)) from error


def load_models(context: "LanceContext") -> None:
    """Load the detector and the chat models now, so that a wrong name stops before any work."""
    from lance_graph import models

    detector = load_detector(context.judged_by)
    load_guard(context)
    policy_for(context, detector)
    for option, name, options, settings in (
        ("--target", context.target, context.target_options, {}),
        ("--refiner", context.refiner, context.refiner_options, {"temperature": 0}),
    ):
        if name == models.OFFLINE:
            continue
        try:
            models.resolve(name, options=options, **settings)
        except Exception as error:
            raise CliError(f"{option}: {one_line(error)}") from error


def load_guard(context: "LanceContext") -> "Detector | None":
    """The guard for other languages, if the context names one; CliError says what is missing."""
    guard = context.foreign_guard
    return None if guard is None else load_detector(guard, "--context: out_of_language")


def load_detector(name: "Choice", option: str = "--detector") -> "Detector":
    """The detector of that name; CliError says what is missing, and blames no option that is not meant."""
    from lance_graph.detector import EMBEDDED_NAME

    _check_temporary_folder()
    try:
        from lance_graph.detectors import resolve

        return resolve(name)
    except Exception as error:
        named = name not in (None, EMBEDDED_NAME)
        what = option if named else "the embedded detector cannot be loaded"
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


def _explain(error: Any, given: Mapping[str, Any], file: Path | None) -> str:
    """One of pydantic's errors in the words of the command line, or of the file that is to blame."""
    message = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return str(message) if file is None else f"--context: {file}: {message}"
    value = "" if error["type"] == "value_error" else f" (got {error['input']!r})"
    field = error["loc"][0]
    if file is not None and field not in given:
        return f"--context: {file}: {'.'.join(map(str, error['loc']))}: {message}{value}"
    of_a_model = str(field).endswith("_options")
    texts = [part for part in error["loc"] if isinstance(part, str)]
    option = str(field).removesuffix("s") if of_a_model or field == "detectors" else texts[-1]
    return f"--{option.replace('_', '-')}: {message}{value}"
