"""`lance-graph run`: repair and answer one prompt, or a file of them."""

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import typer

from lance_graph.cli import options, prepare
from lance_graph.cli.errors import DEGRADED, UsageError
from lance_graph.cli.jsonl import Record, RowError
from lance_graph.cli.options import AT_A_TIME
from lance_graph.files import dumps

if TYPE_CHECKING:
    from lance_graph.cli.jobs import Job
    from lance_graph.context import LanceContext

EXAMPLES = """Examples:

lance-graph run "How do I kill a Python process?"

echo "How do I pick a lock?" | lance-graph run - --json

lance-graph run "..." --target openai:gpt-4o-mini --max-iterations 5

lance-graph run "..." --target openai:qwen --target-option base_url=http://localhost:8080/v1

lance-graph run "..." --context lance.yaml --max-iterations 5

lance-graph run --input prompts.jsonl --output answers.jsonl

lance-graph run --input prompts.jsonl --output would.jsonl --mode monitor

lance-graph run --input prompts.jsonl --output answers.jsonl --brief --retry-failed

A row of the input has a 'prompt', or the 'messages' of a conversation, each with 'role' and 'content'.

Exit codes: 0 answered, 1 error, 2 wrong usage, 3 degraded (a component failed); of a file 3 if any row
is degraded, else 1 if any is an error"""

FIELDS = frozenset(
    {
        "response", "status", "reason", "iterations", "prompt", "refined_prompt",
        "initial_risk", "initial_spread", "risk", "spread", "would_have", "uncertain",
        "out_of_language", "usage", "usage_by_model", "trace",
    }
)  # fmt: skip
OFFLINE_WORDS = {
    "offline/general": "I'm LANCE's offline responder and have no language model to think with, so this "
    "is general guidance; connect a model with --target for an answer to your own question.",
    "offline/not_rewritten": "I have passed your request on as it is. I'm LANCE's offline responder, "
    "though, and can't answer it without a language model: connect one with --target and ask again.",
}
"""What the offline responder says of itself at the command line, whose options the reader can give."""
BRIEF = frozenset({"response", "status", "reason", "refined_prompt"})


def run(
    prompt: options.Prompt = None,
    input_file: options.Input = None,
    output_file: options.Output = None,
    overwrite: options.Overwrite = False,
    retry_failed: options.RetryFailed = False,
    concurrency: options.Concurrency = AT_A_TIME,
    context_file: options.ContextFile = None,
    target: options.Target = None,
    target_option: options.TargetOption = None,
    refiner: options.Refiner = None,
    refiner_option: options.RefinerOption = None,
    detector: options.Detectors = None,
    guard_option: options.GuardOption = None,
    mode: options.RunMode = None,
    screening: options.Order = None,
    max_iterations: options.MaxIterations = None,
    max_seconds: options.MaxSeconds = None,
    tau: options.Tau = None,
    tau_mild: options.TauMild = None,
    tau_severe: options.TauSevere = None,
    notice: options.Notice = False,
    as_json: options.AsJson = False,
    fields: options.Fields = None,
    brief: options.Brief = False,
    debug: options.Debug = False,
) -> None:
    """Repair a risky prompt and answer it; a harmless prompt is answered as it is."""
    files = prepare.choose_source("run", prompt, input_file, output_file)
    if files:
        prepare.check_bulk(files, as_json)
    wanted = prepare.choose_fields(fields, brief, FIELDS, BRIEF)
    if wanted != FIELDS and not (files or as_json):
        raise UsageError("--fields and --brief go with --json or --output")
    if retry_failed and not files:
        raise UsageError("--retry-failed goes with --input and --output")
    text = None if files else prepare.read_prompt(prompt)
    context = prepare.build_context(
        context_file,
        target_options=target_option,
        refiner_options=refiner_option,
        guard_options=guard_option,
        tau=tau,
        tau_mild=tau_mild,
        tau_severe=tau_severe,
        target=target,
        refiner=refiner,
        **prepare.chosen(detector),
        mode=mode,
        screening=screening,
        max_iterations=max_iterations,
        max_seconds=max_seconds,
        notice=notice or None,
        prompts=OFFLINE_WORDS,
    )
    prepare.check_unattended(context)
    prepare.load_models(context)
    if files:
        job = _job(context, wanted)
        how = {"overwrite": overwrite, "retry_failed": retry_failed, "concurrency": concurrency}
        prepare.run_job(job, files, **how)
    elif text is not None:
        _run_one(context, text, as_json, wanted)


def answer(graph: Any, context: "LanceContext", row: Record) -> Record:
    """One prompt or conversation through the graph: the verdict, and the answer as ``response``."""
    result = graph.invoke({"messages": _messages(row)}, context=context)
    return {"response": result["messages"][-1].text, **result["verdict"]}


def _messages(row: Record) -> list[Any]:
    """The conversation of a row; RowError, which quotes none of it, if it is none."""
    if "prompt" in row:
        return [("user", prepare.whole(row["prompt"]))]
    from langchain_core.messages import HumanMessage, convert_to_messages

    try:
        messages = convert_to_messages([whole_strings(message) for message in row["messages"]])
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a foreign row
        raise RowError(
            "'messages' is no conversation: each is an object with a 'role' (user, assistant, system, "
            f"tool) and a 'content' ({type(error).__name__})"
        ) from None
    if not any(isinstance(message, HumanMessage) for message in messages):
        raise RowError("'messages' has none of the role user, so there is nothing to answer")
    return list(messages)


def whole_strings(value: Any) -> Any:
    """``value`` with `prepare.whole` text wherever it holds text."""
    if isinstance(value, str):
        return prepare.whole(value)
    if isinstance(value, dict):
        return {key: whole_strings(item) for key, item in value.items()}
    return [whole_strings(item) for item in value] if isinstance(value, list) else value


def _run_one(context: "LanceContext", prompt: str, as_json: bool, fields: frozenset[str]) -> None:
    from lance_graph.graph import build_graph

    with _spinner():
        record = answer(build_graph().compile(name="lance"), context, {"prompt": prompt})
    if as_json:
        typer.echo(dumps(_some(record, fields)))
    else:
        from lance_graph.cli.render import show_run
        from lance_graph.detectors import described, resolve

        policy = prepare.policy_for(context, resolve(context.judged_by))
        show_run(record, policy, described(record["risk"], *context.judges))
    if record["status"] == "degraded":
        typer.echo(f"lance-graph: degraded: {record['reason']} (--debug shows where)", err=True)
        raise typer.Exit(DEGRADED)


def _spinner() -> AbstractContextManager[Any]:
    """Something that moves on standard error, if a person watches."""
    from rich.console import Console

    console = Console(stderr=True)
    return console.status("working ...") if console.is_terminal else nullcontext()


def _some(record: Record, fields: frozenset[str]) -> Record:
    return {name: value for name, value in record.items() if name in fields}


def _job(context: "LanceContext", fields: frozenset[str]) -> "Job":
    from lance_graph import __version__
    from lance_graph.cli.jobs import Job
    from lance_graph.graph import build_graph

    graph = build_graph().compile(name="lance")
    return Job(
        name="run",
        fields=fields,
        process=lambda row: _some(answer(graph, context, row), fields),
        label=lambda record: str(record["status"]),
        settings={
            "lance-graph": f"run {__version__}",
            "fields": sorted(fields),
            **context.model_dump(mode="json"),
            **prepare.digests(context),
        },
        failed=frozenset({"degraded"}),
        conversations=True,
    )
