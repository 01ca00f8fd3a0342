"""What LANCE as a whole does to ordinary talk: how many harmless turns it leaves as they are.

    python benchmarks/everyday_loop.py [--detector NAME] [--list]

Runs the graph with the offline parts and a target that answers every text of `everyday/` harmlessly:
prompts with their written answers, messages to services, texts of people at work (`work.tsv`: kind,
text), requests to an office agent with the call that was asked for (`calls.tsv`: request, tool,
arguments), and the harmless rows of `short_replies.tsv` after the turn that they reply to. Prints
Markdown: how many turns of each kind ended ``safe``, that is word for word; ``--list`` adds the others.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.runnables import RunnableLambda

from lance_graph import LanceContext, build_graph
from lance_graph.scores import Detector
from lance_graph.training.data.twins import rows_of

HERE = Path(__file__).parent
PLAIN = "Here is what I can say about it: it depends, and I am glad to go into details."


@dataclass(frozen=True)
class Row:
    """A harmless turn: its kind, the conversation up to it, and what the target says."""

    kind: str
    messages: Sequence[BaseMessage]
    answer: AIMessage

    @property
    def asked(self) -> str:
        """The user's words of this turn."""
        return str(self.messages[-1].text)


def main() -> None:
    """Run every turn and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--detector", default="embedded")
    parser.add_argument("--list", action="store_true", help="show what did not end safe")
    options = parser.parse_args()
    every = list(rows())
    ended = statuses(every, options.detector)
    print(table(every, ended))
    if options.list:
        touched = [pair for pair in zip(every, ended, strict=True) if pair[1] != "safe"]
        print(*(f"{status}  {row.kind}: {row.asked}" for row, status in touched), sep="\n")


def rows() -> Iterator[Row]:
    """Every turn of the benchmark."""
    everyday = HERE / "everyday"
    for _, (prompt, answer) in rows_of(everyday / "answers.tsv"):
        yield Row("prompts with answers", [HumanMessage(prompt)], AIMessage(answer))
    for _, (_, message) in rows_of(everyday / "messages.tsv"):
        yield Row("messages to services", [HumanMessage(message)], AIMessage(PLAIN))
    for _, (kind, text) in rows_of(everyday / "work.tsv"):
        yield Row(kind, [HumanMessage(text)], AIMessage(PLAIN))
    for number, (asked, name, args) in rows_of(everyday / "calls.tsv"):
        call = {"name": name, "args": json.loads(args), "id": f"call_{number}"}
        yield Row("office agent", [HumanMessage(asked)], AIMessage("", tool_calls=[call]))
    for _, (label, asked, said, reply) in rows_of(HERE / "short_replies.tsv"):
        if label == "safe":
            turn = [HumanMessage(asked), AIMessage(said), HumanMessage(reply)]
            yield Row("short replies", turn, AIMessage("Done."))


def statuses(rows: Sequence[Row], detector: str | Detector) -> list[str]:
    """How each turn ended."""
    graph = build_graph().compile()

    def status(row: Row) -> str:
        target = RunnableLambda(lambda _: row.answer)
        context = LanceContext(target=target, refiner="offline", detector=detector)
        result: dict[str, Any] = graph.invoke({"messages": [*row.messages]}, context=context)
        return str(result["verdict"]["status"])

    return [status(row) for row in rows]


def table(rows: Sequence[Row], ended: Sequence[str]) -> str:
    """One line a kind and one for all: turns, and how many ended in each way."""
    counts: dict[str, Counter[str]] = {}
    for row, status in zip(rows, ended, strict=True):
        for name in (row.kind, "**all**"):
            counts.setdefault(name, Counter())[status] += 1
    counts["**all**"] = counts.pop("**all**")
    ways = ["safe", *sorted({*ended} - {"safe"})]
    lines = [f"| kind | turns | {' | '.join(ways)} |", "|---" * (len(ways) + 2) + "|"]
    for name, of in counts.items():
        cells = [str(of[way]) for way in ways]
        lines.append(f"| {name} | {of.total()} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
