"""`average`: the mean of checkpoints is a checkpoint, and says what it is the mean of."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from lance_graph.detector.detector import RiskDetector
from lance_graph.training.averaging import average


@pytest.fixture
def other(tiny_checkpoint, tmp_path):
    """The tiny checkpoint with every weight moved by one, and without a reference."""
    folder = tmp_path / "other"
    shutil.copytree(tiny_checkpoint, folder)
    weights = load_file(folder / "model.safetensors")
    save_file(
        {name: tensor + 1 for name, tensor in weights.items()},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )
    config = json.loads((folder / "config.json").read_text())
    config.pop("reference", None)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "recipe.json").write_text(json.dumps({"seed": 13}))
    return folder


def test_every_weight_is_the_weighted_mean(tiny_checkpoint, other, tmp_path):
    average({tiny_checkpoint: 3, other: 1}, tmp_path / "mean")
    before, after = (
        load_file(f / "model.safetensors") for f in (tiny_checkpoint, tmp_path / "mean")
    )
    assert before.keys() == after.keys()
    assert all(torch.allclose(after[n], before[n] + 0.25, atol=1e-6) for n in before)


def test_the_mean_scores_and_knows_its_reference_and_its_parts(tiny_checkpoint, other, tmp_path):
    mean = average({tiny_checkpoint: 1, other: 1}, tmp_path / "mean")
    detector = RiskDetector.from_pretrained(mean)  # refuses one whose reference does not hold
    assert detector.model.config.reference and detector.calibration is None
    parts = json.loads((mean / "recipe.json").read_text())
    assert parts == {"seed": 13, "averaged": [[tiny_checkpoint.name, 0.5], ["other", 0.5]]}


def test_a_mean_of_one_is_that_one(tiny_checkpoint, tmp_path):
    texts = ["walk the cat", "poison the bread"]
    mean = average({tiny_checkpoint: 0.2}, tmp_path / "mean")
    ours, theirs = (RiskDetector.from_pretrained(f).score(texts) for f in (mean, tiny_checkpoint))
    assert [a.mean for a in ours] == [pytest.approx(b.mean, abs=1e-6) for b in theirs]


@pytest.mark.parametrize("share", [0, -1, float("nan"), float("inf")])
def test_a_share_that_is_not_positive_is_refused(tiny_checkpoint, tmp_path, share):
    with pytest.raises(ValueError, match="must be positive"):
        average({tiny_checkpoint: share}, tmp_path / "mean")
    assert not (tmp_path / "mean").exists()


def test_another_architecture_is_refused(tiny_checkpoint, other, tmp_path):
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "decoder_size": 4}))
    weights = load_file(other / "model.safetensors")
    for name, tensor in weights.items():
        if "decoder" in name:
            shape = [4 if size == config["decoder_size"] else size for size in tensor.shape]
            weights[name] = torch.zeros(shape)
    save_file(weights, other / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match="different tensors"):
        average({tiny_checkpoint: 1, other: 1}, tmp_path / "mean")


def test_a_folder_that_holds_something_stays_as_it_is(tiny_checkpoint, other):
    before = sorted(path.name for path in other.iterdir())
    with pytest.raises(FileExistsError, match="not empty"):
        average({tiny_checkpoint: 1}, other)
    assert sorted(path.name for path in other.iterdir()) == before
