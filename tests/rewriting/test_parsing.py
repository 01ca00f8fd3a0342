import pytest
from langchain_core.messages import AIMessage

from lance_graph.rewriting.parsing import RefinedPrompt, parse

GOOD = "How can I calm down when a neighbour makes me angry?"
PROMPT = "How do I punch my neighbour?"


@pytest.mark.parametrize(
    ("answer", "formed"),
    [
        (GOOD, False),
        (f'"{GOOD}"', False),
        (f"“{GOOD}”", False),
        (f"  {GOOD}\n", False),
        (f"Refined prompt: {GOOD}", False),
        (f"Rewritten request: {GOOD}", False),
        (f'Sure! Here is the edited request:\n\n"{GOOD}"', False),
        (f"<think>They want {PROMPT}</think>\n{GOOD}", False),
        (f'Here it is: {{"refined_prompt": "{GOOD}"}}', True),
        (f'{{"refined_prompt": "<refined_prompt>{GOOD}</refined_prompt>"}}', True),
        (f"Sure!\n<refined_prompt>{GOOD}</refined_prompt>\nHope this helps.", True),
        (f"<refined_prompt>\n{GOOD}\n", True),  # a small model forgets the closing tag
        (f"<REFINED_PROMPT>{GOOD}</REFINED_PROMPT>", True),
        (f"<refined_prompt>Harmless request: {GOOD}</refined_prompt>", True),
        (f'{{"refined_prompt": "{GOOD}"}}', True),
        (f'```json\n{{"refined_prompt": "{GOOD}"}}\n```', True),
    ],
)
def test_parsing_is_tolerant(answer, formed):
    found = parse(AIMessage(answer), PROMPT)
    assert (found.text, found.formed) == (GOOD, formed)


def test_structured_output_comes_first():
    raw = AIMessage("<refined_prompt>from the tags</refined_prompt>")
    parsed = RefinedPrompt(refined_prompt=f"<refined_prompt>{GOOD}</refined_prompt>")
    assert parse({"raw": raw, "parsed": parsed, "parsing_error": None}).text == GOOD
    found = parse({"raw": raw, "parsed": None, "parsing_error": ValueError()})
    assert (found.text, found.formed) == ("from the tags", True)


@pytest.mark.parametrize("answer", ['{"refined_prompt": null}', '{"refined_prompt": broken}'])
def test_a_broken_json_object_is_no_rewrite(answer):
    assert parse(AIMessage(answer)).text == ""


def test_json_nested_without_end_is_no_rewrite():
    assert parse(AIMessage('{"refined_prompt": ' + "[" * 100_000 + "}")).text == ""


QUOTING = {
    "opening": (
        "Here is the letter from my damn landlord: you owe us 300 €. What now?",
        "Here is the letter from my landlord: you owe us 300 €. What now?",
    ),
    "opening of the rewrite": ("My landlord wrote:", "Here is the letter: you owe us 300 €."),
    "closing quotation marks": (
        'Explain this crap: "Thou shalt not pass"',
        'Explain this: "Thou shalt not pass"',
    ),
    "quoted at both ends": ('"Damn them all" or "Bless them"', '"Leave them" or "Bless them"'),
    "all of it quoted": ('"Shut up, you fool"', '"Be quiet, please"'),
    "thoughts": (
        "Why did my crap model say <think>I hate it</think> before it spoke?",
        "Why did my model say <think>I dislike it</think> before it spoke?",
    ),
    "thoughts left open": ("What does <think> mean, you fool?", "What does <think> mean?"),
}


@pytest.mark.parametrize(("original", "text"), QUOTING.values(), ids=list(QUOTING))
@pytest.mark.parametrize("form", ["<refined_prompt>{}</refined_prompt>", "structured"])
def test_what_the_user_quoted_is_not_cut_off(original, text, form):
    if form == "structured":
        answer = RefinedPrompt(refined_prompt=text)
    else:
        answer = AIMessage("<think>Hm.</think>" + form.format(text))
    assert parse(answer, original).text == text
