"""Categories: the 14, and those that a detector declares."""

import pytest

from lance_graph.categories import BY_KEY, KEYS, KNOWN, Category, declare, key_of, not_known, united
from lance_graph.routing import Thresholds

RIVALS = Category("rivals", title="Talk about rivals", meaning="other vendors", thresholds=0.5)


def test_a_bare_category_goes_by_its_key():
    bare = Category("rivals")
    assert (bare.slug, bare.title, bare.limits) == ("rivals", "rivals", None)
    assert bare.meaning == "as this detector defines it"
    assert not (bare.repair or bare.guidance or bare.fall_back)


def test_one_number_is_a_threshold():
    assert RIVALS.limits == Thresholds(tau=0.5)
    with pytest.raises(ValueError, match="rise"):
        Category("rivals", thresholds={"tau": 0.9, "tau_mild": 0.5})


@pytest.mark.parametrize("key", ["", " ", "a\nb", " a", None, 3])
def test_a_key_is_one_line(key):
    with pytest.raises(ValueError, match="one line of text"):
        Category(key)


def test_what_is_declared_is_found_by_key():
    found = declare([*KEYS, "unsafe_content", RIVALS, "prices"])
    assert list(found) == [*KEYS, "unsafe_content", "rivals", "prices"]
    assert found["rivals"] is RIVALS and found["prices"] == Category("prices")
    assert {key: found[key] for key in KNOWN} == KNOWN


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([RIVALS, "rivals"], "'rivals' is declared twice"),
        (["self_harm", "self_harm"], "'self_harm' is declared twice"),
        ([Category("self_harm", title="Mine")], "'self_harm' is a name of 'self_harm'"),
        (["privacy"], "'privacy' is a name of 'privacy_violation'"),
        ([Category("mine", slug="privacy")], "'privacy' is a name of 'privacy_violation'"),
        ([RIVALS, Category("others", slug="rivals")], "'rivals' is a name of 'rivals'"),
    ],
)
def test_a_name_stands_for_one_category(names, message):
    with pytest.raises(ValueError, match=message):
        declare(names)


def test_of_several_declarations_that_with_texts_counts():
    bare = {"rivals": Category("rivals")}
    for declared in ([bare, {"rivals": RIVALS}], [{"rivals": RIVALS}, bare, BY_KEY]):
        assert united(declared)["rivals"] is RIVALS
    with pytest.raises(ValueError, match="'rivals' differently"):
        united([{"rivals": RIVALS}, {"rivals": Category("rivals", title="Other")}])


def test_names_are_keys_and_slugs():
    assert key_of("privacy") == key_of("privacy_violation") == "privacy_violation"
    assert key_of("rivals") is None and key_of(["privacy"]) is None
    assert key_of("rivals", declare([RIVALS])) == "rivals"


def test_an_unknown_name_is_told_with_what_is_near_and_what_to_do():
    told = not_known("rivels", declare([RIVALS]))
    assert "'rivels' is not a rejection category (did you mean 'rivals'?)" in told
    assert "`categories` of your detector" in told
    assert "did you mean" not in not_known("zzz")
