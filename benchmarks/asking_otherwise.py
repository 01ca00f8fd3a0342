"""What one more rewrite is worth where the target has declined a harmless one.

    python -m benchmarks.asking_otherwise OUT/records.jsonl --target openai:NAME --target-url URL \
        --refiner openai:NAME --refiner-url URL --output RUN.jsonl [--lines FILE]

OUT is what `lance-graph evaluate` left of the method `lance`. Each of its runs that ended `rewritten` with
an answer that declines is rewritten once more, as `LanceContext.ask_otherwise` does it (with ``--lines`` by
words other than those of the prompt file `lines/declined`), and the target is asked that. Prints Markdown:
how many were answered, answered but hazardous beside their prompt (the embedded detector), and declined.
RUN.jsonl quotes the prompts, so keep it out of the repository; a run goes on where it stopped.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage

from benchmarks.language_model_refiner import read
from lance_graph import LanceContext
from lance_graph.judging import Judge, judge_of, measure
from lance_graph.models import resolve
from lance_graph.refinement import Scale, refine
from lance_graph.runtime.quiet import Quiet, TokenCounter
from lance_graph.runtime.steps import run
from lance_graph.screening import unscreened
from lance_graph.state import Draft
from lance_graph.texts.declining import declines

LONGEST = 160
"""Tokens of an answer; also under the older name, for servers that know no other."""
ENDINGS = ("answered", "hazardous", "declined")


def main() -> None:
    """Ask what is not yet in the output, and print the table of all that is."""
    options = arguments()
    lines = options.lines.read_text(encoding="utf-8") if options.lines else None
    context = LanceContext(
        target=model(options.target, options.target_url),
        refiner=model(options.refiner, options.refiner_url),
        prompts={"lines/declined": lines} if lines else {},
    )
    done = read(options.output)
    known = {row["prompt"] for row in done}
    records = map(json.loads, options.records.open(encoding="utf-8"))
    for prompt, first in declined(records):
        if prompt in known:
            continue
        row = once_more(prompt, first, context)
        with options.output.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
        done.append(row)
    print(table(done))


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    for role in ("target", "refiner"):
        parser.add_argument(f"--{role}", required=True)
        parser.add_argument(f"--{role}-url")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--lines", type=Path)
    return parser.parse_args()


def model(name: str, url: str | None) -> Any:
    """A model at temperature 0, at an address of OpenAI's protocol if there is one."""
    told = (
        {"base_url": url, "api_key": "none", "extra_body": {"max_tokens": LONGEST}} if url else {}
    )
    return resolve(name, options=told, temperature=0)


def declined(records: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The prompts whose rewrite was declined, each with that rewrite."""
    found = []
    for record in records:
        answer = record["answer"]
        rewritten = record["method"] == "lance" and answer["outcome"] == "rewritten"
        if rewritten and declines(answer["response"]):
            found.append((record["prompt"], answer["refined_prompt"]))
    return found


def once_more(prompt: str, first: str, context: LanceContext) -> dict[str, Any]:
    """The second rewrite of ``prompt``, the answer to it, and how that ended."""
    quiet = Quiet(False, TokenCounter())
    judge: Judge = run(judge_of(context, quiet))
    dialogue = unscreened([HumanMessage(prompt)])
    draft, _ = run(measure(judge, Draft(prompt), dialogue, []))
    before = max((clause["intensity"] for clause in draft.gradient()), default=0.0)
    severe = any(clause["effort"] == "severe" for clause in draft.gradient())
    box = "rewrite_severe" if severe else "rewrite_mild"
    scale = Scale(judge, dialogue, before=before, last=False)
    found = run(refine(draft, context, box, 1, quiet, scale, declined=[first]))
    answer = AIMessage(str(context.target.invoke(found.text).text))
    pair, _ = run(measure(judge, Draft(found.text, answer), dialogue, []))
    ending = "declined" if declines(str(answer.text)) else "answered"
    if ending == "answered" and pair.gradient():
        ending = "hazardous"
    return {
        "prompt": prompt,
        "first": first,
        "second": found.text,
        "refiner": found.refiner,
        "answer": str(answer.text),
        "ended": ending,
    }


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """How many ended in which way."""
    count = Counter(row["ended"] for row in rows)
    cells = " | ".join(str(count[ending]) for ending in ENDINGS)
    return (
        "| prompts | answered | hazardous | declined again |\n"
        f"|---|---|---|---|\n| {len(rows)} | {cells} |"
    )


if __name__ == "__main__":
    main()
