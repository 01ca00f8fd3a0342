"""The labelled answers that the refusal scorer is fitted to and measured on, written for this project."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_suffix(".tsv")


class Labelled(NamedTuple):
    """One labelled answer: ``part`` is train or held_out, by ``family``."""

    part: str
    kind: str
    family: str
    text: str

    @property
    def refuses(self) -> bool:
        """Whether it declines and gives nothing of substance."""
        return self.kind in ("template", "refusal")

    @property
    def is_template(self) -> bool:
        """Whether it is a bare template."""
        return self.kind == "template"


@cache
def labelled(part: str | None = None) -> tuple[Labelled, ...]:
    """The labelled answers, or one part of them, ``"train"`` or ``"held_out"``."""
    rows = [line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines()[1:]]
    answers = [
        Labelled(own, kind, family, text.replace("\\n", "\n")) for own, kind, family, text in rows
    ]
    return tuple(answer for answer in answers if part in (None, answer.part))
