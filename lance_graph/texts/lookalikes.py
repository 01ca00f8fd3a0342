"""Letters of other scripts that look like Latin ones, and words that mix the two."""

import re

_DRAWN_ALIKE = {
    "a": "ΑαАаӑӓᎪᗅꓮ𐊠ᗩ",
    "b": "ΒβВЬвъѣᏏᏴᑲᖯᗷꓐ𐊡",
    "c": "ςϲСсᏟⲤⲥꓚꮯ𐊢𐐕𐐽ᑕ",
    "d": "δԁᎠᏧᑯᗞᗪꓒꓓ",
    "e": "ΕεЕеэёєҽᎬⴹꓰᗴ",
    "f": "Ϝғքᖴꓝ𐊥",
    "g": "ԌԍցᏀᏳꓖᘜ",
    "h": "ΗНнђћңһհᎻᏂᕼⲎꓧ𐋏",
    "i": "ιіїӏᎥꙇꭵ",
    "j": "ͿϳЈјᎫᒍꓙ",
    "k": "ΚκКкқҝᏦᛕⲔꓗ",
    "l": "ΙІӀᏞᒪᛁⲒⳐⵏꓡꓲ𐐛",
    "m": "ΜϺМмᎷᗰᛖⲘꓟ𐊰",
    "n": "ΝήηипոռⲚꓠᑎ",
    "o": "ΟοσόОоөՕօჿⲞⲟⵔꓳ𐊫𐐄𐐬",
    "p": "ΡρРрҏᏢᑭⲢⲣꓑ",
    "q": "ԛգզⵕᑫ",
    "r": "гяѓᎡᏒᖇᴦⲅꓣꮁ",
    "s": "ЅѕՏᏕᏚꓢꮪ𐐠𐑈ᔕ",
    "t": "ΤτТтᎢⲦꓔ𐊱",
    "u": "μυцՍսᑌꓴ",
    "v": "νѴѵᏙᐯⴸꓦꮩ",
    "w": "ωώшщѡѿԜԝաᎳᏔꓪꮃᗯ",
    "x": "ΧχХжхҳᕁᕽᚷⲬⵝꓫ𐊴᙭",
    "y": "ΥγУучўҮүұყᎩᎽⲨꓬ𐊲",
    "z": "ΖζᏃꓜꮓᘔ",
}
"""Unicode's confusables for the Latin letters (UTS 39, living scripts), and what a reader takes for one
inside a Latin word (small Cyrillic к, м, т; Greek ε, η, ω)."""
_LATIN = {ord(other): letter for letter, others in _DRAWN_ALIKE.items() for other in others}
_LETTERS = frozenset(map(chr, _LATIN))
_WORD = re.compile(r"[^\W\d_]+")
_IN_ASCII = re.compile(r"[A-Za-z]")


def unmixed(text: str, *, whole_words: bool = False) -> str:
    """Latin letters for the look-alikes in words that hold a Latin letter; other words stay.

    A word of two or more look-alikes only is taken for a Latin one if nothing else in the text is
    written in such a script, or with ``whole_words`` always: it is a guess beside real Russian.
    """
    if _LETTERS.isdisjoint(text):
        return text
    words = set(_WORD.findall(text))
    guess = whole_words or not any(map(_genuine, words))

    def latin(match: re.Match[str]) -> str:
        word = match[0]
        if _IN_ASCII.search(word):
            return word.translate(_LATIN)
        seems = word.translate(_LATIN)
        return seems if guess and len(word) > 1 and seems.isascii() else word

    return _WORD.sub(latin, text)


def _genuine(word: str) -> bool:
    """A word of another script: no Latin letter in it, and at least one that looks like none."""
    return not (_IN_ASCII.search(word) or word.translate(_LATIN).isascii())
