"""What `LanceContext.abstain` changes in the loop with the offline refiner and responder.

    python -m benchmarks.doubts PROMPTS.jsonl … [--most 60] [--spreads 1 2] [--checkpoint FOLDER]

Rows have a ``prompt`` and perhaps ``is_safe`` (harmful unless told); ``--most`` draws so many of each
file. Every prompt runs without a band, softened and with a person who approves whatever waits, at each
width in spreads. Prints Markdown, harmless and harmful prompts apart: how many are left alone, what
the first rewrite is, how many wait, how the runs end, and how much of the user's words a rewrite keeps.
"""

import argparse
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from lance_graph import LanceContext, build_graph
from lance_graph.detector import EMBEDDED
from lance_graph.detector.detector import load_detector
from lance_graph.files import read_objects
from lance_graph.scores import Detector
from lance_graph.state import Verdict

HEAD = (
    "| {side} | left alone | first rewrite mild | severe | waited | rewrites a rewritten one "
    "| fell back | words kept | highest degree delivered |"
)
Run = tuple[Verdict, bool]
"""How a run ended, and whether it waited for a person."""


def main() -> None:
    """Run everything and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=60)
    parser.add_argument("--spreads", type=float, nargs="+", default=[1.0, 2.0])
    parser.add_argument("--checkpoint", type=Path, default=EMBEDDED)
    options = parser.parse_args()
    detector = load_detector(options.checkpoint)
    sides: dict[bool, list[str]] = {True: [], False: []}
    for file in options.files:
        rows = list(read_objects(file))
        for row in random.Random(0).sample(rows, min(options.most, len(rows))):
            sides[bool(row.get("is_safe", False))].append(row["prompt"].strip())
    for is_safe, prompts in sides.items():
        if prompts:
            runs = {name: [] for name, _ in settings(options.spreads)}
            for prompt in prompts:  # by prompt, for the scorings of one are remembered
                for name, how in settings(options.spreads):
                    runs[name].append(run(detector, prompt, how))
            print(table("harmless" if is_safe else "harmful", runs))


def settings(spreads: Sequence[float]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Options of `LanceContext` by name: off, then each way at each width."""
    yield "off", {}
    for width in spreads:
        for way in ("soften", "review"):
            yield f"{way}, {width:g}", {"abstain": width, "when_uncertain": way}


def run(detector: Detector, prompt: str, how: Mapping[str, Any]) -> Run:
    """One prompt through the graph; what waits is approved."""
    graph = build_graph().compile(checkpointer=InMemorySaver())
    context, thread = LanceContext(detector=detector, **how), {"configurable": {"thread_id": "1"}}
    found = graph.invoke({"messages": [HumanMessage(prompt)]}, thread, context=context)
    waited = "__interrupt__" in found
    if waited:
        found = graph.invoke(Command(resume="approve"), thread, context=context)
    return found["verdict"], waited


def table(side: str, runs: Mapping[str, Sequence[Run]]) -> str:
    """A row for each setting; shares are of all prompts of this ``side``."""
    size = len(next(iter(runs.values())))
    lines = [HEAD.format(side=f"{side} ({size})"), "|---" * 9 + "|"]
    return "\n".join([*lines, *(row(name, found) for name, found in runs.items())]) + "\n"


def row(name: str, found: Sequence[Run]) -> str:
    """The figures of one setting; empty where nothing was rewritten or delivered."""
    verdicts = [verdict for verdict, _ in found]
    first = [branches[0] if (branches := rewrites(v)) else "" for v in verdicts]
    rewritten = [v for v in verdicts if v["status"] == "rewritten"]
    kept = [words_kept(v["prompt"], v["refined_prompt"] or "") for v in rewritten]
    highest = [max(d for d in v["risk"].values() if d is not None) for v in verdicts]
    cells = [
        share([not branch for branch in first]),
        share([branch == "rewrite_mild" for branch in first]),
        share([branch == "rewrite_severe" for branch in first]),
        share([waited for _, waited in found]),
        mean([v["iterations"] for v in rewritten]),
        share([v["status"] == "fell_back" for v in verdicts]),
        mean(kept),
        mean(highest),
    ]
    return "| " + " | ".join([name, *cells]) + " |"


def rewrites(verdict: Verdict) -> list[str]:
    """The rewriting branches that a run took, in order."""
    return [s["branch"] for s in verdict["trace"] if s.get("branch", "").startswith("rewrite")]


def words_kept(prompt: str, rewrite: str) -> float:
    """Share of the different words of ``prompt`` that stand in ``rewrite``, in [0, 1]."""
    words, left = (set(re.findall(r"\w+", text.casefold())) for text in (prompt, rewrite))
    return len(words & left) / max(len(words), 1)


def share(flags: Sequence[bool]) -> str:
    """How many of them are true."""
    return f"{sum(flags) / len(flags):.1%}"


def mean(numbers: Sequence[float]) -> str:
    """Their mean; empty for none."""
    return f"{sum(numbers) / len(numbers):.2f}" if numbers else ""


if __name__ == "__main__":
    main()
