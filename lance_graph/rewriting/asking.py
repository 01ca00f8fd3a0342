"""What a refiner is sent (METHOD eq. 3): system prompt ⊕ g_t ⊕ x_t, what never changes first.

A server keeps what it has read of a prompt, so a second request begins where the first one differs:
the rules and the examples are the same in every run and for every effort; the gradient, the request and
the lines that are asked for come at the very end.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage

from lance_graph.categories import BY_KEY, KNOWN, Category
from lance_graph.gradients import Clause, render_gradient
from lance_graph.prompts import fenced, render
from lance_graph.prompts.worked import EXAMPLES, Example, examples
from lance_graph.rewriting.parsing import is_list
from lance_graph.rewriting.reported import asks_for_a_deed, reported
from lance_graph.routing import Effort

SHORT = 400
"""Characters of a request up to which several rewrites are asked for, a line each."""
GRADIENT = 200
"""Characters of the gradient that a refiner is sent: about two categories, the strongest ones."""
GUARDED = frozenset(("child_abuse", "self_harm"))
"""Categories of which no opinion is asked that a detector has to weigh."""
BREAKS = 2
"""Line breaks that such a request may have."""
RAISED: dict[Effort, Effort] = {
    "none": "minor",
    "minor": "mild",
    "mild": "severe",
    "severe": "severe",
}
DECLINED = "declined"
"""The problem of a rewrite that is a harmless request, and which the target declined."""
_TAGGED = "inside <refined_prompt> and </refined_prompt> tags"
_AS_JSON = 'as JSON: {"refined_prompt": "…"}'
_FAILED = {
    "echo": "repeating the request",
    "near-echo": "repeating the request with other small words",
    "half": "keeping the harmful question and only adding to it",
    "refusal": "refusing",
    "off topic": "leaving the subject",
    "risk": "still asking for harm",
    DECLINED: "being declined by whoever was asked",
    "clause": "still asking for harm in one of its parts",
}


@dataclass(frozen=True)
class Task:
    """One call's task: what is to be rewritten, along which gradient, and what became of the last try.

    ``severe`` says that the request is to be turned around and not only edited; ``failed`` is the problem
    of the attempt before, ``tries`` how many have failed: each gets other openings. What ``asks`` for
    nothing is a passage of a document. ``categories`` says what those of the gradient mean.
    """

    prompt: str
    gradient: Sequence[Clause]
    severe: bool
    failed: str | None = None
    tries: int = 0
    asks: bool = True
    categories: Mapping[str, Category] = field(default_factory=lambda: KNOWN)

    @property
    def is_of_lines(self) -> bool:
        """Whether several rewrites are asked for, a line each; of a long text a line would lose too much,
        and those of a list could not be told apart.
        """  # noqa: D205
        prompt = self.prompt.strip()
        is_short = len(prompt) <= SHORT and prompt.count("\n") <= BREAKS
        return self.asks and is_short and not is_list(prompt)

    def raised(self, failed: str, remaining: float | None) -> "Task":
        """The next try: a step further in every category, with the risk that remained where it is known."""
        gradient = [
            Clause(
                category=clause["category"],
                intensity=clause["intensity"] if remaining is None else round(remaining, 4),
                effort=RAISED[clause["effort"]],
                words=clause["words"],
            )
            for clause in self.gradient
        ]
        severe = self.severe or any(clause["effort"] == "severe" for clause in gradient)
        return replace(self, gradient=gradient, severe=severe, failed=failed, tries=self.tries + 1)


def messages_for(
    task: Task, overrides: Mapping[str, str] | None, as_json: bool
) -> list[AnyMessage]:
    """Rules, worked examples as chat turns, and the request as fenced data in the last message."""
    found: list[AnyMessage] = [SystemMessage(render("rewrite", overrides))]
    for example in examples(render(EXAMPLES, overrides)):
        found.append(_request(_task_of(example), overrides, as_json))
        found.append(AIMessage(_formed(example.rewrites, as_json)))
    return [*found, _request(task, overrides, as_json)]


def openings(task: Task, overrides: Mapping[str, str] | None) -> tuple[str, str]:
    """How two of the rewrites are to begin; other words with each try, as long as there are any.

    An English question is taken along first ("… say about whether it is fair"), which leaves a harmless one
    what it is and a harmful one harmful; then comes what the strongest categories suggest. That comes first
    where a severe change is of how a thing is done, or of a category that is `GUARDED`.
    """
    known = {clause["category"]: BY_KEY.get(clause["category"]) for clause in task.gradient}
    slugs = [category.slug for category in known.values() if category][:2]
    first, *others = _lines_of("general", overrides)
    lines = [line for slug in slugs for line in _lines_of(slug, overrides)]
    if task.severe and (asks_for_a_deed(task.prompt) or GUARDED & known.keys()):
        lines = [*lines, first, *others]
    else:
        told = reported(task.prompt).partition("<")[0]  # outside of the tags no words make one
        lines = [f"{first} {told}".strip(), *lines, *others]
    lines = list(dict.fromkeys(lines))
    start = 2 * task.tries
    return lines[start % len(lines)], lines[(start + 1) % len(lines)]


def _lines_of(slug: str, overrides: Mapping[str, str] | None) -> list[str]:
    text = render(f"openings/{slug}", overrides)
    return [line.strip() for line in text.splitlines() if line.strip()]


def _task_of(example: Example) -> Task:
    clause = Clause(
        category=example.category,
        intensity=0.9 if example.effort == "severe" else 0.5,
        effort=example.effort,
        words=example.words.split(", "),
    )
    return Task(example.request, [clause], example.effort == "severe")


def _request(task: Task, overrides: Mapping[str, str] | None, as_json: bool) -> HumanMessage:
    again = ""
    if task.tries and task.asks:
        why = _FAILED.get(task.failed or "", "being no request")
        again = render("rewrite_again", overrides, problem=why) + "\n"
    gradient = render_gradient(task.gradient, overrides, GRADIENT, task.categories)
    told = {"gradient": gradient, "again": again, "user_text": fenced(user_text=task.prompt)}
    if not task.asks:
        form = _AS_JSON if as_json else _TAGGED
        return HumanMessage(render("passage", overrides, form=form, **told))
    return HumanMessage(
        render("rewrite_request", overrides, lines=_lines(task, overrides, as_json), **told)
    )


def _lines(task: Task, overrides: Mapping[str, str] | None, as_json: bool) -> str:
    """Which rewrites are asked for, and in which form."""
    if not task.is_of_lines:
        return render("lines/long", overrides, form=_AS_JSON if as_json else _TAGGED)
    form = f"\nAnswer {_AS_JSON}" if as_json else ""
    strongest = task.categories.get(task.gradient[0]["category"]) if task.gradient else None
    if strongest and strongest.repair:
        return render("lines/own", overrides) + form
    first, second = openings(task, overrides)
    if task.failed == DECLINED:
        return render("lines/declined", overrides, first=first, second=second) + form
    if task.severe:
        return render("lines/severe", overrides, first=first, second=second) + form
    return render("lines/mild", overrides, first=first) + form


def _formed(text: str, as_json: bool) -> str:
    return json.dumps({"refined_prompt": text}, ensure_ascii=False) if as_json else text
