"""Examples to training batches."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from lance_graph.categories import KEYS
from lance_graph.detector.encoding import assemble, fit_pair, pad, readable
from lance_graph.training.data.example import UNKNOWN, Example

UNTAUGHT = (UNKNOWN,) * (len(KEYS) + 1)


class PairCollator:
    """Examples to a padded batch; the pair is encoded as two segments (h = Encoder([x ; r]))."""

    def __init__(self, tokenizer: Any, max_tokens: int) -> None:
        self.tokenizer, self.max_tokens = tokenizer, max_tokens

    def ids(self, text: str) -> list[int]:
        """Token ids of one text, without special tokens."""
        ids: list[int] = self.tokenizer(
            readable(text), add_special_tokens=False, truncation=True, max_length=self.max_tokens
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
        rows = []
        for example in examples:
            special = self.tokenizer.num_special_tokens_to_add(pair=bool(example.response))
            budget = self.max_tokens - special
            prompt, response = fit_pair(
                self.ids(example.prompt), self.ids(example.response or ""), budget
            )
            rows.append(assemble(self.tokenizer, prompt, response))
        return pad(self.tokenizer, rows)
