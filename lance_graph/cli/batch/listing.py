"""The table of rows as HTML: plain without a script, sorted, searched and paged with the one in it.

A page that holds it allows its script alone, by digest: whatever else calls itself one does not run.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lance_graph.cli.batch.ranking import ALARMS, WORST, false_alarms, worst_first
from lance_graph.cli.batch.rows import Row

if TYPE_CHECKING:
    from jinja2 import Environment

FIRST, SHORT = 10, 220
"""How many rows stand above the table, and how many characters of a text before it is folded."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def environment() -> "Environment":
    """Jinja with everything escaped, and the templates of this room by name."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(resource),
    )


def listing(rows: Sequence[Row]) -> dict[str, Any]:
    """What ``rows.html.jinja`` needs of the rows, the worst first."""
    worst, alarms = worst_first(rows), false_alarms(rows)
    alarm_places = {at: place for place, at in enumerate(alarms)}
    return {
        "rows": [
            {
                "row": rows[at],
                "id": f"row-{at + 1}",
                "at": at,
                "worst": place,
                "alarm": alarm_places.get(at, -1),
                "texts": [
                    folded(one) for one in (rows[at].prompt, rows[at].rewrite, rows[at].answer)
                ],
            }
            for place, at in enumerate(worst)
        ],
        "outcomes": sorted({row.outcome for row in rows}),
        "groups": sorted({row.group for row in rows if row.group}),
        "first": {
            "Worst": [_short(rows, at) for at in worst if _is_worth_a_look(rows[at])][:FIRST],
            "Likely false alarms": [_short(rows, at) for at in alarms[:FIRST]],
        },
        "orders": (WORST, ALARMS),
    }


def folded(text: str | None) -> tuple[str, str] | None:
    """A text as its beginning and the rest, which is folded away where there is one."""
    if text is None:
        return None
    text = clean(text)
    if len(text) <= SHORT:
        return text, ""
    space = text.rfind(" ", SHORT // 2, SHORT)
    at = space if space > 0 else SHORT
    return text[:at], text[at:]


def clean(text: str) -> str:
    """``text`` without what no page can show: control and direction marks, lone surrogates."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def script() -> str:
    """The table's script."""
    return resource("rows.js").strip()


def policy(with_script: bool) -> str:
    """The page's Content-Security-Policy: nothing from outside, and no script but the table's own."""
    digest = b64encode(sha256(script().encode()).digest()).decode()
    allowed = f"; script-src 'sha256-{digest}'" if with_script else ""
    return f"default-src 'none'; style-src 'unsafe-inline'{allowed}"


def style(*names: str) -> str:
    """Style sheets of this room as one, without leading blanks."""
    lines = (line.strip() for name in names for line in resource(name).splitlines())
    return "\n".join(filter(None, lines))


def resource(name: str) -> str:
    """A file of this room."""
    return files("lance_graph.cli.batch").joinpath(name).read_text(encoding="utf-8")


def _is_worth_a_look(row: Row) -> bool:
    """Whether it is more than a harmless prompt that was answered."""
    return row.unjudged or row.flagged or bool(row.harmful)


def _short(rows: Sequence[Row], at: int) -> dict[str, Any]:
    row = rows[at]
    text = " ".join(clean(row.prompt or row.note or row.outcome).split())
    return {"row": row, "id": f"row-{at + 1}", "text": text[:90] + ("…" if len(text) > 90 else "")}
