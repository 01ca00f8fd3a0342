"""`lance-graph train`: from labelled rows and an encoder to a detector checkpoint."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lance_graph.cli.errors import CliError, Interrupted, UsageError, one_line
from lance_graph.cli.options import Debug
from lance_graph.cli.settings import parse_settings

if TYPE_CHECKING:
    from lance_graph.training.recipe import TrainingRecipe

EXAMPLES = """Examples:

lance-graph train --config examples/train_detector.yaml --data DATA --encoder ENCODER --output RUN

lance-graph train --data rows.jsonl --encoder roberta-base --output RUN --set precision=fp32

lance-graph train --data DATA --encoder SMALL --teacher LARGE_RUN --unlabelled prompts.jsonl --output RUN

lance-graph train --resume --output RUN

torchrun --nproc_per_node 2 -m lance_graph.cli train --config FILE.yaml

DATA is a JSON Lines file, a folder with train/, hub:PKU-Alignment/BeaverTails (streamed), or
twins:FOLDER (written twins; 'twins' are those of the repository)."""

RECIPE = "The recipe"
RUN = "The run"


def train(
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Recipe in YAML; the options go over it."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data", rich_help_panel=RECIPE,
            help="JSON Lines file, folder, hub:NAME or twins:FOLDER.",
        ),
    ] = None,
    encoder: Annotated[
        str | None,
        typer.Option("--encoder", rich_help_panel=RECIPE, help="Folder or hub id of an encoder."),
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", rich_help_panel=RECIPE, help="Folder of the run.")
    ] = None,
    stage: Annotated[
        str | None,
        typer.Option("--stage", rich_help_panel=RECIPE, help="'main', or 'contrastive' before it."),
    ] = None,
    objective: Annotated[
        str | None,
        typer.Option(
            "--objective", rich_help_panel=RECIPE, help="'lance', or the plain 'classifier'."
        ),
    ] = None,
    teacher: Annotated[
        list[str] | None,
        typer.Option(
            "--teacher", metavar="RUN", rich_help_panel=RECIPE,
            help="Trained detector to learn from; may be repeated, then their mean counts.",
        ),
    ] = None,
    unlabelled: Annotated[
        list[str] | None,
        typer.Option(
            "--unlabelled", metavar="FILE", rich_help_panel=RECIPE,
            help="JSON Lines of prompts that teachers alone label; may be repeated.",
        ),
    ] = None,
    epochs: Annotated[
        float | None, typer.Option("--epochs", rich_help_panel=RECIPE, help="Passes over the rows.")
    ] = None,
    max_steps: Annotated[
        int | None,
        typer.Option("--max-steps", rich_help_panel=RECIPE, help="Steps instead of epochs."),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option("--batch-size", rich_help_panel=RECIPE, help="Rows per process and batch."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", rich_help_panel=RECIPE, help="Train on so many rows only."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", rich_help_panel=RECIPE, help="Of all that is random.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", rich_help_panel=RECIPE,
            help="Any other field of the recipe, its value in YAML; may be repeated.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", rich_help_panel=RUN, help="Go on from the last checkpoint."),
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", rich_help_panel=RUN, help="Start anew over an earlier run."),
    ] = False,
    print_config: Annotated[
        bool,
        typer.Option("--print-config", rich_help_panel=RUN, help="Print the recipe and stop."),
    ] = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Train a risk detector."""
    options = {
        "data": data, "encoder": encoder, "output": output, "stage": stage, "objective": objective,
        "epochs": epochs, "max_steps": max_steps, "batch_size": batch_size, "limit": limit,
        "seed": seed, "teachers": teacher or None, "unlabelled": unlabelled or None,
    }  # fmt: skip
    given = {name: value for name, value in options.items() if value is not None}
    if resume and overwrite:
        raise UsageError("--resume goes on, --overwrite starts anew; give one of them")
    if resume and config is None and output and (Path(output) / "recipe.json").exists():
        config = Path(output) / "recipe.json"
    recipe = _recipe(config, {**parse_settings(settings or ()), **given})
    if print_config:
        import yaml

        fields = recipe.model_dump(mode="json")
        typer.echo(yaml.safe_dump(fields, sort_keys=False, allow_unicode=True), nl=False)
        return
    _train(recipe, resume=resume, overwrite=overwrite)


def _recipe(config: Path | None, fields: Mapping[str, Any]) -> "TrainingRecipe":
    from lance_graph.training.recipe import read_recipe

    try:
        return read_recipe(config, **fields)
    except OSError as error:
        raise CliError(f"--config: {one_line(error)}") from error
    except ValueError as error:
        raise UsageError(one_line(error)) from error


def _train(recipe: "TrainingRecipe", *, resume: bool, overwrite: bool) -> None:
    """Train with a progress bar, then show the figures; what is wrong becomes one line."""
    from transformers.utils import logging

    from lance_graph.training import training
    from lance_graph.training.arguments import is_main_process
    from lance_graph.training.commands.progress import TrainingBar

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with TrainingBar(shown=is_main_process()) as bar:
            output = training.train(recipe, resume=resume, overwrite=overwrite, callbacks=[bar])
    except KeyboardInterrupt:
        raise Interrupted(
            f"interrupted; 'lance-graph train --resume --output {recipe.output}' goes on"
        ) from None
    except (OSError, ValueError, ImportError) as error:
        raise CliError(one_line(error, 1_000)) from error
    if is_main_process():
        show_figures(output)


def show_figures(output: Path) -> None:
    """Print the figures of a run and where it is."""
    import json

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    metrics = output / "metrics.json"
    if metrics.exists():
        table = Table("figure", "value", title="On held-out rows", title_justify="left")
        table.columns[1].justify = "right"
        for name, value in json.loads(metrics.read_text(encoding="utf-8")).items():
            shown = f"{value:.4f}" if isinstance(value, float) else str(value)
            table.add_row(name.replace("_", " "), "-" if value is None else shown)
        console.print(table)
    console.print(Text(f"checkpoint: {output}"))


command = typer.Typer(add_completion=False)
command.command(epilog=EXAMPLES)(train)
