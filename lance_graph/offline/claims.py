"""Opinions and yes/no questions: what can be asked again in a balanced way."""

import re

from lance_graph.offline.asks import activities, is_harmful
from lance_graph.offline.inflection import can_be_adjective
from lance_graph.offline.lexicon import has, words
from lance_graph.offline.text import lower_first

_LEAD = re.compile(
    r"^(?:(?:omg|hey|is it true|isn't it true|i "
    r"(?:really |strongly |firmly |personally |do |just )?(?:think|believe|feel|heard|"
    r"know|say|read|am sure|swear|hope)|i'm (?:sure|convinced)"
    r"|in my opinion|imo|imho|honestly|frankly|to be honest|let's be honest|everyone knows|"
    r"everybody knows|the truth is"
    r"|it's (?:clear|obvious|true)|it is (?:clear|obvious|true|a fact)|we all know|obviously|"
    r"clearly|face it|argue|prove|explain why|write why|claim"
    r"|admit|well|and|but|so|look|ok|okay|listen|sorry|convince me|the fact is)(?: that)?,? "
    r"(?:that )?)+",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"^(?:prove|convince|change my|tell|give|provide|write|list|show|please|explain|create|"
    r"describe|help|make|develop|design|how|what|draft|compose)\b",
    re.I,
)
_HAS_VERB = re.compile(
    r"\b(?:is|are|was|were|isn't|aren't|should|shouldn't|has|have|had|can|can't|will|won't|"
    r"must|need|needs|do|does|doesn't|don't|did|would"
    r"|\w+(?:es|ed)|makes?|brings?|controls?|wants?|causes?|hates?|rules?|runs?|oppress|"
    r"deserves?)\b",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r",? (?:prove me wrong|change my mind|no exceptions|period|end of story|(?<=, )right|don't you "
    r"think|and why(?: or why not)?|why or why not)[.!?]*$",
    re.I,
)
_MAX_WORDS = 20


def claim(sentences: list[str]) -> str | None:
    """The first opinion among ``sentences`` as a clause after "that"; None if there is none."""
    for said in sentences:
        told = _THAT.search(said)
        sentence = told.group("s") if told else said
        if sentence.endswith("?") or (
            _ORDERS.match(sentence)
            and not re.match(r"(?:argue|prove|explain) that", sentence, re.I)
        ):
            continue
        stated = _TAIL.sub("", _LEAD.sub("", sentence).strip()).rstrip(".! ")
        stated = re.split(r", (?:they|it|he|she|we|i|which|so|but|no)\b", stated, flags=re.I)[0]
        stated = re.sub(r",? (?:and|but|because) (?:we|you|i|he|she|it|they) .*$", "", stated)
        stated = _shorten(stated)
        words = stated.split()
        if (
            len(words) < 3
            or not _HAS_VERB.search(stated)
            or stated.isupper()
            or _LOOSE.match(stated)
        ):
            continue
        if re.search(r"\b(?:i|me|my|i'm|you|your|damn)\b", stated, re.I) or has(
            "profanity", stated
        ):
            continue
        return _lower_unless_name(stated)
    return None


_LOOSE = re.compile(
    r"(?:he|she|they|it|this|that|given|those are|these|we|let's|so sick|tired of|as an?"
    r"|\w+ing\b.*\?)\b",
    re.I,
)
_THAT = re.compile(
    r"^(?:please )?(?:provide|give|write|show|argue|explain|prove|create|draft|make|convince|"
    r"compose|list|find)\b.{0,60}?\b(?:that|why|claiming|arguing|saying|how come)\b "
    r"(?P<s>(?!can\b|will\b|would\b|is\b|are\b|could\b|\w+s\b (?:the|a|that|and|or|"
    r"people)\b).+)",
    re.I,
)


def _shorten(text: str) -> str:
    words = text.split()
    if len(words) <= _MAX_WORDS:
        return text
    parts = re.split(r"(?:,|;| - | in which | that | which | because )", text)
    return parts[0].strip() if len(parts[0].split()) > 3 else " ".join(words[:0])


