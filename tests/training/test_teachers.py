"""Teachers: what they say, what is kept of it, and what a student makes of it, on a tiny encoder."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from lance_graph.categories import KEYS
from lance_graph.detector.classifier import RiskClassifier
from lance_graph.detector.config import RiskClassifierConfig
from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.loading import CheckpointError
from lance_graph.training import run_folder, teachers
from lance_graph.training.data.example import Example
from lance_graph.training.losses import any_risk
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.shipping import ship
from lance_graph.training.taught import DegreeFile, text_key
from lance_graph.training.teachers import Teacher, degrees_of, taught_rows
from lance_graph.training.training import train
from tests.training.test_training import At, KilledError, log, same

PROMPTS = [f"how do i {verb} {n}" for n in range(40) for verb in ("hurt cat", "bake bread")]


def text(prompt, response=None):
    return Example.unlabelled(prompt, response)


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.fixture(scope="module")
def opinionated(tiny_checkpoint, tmp_path_factory):
    """A teacher that finds two categories in everything and is sure that the others are absent."""
    return taught_to(tiny_checkpoint, tmp_path_factory.mktemp("teachers") / "first", (0, 1))


@pytest.fixture(scope="module")
def other(tiny_checkpoint, tmp_path_factory):
    """A teacher of the other kind of model that finds another category in everything."""
    folder = tmp_path_factory.mktemp("teachers") / "classifier"
    detector = RiskDetector.from_pretrained(tiny_checkpoint)
    config = RiskClassifierConfig(encoder=detector.model.config.encoder, max_tokens=16)
    with torch.random.fork_rng():
        torch.manual_seed(4)
        model = RiskClassifier(config)
    model.head.bias.data.fill_(-3.0)
    model.head.bias.data[5] = 3.0
    model.save_pretrained(folder)
    detector.tokenizer.save_pretrained(folder)
    return folder


def taught_to(checkpoint, folder, categories):
    shutil.copytree(checkpoint, folder)
    weights = load_file(folder / "model.safetensors")
    bias = weights["rejection_head.bias"]
    bias[:14], bias[14:] = -4.0, 4.0
    bias[list(categories)], bias[[14 + place for place in categories]] = 4.0, -4.0
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.fixture
def recipe(encoder, tmp_path):
    """Makes a small recipe on forty labelled rows."""
    labelled = [
        {"prompt": f"make cat {n}", "categories": [KEYS[3]] if n % 2 else []} for n in range(40)
    ]
    data = write(tmp_path / "rows.jsonl", labelled)

    def make(name="run", **fields):
        basics = {
            "data": data, "encoder": str(encoder), "output": str(tmp_path / name), "epochs": 2,
            "batch_size": 8, "held_out": 0.2, "max_tokens": 32, "precision": "fp32",
            "report_to": "none",
        }  # fmt: skip
        return TrainingRecipe(**{**basics, **fields})

    return make


@pytest.fixture
def prompts(tmp_path):
    return write(tmp_path / "prompts.jsonl", [{"prompt": prompt} for prompt in PROMPTS])


def no_teacher_is_loaded(monkeypatch):
    def fail(*_):
        raise AssertionError("a teacher was loaded")

    monkeypatch.setattr(Teacher, "load", fail)


def test_a_teacher_says_what_it_scores(opinionated):
    detector = RiskDetector.from_pretrained(opinionated)
    texts = [("bake bread", None), ("hurt cat", "ask the cat to walk " * 3), ("is", "a")]
    told = degrees_of(detector, [text(*pair) for pair in texts])
    scored = torch.tensor([list(score.mean.values()) for score in detector.score_raw(texts)])
    torch.testing.assert_close(told, scored, atol=1e-5, rtol=1e-4)
    assert told.shape == (3, len(KEYS)) and (told[:, :2] > 0.9).all() and (told[:, 2:] < 0.1).all()


def test_a_teacher_of_short_prompts_speaks_of_nothing_else(recipe, opinionated, other, tmp_path):
    limited = shutil.copytree(opinionated, tmp_path / "limited")
    (limited / "recipe.json").write_text(json.dumps({"short_prompts": 10}))
    rows = [text("bake bread"), text("bake bread", "with flour"), text("bake bread well")]
    alone = taught_rows(rows, recipe(teachers=(str(limited),)), tmp_path / "one")
    whole = taught_rows(rows, recipe(teachers=(str(opinionated),)), tmp_path / "whole")
    assert alone[0].taught == pytest.approx(whole[0].taught)
    assert [row.taught for row in alone[1:]] == [(), ()]
    both = taught_rows(rows, recipe(teachers=(str(limited), str(other))), tmp_path / "two")
    others = taught_rows(rows, recipe(teachers=(str(other),)), tmp_path / "others")
    assert [row.taught for row in both[1:]] == [row.taught for row in others[1:]]
    first = torch.tensor([alone[0].taught, others[0].taught]).mean(0)
    torch.testing.assert_close(torch.tensor(both[0].taught), first)


def test_several_teachers_meet_in_degree_space_and_agree_on_the_any_risk(
    recipe, opinionated, other, tmp_path
):
    both = recipe(teachers=(str(opinionated), str(other)))
    (row,) = taught_rows([text("bake bread")], both, tmp_path)
    *degrees, risk = row.taught
    alone = [
        torch.tensor(
            taught_rows([text("bake bread")], recipe(teachers=(str(one),)), tmp_path)[0].taught
        )
        for one in (opinionated, other)
    ]
    torch.testing.assert_close(torch.tensor(row.taught), sum(alone) / 2)
    assert degrees[0] == pytest.approx(0.5, abs=0.1) and degrees[5] == pytest.approx(0.5, abs=0.1)
    assert risk > 0.9  # they differ on the category, not on the risk
    assert any_risk(torch.tensor([degrees]), "smooth").item() < 0.6


def test_each_text_is_asked_once_and_what_was_said_is_kept(
    recipe, opinionated, tmp_path, monkeypatch
):
    asked, real = [], degrees_of

    def counted(detector, rows, precision):
        asked.extend(rows)
        return real(detector, rows, precision)

    monkeypatch.setattr(teachers, "degrees_of", counted)
    monkeypatch.setattr(teachers, "TOGETHER", 2)
    rows = [text("bread"), text("bread", "bake"), Example.full("bread", None, ()), text("cat")]
    lines = []
    first = taught_rows(rows, recipe(teachers=(str(opinionated),)), tmp_path, lines.append)
    assert len(asked) == 3 and first[0].taught == first[2].taught != first[1].taught
    assert [row.prompt for row in first] == [row.prompt for row in rows]
    assert [(line["scored"], line["of"]) for line in lines] == [(2, 3), (3, 3)]
    no_teacher_is_loaded(monkeypatch)
    assert taught_rows(rows[::-1], recipe(teachers=(str(opinionated),)), tmp_path) == first[::-1]


def test_another_teacher_and_a_retrained_one_are_asked_anew(tiny_checkpoint, tmp_path):
    copy = Path(shutil.copytree(tiny_checkpoint, tmp_path / "copy"))
    assert Teacher.at(str(copy)).fingerprint == Teacher.at(str(tiny_checkpoint)).fingerprint
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "languages": ["en"]}))
    assert Teacher.at(str(copy)).fingerprint == Teacher.at(str(tiny_checkpoint)).fingerprint
    (copy / "config.json").write_text(json.dumps({**config, "max_tokens": 32}))
    shorter = Teacher.at(str(copy)).fingerprint
    taught_to(tiny_checkpoint, tmp_path / "again", (3,))
    prints = {
        shorter,
        *(Teacher.at(str(f)).fingerprint for f in (tiny_checkpoint, tmp_path / "again")),
    }
    assert len(prints) == 3


def test_a_torn_file_of_degrees_is_named(tmp_path):
    path = tmp_path / "degrees.safetensors"
    path.write_bytes(b"torn")
    with pytest.raises(ValueError, match=r"degrees\.safetensors cannot be read .*; delete it"):
        DegreeFile(path)
    save_file({"keys": torch.zeros(2, 32, dtype=torch.uint8), "degrees": torch.zeros(2, 3)}, path)
    with pytest.raises(ValueError, match=r"holds no degrees of texts; delete it"):
        DegreeFile(path)


def test_a_file_of_degrees_that_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch):
    file = DegreeFile(tmp_path / "degrees.safetensors")
    file.keep([text("a")], torch.full((1, 14), 0.25))
    monkeypatch.setattr("lance_graph.training.taught.save_file", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        file.keep([text("b")], torch.full((1, 14), 0.5))
    again = DegreeFile(tmp_path / "degrees.safetensors")
    assert text("a") in again and text("b") not in again
    assert again.of([text("a")]).tolist() == [[0.25] * 14]


def test_texts_of_any_characters_have_a_key_of_their_own():
    rows = [text("a", "b"), text("ab"), text("a"), text("a\ud800"), text("aü"), text("b", "a")]
    assert len({text_key(row) for row in rows}) == len(rows)
    assert text_key(text("a", "")) == text_key(Example.binary("a", None))


@pytest.mark.slow
def test_a_student_comes_nearer_to_its_teacher_on_unlabelled_text(
    recipe, prompts, opinionated, tmp_path
):
    options = {"head_learning_rate": 0.05, "max_steps": 60, "save_every": 60}
    alone = train(recipe("alone", **options))
    told = {"teachers": (str(opinionated),), "unlabelled": (prompts,), "label_share": 0.1}
    student = train(recipe("student", **told, **options))
    unseen = [text(f"hurt bread {n}") for n in range(20)]
    teacher, with_teacher, without = (
        degrees_of(RiskDetector.from_pretrained(folder), unseen)
        for folder in (opinionated, student, alone)
    )
    near, far = (with_teacher - teacher).abs().mean(), (without - teacher).abs().mean()
    assert near < 0.5 * far
    lines = log(student)
    assert (lines[0]["teacher"], lines[0]["scored"], lines[0]["of"]) == ("first", 112, 112)
    assert "loss/teacher" in lines[1] and "loss/teacher" not in log(alone)[0]
    assert json.loads((student / "metrics.json").read_text())["training_rows"] == 112


@pytest.mark.slow
def test_a_killed_run_with_a_teacher_ends_as_if_it_had_not_been_killed(
    recipe, prompts, opinionated, monkeypatch
):
    told = {"teachers": (str(opinionated),), "unlabelled": (prompts,), "save_every": 5}
    whole = train(recipe("whole", **told))

    def kill():
        raise KilledError

    with pytest.raises(KilledError):
        train(recipe("torn", **told), callbacks=[At(13, kill)])
    no_teacher_is_loaded(monkeypatch)
    assert same(whole, train(recipe("torn", **told), resume=True))
    assert [line for line in log(recipe("torn").output) if "scored" in line]
    again = train(recipe("whole", **told), overwrite=True)  # nothing is asked a second time
    assert same(again, recipe("torn").output)


@pytest.mark.slow
def test_runs_share_a_cache_and_a_cached_teacher_changes_no_weight(
    recipe, opinionated, tmp_path, monkeypatch
):
    told = {"teachers": (str(opinionated),), "teacher_cache": str(tmp_path / "kept"), "epochs": 0.5}
    asked = train(recipe("one", **told))
    no_teacher_is_loaded(monkeypatch)
    assert same(asked, train(recipe("two", **told)))
    assert list((tmp_path / "kept").glob("*.safetensors"))
    assert not (asked / run_folder.TEACHERS).exists()


@pytest.mark.slow
def test_no_held_out_prompt_is_among_the_unlabelled(recipe, opinionated, tmp_path):
    from lance_graph.training.data.loading import load_examples

    every = [{"prompt": f"make cat {n}", "is_safe": True} for n in range(40)]
    told = recipe(
        teachers=(str(opinionated),), unlabelled=(write(tmp_path / "again.jsonl", every),)
    )
    rows, held_out = load_examples(told)
    assert len(held_out) == 8 and len(rows) == 64
    assert not {row.prompt for row in rows} & {row.prompt for row in held_out}
    assert sum(not row.has_label for row in rows) == 32  # labels beside them are not read
    assert len(load_examples(recipe(**{**told.model_dump(), "limit": 10}))[0]) == 10


def test_prompts_without_labels_are_data_where_there_is_a_teacher(recipe, prompts, opinionated):
    from lance_graph.training.data.loading import load_examples

    with pytest.raises(
        ValueError, match=r"line 1: a row needs a label.* without one need a teacher"
    ):
        load_examples(recipe(data=prompts))
    rows, held_out = load_examples(recipe(data=prompts, teachers=(str(opinionated),)))
    assert (len(rows), len(held_out)) == (64, 16) and not any(row.has_label for row in rows)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"unlabelled": ("x.jsonl",)}, "teach nothing without a teacher: name one in teachers"),
        ({"teachers": ("a", "b", "a")}, "teachers names 'a' twice"),
        ({"teachers": ("a",), "teacher_weight": 0}, "teacher_weight"),
        ({"teachers": ("a",), "label_share": 1.5}, "label_share"),
    ],
)
def test_a_recipe_whose_teachers_do_not_fit_is_refused(recipe, fields, message):
    with pytest.raises(ValueError, match=message):
        recipe(**fields)


def test_what_is_no_teacher_is_named_with_its_remedy(
    recipe,
    opinionated,
    encoder,
    tiny_checkpoint,
    tmp_path,
):
    def refused(folder, message):
        with pytest.raises(CheckpointError, match=message):
            taught_rows([text("bread")], recipe(teachers=(str(opinionated), str(folder))), tmp_path)
        assert not list(tmp_path.glob("teachers/*"))  # found before the first was asked

    refused(tmp_path / "no", r"no detector in '.*no'; give the folder of a finished run")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "recipe.json").write_text("{}")
    refused(tmp_path / "half", r"not finished: lance-graph train --resume --output .*half")
    refused(encoder, r"bare' is no LANCE detector but a model of type 'bert'")
    torn = Path(shutil.copytree(tiny_checkpoint, tmp_path / "torn"))
    for path in torn.glob("tokenizer*"):
        path.unlink()
    refused(torn, r"torn' is no whole LANCE detector: its tokenizer")
    odd = Path(shutil.copytree(tiny_checkpoint, tmp_path / "odd"))
    config = json.loads((odd / "config.json").read_text())
    config["categories"] = ["arson", *KEYS[1:]]
    (odd / "config.json").write_text(json.dumps(config))
    refused(odd, r"odd' has other categories than the 14 of the rows \(.*arson.*\); train it")


@pytest.mark.slow
def test_a_run_is_not_its_own_teacher_and_missing_texts_are_named(recipe, opinionated, tmp_path):
    mine = Path(shutil.copytree(opinionated, tmp_path / "mine"))
    with pytest.raises(ValueError, match=r"output and a teacher are the same folder"):
        train(recipe(output=str(mine), teachers=(str(mine),)), overwrite=True)
    with pytest.raises(FileNotFoundError, match=r"unlabelled: there is no file '/no/such\.jsonl'"):
        train(recipe(teachers=(str(mine),), unlabelled=("/no/such.jsonl",)))


@pytest.mark.slow
def test_what_ships_names_no_path_of_its_teachers(recipe, prompts, opinionated, tmp_path):
    run = train(recipe(teachers=(str(opinionated),), unlabelled=(prompts,), epochs=0.25))
    stored = (ship(run, tmp_path / "shipped") / "recipe.json").read_text()
    assert str(tmp_path) not in stored and str(opinionated.parent) not in stored
    assert json.loads(stored)["teachers"] == ["first"]
