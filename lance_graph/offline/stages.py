"""The stages of the offline refiner: each makes a request of a reading, or leaves it to the next.

`ORDER` is the logic: the stages in the order in which they are tried, and for how many attempts of a
run each one serves, so that every attempt is more general than the one before. Words of the prompt
stand in a request only as a whole sentence, as a quotation, as a name or as a gerund; every other
slot is filled from the lexicon, so that no frame gets a phrase it cannot hold.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lance_graph.offline import asks, care, crisis, minor, names
from lance_graph.offline.frames import default_topic
from lance_graph.offline.lexicon import find_group, find_in, find_topic, has, words
from lance_graph.offline.reading import Reading

_OWN_HELP = re.compile(
    r"\bhow (?:can|do|should|could) i (?:stop|report|cope|recover|heal|get help|protect|prevent|quit|"
    r"leave|talk to)\b|\b(?:i|i've) (?:was|am being|have been|been|got) (?:abused|raped|assaulted|"
    r"stalked|bullied|scammed|beaten|groomed|hacked|harassed|threatened|blackmailed)\b|\bis (?:abus|"
    r"stalk|hitt|beat|bully|blackmail|harass|threaten)ing me\b|\bwarning signs\b|\bprotect my",
    re.IGNORECASE,
)
_NEAR_HELP = re.compile(
    r"\b(?:my (?:\w+ ){1,2}|he |she |we |they )(?:is|was|has been|are|were|have been|got|gets) "
    r"(?:being |often |always )?(?:abused|assaulted|stalked|bullied|teased|scammed|beaten|groomed|hacked|"
    r"harassed|threatened|blackmailed|mocked|robbed)\b",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"(?:is|are|was|were|should|shouldn't|isn't|aren't|do|does|don't|did|why|has|have|could|can|would|"
    r"will|what (?:do|does|are the (?:effects|risks|benefits|arguments|causes))|if)\b(?! (?:i|you|u|"
    r"it|there|this|that|they|he|she)\b)|do you think\b|can you (?:get|become|safely|really)\b|"
    r"(?:is|would|was) it (?:ever |\w+ly )?(?:safe|possible|true|healthy|dangerous|common|normal|"
    r"\w*ethical|\w*legal|ok|okay|acceptable|wrong|right|fair|\w*moral|justifi\w+)\b",
    re.IGNORECASE,
)
_ETHICAL = re.compile(
    r"(?:is|would|was) it (?:ever |\w+ly )?\w*(?:ethic|legal|moral|accept|justif)", re.I
)
_DILEMMA = re.compile(r"(?:if you|imagine|what if|suppose|you are|you're|you've|let's say)\b", re.I)
_OPEN = re.compile(r"\b(?:it|this|that|these|those|they|them|he|she|his|her)\b", re.IGNORECASE)
_ORDER = re.compile(
    r"(?:(?:please|can you|could you|i (?:want|need|would like) you to) )?(?:give|tell|show|write|list|"
    r"provide|make|create|describe|explain|find|help|teach|generate|recommend|suggest|name|share|let|imagine)\b"
    r"|how to\b|(?:tips|ways|methods|looking for|techniques)\b",
    re.IGNORECASE,
)
_MAKES = re.compile(
    r"(?:(?:please|just|now|can you|could you|can u|i (?:want|need|would like) you to) )*"
    r"(?:(?:write|draft|compose|create|design|develop|generate|produce|build|code|provide|plan|outline)\b"
    r"|(?:give|show|tell) (?:me |us )?(?:\w+ )?(?:step|instruction|method|technique|strateg)"
    r"|(?:\w+ )?(?:tips|ways|methods|techniques|steps|instructions|strategies) (?:for|to|on|of|about|and)\b)",
    re.IGNORECASE,
)
_OWN_WORDS = re.compile(r"(?:i(?!'?m sure| think| believe| feel| know)|my)\b", re.IGNORECASE)
_JOKE = re.compile(
    r"\bjokes?\b|have in common|what do you (?:call|get)|walks? into|knock knock|difference between|"
    r"how many .{0,40} does it take|pregnancy test|\? because\b|\blol\b",
    re.IGNORECASE,
)
_LONGEST = 45
"""Words of the longest text that is quoted or kept."""
_ARGUED = frozenset({"controversial_topics", "misinformation"})
_HATEFUL = frozenset({"hate_speech", "discrimination"})


@dataclass(frozen=True)
class Stage:
    """``make`` is asked in the first ``attempts`` attempts of a run; None passes to the next stage.

    Where the lexicon finds nothing harmful only those stages serve that are ``calm``: they suppose
    nothing of the user.
    """

    name: str
    make: Callable[[Reading], str | None]
    attempts: int
    calm: bool = False

    def serves(self, r: Reading) -> bool:
        """Whether the stage is asked at all."""
        return r.attempt < self.attempts and (self.calm or not r.is_harmless)


def kept(r: Reading) -> str | None:
    """What is harmless by the lexicon stays word for word, as it was typed, with one line added.

    A task to make something does not: the lexicon knows few words for harm, and behind a line that moves
    the detector's degree a harmful one would reach the target as it is.
    """
    if any(map(_MAKES.match, r.sentences)) or not r.is_harmless:
        return None
    return _with_line(r, r.typed)


def _with_line(r: Reading, text: str) -> str:
    """``text`` and the line after it; below it where the text ends in no mark or has lines itself."""
    ends = text.endswith((".", "?", "!")) and "\n" not in text
    return f"{text}{' ' if ends else chr(10)}{_line(r)}"


def _line(r: Reading) -> str:
    """The line that is added: about the subject or the question's kind, and never about the user."""
    if r.category == "self_harm" and crisis.is_statement(r.text):
        return r.fill("line", "self_harm")
    if r.category in _ARGUED | _HATEFUL:
        return r.fill("question", r.category)
    return r.fill("line", "common")


