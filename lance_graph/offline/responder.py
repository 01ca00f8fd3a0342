"""The responder that needs no language model: honest about its limits, constructive within them.

It cannot answer freely. For a rewritten request it gives the guidance of the category, which is
prose under ``prompts/guidance``; for any other it says what is missing. What it says of itself is prose
under ``prompts/offline``, which fits every door; one that knows more, as the command line knows its
options, replaces it like any prompt. Only who speaks of a danger
to themselves, or to someone near, gets a crisis text, whether a detector noticed it or not.
"""

from collections.abc import Mapping

from lance_graph.categories import BY_KEY
from lance_graph.offline import crisis
from lance_graph.offline.lexicon import find_topic
from lance_graph.prompts import prose

HONEST_LINE = prose("offline/general")
CARE_LINE = prose("offline/care")
NOT_REWRITTEN = prose("offline/not_rewritten")
_SUBJECTS = {
    "animal_abuse": "keeping animals safe from cruelty",
    "child_abuse": "protecting children from abuse",
    "controversial_topics": "discussing a divisive question fairly",
    "discrimination": "stereotypes and fair treatment",
    "drugs_weapons": "the dangers of drugs and weapons",
    "financial_crime": "fraud, theft and honest ways with money",
    "hate_speech": "hurtful language and how to answer it",
    "misinformation": "finding reliable facts",
    "unethical_behavior": "honesty and fair dealing",
    "privacy": "protecting private information",
    "sexual_content": "consent and sexual health",
    "terrorism": "preventing terrorism and organised crime",
    "violence": "preventing violence",
}
# Topics that may be named beside the category's subject; all others stay out of the answer.
_NAMED = frozenset(
    [
        "terrorism",
        "methamphetamine",
        "fentanyl",
        "heroin",
        "cocaine",
        "identity theft",
        "money laundering",
        "tax evasion",
        "insurance fraud",
        "credit card fraud",
        "insider trading",
        "market manipulation",
        "corruption",
        "counterfeiting",
        "theft",
        "copyright infringement",
        "hacking",
        "blackmail and extortion",
        "stalking",
        "bullying",
        "scams",
        "election interference",
        "disinformation",
        "domestic abuse",
        "human trafficking",
        "poisoning",
        "eating disorders",
        "animal cruelty",
        "drug trafficking",
        "hate speech",
    ]
)


def respond(
    prompt: str,
    category: str | None,
    overrides: Mapping[str, str] | None = None,
    own: str = "",
) -> str:
    """An answer without a language model.

    ``category`` is the strongest category of a prompt that was rewritten, None for one that was
    not. The prompt itself is never repeated; at most its topic is named. ``overrides`` replaces
    guidance files by name; ``own`` is the guidance of a category that is none of the 14.
    """
    if category in {None, "self_harm"} and (answer := _with_care(prompt, category, overrides)):
        return answer
    if category is None:
        return prose("offline/not_rewritten", overrides)
    honest = prose("offline/general", overrides)
    if category not in BY_KEY:
        return f"{own}\n\n{honest}" if own else f"This touches a sensitive subject. {honest}"
    slug = BY_KEY[category].slug
    name = "self_harm_general" if slug == "self_harm" else slug
    guidance = prose(f"guidance/{name}", overrides)
    if slug == "self_harm":
        return f"{guidance}\n\n{honest}"
    return f"This is about {_subject(prompt, slug)}. {guidance}\n\n{honest}"


def _with_care(
    prompt: str, category: str | None, overrides: Mapping[str, str] | None
) -> str | None:
    """An answer to someone in danger, or near to someone who is; None where the prompt tells of neither.

    What no detector found is read more strictly: jokes, fiction and work with others are left alone.
    """
    care, whom = prose("offline/care", overrides), crisis.another(prompt)
    theme = crisis.own_crisis(prompt) if category else crisis.plainly_own(prompt)
    if whom and (category or crisis.plainly_another(prompt)):
        return f"{prose('guidance/self_harm_another', overrides)}\n\n{care}"
    if theme:
        said = f"You write that {theme.second}. Thank you for telling me."
        return f"{said} {prose('guidance/self_harm', overrides)}\n\n{care}"
    return None


def _subject(prompt: str, slug: str) -> str:
    found = find_topic(prompt[:2_000])
    return f"{found} and {_SUBJECTS[slug]}" if found in _NAMED else _SUBJECTS[slug]
