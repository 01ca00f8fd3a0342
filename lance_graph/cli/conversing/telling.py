"""What a person is told of a turn: each step as it comes, the verdict in a line, and why on request."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rich.console import Console
from rich.segment import Segment, Segments
from rich.text import Text

from lance_graph.categories import Category
from lance_graph.cli.render import COLOURS, diff_view, highest, plain, risk_view, title, visible
from lance_graph.gradients import Clause
from lance_graph.routing import ThresholdPolicy
from lance_graph.state import Verdict

BRANCHES = {
    "generate_response": "the prompt is safe",
    "ask_again": "only the answer is hazardous: asking again",
    "rewrite_mild": "to be said in other words",
    "rewrite_severe": "to be turned to its nearest legitimate intent",
    "fall_back": "a prepared answer takes over",
    "review": "a person decides",
    "deliver": "the exchange is safe",
    "open_turn": "beginning again",
}
DECLINED = {
    "deliver": "the target declined what it was asked instead",
    "review": "the target declined what it was asked instead: a person decides",
    "rewrite_mild": "the target declined what it was asked instead: asking otherwise",
}
"""The same where a harmless rewrite was declined, whichever box rewrites it."""
STATUSES = {
    "safe": "safe",
    "rewritten": "rewritten, then answered",
    "fell_back": "fell back to a prepared answer",
    "degraded": "degraded: a component failed, nothing unchecked is shown",
    "monitored": "passed through (monitor mode)",
    "unjudged": "not judged: the detector was not made for this language",
}


class Telling:
    """Answers go to standard output; steps, verdicts and notes to standard error, coloured on terminals."""

    def __init__(self, policy: ThresholdPolicy, categories: Mapping[str, Category]) -> None:
        self.policy, self.categories = policy, categories
        self.answers = Console(highlight=False, soft_wrap=True)
        self.notes = Console(highlight=False, stderr=True, soft_wrap=True)

    def working(self) -> AbstractContextManager[Any]:
        """Something that moves while a turn runs, if a person watches."""
        return self.notes.status("working ...") if self.notes.is_terminal else nullcontext()

    def step(self, event: Mapping[str, Any]) -> None:
        """One line about what happens now; nothing where the verdict says it in a moment."""
        words = described(event, self.categories)
        if words:
            self.note(f"  {event['lance']}: {words}")

    def answer(self, text: str) -> None:
        """The answer, exactly as it was judged: tabs stay tabs, other control characters are made visible."""
        self.answers.print(Segments([Segment(f"{visible(text)}\n")]))

    def verdict(self, verdict: Verdict, seconds: float) -> None:
        """How the turn came out, in one line."""
        line = in_a_line(verdict, seconds, self.policy, self.categories)
        self.notes.print(plain(line), style=COLOURS.get(verdict["status"], "yellow"))

    def why(self, verdict: Verdict) -> None:
        """The reason, the degrees, the gradient in words, and what changed in the prompt."""
        self.notes.print(plain(verdict["reason"]))
        self.notes.print(
            risk_view(
                verdict["initial_risk"], verdict["initial_spread"], self.policy, self.categories
            )
        )
        for number, gradient in enumerate(gradients(verdict), 1):
            for clause in gradient:
                self.notes.print(plain(f"  {number}. {in_words(clause, self.categories)}"))
        if verdict["refined_prompt"] is not None:
            self.notes.print(Text("What changed in the prompt:", style="bold"))
            self.notes.print(diff_view(verdict["prompt"], verdict["refined_prompt"]))

    def note(self, text: str) -> None:
        """A line beside the conversation."""
        self.notes.print(plain(text), style="dim")


def described(event: Mapping[str, Any], categories: Mapping[str, Category]) -> str:
    """An event in words; it has counts and names alone, and so have these."""
    kind = event["lance"]
    if kind == "scored":
        what = "the answer with its prompt" if event["scored"] == "pair" else "the prompt"
        found = ", ".join(title(key, categories) for key in event["categories"])
        return (
            f"{what}, {found or 'no category'} above the threshold ({_number(event['max_risk'])})"
        )
    if kind == "routed":
        if event.get("declined"):
            return DECLINED.get(event["branch"], DECLINED["rewrite_mild"])
        return BRANCHES.get(event["branch"], str(event["branch"]))
    if kind == "rewriting":
        return f"attempt {event['iteration']}"
    return "the target has the prompt" if kind == "answering" else ""


def in_a_line(
    verdict: Verdict,
    seconds: float,
    policy: ThresholdPolicy,
    categories: Mapping[str, Category],
) -> str:
    """Status, the strongest category before and after, rewrites and time."""
    before = highest(verdict["initial_risk"], categories, policy)
    after = highest(verdict["risk"], categories, policy)
    count = verdict["iterations"]
    name, _, degree = after.rpartition(" ")
    risk = (
        before
        if before == after
        else f"{before} → {degree if before.startswith(f'{name} ') else after}"
    )
    rewrites = f"{count} rewrite{'s' if count != 1 else ''}"
    status = STATUSES.get(verdict["status"], verdict["status"])
    return f"[{status} · risk {risk} · {rewrites} · {seconds:.1f} s · /why]"


def gradients(verdict: Verdict) -> Iterable[list[Clause]]:
    """The textual gradient of every scoring that found something, in order."""
    return (step["gradient"] for step in verdict["trace"] if step.get("gradient"))


def in_words(clause: Clause, categories: Mapping[str, Category]) -> str:
    """One direction of a gradient; its words are the person's own."""
    words = ", ".join(f"“{word}”" for word in clause["words"])
    carried = f", carried by {words}" if words else ""
    name = title(clause["category"], categories)
    return f"{name}: {clause['intensity']:.2f}, a {clause['effort']} change is asked for{carried}"


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2f}"
