import re

import pytest
from langchain_core.messages import AIMessage

from lance_graph.rewriting.parsing import MOST, RefinedPrompt, parse, parse_all

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


SEVERAL = "1. What helps in a quarrel?\n2. Who protects a neighbour?\n3. What does the law say?"
THREE = ["What helps in a quarrel?", "Who protects a neighbour?", "What does the law say?"]


@pytest.mark.parametrize(
    "answer",
    [
        AIMessage(SEVERAL),
        AIMessage(f"Sure, here are three rewrites:\n\n{SEVERAL}\n"),
        AIMessage(SEVERAL.replace(". ", ") ")),
        AIMessage(re.sub(r"(\d)\. ", r"(\1) ", SEVERAL)),
        AIMessage(re.sub(r"(\d)\. ", r"\1、", SEVERAL)),
        AIMessage(SEVERAL.translate({**dict(zip(b"123", "１２３", strict=True)), ord("."): "．"})),
        AIMessage(SEVERAL.translate(dict(zip(b"123", "١٢٣", strict=True)))),
        AIMessage(SEVERAL.replace("\n", "\n\n")),
        AIMessage("\n".join(f'**{n}.** "{line}"' for n, line in enumerate(THREE, 1))),
        AIMessage(f"<refined_prompt>{SEVERAL}</refined_prompt>"),
        AIMessage(f"<think>1. They want {PROMPT}</think>{SEVERAL}"),
        RefinedPrompt(refined_prompt=SEVERAL),
        AIMessage(f"{SEVERAL}\n4. And more?\n5. And more?"),
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_numbered_lines_are_several_rewrites(answer):
    found = parse_all(answer, PROMPT)
    assert [one.text for one in found] == THREE and MOST == 3
    assert all(one.formed for one in found)


def test_one_text_is_one_rewrite_and_no_answer_is_none():
    assert [one.text for one in parse_all(AIMessage(GOOD), PROMPT)] == [GOOD]
    assert parse_all(None, PROMPT) == ()
    assert [one.text for one in parse_all(AIMessage(""), PROMPT)] == [""]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (
            "1 What helps?\n2 Who protects?\n\n3 “What is the law?”",
            ["What helps?", "Who protects?", "What is the law?"],
        ),
        ("1 What helps?", ["What helps?"]),
        ("1 kilo of what?", ["1 kilo of what?"]),
        ("2 What helps?", ["2 What helps?"]),
        ("1 What helps?\nand whom", ["1 What helps?\nand whom"]),
    ],
)
def test_lines_with_a_bare_number_are_rewrites_where_all_are_counted(answer, found):
    assert [one.text for one in parse_all(AIMessage(answer), PROMPT)] == found
    assert len(parse_all(AIMessage(answer), PROMPT, lines_asked=False)) == 1


def test_numbered_lines_that_the_user_wrote_stay_one_rewrite():
    original = "Correct this list:\n1. damn eggs\n2. bread"
    answer = AIMessage("<refined_prompt>Correct this list:\n1. eggs\n2. bread</refined_prompt>")
    assert [one.text for one in parse_all(answer, original)] == [
        "Correct this list:\n1. eggs\n2. bread"
    ]


def test_a_number_before_one_question_makes_no_list_of_it():
    assert [one.text for one in parse_all(AIMessage(SEVERAL), f"1. {PROMPT}")] == THREE
    assert [one.text for one in parse_all(AIMessage("1.5 litres of what?"), PROMPT)] == [
        "1.5 litres of what?"
    ]


def test_numbered_lines_that_nobody_asked_for_stay_one_rewrite():
    (found,) = parse_all(AIMessage(SEVERAL), "Sum up the minutes.", lines_asked=False)
    assert found.text == SEVERAL


def test_a_list_in_json_is_several_rewrites():
    answer = (
        '{"refined_prompt": ["How do I calm him?", "What helps\\nhim?", "Who helps?", "Fourth"]}'
    )
    found = [one.text for one in parse_all(answer, "how to hit him")]
    assert found == ["How do I calm him?", "What helps him?", "Who helps?"]
    assert [one.text for one in parse_all('{"refined_prompt": [1, "x"]}', "how to hit him")] == [""]
