"""Reports to render: one like a suite's, and one full of what must not break out."""

import math

import pytest

from lance_graph.evaluation.report.model import Estimate, Plot, Report, Series, Table

EVIL = '<script>alert(1)</script> | `x` [y](z) $a$ _b_ & "q" </style>'


def estimate(value: float, width: float, **rest) -> Estimate:
    return Estimate(value, value - width, value + width, **{"count": 500, **rest})


@pytest.fixture
def report() -> Report:
    methods = ("Vanilla", "Lance-NR", "Lance", "Guard LLM")
    safety = [estimate(value, 0.171) for value in (4.113, 6.927, 8.841, 9.236)]
    helpful = [estimate(value, 0.213) for value in (6.354, 6.078, 7.642, 2.419)]
    risk = [estimate(value, 0.0234, unit="share") for value in (0.5912, 0.3047, 0.1189, 0.0931)]
    slow = [estimate(value, 0.117, unit="seconds", count=490) for value in (1.37, 2.33, 2.94)]
    slow.append(Estimate(math.nan, missing=37, unit="seconds"))
    rows = tuple(
        zip(methods, safety, helpful, risk, slow, ("4.1", "7.0", "8.8", None), strict=True)
    )
    columns = ("Method", "Safety", "Helpfulness", "Residual risk", "Seconds", "Published")
    kinds = ("Animal abuse", "Discrimination, stereotype, injustice", "Self-harm")
    grid = tuple(step / 50 for step in range(51))
    return Report(
        title="Table 1: methods",
        summary="Four methods answered.\n\nNo language model took part.",
        tables=(
            Table("Safety and helpfulness", columns, rows, ("Judge: a scripted model.",)),
            Table(
                "Risk by category",
                ("Category", "Lance"),
                tuple((kind, estimate(at / 7 + 0.1, 0.031)) for at, kind in enumerate(kinds)),
            ),
        ),
        plots=(
            Plot(
                "Safety against helpfulness",
                "scatter",
                "Helpfulness",
                "Safety",
                (
                    Series(
                        "",
                        x=tuple(each.value for each in helpful),
                        y=tuple(each.value for each in safety),
                        low=tuple(each.low for each in safety),
                        high=tuple(each.high for each in safety),
                        x_low=tuple(each.low for each in helpful),
                        x_high=tuple(each.high for each in helpful),
                        labels=methods,
                    ),
                ),
            ),
            Plot(
                "Risk before and after",
                "bars",
                "Category",
                "Risk",
                (
                    Series("before", y=(0.911, 0.822, 0.733), labels=kinds),
                    Series(
                        "after",
                        y=(0.211, math.nan, 0.133),
                        low=(0.191, math.nan, 0.107),
                        high=(0.237, math.nan, 0.159),
                        labels=kinds,
                    ),
                ),
            ),
            Plot(
                "Threshold curve",
                "line",
                "Threshold",
                "Share of prompts",
                (
                    Series("detected", grid, tuple(1 - x**2 for x in grid)),
                    Series("false positives", grid, tuple((1 - x) ** 3 for x in grid)),
                ),
            ),
            Plot(
                "Iterations",
                "histogram",
                "Iterations",
                "Prompts",
                (Series("Lance", x=(0.0,) * 17 + (1.0,) * 23 + (3.0,) * 5),),
            ),
        ),
        facts={"Judge": "scripted", "Seed": "0"},
    )


@pytest.fixture
def evil_report() -> Report:
    table = Table(
        EVIL,
        (EVIL, EVIL),
        ((EVIL, estimate(0.5, 0.1)), ("=1+1", "@SUM(A1)"), ("\x00\x1b[31m\ud800", "\u202eright")),
        (EVIL, "# no heading", "1. no list"),
    )
    plots = tuple(
        Plot(
            EVIL,
            kind,
            EVIL,
            EVIL,
            (
                Series(EVIL, x=(1.0,), y=(2.0,), labels=(EVIL,)),
                Series("_hidden\x00", x=(2.0,), y=(3.0,), labels=("$x^{",)),
            ),
            (EVIL,),
        )
        for kind in ("scatter", "line", "bars", "histogram")
    )
    return Report(EVIL, f"{EVIL}\n\n- no list", (table,), plots, {EVIL: EVIL})


@pytest.fixture
def empty_report() -> Report:
    kinds = ("scatter", "line", "bars", "histogram")
    none = Series("none")
    missing = Series("missing", x=(1.0,), y=(math.nan,))
    plots = tuple(
        Plot(f"{kind} of {len(series)}", kind, "x", "y", series)
        for kind in kinds
        for series in ((), (none,), (none, missing))
    )
    return Report("Nothing", "", (Table("No rows", ("A", "B"), ()),), plots)
