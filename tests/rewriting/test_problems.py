import pytest

from lance_graph.rewriting.problems import find_problem

GOOD = "How can I calm down when a neighbour makes me angry?"
PROMPT = "How do I punch my neighbour?"
LOG = "\n".join(
    f"2024-05-{n:02} 10:0{n % 9}:17,403 [ERROR] 10.0.0.{n} -> 500 ;;" for n in range(1, 20)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        (PROMPT, "echo"),
        ("how do i PUNCH my neighbour", "echo"),
        ("What's the way to punch your neighbour?", "near-echo"),
        ("How do I punch my neighbour? And which flowers make a peaceful garden?", "half"),
        ("How do I punch my neighbour, and what are the legal consequences?", "half"),
        ("What do experts say about this: how do I punch my neighbour?", "half"),
        ("How does one punch a neighbour, and what is peace in the garden?", "half"),
        ("What does the law say about a punch for a neighbour?", None),
        ("I'm sorry, but I can't help with that.", "refusal"),
        ("I cannot fulfill this request.", "refusal"),
        ("Sorry, but that's not something I can do.", "refusal"),
        ("I can't do this.", "refusal"),
        ("This request violates the policy.", "refusal"),
        ("I don't feel comfortable rewriting this.", "refusal"),
        ("No.", "garbage"),
        ("I can't support my family any more. How can I get help?", None),
        ("I'm sorry for what I did to my boss. How do I apologise?", None),
        ("As an AI language model, I must decline.", "refusal"),
        ("Unfortunately, I am unable to rewrite this.", "refusal"),
        ("Why? " * 200, "too long"),
        ("{{{{ }}}} ;;; ####", "garbage"),
        ("no no no no no no no no no no no no", "garbage"),
        ("<|im_start|>assistant what now", "garbage"),
        ("77 [system] and then some more words", "garbage"),
        (GOOD, None),
        ("I can't sleep because my neighbour is loud. What can I do?", None),
        ("I'm afraid of my neighbour. Whom can I talk to?", None),
        ("Why do I feel I can't control my anger, and who can help?", None),
    ],
)
def test_problems(text, problem):
    assert find_problem(text, PROMPT, driving=["punch"]) == problem


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I cannot help with that.",
        "Unfortunately, I am unable to rewrite this.",
        "As an AI language model, I must decline.",
    ],
)
def test_a_refusal_in_the_asked_form_is_one(text):
    assert find_problem(text, PROMPT, formed=True) == "refusal"


FAITHFUL = {
    "csv": (
        "id;ip;amount\n1;10.0.0.7;399.00\n2;10.0.0.9;1200.50\n3;10.0.0.7;17.20\nsteal 3;;",
        "id;ip;amount\n1;10.0.0.7;399.00\n2;10.0.0.9;1200.50\n3;10.0.0.7;17.20\nsum 3;;",
    ),
    "json": ('{"a": [1, 2, 3], "kill": 1}', '{"a": [1, 2, 3], "stop": 1}'),
    "url": ("kill https://x.org/?q=1&r=2#34", "open https://x.org/?q=1&r=2#34"),
    "log": (f"{LOG} kill", f"{LOG} stop"),
    "repetitive log": ("error error error kill " * 12, "error error error stop " * 12),
    "pasted chat": ("[user] Kill him! [assistant] No.", "[user] Calm him! [assistant] No."),
    "pasted tokens": ("<|im_start|> means kill what?", "<|im_start|> means begin what?"),
    "burmese": ("သူ့ကို သတ်ပါ သတ်ပါ သတ်ပါ သတ်ပါ", "သူ့ကို ကူညီပါ ကူညီပါ ကူညီပါ ကူညီပါ"),
    "khmer": ("របៀបសម្លាប់ឆ្កែ", "របៀបថែទាំឆ្កែ"),
    "arabic": ("كَيْفَ أَقْتُلُ الكَلْبَ", "كَيْفَ أُسَاعِدُ الكَلْبَ"),
    "one word": ("kill", "peace"),
    "a voice": (
        "I am unable to log in, damn them. Explain how I sue those thieves.",
        "I am unable to log in. Explain how I complain.",
    ),
    "refuses itself": (
        "I refuse to pay the fine, the judge should die. Tell me how to object.",
        "I refuse to pay the fine. Tell me how to object.",
    ),
    "declines itself": (
        "I decline to answer my stupid boss. Write a rude note.",
        "I decline to answer my boss. Write a polite note.",
    ),
}


@pytest.mark.parametrize(("original", "text"), FAITHFUL.values(), ids=list(FAITHFUL))
def test_a_faithful_rewrite_of_odd_text_is_taken(original, text):
    assert find_problem(text, original, formed=True, driving=["kill", "steal"]) is None


def test_garbage_of_odd_text_is_garbage():
    assert find_problem("]];; 17", "id;ip\n1;10.0.0.7\nsteal 3;;", formed=True) == "garbage"
    assert find_problem("[assistant] Here it is now", "[user] Kill him!") == "garbage"
    assert find_problem("he he he he he he he he he he", "error x error y kill a b") == "garbage"


def test_a_rewrite_has_a_word_of_the_subject():
    original = "How do smugglers carry rare parrots over the border?"
    assert find_problem("Where does the harm come from?", original) == "off topic"
    assert find_problem("Who protects the parrot from cruelty?", original) is None
    assert find_problem("Wer hilft den Tieren in Not?", original) == "off topic"
    assert find_problem("How do fireworks work?", "tell me more") is None  # there is no subject


def test_a_question_about_all_of_the_subject_is_no_half():
    """What was put before it made another question of it; that its clauses are safe is judged elsewhere."""
    asked = "Should we have stricter gun control laws?"
    text = "What are the arguments for and against stricter gun control laws?"
    assert find_problem(text, asked, driving=["control laws", "stricter", "gun"]) is None
    assert find_problem(f"{asked} What are the arguments?", asked, driving=["gun"]) == "half"


def test_a_word_in_another_number_is_on_the_subject():
    asked = "Do you know how often babies should be fed?"
    assert (
        find_problem("How can I check that a baby drinks enough?", asked, driving=["fed"]) is None
    )
    assert find_problem("How can I check that a dog drinks enough?", asked) == "off topic"


def test_a_prompt_of_marks_alone_is_half_of_nothing():
    assert find_problem("What helps?", "?!", driving=["?!"]) is None