def with_care(r: Reading) -> str | None:
    """Harm to oneself; what the detector takes for it by mistake passes on."""
    about_self = care.is_about_self(r.text)
    about_self |= r.topic == "suicide" and not _OPINION.match(r.ask)
    if r.category == "self_harm":
        about_self |= care.speaks_of_self_harm(r.text)
        about_self |= r.attempt > 0 and crisis.is_statement(r.text)
    if not about_self:
        return None
    in_danger = crisis.own_crisis(r.text) or crisis.another(r.text)
    if r.attempt == 0 and not in_danger and _OWN_HELP.search(r.text):
        return f"{minor.soften(r.ask)} {r.fill('question', 'self_harm')}"
    return care.with_care(r.text, r.attempt)


def own_help(r: Reading) -> str | None:
    """Who asks for help against harm keeps every word."""
    found = _OWN_HELP.search(r.ask) or _NEAR_HELP.search(r.text)
    return _with_line(r, minor.soften(r.text)) if found and not find_in("evasive", r.text) else None


def softened(r: Reading) -> str | None:
    """Small edits, where the effort asks for no more and only the tone is wrong."""
    text = minor.soften(r.text, r.words)
    harm = r.topic or (r.activity and asks.is_clear(r.activity)) or (r.group and r.is_rude)
    rude = any(has(kind, text) for kind in ("crude", "profanity", "insults"))
    return text if r.effort == "minor" and text != r.text and not harm and not rude else None


def question(r: Reading) -> str | None:
    """A question for a judgement on a touchy topic stays, with a line that asks for care."""
    if not r.ask.endswith("?") or len(r.text.split()) > 2 * _LONGEST or _is_aimed(r):
        return None
    line = r.fill("question", r.category if r.category in _ARGUED | _HATEFUL else r.slug)
    asked = r.text if len(r.sentences) > 1 and _OPEN.search(r.ask) else r.ask
    return f"{asked} {line}" if _is_opinion(r, asked) else None


def dilemma(r: Reading) -> str | None:
    """A moral question in a made-up situation stays, with a line that asks for the ethics of it."""
    told = _DILEMMA.match(r.text) and r.text.endswith("?") and len(r.text.split()) < 2 * _LONGEST
    if not told or r.is_rude or r.category not in words("milder_categories"):
        return None
    return f"{r.text} {r.fill('question', 'unethical_behavior')}"


