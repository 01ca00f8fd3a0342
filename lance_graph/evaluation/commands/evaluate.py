"""`lance-graph evaluate`: run a suite of methods on prompts, and print its tables."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lance_graph.cli import options, prepare
from lance_graph.cli.errors import CliError, Interrupted, UsageError, one_line
from lance_graph.cli.settings import parse_settings

if TYPE_CHECKING:
    from lance_graph.evaluation.assembly import Assembly, Request
    from lance_graph.evaluation.runner import Runner
    from lance_graph.evaluation.store import Store

EXAMPLES = """Examples:

lance-graph evaluate pipeline --data prompts.jsonl --output OUT --limit 5

lance-graph evaluate table3 --data xstest_prompts.csv --output OUT

lance-graph evaluate table1 --data hub:PKU-Alignment/BeaverTails-Evaluation --samples 500
--target huggingface:ORG/NAME --refiner openai:gpt-4o-mini --judge deepseek:deepseek-chat --output OUT

lance-graph evaluate table4 --model openai:gpt-4o --model google_genai:gemini-2.5-flash --data FILE
--judge MODEL --output OUT --dry-run

The same command goes on where an earlier one stopped. OUT holds records.jsonl, run.json, report.md,
report.html and tables/."""

DATA = "The samples"
RUN = "The run"


def evaluate(
    suite: Annotated[
        str,
        typer.Argument(
            metavar="TABLE|SUITE", help="table1, table2, table3, table4, guard or pipeline."
        ),
    ],
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data", metavar="FILE", rich_help_panel=DATA,
            help="JSON Lines, JSON, CSV in XSTest's schema, or hub:NAME; may be repeated.",
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--column", metavar="FIELD=NAME", rich_help_panel=DATA,
            help="What the data calls a field, such as prompt=question; may be repeated.",
        ),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            "--samples", min=1, metavar="N", rich_help_panel=DATA, show_default="all",
            help="So many, evenly from all categories; 500 in the paper.",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", min=1, metavar="N", rich_help_panel=DATA, help="The first N of them only."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", rich_help_panel=DATA, help="Of the selection by --samples.")
    ] = 0,
    context_file: options.ContextFile = None,
    target: options.Target = None,
    target_option: options.TargetOption = None,
    refiner: options.Refiner = None,
    refiner_option: options.RefinerOption = None,
    detector: options.Detector = None,
    guard_option: options.GuardOption = None,
    instruct: Annotated[
        str | None,
        typer.Option(
            "--instruct", metavar="MODEL", rich_help_panel=options.MODELS,
            help="The officially aligned model, for the method 'instruct'.",
        ),
    ] = None,
    guard: Annotated[
        str | None,
        typer.Option(
            "--guard", metavar="GUARD", rich_help_panel=options.MODELS,
            help="Guard model for the method 'guard', such as 'llama-guard:ollama:llama-guard3'.",
        ),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            "--judge", metavar="MODEL", rich_help_panel=options.MODELS,
            help="Model that judges the answers; it can be added to a finished run.",
        ),
    ] = None,
    vectors: Annotated[
        Path | None,
        typer.Option(
            "--vectors", metavar="FILE", rich_help_panel=options.MODELS,
            help="Steering vectors for the method 'rep-e'.",
        ),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option(
            "--encoder", metavar="PATH_OR_ID", rich_help_panel=options.MODELS,
            help="Sentence encoder of the similarity, such as sentence-transformers/all-MiniLM-L6-v2; "
            "the detector's own token embeddings otherwise.",
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model", metavar="MODEL", rich_help_panel=options.MODELS,
            help="One more model that answers as it is; may be repeated (table4).",
        ),
    ] = None,
    methods: Annotated[
        str | None,
        typer.Option(
            "--methods", metavar="NAMES", rich_help_panel=RUN, show_default="the suite's",
            help="Some of the suite's methods, with commas between.",
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="METHOD.NAME=VALUE", rich_help_panel=RUN,
            help="An option of a method, such as rep-e.strength=0.3; may be repeated.",
        ),
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option(
            "--backbone", metavar="NAME", rich_help_panel=RUN,
            help="The paper's backbone whose figures are printed beside (table1).",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FOLDER", rich_help_panel=RUN,
            help="Where records and report go; a run that was stopped goes on where it stopped.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", rich_help_panel=RUN, help="Start anew in the folder.")
    ] = False,
    retry_failed: Annotated[
        bool,
        typer.Option(
            "--retry-failed", rich_help_panel=RUN, help="Ask again for what failed earlier."
        ),
    ] = False,
    concurrency: Annotated[
        int,
        typer.Option(
            "--concurrency", min=1, max=256, metavar="N", rich_help_panel=RUN,
            help="How many samples a model is given at a time; a local model takes one.",
        ),
    ] = 4,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout", min=0.1, metavar="S", rich_help_panel=RUN, show_default="no limit",
            help="Seconds after which a model call fails.",
        ),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            "--cache", metavar="FILE", rich_help_panel=RUN,
            help="Keep model calls in this file, and never make the same one twice.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", rich_help_panel=RUN, help="Print how many calls it would take and stop."
        ),
    ] = False,
    max_iterations: options.MaxIterations = None,
    max_seconds: options.MaxSeconds = None,
    tau: options.Tau = None,
    tau_mild: options.TauMild = None,
    tau_severe: options.TauSevere = None,
    debug: options.Debug = False,
) -> None:  # fmt: skip
    """Compare methods on prompts: the paper's tables, detectors, or the whole pipeline."""
    _check(suite, data, output, backbone, dry_run=dry_run)
    if overwrite and retry_failed:
        raise UsageError("--retry-failed goes on, --overwrite starts anew; give one of them")
    context = prepare.build_context(
        context_file, target_options=target_option, refiner_options=refiner_option,
        guard_options=guard_option,
        tau=tau, tau_mild=tau_mild, tau_severe=tau_severe,
        target=target, refiner=refiner, detector=detector,
        max_iterations=max_iterations, max_seconds=max_seconds,
    )  # fmt: skip
    prepare.check_unattended(context)
    from lance_graph.evaluation.assembly import Request
    from lance_graph.evaluation.methods.base import Setting

    given = context.model_fields_set - {"target", "refiner", "detector"}
    setting = Setting(
        context.target, context.refiner, context.detector, instruct, guard, vectors,
        encoder=encoder,
        options={name: getattr(context, name) for name in sorted(given)},
        method_options=_method_options(settings or ()),
    )  # fmt: skip
    chosen = [name.strip() for name in (methods or "").split(",") if name.strip()]
    request = Request(
        suite=suite, data=data or (), setting=setting, judge=judge, methods=chosen,
        models=model or (), count=samples, limit=limit, seed=seed, backbone=backbone,
        columns=_columns(columns or ()),
    )  # fmt: skip
    _evaluate(
        request, output, concurrency=concurrency, timeout=timeout, cache=cache,
        retry_failed=retry_failed, overwrite=overwrite, dry_run=dry_run,
    )  # fmt: skip


