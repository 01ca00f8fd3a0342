"""Fixtures that more than one folder of tests uses."""

import os
import runpy
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from lance_graph import RiskDetector

settings.register_profile("no clock", deadline=None)  # no assertion of the suite reads a clock
settings.load_profile("no clock")

EXAMPLES = Path(__file__).parent.parent / "examples"
WORDS = (
    "a an and are ask bake bread can cat do for good help hello how i in is it make me my of on "
    "please safe sleep tell the to walk what where who why with you your"
)


@pytest.fixture(scope="session", autouse=True)
def children_can_be_interrupted() -> None:
    """A shell starts what runs in its background with Ctrl-C ignored, and every child inherits that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def structured_output_is_tried() -> None:
    """No test knows what another one's server refused."""
    if known := sys.modules.get("lance_graph.rewriting.unstructured"):
        known._refusing.clear()


@pytest.fixture(autouse=True)
def pauses_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure that may pass is tried again at once."""
    if known := sys.modules.get("lance_graph.runtime.patience"):
        monkeypatch.setattr(known, "FIRST_PAUSE", 0.001)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the research data that `LANCE_DATA` names; the test skips where it is not given."""
    folder = os.environ.get("LANCE_DATA")
    if not folder:
        pytest.skip("LANCE_DATA names no folder with the research data's train/ and dev/")
    return Path(folder)


@pytest.fixture
def run_example(capsys: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    """Run a script of `examples/` in this process, as `python examples/NAME` would; what it prints."""

    def run(name: str) -> str:
        capsys.readouterr()
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return run


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """The system's Chromium, driven by Playwright; a test of a page skips where either is missing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def embedded() -> "RiskDetector":
    """The detector that ships, loaded once; a test that changes it puts it back."""
    from lance_graph.detector.detector import load_detector

    return load_detector()


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a real detector checkpoint: random weights, 14 categories, a few thousand numbers."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, PreTrainedTokenizerFast

    from lance_graph.detector.config import LanceDetectorConfig
    from lance_graph.detector.model import LanceDetector

    folder = tmp_path_factory.mktemp("tiny_checkpoint")
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,?!'"
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*special, *WORDS.split(), *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )
    encoder = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=128,
    )
    config = LanceDetectorConfig(
        encoder=encoder.to_dict(), semantic_size=4, decoder_size=8, max_tokens=64
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        LanceDetector(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