def _lower_unless_name(text: str) -> str:
    first = text.split(maxsplit=1)[0]
    common = first.lower() in _STARTERS or first.lower().endswith(
        ("tion", "ism", "ing", "ity", "ency", "ics")
    )
    if common and first[1:] == first[1:].lower():
        return lower_first(text)
    rest = text.split()[1:2]
    plain = can_be_adjective(first) and not first.lower().endswith(("an", "ish", "ese", "ic", "i"))
    return lower_first(text) if plain and rest and rest[0].islower() else text


_STARTERS = words("claims_starters")

_BENIGN = re.compile(
    r"^(?:is|are|was|were|should|do|does|did|can|could|would|why|what|which|who|has|have|if|"
    r"how (?:do you (?:feel|handle|deal)|should|much|safe|common|does|is|are|many|likely))\b",
    re.IGNORECASE,
)
HOW_TO = re.compile(
    r"\b(?:best|good|fun|easy|easiest|effective|quickest|efficient|cheapest|most \w+) (?:way|"
    r"method|place|tool|technique|kind)|\bhow (?:can|do|could|would|should) (?:i|you|one|"
    r"we)\b(?! (?:feel|handle|deal))|how (?:can|could|should) \w+ be\b|\w+est thing|most \w+ "
    r"(?:thing|insult|word|name)|get(?:ting)? (?:away with|caught)|without (?:being|getting)",
    re.I,
)


_ORDER = re.compile(
    r"^(?:can|could|would|will) (?:you|u|we|i|someone|anyone) (?:please |also |maybe )?(?:help"
    r"|assist|teach|show|give|"
    r"provide|find|create|make|generate|write|insult|disclose|share|reveal|locate|design|list"
    r"|tell me (?:how|the|a)|"
    r"recommend|suggest|buy|sell|send|hack)\b"
    r"|^(?:is|are) there (?:an?|any|some) (?:\w+ )?(?:way|chemical|poison|drug|substance|trick"
    r"|method|loophole|pill|"
    r"app|tool|website|site|program|place)s?\b"
    r"|^how (?:is|are) (?:\w+ ){1,3}(?:made|built|produced|cooked|constructed)"
    r"|^wh(?:at|ich)(?:'s| is| are| were| things?)?\b.{0,40}\b(?:pranks?|loopholes?|sneaky tricks"
    r"|tricks|methods?|"
    r"persuasion tactics?|scams?|lies|lie) "
    r"|^wh(?:at|ich) (?:chemicals?|poisons?|substances?|weapons?|explosives?)\b"
    r"|^what(?:'s| is| are| would be)? (?:the |an? |some )?(?:best|ideal|perfect|easiest|quickest"
    r"|good|strongest|worst"
    r"|most effective|"
    r"deadliest|easy) "
    r"|^wh(?:at|ich) (?:\w+ ){0,3}(?:can|could|should|would|do) (?:i|we|you) (?:\w+ ){0,2}"
    r"(?:add|put|use|give|buy|say|recommend|mix|do)\b|illegal ways"
    r"|^what (?:is|would be|are) the most (?:dangerous|devastating|harmful|painful|deadly|lethal)"
    r"|\bcould i say\b|i buy with"
    r"|\bwords? to\b"
    r"|what is (?:his|her|their)\b"
    r"|\b(?:supply list|ingredients|recipe|materials|steps|instructions|list|words) (?:for|to)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:into (?:this|that)|this situation|in this case|with this|these|this (?!country|world"
    r"|year|century|day)\w+"
    r"|^.{0,24}\b(?:benefit|do|would|about|of|to|with|for|is|are|does|sell|try|like) (?:it|that"
    r"|them|they|this))\b",
    re.IGNORECASE,
)


def stands_alone(question: str) -> bool:
    """Whether ``question`` can be asked without the sentences before it."""
    return _OPEN.search(question) is None


