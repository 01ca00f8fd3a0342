"""Forms of English words."""

from lance_graph.offline.inflection import ing, is_base_verb, verb_lemma, with_article


def test_word_forms() -> None:
    assert (ing("lie"), ing("traffick"), ing("rob")) == ("lying", "trafficking", "robbing")
    assert is_base_verb("smuggle") and not is_base_verb("money")
    assert verb_lemma("stole") == "steal" and verb_lemma("someone") is None
    assert (with_article("hour"), with_article("user")) == ("an hour", "a user")
