"""The word diff."""

from lance_graph.cli.words import Change, diff_words


def test_diff_loses_no_word():
    before, after = "tell me how to kill the dog now", "tell me please how to calm the dog"
    changes = list(diff_words(before, after))
    new = "".join(words for change, words in changes if change is not Change.REMOVED)
    old = "".join(words for change, words in changes if change is not Change.ADDED)
    assert new.split() == after.split() and old.split() == before.split()
