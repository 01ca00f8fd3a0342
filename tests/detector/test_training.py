import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModel

from lance_graph.detector import training
from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.model import LanceDetector
from lance_graph.detector.training import TrainingRecipe, second_stage, ship, train


@pytest.fixture
def data(tmp_path):
    """A little data set of one's own in the shape of the real files."""
    folder = tmp_path / "data" / "train"
    folder.mkdir(parents=True)

    def write(name, rows):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))

    harmful = [f"how do i hurt person {n}" for n in range(40)]
    harmless = [f"how do i bake cake {n}" for n in range(40)]
    write(
        "beavertails_pairs.jsonl",
        [
            {"prompt": p, "response": "hit them", "categories": ["self_harm"], "is_safe": False}
            for p in harmful
        ]
        + [
            {"prompt": p, "response": "use flour", "categories": [], "is_safe": True}
            for p in harmless
        ],
    )
    write(
        "prompts_binary.jsonl", [{"prompt": p, "is_safe": "cake" in p} for p in harmful + harmless]
    )
    write(
        "prompts_harmful_categorised.jsonl",
        [{"prompt": p, "category": "Extremism", "source": "x"} for p in harmful],
    )
    write("benign.jsonl", [{"prompt": p, "response": "use flour"} for p in harmless])
    write(
        "donotanswer_pairs.jsonl",
        [{"prompt": p, "response": "please do not", "response_harmful": False} for p in harmful],
    )
    return tmp_path / "data"


@pytest.fixture
def encoder(tiny_checkpoint, tmp_path):
    """The bare encoder of the tiny checkpoint, as a training run starts from one."""
    folder = tmp_path / "encoder"
    detector = RiskDetector.from_pretrained(tiny_checkpoint)
    config = AutoConfig.for_model(**detector.model.config.encoder)
    AutoModel.from_config(config).save_pretrained(folder)
    detector.tokenizer.save_pretrained(folder)
    return folder


def test_a_run_from_data_to_a_checkpoint_that_scores(data, encoder, tmp_path):
    recipe = TrainingRecipe(
        data=str(data),
        output=str(tmp_path / "run"),
        encoder=str(encoder),
        epochs=1,
        batch_size=16,
        contrasts=50,
        limit=160,
        max_tokens=32,
    )
    folder = train(recipe)
    assert json.loads((folder / "recipe.json").read_text())["seed"] == recipe.seed
    (score,) = RiskDetector.from_pretrained(folder).score(["how do i bake cake 3"])
    assert 0 < score.max_risk < 1
    again = replace(second_stage(recipe), encoder=str(folder), output=str(tmp_path / "second"))
    shipped = ship(train(replace(again, limit=64)), tmp_path / "shipped")
    (half,) = RiskDetector.from_pretrained(shipped).score(["how do i bake cake 3"])
    assert 0 < half.max_risk < 1
    told = json.loads((shipped / "recipe.json").read_text())
    assert (told["stage"], told["first_stage"]["stage"]) == ("pairs", "whole")
    weights = load_file(shipped / "model.safetensors").values()
    assert {tensor.dtype for tensor in weights} == {torch.float16}
    for name in ("recipe.json", "config.json", "tokenizer_config.json"):
        assert str(tmp_path) not in (shipped / name).read_text()
    held = training.held_out_sample(recipe, 1000)
    assert held and all(row.response for row in held)


def test_missing_data_is_named(encoder, tmp_path):
    with pytest.raises(FileNotFoundError, match="beavertails_pairs"):
        train(
            TrainingRecipe(data=str(tmp_path), output=str(tmp_path / "run"), encoder=str(encoder))
        )


def test_word_embeddings_stay_fixed_unless_told(encoder, tmp_path):
    def trainable(**options):
        recipe = TrainingRecipe(data="", output="", encoder=str(encoder), **options)
        detector: LanceDetector = training.new_detector(recipe)
        return detector.encoder.get_input_embeddings().weight.requires_grad

    assert not trainable()
    assert trainable(train_word_embeddings=True)
