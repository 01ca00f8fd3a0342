"""The responder that needs no language model: honest about its limits, constructive within them.

It cannot answer freely. For a rewritten request it gives the guidance of the category, which is
prose under ``prompts/guidance``; for any other it says what to connect.
"""

from collections.abc import Mapping

from lance_graph.categories import BY_KEY
from lance_graph.offline.lexicon import find_topic
from lance_graph.prompts import prose

HONEST_LINE = (
    "I'm LANCE's offline responder and have no language model to think with, so this is general "
    "guidance; connect a model with --target for an answer to your own question."
)
NOT_REWRITTEN = (
    "Your request looks fine to me and I have left it as it is. I'm LANCE's offline responder, "
    "though, and can't answer freely without a language model: connect one with --target and ask "
    "again."
)
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
    "self_harm": "getting through a very hard time safely",
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


def respond(prompt: str, category: str | None, overrides: Mapping[str, str] | None = None) -> str:
    """An answer without a language model.

    ``category`` is the strongest category of a prompt that was rewritten, None for one that was
    not. The prompt itself is never repeated; at most its topic is named. ``overrides`` replaces
    guidance files by name.
    """
    if category is None:
        return NOT_REWRITTEN
    if category not in BY_KEY:
        return f"This touches a sensitive subject. {HONEST_LINE}"
    slug = BY_KEY[category].slug
    guidance = prose(f"guidance/{slug}", overrides)
    return f"This is about {_subject(prompt, slug)}. {guidance}\n\n{HONEST_LINE}"


def _subject(prompt: str, slug: str) -> str:
    found = find_topic(prompt[:2_000]) if slug != "self_harm" else None
    return f"{found} and {_SUBJECTS[slug]}" if found in _NAMED else _SUBJECTS[slug]