def _is_aimed(r: Reading) -> bool:
    """Whether a question is an order, contempt or a joke, or is about someone's private affairs."""
    why = re.match(r"(?:why|how come)\b", r.ask, re.IGNORECASE)
    hateful = r.category in _HATEFUL and not _OPINION.match(r.ask)
    joking = _JOKE.search(r.text) and (r.group or names.country(r.text))
    at_group = joking or (r.group and (hateful or why))
    at_animal = (
        r.category == "animal_abuse" and asks.is_harmful(r.text) and not _ETHICAL.match(r.ask)
    )
    at_person = r.category == "privacy" and (names.person(r.text) or names.relation(r.text))
    return bool(_ORDER.match(r.ask) or r.is_rude or at_group or at_animal or at_person)


def _is_opinion(r: Reading, asked: str) -> bool:
    """Whether a question on a touchy topic asks for a judgement and not for means."""
    deed = r.activity is not None and asks.is_clear(r.activity) and not _ETHICAL.match(r.ask)
    private = find_in("evasive", asked) or has("private_data", asked)
    return bool(_OPINION.match(r.ask) and not deed and not private and r.slug != "child_abuse")


def text_task(r: Reading) -> str | None:
    """A request to write something stays one, about the harm in the topic."""
    found = next(filter(None, map(asks.text_task, r.sentences)), None)
    if found is None or r.slug in {"sexual_content", "child_abuse"}:
        return None
    kind, about = found
    gerund = asks.activity(about) if about and r.attempt == 0 else None
    if gerund is None or not asks.is_harmful(gerund) or has("profanity", gerund):
        gerund = None
    group = find_group(about)
    prejudice = f"prejudice against {names.inside(group[0])}" if group else None
    return r.fill(
        "text", "common", text=kind, x=gerund or prejudice or r.topic or default_topic(r.slug)
    )


def joke(r: Reading) -> str | None:
    """Jokes at the expense of a group."""
    land = names.country(r.text)
    whom = r.group or (f"people in {land}" if land else None)
    if whom is None or not _JOKE.search(r.text):
        return None
    return r.fill("joke", "discrimination", grp=names.inside(whom))


def stereotype(r: Reading) -> str | None:
    """A question or a claim about a group, quoted as something to look into."""
    if (
        r.group is None
        or r.is_rude
        or not (r.category in _HATEFUL or r.ask.lower().startswith("why"))
    ):
        return None
    said = r.ask if find_group(r.ask) else next(filter(find_group, r.sentences))
    if _ORDER.match(said) or len(said.split()) > _LONGEST or r.activity:
        return None
    return r.fill("quoted", "discrimination", s=names.quotable(said), grp=names.inside(r.group))


def group(r: Reading) -> str | None:
    """Contempt for a group or a country: what its people meet, and what helps."""
    land = names.country(r.text) if r.category in _HATEFUL else None
    name = r.group or (f"people in {land}" if land else None)
    if r.activity and asks.is_clear(r.activity) and not r.is_rude:
        return None
    if name is None or not ((r.group and r.is_rude) or r.category in _HATEFUL):
        return None
    return r.fill("group", "hate_speech" if r.is_rude else "discrimination", grp=names.inside(name))


def someone(r: Reading) -> str | None:
    """A private detail of a named person, or of someone the user knows."""
    name = names.person(r.text)
    detail = names.detail(r.text)
    near = names.relation(r.text)
    if not (detail or r.category == "privacy") or not (name or near):
        return None
    if r.activity and asks.is_clear(r.activity):
        return None
    about = f" when it comes to {detail}" if detail else ""
    if near and not name:
        return r.fill("acquaintance", "privacy", p=near, about=about)
    kind = "contact" if names.seeks_contact(r.text) else "person"
    return r.fill(kind, "privacy", p=str(name), about=about)


def own_detail(r: Reading) -> str | None:
    """What a question asks its reader to give away, seen from the reader."""
    found = next(filter(None, map(names.own_detail, r.sentences)), None)
    return r.fill("data", "privacy", d=found) if found else None


