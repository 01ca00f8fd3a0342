"""Register: greetings, closings, lower case and missing end marks, blind to the label."""

import random

_OPEN_QUESTION = (
    "Hi, ",
    "Hey, ",
    "Hello, ",
    "Quick question: ",
    "Honest question: ",
    "Just wondering, ",
    "Good morning, ",
    "Sorry to bother you, but ",
    "Ok so, ",
    "One more thing: ",
)
_OPEN_ORDER = ("Please ", "Hi, please ", "Hey! ", "Hello. ", "Next: ", "Ok, ", "Could you please ")
_CLOSE = (
    " Thanks!",
    " Thank you.",
    " Keep it short.",
    " A short answer is enough.",
    " Thanks a lot.",
    " Please use plain English.",
    " I need it today.",
    " Take your time.",
    " Be specific.",
    " Give as much detail as you can.",
    " Bullet points, please.",
    " Cheers.",
)
_ORDERS_TEXT = (
    "write explain give tell list describe show draft compose summarise summarize create make "
    "help translate compare outline suggest design build implement prepare walk teach "
    "recommend produce define discuss name invent plan find provide generate"
)
_ORDERS = frozenset(_ORDERS_TEXT.split())
_QUESTIONS_TEXT = "how what why where when who which can could is are do does did should would will"
_QUESTIONS = frozenset(_QUESTIONS_TEXT.split())


def restyle(text: str, rng: random.Random) -> str:
    """Give ``text`` a random register; most texts are left as they are."""
    first = text.split(" ", 1)[0].strip(",").lower()
    if rng.random() < 0.14:
        text = _opened(text, first, rng)
    if rng.random() < 0.10 and (first in _ORDERS or first in _QUESTIONS) and text[-1] in ".?!":
        text += rng.choice(_CLOSE)
    if rng.random() < 0.13:
        text = text.lower()
    if rng.random() < 0.07 and text[-1] in ".?":
        text = text[:-1]
    return text


def _opened(text: str, first: str, rng: random.Random) -> str:
    """A question or an order behind an opening; anything else as it is."""
    begun = text[:1].lower() + text[1:]
    if first in _QUESTIONS and text.endswith("?"):
        return rng.choice(_OPEN_QUESTION) + begun
    if first not in _ORDERS:
        return text
    opening = rng.choice(_OPEN_ORDER)
    if opening.endswith("you please "):
        simple = text.endswith(".") and text.count(". ") + text.count("? ") == 0
        return f"{opening}{begun[:-1]}?" if simple else text
    return opening + (text if opening[-2] in "!.:" else begun)
