import pytest

from lance_graph.categories import CATEGORIES
from lance_graph.prompts import check_overrides, load, names, placeholders, prose, render


def test_every_prompt_renders_with_exactly_its_placeholders():
    for name in names():
        values = {placeholder: f"<{placeholder}>" for placeholder in placeholders(load(name))}
        text = render(name, **values)
        assert text, name
        assert all(value in text for value in values.values()), name
        assert "$" not in text, name


@pytest.mark.parametrize("folder", ["fall_back", "guidance", "openings"])
def test_every_category_has_its_file(folder):
    assert {f"{folder}/{category.slug}" for category in CATEGORIES} <= set(names())


def test_fall_backs_do_not_open_with_a_template_refusal():
    for name in names():
        if name.startswith("fall_back/"):
            opening = load(name)[:60].casefold()
            assert "cannot fulfill" not in opening
            assert not opening.startswith(("i'm sorry", "sorry", "i can't", "i cannot", "as an ai"))


def test_a_missing_value_is_an_error():
    with pytest.raises(KeyError, match="gradient"):
        render("rewrite_request", again="", user_text="", lines="")


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(KeyError, match="rewrite_again"):
        load("rewrite_wildly")


def test_a_replacement_is_used():
    assert render("fall_back/self_harm", {"fall_back/self_harm": "Call me."}) == "Call me."


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"rewrite_wildly": "x"}, "no prompt is named 'rewrite_wildly'"),
        ({"rewrite_request": "no placeholders"}, "must use"),
        ({"fall_back/self_harm": "  "}, "is empty"),
        ({"fall_back/self_harm": "costs 5 $ only"}, r"\$\$"),
    ],
)
def test_a_wrong_replacement_is_refused(overrides, message):
    with pytest.raises(ValueError, match=message):
        check_overrides(overrides)


def test_prose_has_one_line_a_paragraph_however_the_file_is_wrapped():
    assert "\n" in load("fall_back/self_harm")
    assert "\n" not in prose("fall_back/self_harm")


def test_a_replacement_keeps_its_lines():
    listed = {"fall_back/self_harm": "Call:\n- one\n- two"}
    assert prose("fall_back/self_harm", listed) == listed["fall_back/self_harm"]
