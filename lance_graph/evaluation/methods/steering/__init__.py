"""Representation engineering: directions in a causal model's hidden states, found and added.

Zou et al. 2023 (arXiv 2310.01405); difference of means as in Arditi et al. 2024 (2406.11717) and
Rimsky et al. 2024 (2312.06681). "Layer i" is decoder layer i, from 0, and its hidden state is what
that layer puts out.

`pairs` of prompts → `compute` → `vectors` (and their file) → `hooks` on the `layers`.
"""

from lance_graph.evaluation.methods.steering.compute import compute_vectors
from lance_graph.evaluation.methods.steering.hooks import Positions, check_shift, steering
from lance_graph.evaluation.methods.steering.layers import decoder_layers, middle_layers
from lance_graph.evaluation.methods.steering.pairs import digest_of, load_pairs
from lance_graph.evaluation.methods.steering.vectors import (
    Direction,
    SteeringVectors,
    check_direction,
)

__all__ = [
    "Direction",
    "Positions",
    "SteeringVectors",
    "check_direction",
    "check_shift",
    "compute_vectors",
    "decoder_layers",
    "digest_of",
    "load_pairs",
    "middle_layers",
    "steering",
]
