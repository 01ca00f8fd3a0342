"""What each word of a prompt adds to a degree, by one pass forward and half a one back.

To first order, a token state s_t that became the mean state of its row would lower the log-odds y of a
category by g_t (s_t - s), g = dy/ds. That is taken at the inner layers of the upper half of the encoder,
where a state still belongs to its word and the rest of the way is nearly straight, and blended with
|g_t| |s_t - s|, how much could hang on the word: signs alone cancel out where the model is sure.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from lance_graph.detector.attribution import Place, Weights, places
from lance_graph.detector.distress import CATEGORY, DistressHead
from lance_graph.detector.encoding import pad
from lance_graph.detector.model import DetectorOutput, PairEncoder
from lance_graph.runtime.forking import at_work
from lance_graph.texts.normalising import normalise

MAX_ROWS = 3
"""Rows of one backward pass at most: what it keeps in memory grows with their tokens."""


@dataclass(frozen=True)
class Row:
    """One input of the encoder, as `assemble` gives it, and the word that each of its ids belongs to.

    A token of no word has None; a row that reads the prompt otherwise than it stands has no ``words``.
    """

    encoded: dict[str, list[int]]
    words: list[Place | None] | None


def owners(prompt: str, read: str, pieces: Sequence[Place]) -> list[Place | None] | None:
    """For each of ``pieces``, tokens of the text ``read``, its word in ``prompt``.

    None if the two do not have the same words, one by one, as they read.
    """
    ours, theirs = list(places(prompt)), list(places(read))
    if [normalise(prompt[a:b]) for a, b in ours] != [read[a:b] for a, b in theirs]:
        return None
    starts = [start for start, _ in theirs]
    found: list[Place | None] = []
    for start, end in pieces:
        index = bisect_right(starts, end - 1) - 1
        inside = start < end and index >= 0 and end <= theirs[index][1]
        found.append(ours[index] if inside else None)
    return found


def weigh(
    model: PairEncoder,
    tokenizer: Any,
    distress: DistressHead | None,
    rows: Sequence[Row],
    categories: Sequence[str],
) -> dict[str, Weights]:
    """The weights of words for each of ``categories`` in the row with its highest degree.

    One pass forward for all rows, one back for all categories; the parameters of the model stay as they
    are. A category is missing where its row has no ``words``, or where nothing moves its degree.
    """
    found: dict[str, Weights] = {}
    with at_work(), torch.inference_mode(False), torch.enable_grad():
        batch = pad(tokenizer, [row.encoded for row in rows])
        inputs = {name: value.to(model.device) for name, value in batch.items()}
        embeddings = model.encoder.get_input_embeddings()(inputs.pop("input_ids"))
        inputs["inputs_embeds"] = embeddings.detach().requires_grad_()
        output = model(
            **inputs, early_layer=None if distress is None else distress.layer, with_states=True
        )
        targets = {key: _target(model, distress, output, inputs, key) for key in categories}
        told = {key: one for key, one in targets.items() if rows[one.row].words is not None}
        for depth in {target.depth for target in told.values()}:
            some = {key: target for key, target in told.items() if target.depth == depth}
            states = output.states[depth // 2 : depth]
            slopes = _slopes(torch.stack([target.odds for target in some.values()]), states)
            for number, (key, target) in enumerate(some.items()):
                words = rows[target.row].words or []
                here = target.row, slice(len(words))
                found[key] = _weights(
                    [state[here].detach().float() for state in states],
                    [slope[number][here].float() for slope in slopes],
                    words,
                )
    return {key: weights for key, weights in found.items() if any(weights.values())}


class _Target(NamedTuple):
    """The highest log-odds of a category, its row, and how many layers lie under its head."""

    odds: Tensor
    row: int
    depth: int


def _target(
    model: PairEncoder,
    distress: DistressHead | None,
    output: DetectorOutput,
    inputs: Mapping[str, Tensor],
    category: str,
) -> _Target:
    assert output.states is not None
    odds, depth = _log_odds(output, model.config.categories.index(category)), len(output.states) - 1
    if distress is not None and category == CATEGORY:
        assert output.early is not None
        beside = inputs["token_type_ids"].sum(-1) > 0
        danger = distress.log_odds(output.early).masked_fill(beside, -torch.inf)
        if danger.max() > odds.max():
            odds, depth = danger, distress.layer
    row = int(odds.argmax())
    return _Target(odds[row], row, depth)


def _slopes(odds: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Slopes of ``odds`` [K] by each of ``states``: one pass back for all K, tensors [K, B, T, H]."""
    each = torch.eye(len(odds), device=odds.device, dtype=odds.dtype)
    return torch.autograd.grad(
        odds, states, grad_outputs=each, is_grads_batched=True, retain_graph=True
    )


def _log_odds(output: DetectorOutput, place: int) -> Tensor:
    """ln(alpha_j / beta_j) [B] of the category at ``place``."""
    assert output.alpha is not None and output.beta is not None
    return output.alpha[:, place].log() - output.beta[:, place].log()


def _weights(
    states: Sequence[Tensor], slopes: Sequence[Tensor], words: Sequence[Place | None]
) -> Weights:
    """Weights from the states and slopes [T, H] of some layers and the word of each of the T tokens."""
    away = [state - state.mean(0) for state in states]
    pairs = list(zip(away, slopes, strict=True))
    signed = _by_word(torch.stack([(a * g).sum(-1) for a, g in pairs]).mean(0), words)
    sizes = _by_word(
        torch.stack([a.norm(dim=-1) * g.norm(dim=-1) for a, g in pairs]).mean(0), words
    )
    most = max(map(abs, signed.values()), default=0.0) or 1.0
    scale = max(sizes.values(), default=0.0) / most
    return {place: (sizes[place] + scale * weight) / 2 for place, weight in signed.items()}


def _by_word(tokens: Tensor, words: Sequence[Place | None]) -> dict[Place, float]:
    """The numbers [T] of tokens summed over words, in the order of the prompt."""
    summed: dict[Place, float] = {}
    for place, number in zip(words, tokens.tolist(), strict=True):
        if place is not None:
            summed[place] = summed.get(place, 0.0) + number
    return summed
