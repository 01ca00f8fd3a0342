import random

from lance_graph.training.data.refusals import disclaimer, refusal


def test_refusals_are_many_and_plain_sentences():
    rng = random.Random(0)
    refusals = [refusal(rng) for _ in range(500)]
    assert len(set(refusals)) > 400
    for text in refusals:
        assert text[0].isupper() and text[-1] in ".?" and "{" not in text and "  " not in text


def test_every_refusal_declines():
    words = ("can't", "cannot", "won't", "not", "unable", "decline", "against", "don't")
    rng = random.Random(1)
    for text in (refusal(rng) for _ in range(300)):
        assert any(word in text for word in words), text


def test_a_disclaimer_leads_on():
    rng = random.Random(0)
    openings = {disclaimer(rng) for _ in range(300)}
    assert len(openings) > 10 and all(text.endswith(" ") for text in openings)


def test_the_seed_decides():
    assert refusal(random.Random(3)) == refusal(random.Random(3))
    assert disclaimer(random.Random(3)) == disclaimer(random.Random(3))
