"""The colours of a picture, in the light and in the dark; every word has a contrast of 4.5 or more."""

from typing import Literal

Scheme = Literal["light", "dark"]

COLOURS: dict[Scheme, dict[str, str]] = {
    "light": {
        "paper": "#ffffff", "ink": "#1b2430", "muted": "#4a5565", "line": "#6b7788",
        "plain": "#eef1f5", "judge": "#dcebf8", "repair": "#fdebd3", "way_out": "#dff3e4",
        "edge": "#8a96a6",
    },
    "dark": {
        "paper": "#0f1318", "ink": "#e6eaf0", "muted": "#b3bdca", "line": "#8d99a9",
        "plain": "#232a34", "judge": "#16344e", "repair": "#4a3415", "way_out": "#173d26",
        "edge": "#6d7988",
    },
}  # fmt: skip
KINDS = {
    "score_risk": "judge",
    "review": "judge",
    "ask_again": "repair",
    "rewrite_mild": "repair",
    "rewrite_severe": "repair",
    "deliver": "way_out",
    "fall_back": "way_out",
}
"""What a box is for, where that has a colour of its own."""