def balanced_question(sentence: str) -> str | None:
    """``sentence`` as a question that may stand as it is; None if it must not."""
    question = _TAIL.sub("?", re.sub(r"^(?:and|but|so|then) ", "", sentence.strip(), flags=re.I))
    if not question.endswith("?") or not _BENIGN.match(question) or HOW_TO.search(question):
        return None
    if _ORDER.search(question):
        return None
    question = re.sub(
        r"(?i)^(why should (?:i|we|people) .{5,}?),? when (?:i|we|they) can\b.*", r"\1?", question
    )
    if re.match(
        r"(?:if so|is (?:this|that|it) (?:true|right|ok|okay|legal|normal)\?|is (?:this|that|"
        r"it) \w+(?: \w+)?\?|does (?:this|that)|would that|did (?:they|it))\b",
        question,
        re.I,
    ):
        return None
    if any(has(kind, question) for kind in ("profanity",)) or len(question.split()) > 45:
        return None
    return question[:1].upper() + question[1:]


ETHICAL = re.compile(
    r"(?:is|would|was) it (?:\w+ )?(?:ethical|unethical|legal|illegal|okay|ok|acceptable|wrong|"
    r"right|fair|moral|immoral|justifiable|justified|considered)\b|why should (?:i|we|people) "
    r"(?:care|not|be|worry|stop)",
    re.IGNORECASE,
)
_DILEMMA = re.compile(
    r"\b(?:what if|if you were|imagine|suppose|let's say|you are (?:the|an?)|you're (?:the|"
    r"an?)|you've been|if you (?:discovered|found|knew))\b.*\b(?:would (?:you|it|that)|do you|"
    r"should (?:i|you)|is it|what (?:would|should) (?:you|i))\b",
    re.IGNORECASE | re.DOTALL,
)


_NOT_ALONE = re.compile(
    r"^.{0,30}\b(?:it|steps|done|this)\b.{0,12}\?$|\b(?:insults?|slurs?|nicknames?|"
    r"comebacks?)\b.*\bfor\b"
    r"|what can (?:you|i|one|we)\b|\bways? to\b|\boptions? that\b|while (?:minimi|maintain|"
    r"avoid|evad)",
    re.IGNORECASE,
)


def is_dilemma(text: str) -> bool:
    """Whether ``text`` sets a moral question in a made-up situation and asks for no instructions."""
    asks_how = re.search(
        r"\bhow (?:to|can|could|do|would) (?:i|you|one)?|step|\bways?\b|method", text, re.I
    )
    rude = any(has(kind, text) for kind in ("profanity", "crude"))
    return (
        bool(_DILEMMA.search(text))
        and not asks_how
        and not rude
        and len(text.split()) < 100
        and text.endswith("?")
    )


def is_benign_question(sentence: str) -> bool:  # noqa: PLR0911  # a chain of guards
    """Whether ``sentence`` is a question without harmful activity, contempt or how-to."""
    if balanced_question(sentence) is None:
        return False
    if any(has(kind, sentence) for kind in ("profanity", "insults", "crude")):
        return False
    if ETHICAL.match(sentence):
        return True
    if _NOT_ALONE.search(sentence):
        return False
    if re.search(
        r"\b(?:things|what|where|which|who|some|many|much)\b.{0,40}\b(?:can|could|should|do|"
        r"would|might) i\b|i (?:can|could) \w+|^where\b",
        sentence,
        re.I,
    ):
        return False
    if re.search(
        r"\byou(?:'ve| have| ever|r favou?rite)\b|have you\b|what's your|why (?:do|should|"
        r"can't) we\b|the point of",
        sentence,
        re.I,
    ):
        return False
    if re.match(
        r"(?:have|did|do|would|could|can) (?:you|u)\b(?! think)|is it (?:more )?(?:fun|better|"
        r"harder|easier)",
        sentence,
        re.I,
    ):
        return False
    return not any(is_harmful(phrase) for phrase in activities(sentence))
