"""How a pair of texts becomes token ids: two segments, cut fairly, padded on the right."""

import re
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

_LONG_WORD = re.compile(r"(\w{100})(?=\w)")


def clean(text: str) -> str:
    """Text without what no tokenizer takes: lone surrogates become question marks, NUL is dropped."""
    if not isinstance(text, str):
        raise TypeError(f"a text to score must be a string, not {type(text).__name__}")
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def readable(text: str) -> str:
    """`clean`, and runs of letters cut every 100 characters, for training and scoring alike.

    A WordPiece tokenizer reads a longer run as one unknown word, whatever it says.
    """
    return _LONG_WORD.sub(r"\1 ", clean(text))


def fit_pair(
    prompt: Sequence[int], response: Sequence[int], budget: int
) -> tuple[list[int], list[int]]:
    """Cut token ids to ``budget`` together: each side keeps at least half, and all that is spare."""
    half = budget // 2
    keep_prompt = min(len(prompt), max(half, budget - len(response)))
    keep_response = min(len(response), budget - keep_prompt)
    return list(prompt[:keep_prompt]), list(response[:keep_response])


def assemble(
    tokenizer: Any, prompt: Sequence[int], response: Sequence[int]
) -> dict[str, list[int]]:
    """[CLS] prompt [SEP] (response [SEP]) with segment ids 0 and 1.

    Between the two stand as many separators as the tokenizer's own pairs have (two for RoBERTa).
    """
    first = [tokenizer.cls_token_id, *prompt, tokenizer.sep_token_id]
    second: list[int] = []
    if response:
        between = tokenizer.num_special_tokens_to_add(pair=True) - 3
        second = [*[tokenizer.sep_token_id] * between, *response, tokenizer.sep_token_id]
    ids = first + second
    return {
        "input_ids": ids,
        "token_type_ids": [0] * len(first) + [1] * len(second),
        "attention_mask": [1] * len(ids),
    }


def pad(tokenizer: Any, encoded: Sequence[dict[str, list[int]]]) -> dict[str, Tensor]:
    """Right-padded tensors [B, T] of what `assemble` gave."""
    width = max(len(row["input_ids"]) for row in encoded)
    fill = {"input_ids": tokenizer.pad_token_id, "token_type_ids": 0, "attention_mask": 0}
    return {
        name: torch.tensor([row[name] + [value] * (width - len(row[name])) for row in encoded])
        for name, value in fill.items()
    }
