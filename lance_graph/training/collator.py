"""Examples to training batches."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import torch
from torch import Tensor

from lance_graph.categories import KEYS
from lance_graph.detector.encoding import assemble, fit_pair, pad, readable
from lance_graph.detector.windows import windows
from lance_graph.training.data.example import UNKNOWN, Example

WINDOWS = 8
"""How many times `max_tokens` of a long harmless text training may look at."""
UNTAUGHT = (UNKNOWN,) * (len(KEYS) + 1)


class PairCollator:
    """Examples to a padded batch; the pair is encoded as two segments (h = Encoder([x ; r]))."""

    def __init__(self, tokenizer: Any, max_tokens: int) -> None:
        self.tokenizer, self.max_tokens = tokenizer, max_tokens

    def ids(self, text: str, most: int | None = None) -> list[int]:
        """Token ids of one text, without special tokens; at most ``most``, `max_tokens` unless told."""
        ids: list[int] = self.tokenizer(
            readable(text),
            add_special_tokens=False,
            truncation=True,
            max_length=most or self.max_tokens,
        )["input_ids"]
        return ids

    def __call__(self, examples: Sequence[Example]) -> dict[str, Tensor]:
        """`encoded`, and what is known of the rows.

        Labels and label mask [B, K], unsafe [B], degree [B] and taught [B, K + 1], the last two NaN
        where a row is not graded and where it has no teacher.
        """
        batch = self.encoded(examples)
        batch["labels"] = torch.tensor([example.labels for example in examples])
        batch["label_mask"] = torch.tensor([example.mask for example in examples])
        batch["unsafe"] = torch.tensor([example.unsafe for example in examples])
        batch["degree"] = torch.tensor(
            [UNKNOWN if example.degree is None else example.degree for example in examples]
        )
        batch["taught"] = torch.tensor([example.taught or UNTAUGHT for example in examples])
        return batch

    def encoded(self, examples: Sequence[Example]) -> dict[str, Tensor]:
        """Token ids [B, T] with their masks."""
        rows = [assemble(self.tokenizer, *self._seen(example)) for example in examples]
        return pad(self.tokenizer, rows)

    def _seen(self, example: Example) -> tuple[Sequence[int], Sequence[int]]:
        """The ids of an example that fit: its beginning, or of a harmless one any window.

        Scoring reads every window, so that training has to know what the middle of a harmless text
        looks like. Where the harm of a harmful one is, nobody wrote down. Which window it is, is the
        text's own checksum's choice: the same in every epoch and in a run that is resumed.
        """
        special = self.tokenizer.num_special_tokens_to_add(pair=bool(example.response))
        budget = self.max_tokens - special
        if example.unsafe != 0:
            sides = self.ids(example.prompt), self.ids(example.response or "")
            return fit_pair(*sides, budget)
        most = WINDOWS * self.max_tokens
        sides = self.ids(example.prompt, most), self.ids(example.response or "", most)
        parts = list(windows(*sides, budget))
        return parts[crc32((example.prompt + (example.response or "")).encode()) % len(parts)]
