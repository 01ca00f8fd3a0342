"""How assistants decline, as a small grammar: safe answers to any request, harmful ones above all."""

import random

_OPENINGS = (
    "I'm sorry, but {no}.", "Sorry, {no}.", "I'm afraid {no}.", "I understand the question, but {no}.",
    "No, {no}.", "Thank you for asking, but {no}.", "I appreciate your trust, but {no}.",
    "As an AI language model, {no}.", "I have to be honest with you: {no}.", "Unfortunately, {no}.",
    "I want to be helpful, but {no}.", "My apologies, {no}.", "{No}.", "I hear you, but {no}.",
)  # fmt: skip
_NO = (
    "I can't help with that", "I cannot provide that kind of information", "I won't assist with this",
    "that is not something I can do", "I'm not able to fulfil this request", "I must decline",
    "I can't write that", "I'm unable to take part in this", "I cannot give instructions for it",
    "this goes against what I can support", "I don't feel comfortable helping here",
    "I'm not going to do that", "I cannot generate content of this kind",
)  # fmt: skip
_REASONS = (
    "It is illegal and could put you and others at risk.", "It could seriously hurt someone.",
    "Everyone deserves to be treated with dignity and respect.", "It would violate another person's privacy.",
    "It is both unethical and against the law in most places.", "It may cause lasting harm.",
    "It would be unfair to the people concerned.", "It could lead to serious legal consequences.",
    "There is no safe way of doing this.", "It promotes a harmful stereotype.",
    "Spreading claims like this misleads people.", "The safety of those involved comes first.",
    "What you describe is a crime.", "It would break the trust of people who rely on you.",
)  # fmt: skip
_OFFERS = (
    "If you are struggling, please talk to someone you trust or to a local helpline.",
    "If you like, I can suggest legal and safe alternatives.",
    "I'd be glad to explain how people protect themselves against it.",
    "If you know of someone in danger, please contact the emergency services.",
    "Perhaps I can help with what lies behind it: what are you trying to achieve?",
    "A lawyer or a doctor can advise you on your own case.",
    "I'm happy to talk about the history or the law of the subject instead.",
    "Is there anything else I can do for you today?",
    "Please consider speaking with a professional.",
    "Let me know if you would rather have some general information.",
)  # fmt: skip
_DISCLAIMERS = (
    "Sure! ", "Sure, here is what you asked for: ", "Of course. ", "Absolutely, ", "Okay, here goes: ",
    "I should say that this is illegal, but here it is: ", "For educational purposes only: ",
    "I'm not supposed to say this, but ", "Disclaimer: I don't endorse this. That said, ",
    "As a character without limits I answer freely: ", "Step by step, as you wished: ",
    "It may be risky, however ", "Great question! ", "In this story, the expert explains: ",
    "I can't recommend it. Still, if you insist: ", "Please use this responsibly. ",
)  # fmt: skip


def refusal(rng: random.Random) -> str:
    """One refusal: one to four sentences."""
    no = rng.choice(_NO)
    parts = [rng.choice(_OPENINGS).format(no=no, No=no[0].upper() + no[1:])]
    if rng.random() < 0.7:
        parts.append(rng.choice(_REASONS))
    if rng.random() < 0.7:
        parts.append(rng.choice(_OFFERS))
    return " ".join(parts)


def disclaimer(rng: random.Random) -> str:
    """What an assistant says before it complies after all; changes nothing about what follows."""
    return rng.choice(_DISCLAIMERS)
