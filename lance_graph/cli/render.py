"""What a person sees: the verdict, a bar per risky category, what changed in the prompt, the answer.

Text of users and models is never parsed as markup, and its control characters are made visible.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from lance_graph.categories import KNOWN, Category
from lance_graph.cli.words import Change, diff_words
from lance_graph.routing import OFF, ThresholdPolicy, effort, hazards

LEVEL = 0.9
COLOURS = {
    "safe": "green",
    "rewritten": "cyan",
    "fell_back": "yellow",
    "degraded": "red",
    "monitored": "magenta",
}
HEADLINES = {
    "safe": "safe: answered as it is",
    "rewritten": "rewritten: the prompt was repaired, then answered",
    "fell_back": "fell back: no safe version was found, so this is a prepared answer",
    "monitored": "monitored: answered as it is, whatever was found",
    "degraded": "degraded: a component failed, so this is a prepared answer",
}
EFFORT_COLOURS = {"none": "green", "minor": "yellow", "mild": "dark_orange", "severe": "red"}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


Categories = Mapping[str, Category]


def show_run(
    record: Mapping[str, Any], policy: ThresholdPolicy, categories: Categories = KNOWN
) -> None:
    """Print how a run ended, and why; ``categories`` have the titles."""
    console = Console(highlight=False)
    colour = COLOURS.get(record["status"], "white")
    console.print(
        Panel(
            plain(record["reason"]),
            title=Text(HEADLINES.get(record["status"], record["status"])),
            title_align="left",
            border_style=colour,
        )
    )
    _section(console, "Risk at first")
    console.print(risk_view(record["initial_risk"], record["initial_spread"], policy, categories))
    if record["refined_prompt"] is not None:
        _section(console, "What changed in the prompt")
        console.print(diff_view(record["prompt"], record["refined_prompt"]), soft_wrap=True)
        console.print(
            Text(f"highest risk now: {highest(record['risk'], categories, policy)}", style="dim")
        )
    _section(console, "Answer")
    console.print(plain(record["response"]), soft_wrap=True)


def show_score(
    record: Mapping[str, Any], policy: ThresholdPolicy, categories: Categories = KNOWN
) -> None:
    """Print the degree of every category, highest first."""
    console = Console(highlight=False)
    tau = policy.default.tau
    risk, spread = record["risk"], record["spread"]
    keys = sorted(risk, key=lambda key: risk[key], reverse=True)
    console.print(bars(keys, risk, spread, policy, categories))
    word, colour = ("safe", "green") if record["is_safe"] else ("risky", "red")
    if record.get("out_of_language"):
        word, colour = "unjudged, for the detector was not made for its language", "yellow"
    line = Text.assemble(
        (word, colour),
        f": highest is {highest(risk, categories, policy)}; the threshold is {tau:.2f}",
    )
    console.print(line)


def risk_view(
    risk: Mapping[str, float | None],
    spread: Mapping[str, float | None],
    policy: ThresholdPolicy,
    categories: Categories = KNOWN,
) -> RenderableType:
    """Bars of the categories above their threshold, or a line that says there are none."""
    degrees = {key: value for key, value in risk.items() if value is not None}
    if not degrees:
        return Text("the risk could not be measured")
    keys = list(hazards(degrees, policy))
    if not keys:
        return Text(
            f"no category above {policy.default.tau:.2f}; highest: {highest(degrees, categories, policy)}"
        )
    return bars(keys, degrees, spread, policy, categories)


def bars(
    keys: Sequence[str],
    risk: Mapping[str, float],
    spread: Mapping[str, float | None],
    policy: ThresholdPolicy,
    categories: Categories = KNOWN,
) -> RenderableType:
    """A row per category: title, bar, degree, credible interval, effort."""
    table = Table.grid(padding=(0, 1))
    table.add_column(overflow="fold")
    for _ in ("bar", "degree", "interval", "effort"):
        table.add_column(no_wrap=True)
    for key in keys:
        degree = risk[key]
        low, high = interval(degree, spread.get(key))
        word = "none" if policy.is_off(key) else effort(degree, policy.of(key))
        shown = OFF if policy.is_off(key) else word.replace("none", "-")
        table.add_row(
            plain(title(key, categories)),
            Text(bar(degree, low, high), style=EFFORT_COLOURS[word]),
            Text(f"{degree:.2f}", style="bold"),
            Text(f"[{low:.2f}, {high:.2f}]"),
            Text(shown, style=EFFORT_COLOURS[word]),
        )
    legend = Text(f"bar 0 to 1; ├ ┤ and [ ] hold {LEVEL:.0%} of the detector's belief", style="dim")
    return Group(table, legend)


def bar(degree: float, low: float, high: float, width: int = 20) -> str:
    """``degree`` in [0, 1] as a bar of ``width`` characters, with marks at ``low`` and ``high``."""
    cells = ["█" if (cell + 0.5) / width <= degree else "░" for cell in range(width)]
    cells[min(int(low * width), width - 1)] = "├"
    cells[min(int(high * width), width - 1)] = "┤"
    return "".join(cells)


def interval(mean: float, std: float | None, level: float = LEVEL) -> tuple[float, float]:
    """Equal-tailed credible interval of the Beta distribution with this mean and deviation.

    Method of moments: n = m(1 - m) / s^2 - 1, alpha = m n, beta = (1 - m) n. The mean itself twice
    if there is no spread or the two numbers fit no Beta distribution.
    """
    from scipy.stats import beta

    if std is None or not std > 0 or not 0 < mean < 1:
        return mean, mean
    n = mean * (1 - mean) / std**2 - 1
    if n <= 0:
        return mean, mean
    low, high = beta.ppf([(1 - level) / 2, (1 + level) / 2], mean * n, (1 - mean) * n)
    return float(low), float(high)


def highest(
    risk: Mapping[str, float | None],
    categories: Categories = KNOWN,
    policy: ThresholdPolicy | None = None,
) -> str:
    """Title and degree of the strongest category that is not switched off."""
    policy = policy or ThresholdPolicy()
    degrees = {k: v for k, v in risk.items() if v is not None and not policy.is_off(k)}
    if not degrees:
        return "not measured"
    key = max(degrees, key=lambda key: degrees[key])
    return f"{title(key, categories)} {degrees[key]:.2f}"


def title(key: str, categories: Categories = KNOWN) -> str:
    """What a person calls the category."""
    known = categories.get(key)
    return known.title if known else key


def diff_view(before: str, after: str) -> Text:
    """Both texts in one: ``[-taken out-]`` red and struck, ``{+put in+}`` green."""
    text = Text()
    for change, words in diff_words(visible(before), visible(after)):
        if change is Change.SAME:
            text.append(words)
        elif change is Change.REMOVED:
            text.append(f"[-{words}-]", style="red strike")
        else:
            text.append(f"{{+{words}+}}", style="green")
    return text


def plain(text: str) -> Text:
    """Text exactly as it is, for rich."""
    return Text(visible(text))


def visible(text: str) -> str:
    """``text`` without control characters: no answer may move the cursor or recolour a terminal."""
    return _CONTROL.sub(_picture, text.replace("\r\n", "\n"))


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    return chr(0x2400 + code) if code < 0x20 else "\N{REPLACEMENT CHARACTER}"


def _section(console: Console, heading: str) -> None:
    console.print()
    console.print(Text(heading, style="bold"))