def _check(
    suite: str,
    data: Sequence[str] | None,
    output: Path | None,
    backbone: str | None,
    *,
    dry_run: bool,
) -> None:
    """UsageError for what can be seen without loading anything."""
    from lance_graph.evaluation.published import BACKBONES
    from lance_graph.evaluation.suites import SUITES

    if suite not in SUITES:
        known = "; ".join(f"{name}: {one.description}" for name, one in SUITES.items())
        raise UsageError(f"there is no suite {suite!r}; known are {known}")
    if not data:
        raise UsageError("--data is missing: a file of prompts, or hub:NAME")
    if output is None and not dry_run:
        raise UsageError("--output is missing: the folder for records and report")
    missing = [name for name in ("jinja2", "matplotlib") if find_spec(name) is None]
    if missing and not dry_run:
        raise CliError(
            f"the report needs {' and '.join(missing)}: pip install 'langgraph-lance[evaluate]'"
        )
    if backbone not in (None, *BACKBONES):
        raise UsageError(f"--backbone: {backbone!r} is none of {', '.join(BACKBONES)}")


def _columns(texts: Sequence[str]) -> dict[str, str]:
    """Names by field of ``FIELD=NAME`` texts; UsageError names the one that is wrong."""
    pairs = [text.partition("=") for text in texts]
    for field, equals, name in pairs:
        if not (field and equals and name):
            raise UsageError(f"--column: '{field}{equals}{name}' is not FIELD=NAME")
    return {field: name for field, _, name in pairs}


