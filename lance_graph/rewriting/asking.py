"""What a refiner is sent (METHOD eq. 3): system prompt ⊕ g_t ⊕ x_t, what never changes first.

A server keeps what it has read of a prompt, so a second request begins where the first one differs:
the rules and the common examples are the same in every run, then come the examples of the
categories in J, and the request, its gradient and the form at the very end.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage

from lance_graph.categories import BY_KEY, CATEGORIES, KNOWN, Category
from lance_graph.gradients import Clause, render_gradient
from lance_graph.prompts import fenced, load, render
from lance_graph.routing import Effort

COMMON = 4
"""How many examples every request shows: the first ones of the file."""
OWN = 1
"""How many more it shows of the categories in J."""
RAISED: dict[Effort, Effort] = {
    "none": "minor",
    "minor": "mild",
    "mild": "severe",
    "severe": "severe",
}
_EXAMPLE = re.compile(r"^## (\S+)\n+carried by: (.+)\nrequest: (.+)\nrewrite: (.+)$", re.MULTILINE)
_KEYS = {category.slug: category.key for category in CATEGORIES}
_TAGGED = "inside <refined_prompt> and </refined_prompt> tags"
_AS_JSON = 'as JSON: {"refined_prompt": "…"}'
_FAILED = {
    "echo": "repeating the request",
    "near-echo": "repeating the request with other small words",
    "half": "keeping the harmful question and only adding to it",
    "refusal": "refusing",
    "off topic": "leaving the subject",
    "risk": "still asking for harm",
    "clause": "still asking for harm in one of its parts",
}


@dataclass(frozen=True)
class Example:
    """One worked rewrite: of which category, the words that carried the hazard, before and after."""

    slug: str
    words: str
    request: str
    rewrite: str


@dataclass(frozen=True)
class Task:
    """One call's task: what is to be rewritten, along which gradient, and what became of the last try.

    ``severe`` chooses the prompt file; ``failed`` is the problem of the attempt before, ``tries`` how many
    have failed: the second is asked for again, all later ones for a new question. What ``asks`` for
    nothing is a passage of a document. ``categories`` says what those of the gradient mean.
    """

    prompt: str
    gradient: Sequence[Clause]
    severe: bool
    failed: str | None = None
    tries: int = 0
    asks: bool = True
    categories: Mapping[str, Category] = field(default_factory=lambda: KNOWN)

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
    effort = "severe" if task.severe else "mild"
    name = f"examples/{effort}"
    shown = chosen(examples((overrides or {}).get(name) or load(name)), task.gradient)
    found: list[AnyMessage] = [SystemMessage(render(f"rewrite_{effort}", overrides))]
    for example in shown:
        clause = Clause(
            category=_KEYS[example.slug],
            intensity=0.9 if task.severe else 0.5,
            effort="severe" if task.severe else "mild",
            words=example.words.split(", "),
        )
        found.append(_request(Task(example.request, [clause], task.severe), overrides, as_json))
        found.append(AIMessage(_formed(example.rewrite, as_json)))
    return [*found, _request(task, overrides, as_json)]


@lru_cache(maxsize=16)
def examples(text: str) -> tuple[Example, ...]:
    """The worked rewrites in a file of examples; ValueError for one of no known category."""
    found = tuple(Example(*groups) for groups in _EXAMPLE.findall(text))
    for example in found:
        if example.slug not in _KEYS:
            raise ValueError(
                f"an example is of {example.slug!r}; categories are {', '.join(_KEYS)}"
            )
    return found


def chosen(known: Sequence[Example], gradient: Sequence[Clause]) -> list[Example]:
    """The common examples, and `OWN` more of the strongest categories that these do not show."""
    common = list(known[:COMMON])
    slugs = [BY_KEY[clause["category"]].slug for clause in gradient if clause["category"] in BY_KEY]
    missing = [slug for slug in slugs if slug not in {example.slug for example in common}]
    own = [example for slug in missing[:OWN] for example in known if example.slug == slug]
    return common + own


def _request(task: Task, overrides: Mapping[str, str] | None, as_json: bool) -> HumanMessage:
    again = ""
    if task.tries and task.asks:
        name = "rewrite_again" if task.tries == 1 else "rewrite_anew"
        why = _FAILED.get(task.failed or "", "being no request")
        again = render(name, overrides, problem=why) + "\n"
    return HumanMessage(
        render(
            "rewrite_request" if task.asks else "passage",
            overrides,
            gradient=render_gradient(task.gradient, overrides, categories=task.categories),
            again=again,
            user_text=fenced(user_text=task.prompt),
            form=_AS_JSON if as_json else _TAGGED,
        )
    )


def _formed(text: str, as_json: bool) -> str:
    if as_json:
        return json.dumps({"refined_prompt": text}, ensure_ascii=False)
    return f"<refined_prompt>{text}</refined_prompt>"
