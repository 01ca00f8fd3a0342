"""`lance-graph run`: repair and answer one prompt, or a file of them."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from lance_graph.cli import options, prepare
from lance_graph.cli.jsonl import Record
from lance_graph.files import dumps

if TYPE_CHECKING:
    from lance_graph.context import LanceContext

EXAMPLES = """Examples:

lance-graph run "How do I kill a Python process?"

echo "How do I pick a lock?" | lance-graph run - --json

lance-graph run "..." --target openai:gpt-4o-mini --max-iterations 5

lance-graph run --input prompts.jsonl --output answers.jsonl

lance-graph run --input prompts.jsonl --output would.jsonl --mode monitor

Exit codes: 0 answered, 1 error, 2 wrong usage, 3 degraded (a component failed)"""

FIELDS = frozenset(
    {
        "response", "status", "reason", "iterations", "prompt", "refined_prompt",
        "initial_risk", "initial_spread", "risk", "spread", "would_have", "out_of_language", "usage",
        "usage_by_model", "trace",
    }
)  # fmt: skip
DEGRADED = 3


def run(
    prompt: options.Prompt = None,
    input_file: options.Input = None,
    output_file: options.Output = None,
    overwrite: options.Overwrite = False,
    concurrency: options.Concurrency = 1,
    target: options.Target = None,
    refiner: options.Refiner = None,
    detector: options.Detector = None,
    mode: options.RunMode = None,
    screening: options.Order = None,
    max_iterations: options.MaxIterations = None,
    max_seconds: options.MaxSeconds = None,
    tau: options.Tau = None,
    tau_mild: options.TauMild = None,
    tau_severe: options.TauSevere = None,
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Repair a risky prompt and answer it; a harmless prompt is answered as it is."""
    files = prepare.choose_source("run", prompt, input_file, output_file)
    if files:
        prepare.check_bulk(files, as_json)
    text = None if files else prepare.read_prompt(prompt)
    context = prepare.build_context(
        thresholds={"tau": tau, "tau_mild": tau_mild, "tau_severe": tau_severe},
        target=target,
        refiner=refiner,
        detector=detector,
        mode=mode and mode.value,
        screening=screening and screening.value,
        max_iterations=max_iterations,
        max_seconds=max_seconds,
    )
    prepare.load_models(context)
    if files:
        _run_file(context, *files, overwrite=overwrite, concurrency=concurrency)
    elif text is not None:
        _run_one(context, text, as_json)


def answer(graph: Any, context: "LanceContext", prompt: str) -> Record:
    """One prompt through the graph: the verdict, and the answer as ``response``."""
    result = graph.invoke({"messages": [("user", prepare.whole(prompt))]}, context=context)
    return {"response": result["messages"][-1].text, **result["verdict"]}


def _run_one(context: "LanceContext", prompt: str, as_json: bool) -> None:
    from lance_graph.graph import build_graph

    with _spinner():
        record = answer(build_graph().compile(name="lance"), context, prompt)
    if as_json:
        typer.echo(dumps(record))
    else:
        from lance_graph.cli.render import show_run

        show_run(record, context.policy)
    if record["status"] == "degraded":
        typer.echo(f"lance-graph: degraded: {record['reason']}", err=True)
        raise typer.Exit(DEGRADED)


def _spinner() -> AbstractContextManager[Any]:
    """Something that moves on standard error, if a person watches."""
    from rich.console import Console

    console = Console(stderr=True)
    return console.status("working ...") if console.is_terminal else nullcontext()


def _run_file(
    context: "LanceContext", source: Path, target: Path, *, overwrite: bool, concurrency: int
) -> None:
    from lance_graph.cli.bulk import Job, work_through
    from lance_graph.graph import build_graph

    graph = build_graph().compile(name="lance")
    job = Job(
        name="run",
        fields=FIELDS,
        process=lambda fields: answer(graph, context, fields["prompt"]),
        label=lambda record: str(record["status"]),
    )
    work_through(job, source, target, overwrite=overwrite, concurrency=concurrency)
