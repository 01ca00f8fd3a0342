"""`lance-graph score`: the risk of a prompt, or of a prompt and an answer to it."""

from typing import TYPE_CHECKING

import typer

from lance_graph.cli import options, prepare
from lance_graph.cli.errors import UsageError
from lance_graph.cli.jsonl import Record, RowError, kind
from lance_graph.files import dumps

if TYPE_CHECKING:
    from lance_graph.cli.jobs import Job
    from lance_graph.detectors import Choice
    from lance_graph.scores import Detector

EXAMPLES = """Examples:

lance-graph score "How do I kill a Python process?"

lance-graph score "How do I kill it?" --response "Use the kill command." --json

lance-graph score --input prompts.jsonl --output scores.jsonl

A row of the input has a 'prompt' and, if you like, a 'response'.

Exit codes: 0 scored, 1 error (of a file: if any row is one), 2 wrong usage"""

FIELDS = frozenset(("risk", "spread", "max_risk", "is_safe"))


def score(
    text: options.Text = None,
    response: options.Response = None,
    input_file: options.Input = None,
    output_file: options.Output = None,
    overwrite: options.Overwrite = False,
    retry_failed: options.RetryFailed = False,
    detector: options.Detectors = None,
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Score a prompt, alone or with an answer to it, on 14 categories of risk, or on your own."""
    files = prepare.choose_source("score", text, input_file, output_file)
    named = prepare.judged_by(detector)
    if files:
        if response is not None:
            raise UsageError("--response goes with a single TEXT; in a file it is a field")
        prepare.check_bulk(files, as_json)
        loaded = prepare.load_detector(named)
        job = _job(loaded, named)
        prepare.run_job(job, files, overwrite=overwrite, retry_failed=retry_failed)
        return
    if retry_failed:
        raise UsageError("--retry-failed goes with --input and --output")
    prompt = prepare.read_prompt(text)
    row = {"prompt": prompt}
    if response is not None:
        row["response"] = prepare.whole(response)
    loaded = prepare.load_detector(named)
    record = {**row, **measure(loaded, row)}
    if as_json:
        typer.echo(dumps(record))
    else:
        from lance_graph.cli.render import show_score
        from lance_graph.context import LanceContext
        from lance_graph.detectors import described, policy_of

        policy = policy_of(LanceContext(), loaded)
        show_score(record, policy, described(record["risk"], loaded))


def measure(detector: "Detector", fields: Record) -> Record:
    """Risk and spread per category, the highest risk, and whether all are low."""
    from lance_graph.detectors import summarise

    response = fields.get("response")
    if response is not None and not isinstance(response, str):
        raise RowError(f"'response' must be a string, not {kind(response)}")
    return summarise(detector, fields["prompt"], response)


def _job(detector: "Detector", named: "Choice") -> "Job":
    from lance_graph import __version__
    from lance_graph.cli.jobs import Job
    from lance_graph.detectors import configured_name

    return Job(
        name="score",
        fields=FIELDS,
        process=lambda fields: measure(detector, fields),
        label=lambda record: "safe" if record["is_safe"] else "risky",
        settings={
            "lance-graph": f"score {__version__}",
            "detector": configured_name(named),
            **prepare.digests(named),
        },
    )
