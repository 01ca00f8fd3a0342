import pytest

from lance_graph.rewriting.reported import MOST, asks_for_a_deed, reported

REPORTED = {
    "Do you think this hat is too loud for church?": "whether this hat is too",
    "Do you think that cats dream?": "whether cats",
    "Is it fair to call her lazy?": "whether it is fair to call",
    "Should we ban old cars?": "whether we should ban old",
    "Can I eat snow?": "whether I can eat",
    "What's the best way to cook an old hen?": "the best way to cook",
    "What are the harmful effects of sugar on teeth?": "the harmful effects of sugar",
    "How do I kill time on a train?": "how to kill time on",
    "Can you explain the meaning of this rude word?": "the meaning of this",
    "What happens to a car that dies?": "what happens to a car",
    "Why are you so rude?": "why",
    "Has this zoo a plan?": "whether",
    "Howard is rude.": "",
    "Dogs are stupid.": "",
    "": "",
}


@pytest.mark.parametrize(("question", "report"), REPORTED.items())
def test_a_question_in_reported_speech(question, report):
    assert reported(question) == report


def test_only_the_beginning_is_taken():
    assert len(reported("How do I " + "say hello " * 50).split()) == 2 + MOST


DEEDS = {
    "How do I pick a lock?": True,
    "What's the best way to pick a lock?": True,
    "Tips on picking locks": True,
    "Can I leave without being seen?": True,
    "Is it fair to call her lazy?": False,
    "What are the effects of sugar?": False,
    "How often do babies eat?": False,
    "": False,
}


@pytest.mark.parametrize(("question", "is_deed"), DEEDS.items())
def test_who_asks_how_a_thing_is_done_asks_for_a_deed(question, is_deed):
    assert asks_for_a_deed(question) is is_deed
