"""The options, one type each, shared by the commands."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

FILES = "Many prompts"
MODELS = "Models"
LIMITS = "Thresholds and budgets"


class Screening(StrEnum):
    """What is scored first."""

    PROMPT = "prompt"
    PAIR = "pair"


class Mode(StrEnum):
    """Whether anything is repaired."""

    ENFORCE = "enforce"
    MONITOR = "monitor"


class Format(StrEnum):
    """How the graph is drawn."""

    MERMAID = "mermaid"
    ASCII = "ascii"
    SVG = "svg"
    PNG = "png"


Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback when something fails.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

Prompt = Annotated[
    str | None,
    typer.Argument(
        metavar="PROMPT", help="The request; '-' reads it from standard input.", show_default=False
    ),
]
Text = Annotated[
    str | None,
    typer.Argument(
        metavar="TEXT", help="The prompt; '-' reads it from standard input.", show_default=False
    ),
]
Response = Annotated[
    str | None, typer.Option("--response", help="An answer to score together with the prompt.")
]

Input = Annotated[
    Path | None,
    typer.Option(
        "--input", metavar="FILE", rich_help_panel=FILES,
        help="JSON Lines, one object with a 'prompt' a line; to run, also 'messages'.",
    ),
]  # fmt: skip
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", metavar="FILE", rich_help_panel=FILES,
        help="Where the results go, in order; a run that was stopped goes on where it stopped.",
    ),
]  # fmt: skip
Overwrite = Annotated[
    bool,
    typer.Option(
        "--overwrite", rich_help_panel=FILES, help="Start anew even if the output file exists."
    ),
]
RetryFailed = Annotated[
    bool,
    typer.Option(
        "--retry-failed", rich_help_panel=FILES,
        help="Work again on the rows of the output that are degraded or an error.",
    ),
]  # fmt: skip
Fields = Annotated[
    str | None,
    typer.Option(
        "--fields", metavar="A,B", show_default="all",
        help="Which fields of a result are written as JSON; 'status' always is.",
    ),
]  # fmt: skip
Brief = Annotated[
    bool,
    typer.Option(
        "--brief", help="Short for --fields response,status,reason,refined_prompt."
    ),
]  # fmt: skip
AT_A_TIME = 8
"""Rows that are worked on at a time unless told: they share the detector's passes (docs/decisions/0024)."""
Concurrency = Annotated[
    int,
    typer.Option(
        "--concurrency", min=1, max=256, metavar="N", rich_help_panel=FILES,
        help="How many prompts are worked on at a time; 1 where the target answers one by one.",
    ),
]  # fmt: skip

Target = Annotated[
    str | None,
    typer.Option(
        "--target", metavar="MODEL", rich_help_panel=MODELS, show_default="offline",
        help="Model that answers: 'offline', 'huggingface:ORG/NAME' or 'provider:model'.",
    ),
]  # fmt: skip
Refiner = Annotated[
    str | None,
    typer.Option(
        "--refiner", metavar="MODEL", rich_help_panel=MODELS, show_default="offline",
        help="Model that rewrites a risky prompt; given like the target.",
    ),
]  # fmt: skip
ContextFile = Annotated[
    Path | None,
    typer.Option(
        "--context", metavar="FILE", rich_help_panel=MODELS,
        help="A YAML, JSON or TOML file with the fields of LanceContext; options typed here win over it.",
    ),
]  # fmt: skip


def _of_a_client(option: str, help: str) -> Any:
    """Options of a model's client, each as NAME=VALUE."""
    return typer.Option(option, metavar="NAME=VALUE", rich_help_panel=MODELS, help=help)


TargetOption = Annotated[
    list[str] | None,
    _of_a_client(
        "--target-option",
        "An option of the target's client, such as base_url=…, timeout=30 or api_key=env:NAME; "
        "may be repeated.",
    ),
]
RefinerOption = Annotated[
    list[str] | None,
    _of_a_client("--refiner-option", "An option of the refiner's client; given like the target's."),
]
GuardOption = Annotated[
    list[str] | None,
    _of_a_client(
        "--guard-option",
        "An option of the client of a guard model that --detector or the file names; given like the "
        "target's.",
    ),
]
Detector = Annotated[
    str | None,
    typer.Option(
        "--detector", metavar="PATH_OR_ID", rich_help_panel=MODELS, show_default="embedded",
        help="Risk detector: 'embedded', a checkpoint folder, a hub id, or a guard such as "
        "'llama-guard:ollama:llama-guard3'.",
    ),
]  # fmt: skip
Detectors = Annotated[
    list[str] | None,
    typer.Option(
        "--detector", metavar="NAME", rich_help_panel=MODELS, show_default="embedded",
        help="Risk detector: 'embedded', a checkpoint folder, a hub id, a guard such as "
        "'llama-guard:ollama:llama-guard3', or a word list, 'words:FILE'. Repeated, all of them judge "
        "and the highest degree of each category counts.",
    ),
]  # fmt: skip

Notice = Annotated[
    bool,
    typer.Option(
        "--notice",
        help="Begin the answer to a rewritten prompt with how the question was understood.",
    ),
]  # fmt: skip
Order = Annotated[
    Screening | None,
    typer.Option(
        "--screening", rich_help_panel=LIMITS, show_default="prompt",
        help="Score the prompt before the target sees it, or prompt and answer as a pair only.",
    ),
]  # fmt: skip
RunMode = Annotated[
    Mode | None,
    typer.Option(
        "--mode", rich_help_panel=LIMITS, show_default="enforce",
        help="'monitor' passes everything through and records what would have happened.",
    ),
]  # fmt: skip
MaxIterations = Annotated[
    int | None,
    typer.Option(
        "--max-iterations", metavar="N", rich_help_panel=LIMITS, show_default="3",
        help="How many rewrites are tried before falling back.",
    ),
]  # fmt: skip
MaxSeconds = Annotated[
    float | None,
    typer.Option(
        "--max-seconds", metavar="S", rich_help_panel=LIMITS, show_default="no limit",
        help="Time after which no further rewrite is tried.",
    ),
]  # fmt: skip
Tau = Annotated[
    float | None,
    typer.Option(
        "--tau", metavar="D", rich_help_panel=LIMITS, show_default="0.3",
        help="Degree of risk above which a prompt is rewritten; the other two follow where they must.",
    ),
]  # fmt: skip
TauMild = Annotated[
    float | None,
    typer.Option(
        "--tau-mild", metavar="D", rich_help_panel=LIMITS, show_default="0.5",
        help="Degree above which more than a minor edit is made.",
    ),
]  # fmt: skip
TauSevere = Annotated[
    float | None,
    typer.Option(
        "--tau-severe", metavar="D", rich_help_panel=LIMITS, show_default="0.7",
        help="Degree above which the request is turned around.",
    ),
]  # fmt: skip
