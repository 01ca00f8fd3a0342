"""A language model as refiner: whose rewrites end a run, why others are discarded, what they cost.

    python -m benchmarks.language_model_refiner PROMPTS.jsonl --refiner openai:NAME \
        --base-url http://127.0.0.1:PORT/v1 --output RUN.jsonl [--most 20] [--encoder FOLDER_OR_ID]

Answers are not judged, so that every rewrite is the prompt's doing. Prompts that the detector does not flag
are skipped. RUN.jsonl is added to, and what stands in it is not run again; it
quotes the prompts, so keep it out of the repository. ``--prompt NAME=FILE`` replaces a prompt file.
"""

import argparse
import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean, median
from typing import Any

from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda

from lance_graph import LanceContext, build_graph
from lance_graph.detectors import resolve, summarise

ANSWER = "Thank you for asking. Here are some thoughts that may be of use."


def main() -> None:
    """Run what is not yet in the output, and print a Markdown table of all that is."""
    options = arguments()
    prompts = shuffled_prompts(options)
    overrides = dict(pair.split("=", 1) for pair in options.prompt)
    context = LanceContext(
        refiner=options.refiner,
        target=RunnableLambda(lambda _: AIMessage(ANSWER)),
        refiner_attempts=options.attempts,
        guard_answer=False,
        prompts={name: Path(file).read_text(encoding="utf-8") for name, file in overrides.items()},
    )
    done = read(options.output)
    for row in run(prompts, context, options.most, done):
        with options.output.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
        done.append(row)
    print(table(done))
    if options.encoder:
        from benchmarks.refinement import rewrites

        print(rewrites([row for row in done if row["refined_prompt"]], options.encoder))


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = common_parser(__doc__)
    parser.add_argument("--attempts", type=int, default=3)
    parser.add_argument("--prompt", action="append", default=[], metavar="NAME=FILE")
    return parser.parse_args()


def common_parser(description: str | None) -> argparse.ArgumentParser:
    """What every benchmark of a language model as refiner is told."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("prompts", type=Path)
    parser.add_argument("--refiner", required=True)
    parser.add_argument("--base-url")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--most", type=int, default=20)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--encoder")
    return parser


def shuffled_prompts(options: argparse.Namespace) -> list[str]:
    """The prompts of the file, in the order of the seed; the server's address goes into the environment."""
    if options.base_url:
        os.environ["OPENAI_BASE_URL"] = options.base_url
    os.environ.setdefault("OPENAI_API_KEY", "none")
    rows = [json.loads(line) for line in options.prompts.open(encoding="utf-8")]
    prompts = [row["prompt"].strip() for row in rows]
    random.Random(options.seed).shuffle(prompts)
    return prompts


def read(path: Path) -> list[dict[str, Any]]:
    """The rows that are there already."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def run(
    prompts: Sequence[str], context: LanceContext, most: int, done: Sequence[Mapping[str, Any]]
) -> Iterable[dict[str, Any]]:
    """One row for each flagged prompt until there are ``most``, those that are done among them."""
    graph, known, count = build_graph().compile(), {row["prompt"] for row in done}, 0
    for prompt in prompts:
        if count == most:
            return
        if prompt not in known:
            if summarise(resolve(context.detector), prompt)["is_safe"]:
                continue
            begin = time.monotonic()
            result = graph.invoke({"messages": [("user", prompt)]}, context=context)
            seconds = round(time.monotonic() - begin, 1)
            yield row_of(prompt, result["verdict"]) | {"seconds": seconds}
        count += 1


def row_of(prompt: str, verdict: Mapping[str, Any]) -> dict[str, Any]:
    """What a run says of its rewrites."""
    steps = [step for step in verdict["trace"] if step["node"].startswith("rewrite")]
    return {
        "prompt": prompt,
        "status": verdict["status"],
        "refined_prompt": verdict["refined_prompt"],
        "rewrites": [
            {name: step[name] for name in ("node", "model", "failed_attempts", "seconds")}
            for step in steps
        ],
        "usage": verdict["usage"],
    }


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Outcomes, whose rewrite ended the run, and seconds a call, as a Markdown table."""
    ended = [row for row in rows if row["status"] in ("safe", "rewritten")]
    own = [row for row in ended if row["rewrites"] and row["rewrites"][-1]["model"] != "offline"]
    within = [row for row in own if calls(row["rewrites"]) <= 3]
    first = [row for row in rows if row["rewrites"] and not row["rewrites"][0]["failed_attempts"]]
    steps = [step for row in rows for step in row["rewrites"]]
    seconds = [step["seconds"] / calls([step]) for step in steps]
    why = Counter(problem.split(" ")[0] for s in steps for problem in s["failed_attempts"])
    lines = {
        "prompts": str(len(rows)),
        "the model's own rewrite, within 3 calls": share(within, rows),
        "the model's own rewrite, sooner or later": share(own, rows),
        "safe or rewritten, stand-in included": share(ended, rows),
        "first attempt valid": share(first, rows),
        "discarded attempts": ", ".join(f"{name} {n}" for name, n in why.most_common()) or "none",
        "calls a run": f"{mean(calls(row['rewrites']) for row in rows):.1f}",
        "seconds a call: the first, median of the others": (
            f"{seconds[0]:.0f}, {median(seconds[1:] or seconds):.0f}"
        ),
    }
    return "| | |\n|---|---|\n" + "\n".join(
        f"| {name} | {value} |" for name, value in lines.items()
    )


def calls(steps: Sequence[Mapping[str, Any]]) -> int:
    """How often a refiner was asked in these rewrites."""
    return sum(len(step["failed_attempts"]) + (step["model"] != "offline") for step in steps)


def share(part: Sequence[Any], whole: Sequence[Any]) -> str:
    """A count of a count, with per cent."""
    return f"{len(part)} of {len(whole)} ({len(part) / max(1, len(whole)):.0%})"


if __name__ == "__main__":
    main()
