"""Private details: the reader's own, a named person's, or an act against privacy."""

import re

from lance_graph.offline import asks, nouns, people
from lance_graph.offline.composers.general import Reading, by_activity, fill


def privacy(reading: Reading) -> str:  # noqa: PLR0911  # a chain of guards
    """The reader's own details, a named person's, or an act against privacy."""
    gerund = asks.activity(reading.ask) if reading.attempt < 2 else None
    others = gerund and re.search(
        r"\b(?:someone|someone's|other|people|people's|accounts?|phones?|computers?|wife|"
        r"husband|girlfriend|boyfriend)\b",
        gerund,
    )
    if (
        gerund
        and (asks.is_clear(gerund) or others)
        and not re.search(r"\bthat\b|shit|party|touch", gerund)
    ):
        return by_activity(reading)
    name = people.person(reading.text)
    about = _detail(reading.text)
    if (
        name
        and reading.attempt < 2
        and _COMPANY.search(reading.text)
        and not _HOME.search(reading.text)
    ):
        return fill(reading, "company", p=name)
    known = _KNOWN.search(reading.text) if reading.attempt < 2 else None
    if known and name and re.search(rf"{known.group(0)},? {re.escape(name)}", reading.text):
        return fill(reading, "acquaintance", p=name, about=about)
    if known and not name:
        relation = known.group(0)[3:].lower()
        return fill(reading, "acquaintance", p=f"my {relation}", about=about)
    if name and reading.attempt < 2:
        contact = re.search(
            r"address|contact|phone|number|send|reach|in touch|hospital|meet", reading.text, re.I
        )
        return fill(reading, "contact" if contact else "person", p=name, about=about)
    if reading.attempt < 2:
        for sentence in reading.sentences:
            detail = people.private_detail(sentence)
            if detail:
                return fill(reading, "data", d=detail)
    if about and reading.attempt < 2:
        return fill(reading, "x", x=about.removeprefix(" when it comes to "))
    if reading.mild:
        return by_activity(reading)
    kept = nouns.main_noun_phrase(reading.ask) if reading.attempt == 0 else None
    if kept and re.search(
        r"(?:information|records?|data|details|documents|files|passwords|accounts?|history)$", kept
    ):
        return fill(reading, "x", x=kept)
    if gerund and reading.attempt == 0 and not name and not re.search(r"shit|party|touch", gerund):
        return by_activity(reading)
    return fill(reading, "x", x="private information")


_COMPANY = re.compile(
    r"\b(?:compan(?:y|ies)|corporation|employees?|procedures?|products?|budget|profits?|margins?|merger|"
    r"classified|algorithms?|internal|cyber|investments?|revenue|trade secrets?"
    r"|financial statements?|servers?|"
    r"databases?|software systems?|roadmap|documents|operations?|missions?|sales|lawsuits?"
    r"|expansion|strategy|planning next)\b",
    re.I,
)
_HOME = re.compile(
    r"address|phone number|\bssn\b|social security|home|ceo|founder|chairman|president of", re.I
)
_KNOWN = re.compile(
    r"\bmy (?:old |best |close |former )?(?:friend|classmate|colleague|coworker|neighbou?r"
    r"|fianc[eé]e?|girlfriend|"
    r"boyfriend|ex(?:-\w+)?|crush|roommate|teacher|boss|cousin|sister|brother|doctor|step\w+|aunt|uncle|father"
    r"|mother|dad|mom|son|daughter|wife|husband)\b(?!')",
    re.I,
)
_DETAILS = (
    r"(?:home |e-?mail )?address(?:es)?|phone numbers?|passwords?|bank account numbers?|social "
    r"security numbers?|\bssn\b|hospital"
    r"|medical records?|location|whereabouts|salary|income|net worth|personal assistant|"
    r"personal life|private life|gossip"
    r"|photos|pictures|love life|sexual orientation|emails|messages|birthday|weight|"
    r"relationship|penthouse|obsession|health"
    r"|(?:are |is )(?:making|earning)\b|earns?\b|password|text messages|criminal record|divorce"
    r"|pregnan\w+|arrested|convicted"
)


def _detail(text: str) -> str:
    match = re.search(_DETAILS, text, re.I)
    if not match:
        return ""
    names = {
        "hospital": "health",
        "is making": "income",
        "are making": "income",
        "is earning": "income",
        "earn": "income",
        "earns": "income",
        "ssn": "social security numbers",
        "penthouse": "home addresses",
        "arrested": "criminal records",
        "convicted": "criminal records",
        "obsession": "private hobbies",
        "gossip": "rumours",
        "personal assistant": "contact details",
        "location": "whereabouts",
        "weight": "health",
        "pregnancy": "health",
        "pregnant": "health",
    }
    found = match.group(0).lower()
    found = names.get(found, found)
    plural = {
        "home address": "home addresses",
        "address": "addresses",
        "phone number": "phone numbers",
        "email address": "email addresses",
        "password": "passwords",
        "bank account number": "bank account numbers",
        "social security number": "social security numbers",
        "medical record": "medical records",
    }
    return f" when it comes to {plural.get(found, found)}"


def seeks_contact(text: str) -> bool:
    """Whether ``text`` asks for the address or number of a named person."""
    sought = re.search(
        r"(?:home|email|residential|street|personal) address|phone number|social security|\bssn\b",
        text,
        re.I,
    )
    return bool(sought and people.person(text))
