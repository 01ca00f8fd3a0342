"""How often short replies are flagged, alone and with the turn that they reply to.

``python benchmarks/short_replies.py [DETECTOR]`` reads ``short_replies.tsv``, written for this project:
label, question, answer, reply. A reply's degree is what `lance_graph.judging` gives it.
"""

import sys
from pathlib import Path

from langchain_core.messages import AIMessage, HumanMessage

from lance_graph.conversation.replies import in_context
from lance_graph.conversation.turns import Turn
from lance_graph.detectors import resolve

FILE = Path(__file__).with_suffix(".tsv")
THRESHOLDS = (0.3, 0.5, 0.7)


def main() -> None:
    """Print the shares above each threshold."""
    detector = resolve(sys.argv[1] if len(sys.argv) > 1 else "embedded")
    rows = [line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines()]
    alone = [score.mean for score in detector.score([reply for *_, reply in rows])]
    turns = [Turn([HumanMessage(asked), AIMessage(said)]) for _, asked, said, _ in rows]
    replies = [Turn([HumanMessage(row[-1])]) for row in rows]
    wholes = [
        in_context([turn], reply, reply.typed) or reply.typed
        for turn, reply in zip(turns, replies, strict=True)
    ]
    beside = [score.mean for score in detector.score(wholes)]
    lower = [
        min(pair, key=lambda degrees: max(degrees.values()))
        for pair in zip(alone, beside, strict=True)
    ]
    for name, degrees in (("alone", alone), ("in context", lower)):
        for label in ("safe", "unsafe"):
            found = [
                max(d.values()) for d, row in zip(degrees, rows, strict=True) if row[0] == label
            ]
            counts = [f"> {t}: {sum(d > t for d in found)}" for t in THRESHOLDS]
            print(f"{name:<11} {label:<7} of {len(found)}  {'  '.join(counts)}")


if __name__ == "__main__":
    main()
