import json
import math
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from lance_graph.categories import KEYS
from lance_graph.detector import EMBEDDED
from lance_graph.detector.calibration import Calibration
from lance_graph.detector.detector import KEPT, CheckpointError, RiskDetector, load_detector
from lance_graph.detector.known import HARMFUL


@pytest.fixture
def folder(tiny_checkpoint, tmp_path):
    return Path(shutil.copytree(tiny_checkpoint, tmp_path / "copy"))


def change(folder, **fields):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | fields))


def refused(folder, match):
    with pytest.raises(CheckpointError, match=match) as error:
        RiskDetector.from_pretrained(folder)
    assert str(folder) in str(error.value)


@pytest.mark.parametrize(
    "field, value",
    [
        ("max_tokens", 3),
        ("max_tokens", "64"),
        ("max_tokens", True),
        ("max_tokens", 129),
        ("pooling", "sum"),
        ("beta_floor", 0),
        ("beta_floor", -1.0),
        ("beta_floor", 1e9),
        ("beta_floor", math.nan),
        ("any_risk_weight", math.inf),
        ("categories", []),
        ("categories", [*KEYS[:-1], KEYS[0]]),
        ("categories", [*KEYS[:-1], ""]),
        ("categories", [*KEYS[:-1], 3]),
        ("categories", list(KEYS[:-1])),
        ("semantic_size", 0),
        ("semantic_size", 5),
        ("decoder_size", 8.5),
        ("loss_weights", [1.0]),
        ("languages", []),
        ("languages", "en"),
        ("reference", {"a": [0.5]}),
        ("no_such_key", 1),
        ("auto_map", {"AutoModel": "x.Y"}),
        ("encoder", {}),
        ("encoder", {"model_type": "no such type"}),
        ("encoder", 3),
    ],
)
def test_values_with_which_no_detector_works_are_refused(folder, field, value):
    change(folder, **{field: value})
    refused(folder, "config.json|shape|max_tokens")


@pytest.mark.parametrize("layers", [0, 2])
def test_the_encoder_has_the_layers_of_its_weights(folder, layers):
    encoder = json.loads((folder / "config.json").read_text())["encoder"]
    change(folder, encoder=encoder | {"num_hidden_layers": layers})
    refused(folder, "unexpected encoder.encoder.layer.0|has no encoder.encoder.layer.1")


@pytest.mark.parametrize("size", [{"hidden_size": 1_000_000}, {"vocab_size": 1_000_000_000}])
def test_sizes_are_compared_before_memory_is_taken(folder, size):
    encoder = json.loads((folder / "config.json").read_text())["encoder"]
    change(folder, encoder=encoder | size)
    refused(folder, "shape|tokens")


@pytest.mark.parametrize("text", ["", "[]", "{", "nonsense"])
def test_a_configuration_that_is_none_is_refused(folder, text):
    (folder / "config.json").write_text(text)
    refused(folder, "config.json")


def test_a_folder_without_a_tokenizer_is_refused(folder):
    (folder / "tokenizer.json").unlink()
    refused(folder, "tokenizer")


def test_a_tokenizer_of_another_size_or_without_special_tokens_is_refused(folder):
    stored = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = stored["model"]["vocab"]
    fewer = {word: place for word, place in vocabulary.items() if place < len(vocabulary) - 5}
    (folder / "tokenizer.json").write_text(
        json.dumps(stored | {"model": stored["model"] | {"vocab": fewer}})
    )
    refused(folder, "tokens and its encoder")
    (folder / "tokenizer.json").write_text(json.dumps(stored))
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    del settings["cls_token"]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    refused(folder, "cls_token_id is None")


def test_a_tokenizer_that_cannot_read_is_refused(folder):
    stored = json.loads((folder / "tokenizer.json").read_text())
    stored["normalizer"] = {"type": "Prepend", "prepend": "\u2603"}
    (folder / "tokenizer.json").write_text(json.dumps(stored))
    refused(folder, "cannot read")


def test_weights_that_are_torn_pickled_or_no_numbers_are_refused(folder):
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    weights = {name: weight.clone() for name, weight in load_file(file).items()}
    file.write_bytes(whole[: len(whole) // 2])
    refused(folder, "cannot be read")
    weights["rejection_head.weight"][0, 0] = math.nan
    save_file(weights, file, metadata={"format": "pt"})
    refused(folder, "rejection_head.weight .* no finite number")
    file.unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    refused(folder, "pickled")


def test_an_index_names_no_file_outside_of_the_folder(folder):
    (folder / "model.safetensors").rename(folder.parent / "other.safetensors")
    index = {"metadata": {}, "weight_map": {"a": "../other.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    refused(folder, "outside of the folder")


def test_files_that_were_not_written_together_are_refused(tmp_path):
    folder = Path(shutil.copytree(EMBEDDED, tmp_path / "copy"))
    assert RiskDetector.from_pretrained(folder).score([HARMFUL])[0].max_risk > 0.7
    encoder = json.loads((folder / "config.json").read_text())["encoder"]
    change(folder, encoder=encoder | {"num_attention_heads": 6})
    refused(folder, "when the checkpoint was written")


@pytest.mark.parametrize(
    "fields",
    [
        {"shift": -1e9},
        {"shift": 5.0},
        {"low": 0.0},
        {"high": 1e6},
        {"low": math.nan},
        {"more": 1},
        {"temperature": dict.fromkeys(KEYS, 1e9)},
        {"temperature": dict.fromkeys(KEYS, True)},
    ],
)
def test_a_calibration_that_silences_the_detector_is_refused(folder, fields):
    change(folder, calibration=Calibration(dict.fromkeys(KEYS, 1.0)).as_json() | fields)
    with pytest.raises(CheckpointError, match=r"calibration|config\.json"):
        RiskDetector.from_pretrained(folder)


def test_one_checkpoint_is_one_detector_however_it_is_spelled(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "link").symlink_to(folder)
    spellings = [
        folder,
        str(folder),
        "copy",
        "./copy",
        "copy/",
        "copy/.",
        "link",
        "~/copy",
        "../" + tmp_path.name + "/copy",
    ]
    assert len({id(load_detector(one)) for one in spellings}) == 1
    assert load_detector() is load_detector("embedded") is load_detector(EMBEDDED)


def test_only_the_last_checkpoints_are_kept(folder, tmp_path):
    first = load_detector(folder)
    for number in range(KEPT):
        load_detector(shutil.copytree(folder, tmp_path / str(number)))
    assert load_detector(folder) is not first


def test_a_loaded_detector_outlives_its_files(folder):
    detector = RiskDetector.from_pretrained(folder)
    before = detector.score(["bread"])
    (folder / "model.safetensors").write_bytes(b"")
    assert detector.score(["bread"]) == before
