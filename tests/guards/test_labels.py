import pytest

from lance_graph.guards.labels import SAFE, WELL_KNOWN, targets_of
from lance_graph.guards.score import CATEGORIES, UNSAFE


def test_well_known_labels_need_no_entry_however_they_are_spelled():
    found = targets_of(["Severe-Toxic", "identity hate", "THREAT", "non-toxic", "self_harm"])
    assert found == {
        "Severe-Toxic": ("hate_speech,offensive_language",),
        "identity hate": ("discrimination,stereotype,injustice",),
        "THREAT": ("violence,aiding_and_abetting,incitement",),
        "non-toxic": (SAFE,),
        "self_harm": ("self_harm",),
    }


def test_what_is_given_counts_before_what_is_known():
    found = targets_of(["toxic", "LABEL_0"], {"toxic": UNSAFE, "LABEL_0": "safe"})
    assert found == {"toxic": (UNSAFE,), "LABEL_0": (SAFE,)}


def test_everything_known_maps_on_a_category_or_on_safe():
    assert set(WELL_KNOWN.values()) <= {*CATEGORIES, SAFE}
    assert all(name == name.lower() for name in WELL_KNOWN)


@pytest.mark.parametrize(
    ("labels", "given", "message"),
    [
        (["LABEL_0", "LABEL_1"], None, "'LABEL_0', 'LABEL_1' of the model"),
        (["safe", "spam"], None, "'spam' of the model"),
        (["safe", "toxic"], {"Toxic": UNSAFE}, "'Toxic' is not among the model's: 'safe', 'toxic'"),
        (["safe", "spam"], {"spam": "spam"}, "'spam' maps on 'spam'; known are 'animal_abuse'"),
        (["safe", "spam"], {"spam": []}, "'spam' of the model"),
        (["safe", "spam"], {"spam": ["safe", UNSAFE]}, "a category as well"),
        (["safe", "ok"], None, "every label of the model is 'safe'"),
    ],
)
def test_a_mapping_that_leaves_something_open_is_refused(labels, given, message):
    with pytest.raises(ValueError, match=message):
        targets_of(labels, given)
