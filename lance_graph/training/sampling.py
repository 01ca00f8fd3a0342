"""The order of training rows: like lengths share a batch, and batches come in random order."""

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler

BATCHES_SORTED_TOGETHER = 50


class LengthBatchSampler(Sampler[int]):
    """Indices in an order in which each run of ``batch_size`` rows has about one length.

    Rows are shuffled, sorted within blocks of 50 batches, cut into batches, and the batches are
    shuffled. transformers' own length grouping keeps each block sorted, so that whole stretches of
    training see pairs only or short prompts only. A function of seed and epoch alone.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self.lengths, self.batch_size, self.seed = list(lengths), batch_size, seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of this epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(1_000_003 * self.seed + self.epoch)
        shuffled = torch.randperm(len(self.lengths), generator=generator).tolist()
        block = self.batch_size * BATCHES_SORTED_TOGETHER
        ordered: list[int] = []
        for start in range(0, len(shuffled), block):
            ordered += sorted(
                shuffled[start : start + block], key=self.lengths.__getitem__, reverse=True
            )
        size = self.batch_size
        batches = [ordered[start : start + size] for start in range(0, len(ordered), size)]
        whole = batches if len(batches[-1]) == size else batches[:-1]  # a short one stays last
        order = torch.randperm(len(whole), generator=generator).tolist()
        for number in order:
            yield from whole[number]
        if len(whole) < len(batches):
            yield from batches[-1]
