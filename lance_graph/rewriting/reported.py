"""An English question as somebody reports it: "Is it fair to …?" becomes "whether it is fair to …".

Asked of others, a harmless question stays what it is and a harmful one harmful, with the words of both.
"""

import re

MOST = 8
"""Words of the question with which its report begins; what follows is left to the model."""
_DEED = re.compile(
    r"how (?:do|can|could|should|would|to)\b|[^\n]*\b(?:ways?|methods?|tips|steps|instructions|without)\b",
    re.IGNORECASE,
)
_RULES = tuple(
    (re.compile(rf"(?:{pattern})\b(?P<rest>[^\n]*)", re.IGNORECASE), report)
    for pattern, report in (
        (r"do you think(?: that)?", "whether"),
        (r"is it", "whether it is"),
        (r"was it", "whether it was"),
        (r"(?:do|does|did) (?P<who>we|i|people|they)", "whether {who}"),
        (
            r"(?P<can>should|can|could|would|will|may) (?P<who>we|i|people|they)",
            "whether {who} {can}",
        ),
        (r"(?:what is|what's|what’s|what are) (?P<who>the|some)", "{who}"),
        (r"how (?:do|can|could|should|would) (?:i|we|you|people|one)", "how to"),
        (r"can you (?:explain|tell me)", ""),
        (r"(?P<who>what happens|how often|how much|how many people)", "{who}"),
        (r"(?P<who>how|what|why|where|who|which|when)", "{who} …"),
        (r"(?:do|does|did|is|are|was|were|can|could|may|should|will|would|has|have)", "whether …"),
    )
)


def reported(question: str) -> str:
    """The first words of ``question`` in reported speech; empty where it begins like no English question."""
    for pattern, report in _RULES:
        if found := pattern.match(question.strip()):
            parts = {name: text for name, text in found.groupdict().items() if text}
            begin = report.format_map({key: _low(text) for key, text in parts.items()})
            if begin.endswith(" …"):  # the order of its words changes: the model's part
                return begin.removesuffix(" …")
            rest = found["rest"].strip().rstrip("?!. ").split()
            return " ".join([*begin.split(), *rest[: max(1, min(MOST, len(rest) * 2 // 3))]])
    return ""


def asks_for_a_deed(question: str) -> bool:
    """Whether an English ``question`` asks how something is done, and not only what is so."""
    return bool(_DEED.match(question.strip()))


def _low(words: str) -> str:
    return "I" if words.casefold() == "i" else words.casefold()
