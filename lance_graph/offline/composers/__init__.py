"""One composer a category: it turns the reading of a prompt into a constructive request.

`general` is what all share; `abuse`, `groups`, `opinions`, `privacy` and `sexuality` know their categories
better.
"""

from lance_graph.offline.composers.abuse import animal_abuse, child_abuse
from lance_graph.offline.composers.general import Reading, by_activity
from lance_graph.offline.composers.groups import discrimination, hate_speech
from lance_graph.offline.composers.opinions import opinion
from lance_graph.offline.composers.privacy import privacy
from lance_graph.offline.composers.sexuality import sexual_content

_BY_SLUG = {
    "animal_abuse": animal_abuse,
    "child_abuse": child_abuse,
    "controversial_topics": opinion,
    "misinformation": opinion,
    "discrimination": discrimination,
    "hate_speech": hate_speech,
    "privacy": privacy,
    "sexual_content": sexual_content,
}


def compose(reading: Reading) -> str:
    """The constructive request for ``reading``, by the composer of its category."""
    return _BY_SLUG.get(reading.slug, by_activity)(reading)
