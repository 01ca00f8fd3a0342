"""Private details: the reader's own, a named person's, or an act against privacy."""

import re

from lance_graph.offline import asks, people
from lance_graph.offline.composers.general import Reading, by_activity, fill


def privacy(reading: Reading) -> str:
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
    return fill(reading, "x", x="private information")


_DETAILS = (
    r"(?:home |e-?mail )?address(?:es)?|phone numbers?|passwords?|bank account numbers?|social "
    r"security numbers?|\bssn\b|hospital"
    r"|medical records?|location|whereabouts|salary|income|net worth|personal assistant|"
    r"personal life|private life|gossip"
    r"|photos|pictures|love life|sexual orientation|emails|messages|birthday|weight|"
    r"relationship|penthouse|obsession|health"
    r"|password|text messages|criminal record|divorce|pregnan\w+|arrested|convicted"
)


def _detail(text: str) -> str:
    match = re.search(_DETAILS, text, re.I)
    if not match:
        return ""
    names = {
        "hospital": "health",
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
