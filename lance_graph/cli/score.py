"""`lance-graph score`: the risk of a prompt, or of a prompt and an answer to it."""

from typing import TYPE_CHECKING

import typer

from lance_graph.cli import options, prepare
from lance_graph.cli.errors import UsageError
from lance_graph.cli.jsonl import Record, RowError, kind
from lance_graph.files import dumps

if TYPE_CHECKING:
    from lance_graph.cli.jobs import Job
    from lance_graph.context import LanceContext
    from lance_graph.routing import ThresholdPolicy
    from lance_graph.scores import Detector

EXAMPLES = """Examples:

lance-graph score "How do I kill a Python process?"

lance-graph score "How do I kill it?" --response "Use the kill command." --json

lance-graph score --input prompts.jsonl --output scores.jsonl

A row of the input has a 'prompt' and, if you like, a 'response'.

Exit codes: 0 scored, 1 error (of a file: if any row is one), 2 wrong usage"""

FIELDS = frozenset(("risk", "spread", "max_risk", "is_safe", "out_of_language"))


def score(
    text: options.Text = None,
    response: options.Response = None,
    input_file: options.Input = None,
    output_file: options.Output = None,
    overwrite: options.Overwrite = False,
    retry_failed: options.RetryFailed = False,
    context_file: options.ContextFile = None,
    detector: options.Detectors = None,
    guard_option: options.GuardOption = None,
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Score a prompt, alone or with an answer to it, on 14 categories of risk, or on your own."""
    files = prepare.choose_source("score", text, input_file, output_file)
    if files:
        if response is not None:
            raise UsageError("--response goes with a single TEXT; in a file it is a field")
        prepare.check_bulk(files, as_json)
    elif retry_failed:
        raise UsageError("--retry-failed goes with --input and --output")
    row = {} if files else {"prompt": prepare.read_prompt(text)}
    context = prepare.build_context(
        context_file, guard_options=guard_option, **prepare.chosen(detector)
    )
    loaded = prepare.load_detector(context.judged_by)
    policy = prepare.policy_for(context, loaded)
    if files:
        job = _job(loaded, context, policy)
        how = {
            "overwrite": overwrite,
            "retry_failed": retry_failed,
            "concurrency": options.AT_A_TIME,
        }
        prepare.run_job(job, files, **how)
        return
    if response is not None:
        row["response"] = prepare.whole(response)
    record = {**row, **measure(loaded, row, policy)}
    if as_json:
        typer.echo(dumps(record))
    else:
        from lance_graph.cli.render import show_score
        from lance_graph.detectors import described

        show_score(record, policy, described(record["risk"], loaded))


def measure(detector: "Detector", fields: Record, policy: "ThresholdPolicy") -> Record:
    """Risk and spread per category, the highest risk, and whether all are low by ``policy``."""
    from lance_graph.detectors import summarise

    response = fields.get("response")
    if response is not None and not isinstance(response, str):
        raise RowError(f"'response' must be a string, not {kind(response)}")
    return summarise(detector, fields["prompt"], response, policy)


def _job(detector: "Detector", context: "LanceContext", policy: "ThresholdPolicy") -> "Job":
    from lance_graph import __version__
    from lance_graph.cli.jobs import Job
    from lance_graph.detectors import configured_name

    return Job(
        name="score",
        fields=FIELDS,
        process=lambda fields: measure(detector, fields, policy),
        label=_label,
        settings={
            "lance-graph": f"score {__version__}",
            "detector": configured_name(context.judged_by),
            **prepare.digests(context, "detector", "detectors"),
            **_thresholds(context),
        },
    )


def _label(record: Record) -> str:
    if record["out_of_language"]:
        return "unjudged"
    return "safe" if record["is_safe"] else "risky"


def _thresholds(context: "LanceContext") -> Record:
    """The thresholds by which a text is safe, where they are not the defaults."""
    names = {"thresholds", "category_thresholds"}
    return context.model_dump(mode="json", include=names, exclude_defaults=True)
