"""The variational risk detector, as far as scoring needs it (METHOD eqs. 4-9); training is elsewhere.

- `detector`: a checkpoint as something that scores texts. `loading` checks every part of it first, with the
  `known` sentences at the end.
- `pooling`: how callers in many threads and tasks share the passes of one model.
- The networks: `model` (eqs. 4-9), the baseline `classifier`, the `distress` head, and their `config`.
- From text to tokens: `encoding`, `windows` for long texts; `unreadable` and `languages` say what cannot be
  judged.
- From degrees to meaning: `calibration`; `attribution` finds the words that drove a degree, weighed by
  `saliency` (one gradient) or `leave_one_out`.
- ``checkpoint``: the weights that ship, and their model card.
"""

from pathlib import Path

EMBEDDED = Path(__file__).parent / "checkpoint"
"""Folder of the checkpoint that ships with the package."""

EMBEDDED_NAME = "embedded"
"""How options and recipes name that checkpoint."""