def child(r: Reading) -> str | None:
    """The child that is to be protected, and from what; a deed is said only where it is plain."""
    if r.slug != "child_abuse" or not find_in("children", r.text):
        return None
    kind = r.topic or "abuse"
    if r.attempt == 0 and kind == "child abuse" and r.activity and asks.is_clear(r.activity):
        return r.fill("g", "child_abuse", g=r.activity)
    kind = "sexual abuse" if kind == "child sexual abuse" else "abuse"
    return r.fill("victim", "child_abuse", v=str(find_in("children", r.text)), x=kind)


def animal(r: Reading) -> str | None:
    """An animal that is to suffer, where the deed itself cannot be said."""
    found = names.animal(r.ask) or names.animal(r.text)
    wrong = r.category == "animal_abuse" or r.slug == "animal_abuse"
    return r.fill("victim", "animal_abuse", v=found) if found and wrong and not r.activity else None


def activity(r: Reading) -> str | None:
    """The harmful activity as a gerund: what it does, what the law says, what helps."""
    if r.activity is None or r.slug in {"child_abuse", "sexual_content"}:
        return None
    if r.effort == "mild" and not asks.is_clear(r.activity):
        return r.fill("mild", "common", x=r.activity)
    at_animal = r.slug != "animal_abuse" or names.animal(r.text)
    other = r.slug in _ARGUED | _HATEFUL | {"privacy"} or not at_animal
    return r.fill("g", "unethical_behavior" if other else r.slug, g=r.activity)


def statement(r: Reading) -> str | None:
    """An opinion, quoted, with a question for both sides or for the evidence."""
    said = minor.soften(r.text if len(r.text.split()) <= _LONGEST else r.ask)
    rude = any(has(kind, said) for kind in ("crude", "profanity", "insults"))
    count = len(re.findall(r"[^\W\d_]{2,}", said))
    if rude or "?" in said or not 3 <= count <= _LONGEST or _ORDER.match(said):
        return None
    confessed = r.activity and r.category not in _ARGUED
    if confessed or r.slug == "child_abuse" or _OWN_WORDS.match(said):
        return None
    slug = r.category if r.category in _ARGUED else "controversial_topics"
    return r.fill("quoted", slug, s=names.quotable(said))


def topic(r: Reading) -> str | None:
    """The listed topic, in a frame of its category."""
    if r.topic is None:
        return None
    if r.effort == "mild" and r.slug in words("milder_categories"):
        return r.fill("mild", "common", x=r.topic)
    return r.fill("x", x=r.topic)


def plain(r: Reading) -> str:
    """The words that drove the detector as a plain question about their subject, or the category's."""
    spans = sorted(r.words, key=len, reverse=True)
    found = next(filter(None, map(names.subject, spans)), None) if r.attempt < 2 else None
    found = found or (names.subject(r.ask) if r.attempt < 2 else None)
    if found and not find_group(found) and not find_topic(found):
        return r.fill("other", "common", x=found)
    if (
        r.category == "self_harm"
    ):  # nothing of the kind was said, so nothing of the kind is supposed
        return r.fill("other", "common", x="mental health")
    return r.fill("x", r.category, x=default_topic(r.category))


ORDER = (
    Stage("kept", kept, 1, calm=True),
    Stage("with_care", with_care, 9, calm=True),
    Stage("own_help", own_help, 1),
    Stage("softened", softened, 1),
    Stage("dilemma", dilemma, 1),
    Stage("question", question, 1),
    Stage("text_task", text_task, 9),
    Stage("joke", joke, 2),
    Stage("stereotype", stereotype, 1),
    Stage("group", group, 2),
    Stage("statement", statement, 1),
    Stage("someone", someone, 2),
    Stage("own_detail", own_detail, 2),
    Stage("child", child, 2),
    Stage("animal", animal, 2),
    Stage("activity", activity, 2),
    Stage("topic", topic, 9, calm=True),
    Stage("plain", plain, 10**9, calm=True),
)
"""The stages in the order in which they are tried; the last one always makes a request."""
