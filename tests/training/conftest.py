"""Fixtures that several tests of training use."""

import pytest
import torch
from transformers import AutoConfig, AutoModel

from lance_graph.detector.detector import RiskDetector


@pytest.fixture(scope="module")
def encoder(tiny_checkpoint, tmp_path_factory):
    """The bare encoder of the tiny checkpoint, as a training run starts from one."""
    folder = tmp_path_factory.mktemp("encoders") / "bare"
    detector = RiskDetector.from_pretrained(tiny_checkpoint)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = AutoConfig.for_model(**detector.model.config.encoder)
        AutoModel.from_config(config).save_pretrained(folder)
    detector.tokenizer.save_pretrained(folder)
    return folder