def _method_options(settings: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Options by method of ``METHOD.NAME=VALUE`` texts; UsageError names the one that is wrong."""
    options: dict[str, dict[str, Any]] = {}
    for key, value in parse_settings(settings).items() if settings else ():
        method, dot, name = key.partition(".")
        if not dot or not name:
            raise UsageError(f"--set: '{key}' is not METHOD.NAME, such as rep-e.strength")
        options.setdefault(method, {})[name] = value
    return options


def _evaluate(
    request: "Request", output: Path | None, *, concurrency: int, timeout: float | None,
    cache: Path | None, retry_failed: bool, overwrite: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Assemble, run and report; what is wrong becomes one line."""
    from lance_graph.evaluation.assembly import assemble, load_models
    from lance_graph.evaluation.runner import Runner
    from lance_graph.evaluation.store import Store, read_records

    try:
        assembly = assemble(request)
        runner = Runner(
            assembly.methods, assembly.scorers, concurrency=concurrency, timeout=timeout,
            retry_failed=retry_failed,
        )  # fmt: skip
        for note in assembly.notes:
            typer.echo(f"lance-graph: {note}", err=True)
        done = read_records(output, assembly.facts) if output and not overwrite else {}
        if dry_run or output is None:
            _show_plan(runner, assembly, done)
            return
        if any(one.tasks for one in runner.plan(assembly.samples, done)):
            load_models(request)  # first, so that a wrong name leaves no trace in the folder
        store = Store(output, assembly.facts, overwrite=overwrite)
        _run(runner, assembly, store, cache)
        _report(assembly, store)
    except (OSError, ValueError, ImportError) as error:
        raise CliError(one_line(error, 1_000)) from error


def _run(runner: "Runner", assembly: "Assembly", store: "Store", cache: Path | None) -> None:
    """Bring the records up to date, with a progress display; Interrupted on Ctrl-C."""
    import asyncio
    from dataclasses import replace

    from lance_graph.evaluation.call_cache import CallCache, caching
    from lance_graph.evaluation.commands.bars import EvaluationBars
    from lance_graph.evaluation.store import CALLS, remove_calls

    calls = CallCache(cache) if cache else CallCache(store.folder / CALLS, shared=False)
    bars = EvaluationBars(runner, assembly.samples, store)
    try:
        with caching(calls), bars:
            asyncio.run(replace(runner, observe=bars.observe).run(assembly.samples, store))
    except KeyboardInterrupt:
        raise Interrupted(
            f"interrupted: {bars.summary()}; the same command goes on from there"
            " (without --overwrite)"
        ) from None
    finally:
        store.close()
    store.tidy((m.name, s.id) for s in assembly.samples for m in assembly.methods)
    remove_calls(store.folder)
    typer.echo(bars.summary(), err=True)


def _report(assembly: "Assembly", store: "Store") -> None:
    """Write the report in every form, and print its tables."""
    from rich.console import Console

    from lance_graph.evaluation.report import render

    report = assembly.report(store)
    tables = store.folder / "tables"
    tables.mkdir(exist_ok=True)
    for stale in tables.glob("*.csv"):
        stale.unlink()
    files = {store.folder / "report.md": render.to_markdown(report)}
    files[store.folder / "report.html"] = render.to_html(report)
    files |= {tables / name: text for name, text in render.to_csv(report).items()}
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    console = Console(highlight=False)
    if not console.is_terminal:  # a file is as wide as the tables like
        console = Console(highlight=False, width=120)
    render.to_terminal(report, console, plots=False)  # Markdown and HTML have them
    typer.echo(f"report: {store.folder / 'report.html'}", err=True)


def _show_plan(runner: "Runner", assembly: "Assembly", done: Any) -> None:
    """Print what would be asked for."""
    from rich.console import Console
    from rich.table import Table

    planned = runner.plan(assembly.samples, done)
    table = Table("who", "model", "samples", "calls, at most", title_justify="left")
    for column in table.columns[2:]:
        column.justify = "right"
    for one in planned:
        table.add_row(one.name, one.model, f"{one.tasks:,}", f"{one.calls:,}")
    table.add_section()
    table.add_row("all", "", "", f"{sum(one.calls for one in planned):,}")
    Console(highlight=False).print(table)


command = typer.Typer(add_completion=False)
command.command(epilog=EXAMPLES)(evaluate)
