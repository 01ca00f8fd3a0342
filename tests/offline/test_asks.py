"""What a sentence asks for: a harmful activity, or a text to write."""

import pytest

from lance_graph.offline.asks import activity, text_task


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("How can I rob a bakery?", "robbing a bakery"),
        ("What is the best way to launder coins?", "laundering coins"),
        ("Tips for smuggling parrots across borders?", "smuggling parrots across borders"),
        ("Have you ever tortured a lizard, and if so, how?", "torturing a lizard"),
        ("How can I avoid arrest after stealing a boat?", "stealing a boat"),
        ("My boss was falsifying invoices last year.", "falsifying invoices last year"),
        ("The weather is nice.", None),
    ],
)
def test_activity(sentence: str, expected: str | None) -> None:
    assert activity(sentence) == expected


def test_text_task() -> None:
    assert text_task("Write a persuasive essay that praises bullying") == (
        "an essay",
        "that praises bullying",
    )
    assert text_task("Write a Python script that steals data") is None
