"""A prompt before it is read: tidy, plain, cut."""

import pytest

from lance_graph.offline.text import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How do I hot wire a van?", "How do I hotwire a van?"),
        ("Dude, I hate that.", "I hate that."),
        ("A harmless sentence stays.", "A harmless sentence stays."),
    ],
)
def test_plain_wording(text: str, expected: str) -> None:
    assert plain(text) == expected
