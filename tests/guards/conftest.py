"""A real text classifier with random weights."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import WORDS


def classifier(folder: Path, labels: list[str], *, roberta: bool = False, **config: Any) -> Any:
    """A ``text-classification`` pipeline of a few thousand numbers that takes 32 tokens, saved and loaded.

    Its weights are large, so that texts differ clearly in their probabilities.
    """
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import (
        AutoModelForSequenceClassification,
        BertConfig,
        PreTrainedTokenizerFast,
        RobertaConfig,
        pipeline,
    )

    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,?!'"
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    pieces = [*special, *WORDS.split(), *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )
    kind = RobertaConfig if roberta else BertConfig
    model_config = kind(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=33 if roberta else 32,
        pad_token_id=0,
        initializer_range=0.5,
        id2label=dict(enumerate(labels)),
        label2id={label: i for i, label in enumerate(labels)},
        **config,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        AutoModelForSequenceClassification.from_config(model_config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return pipeline("text-classification", model=str(folder))


@pytest.fixture(scope="session")
def multi_label(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A pipeline whose labels can be true together."""
    return classifier(
        tmp_path_factory.mktemp("multi"),
        ["toxic", "threat", "safe"],
        problem_type="multi_label_classification",
    )


@pytest.fixture(scope="session")
def exclusive(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A pipeline whose labels exclude each other."""
    return classifier(tmp_path_factory.mktemp("single"), ["SAFE", "insult", "hate", "threat"])
