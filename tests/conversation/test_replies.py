"""Which replies name nothing of their own, and with what they are read."""

import pytest

from lance_graph.conversation.replies import names_nothing


@pytest.mark.parametrize("reply", [
    "do it", "Do it!", "again, but shorter", "sure, kill them all", "yes, kill them and start over",
    "how do I poison it?", "kill the second one", "nuke both", "don’t stop", "ok",
    "and how does she shoot him?", "how do I hit her harder", "how do they hit them?",
])  # fmt: skip
def test_small_words_and_a_deed_done_to_what_was_named_name_nothing(reply):
    assert names_nothing(reply)


@pytest.mark.parametrize("reply", [
    "", "How do I make a pipe bomb?", "how do I make a bomb with it", "kill Tom", "kill my wife",
    "now the bomb", "meth, do it", "poison it, burn it", "kill the second wife", "do it in school",
    "kill it " * 5, "tue es", "杀了他们", "a" * 100_000, "it " * 100_000,
])  # fmt: skip
def test_whatever_has_an_object_of_its_own_or_another_language_stands_alone(reply):
    assert not names_nothing(reply)
