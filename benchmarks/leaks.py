"""Where an answer that a guard rejects can be seen all the same: guards side by side, channel by channel.

    python -m benchmarks.leaks

Prints Markdown. Each guard stands before a model that says a canary; a mark is put where the canary
was seen in a sync or an async run. LANCE's doors are run with the canary in every place where a draft
can hold one (answer, rewrite, reasoning, tool calls, errors): a mark is put if any run shows it. The
channels, doors and scenarios are those of the leak tests. (What a peer's run logs at DEBUG is what
aiosqlite says of each write; what its exception shows is what hangs on the object.)
"""

import asyncio
import tempfile
import warnings
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.integration import doors
from tests.integration.channels import MODES, Taps
from tests.integration.peers import Moderation, moderated, pii
from tests.integration.scenarios import (
    DRAFT,
    EVERY_KIND,
    QUESTION,
    REFINED,
    always,
    made_of,
    target_failed,
)

CHANNELS = [
    *MODES, "stream v2", "events v2", "events v3", "invoke", "batch", "get_state", "history",
    "sqlite", "log", "exception",
]  # fmt: skip
Runs = Sequence[tuple[Any, Any, Any]]
"""For each run: what makes the graph, what makes one that raises, and the context."""


def main() -> None:
    """Run every guard through every channel and print the table."""
    warnings.simplefilter("ignore")
    with Moderation() as url:
        seen = {
            "naive guard": channels([(doors.naive_agent(made_of(always())), None, None)]),
            "PIIMiddleware": channels([(pii(), pii("block"), None)]),
            "OpenAIModeration": channels([(moderated(url), moderated(url, "error"), None)]),
            "LanceMiddleware": channels(in_a_graph(doors.agent)),
            "LanceChatModel": channels(in_a_graph(doors.agent_on_chat_model)),
            "SafetyLayer": channels(in_a_graph(doors.safety_layer_in_a_node)),
            "graph": channels([(doors.alone(), None, scenario()) for scenario in EVERY_KIND]),
            "subgraph": channels(
                [(doors.as_a_subgraph(), None, scenario()) for scenario in EVERY_KIND]
            ),
        }
    packages = ("langgraph", "langchain", "langchain-core", "langchain-openai")
    print(", ".join(f"{package} {version(package)}" for package in packages), end="\n\n")
    print(table(seen))


def in_a_graph(door: Callable[..., Any]) -> Runs:
    """A door with every kind of canary; it raises where the target fails."""
    return [
        (door(scenario()), door(target_failed(), on_degraded="raise"), None)
        for scenario in EVERY_KIND
    ]


def channels(runs: Runs) -> set[str]:
    """The channels on which a canary was seen in any of the runs, sync or async."""
    found: set[str] = set()
    for door, failing, context in runs:
        with tempfile.TemporaryDirectory() as folder:
            options = {"failing": failing, "together": True}
            taps = Taps(door, QUESTION, context, Path(folder), **options)
            taps.collect()
            found |= taps.showing(DRAFT) | taps.showing(REFINED)
            taps = Taps(door, QUESTION, context, Path(folder), **options)
            asyncio.run(taps.acollect())
            found |= taps.showing(DRAFT) | taps.showing(REFINED)
    return {channel.partition(",")[0] for channel in found}


def table(seen: dict[str, set[str]]) -> str:
    """Channels by guards; the last line counts."""
    lines = [f"| channel | {' | '.join(seen)} |", f"|---|{':-:|' * len(seen)}"]
    for channel in CHANNELS:
        marks = ("leak" if channel in found else "–" for found in seen.values())
        lines.append(f"| {channel} | {' | '.join(marks)} |")
    counts = (str(len(found.intersection(CHANNELS))) for found in seen.values())
    return "\n".join([*lines, f"| **of {len(CHANNELS)}** | {' | '.join(counts)} |"])


if __name__ == "__main__":
    main()
