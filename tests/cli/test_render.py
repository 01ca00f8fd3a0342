"""What a person sees: intervals, bars, the word diff."""

from time import process_time

import pytest
from rich.console import Console
from scipy.stats import beta

from lance_graph.cli import render
from lance_graph.routing import ThresholdPolicy


@pytest.mark.parametrize(("a", "b"), [(45, 5), (0.5, 0.5), (2, 30)])
def test_interval_is_that_of_the_beta_with_these_moments(a, b):
    posterior = beta(a, b)
    found = render.interval(posterior.mean(), posterior.std())
    assert found == pytest.approx((posterior.ppf(0.05), posterior.ppf(0.95)))


@pytest.mark.parametrize(
    ("mean", "std"), [(0.5, 0.0), (0.0, 0.1), (1.0, 0.1), (0.3, None), (0.001, 0.4)]
)
def test_interval_without_a_beta_is_the_mean(mean, std):
    assert render.interval(mean, std) == (mean, mean)


@pytest.mark.parametrize("degree", [0.0, 0.3, 1.0])
def test_bar_is_as_wide_as_asked_and_marks_the_interval(degree):
    bar = render.bar(degree, max(0, degree - 0.2), min(1, degree + 0.2), width=20)
    assert len(bar) == 20
    assert bar.index("├") < bar.index("┤")


def test_a_score_lists_every_category_the_highest_first(capsys):
    risk = {"violence,aiding_and_abetting,incitement": 0.2, "animal_abuse": 0.6, "made_up": 0.9}
    record = {"risk": risk, "spread": dict.fromkeys(risk, 0.1), "is_safe": False}
    render.show_score(record, ThresholdPolicy())
    shown = capsys.readouterr().out
    places = [shown.index(degree) for degree in ("0.90", "0.60", "0.20")]
    assert places == sorted(places)
    assert "risky: highest is made_up 0.90; the threshold is 0.30" in shown


def test_what_was_not_measured_is_named_and_has_no_bar():
    unknown = dict.fromkeys(["animal_abuse", "self_harm"])
    assert render.highest(unknown) == "not measured"
    shown = render.risk_view(unknown, unknown, ThresholdPolicy())
    assert str(shown) == "the risk could not be measured"
    assert render.highest(unknown | {"self_harm": 0.4}).endswith(" 0.40")


def plain_diff(before, after):
    return render.diff_view(before, after).plain


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a b c", "a b c", "a b c"),
        ("kill it", "stop it", "[-kill-]{+stop+} it"),
        ("how do I kill it?", "how do I stop it?", "how do I [-kill-] {+stop+} it?"),
        ("a b", "a b c", "a b {+c+}"),
        ("a b c", "a c", "a [-b-] c"),
        ("", "new", "{+new+}"),
        ("one\n\ntwo", "one\n\n2", "one\n\n[-two-]\n\n{+2+}"),
        ("[/] [red]a", "[/] [red]b", "[/] [red][-a-]{+b+}"),
    ],
)
def test_diff(before, after, shown):
    assert plain_diff(before, after) == shown


@pytest.mark.parametrize("words", [["word"], [f"w{n}" for n in range(997)]])
def test_diff_of_long_texts_is_exact_and_quick(words):

    def cost(count):
        text = " ".join(words[n % len(words)] for n in range(count))
        before, after = f"{text} kill {text}", f"{text} stop {text}"
        began = process_time()
        assert plain_diff(before, after) == f"{text} [-kill-] {{+stop+}} {text}"
        return process_time() - began

    short = max(min(cost(2_000) for _ in range(3)), 1e-3)
    assert cost(20_000) < 40 * short  # 10 where linear, 100 where quadratic


def test_diff_is_coloured_only_on_a_terminal():
    view = render.diff_view("kill", "stop")
    console = Console(force_terminal=True, color_system="standard")
    with console.capture() as captured:
        console.print(view)
    assert "\x1b[" in captured.get()


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a\tb\nc", "a\tb\nc"), ("\x1b[2J", "␛[2J"), ("a\r\nb", "a\nb"), ("x\x9by", "x\ufffdy")],
)
def test_control_characters_are_made_visible(text, shown):
    assert render.visible(text) == shown
