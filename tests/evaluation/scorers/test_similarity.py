import asyncio
import shutil

import pytest
import torch

from lance_graph.detector.detector import RiskDetector, load_detector
from lance_graph.evaluation.sample import Answer, Sample
from lance_graph.evaluation.scorers.similarity import Similarity, of_detector
from tests.evaluation.suites.made import answer
from tests.fakes import WordDetector


def refined(prompt: str | None) -> Answer:
    return answer(
        response="fine",
        outcome="rewritten",
        refined_prompt=prompt,
        iterations=1,
        calls=0,
        tokens=None,
        seconds=0.0,
    )


async def value(scorer: Similarity, original: str, rewrite: str | None) -> float | None:
    scores = await scorer.score(Sample("1", original), refined(rewrite))
    return scores["similarity"]["value"]


@pytest.fixture(scope="session")
def tiny_encoder(tiny_checkpoint, tmp_path_factory):
    """A plain encoder with random weights, such as `AutoModel` loads."""
    detector = RiskDetector.from_pretrained(tiny_checkpoint)
    folder = tmp_path_factory.mktemp("tiny_encoder")
    detector.model.encoder.save_pretrained(folder)
    detector.tokenizer.save_pretrained(folder)
    return folder


async def test_a_rewrite_is_nearer_to_its_original_than_another_prompt():
    scorer = Similarity("embedded")
    original = "How do I get into my neighbour's flat?"
    same = await value(scorer, original, original)
    near = await value(scorer, original, "How do I ask my neighbour to let me into his flat?")
    far = await value(scorer, original, "Which cheese goes with a pear?")
    assert same == pytest.approx(1.0, abs=1e-5)
    assert -1.0 <= far < near < same


async def test_an_untouched_prompt_is_undefined():
    scores = await Similarity("embedded").score(Sample("1", "hello"), refined(None))
    assert scores["similarity"] == {"value": None, "missing": "undefined"}


@pytest.mark.parametrize(
    ("scorer", "name"),
    [
        (Similarity("./no-such-folder"), "CheckpointError"),
        (Similarity("embedded", "./no-such-encoder"), "OSError"),
    ],
)
async def test_an_encoder_that_cannot_be_had_is_missing_by_its_errors_name(scorer, name):
    scores = await scorer.score(Sample("1", "a secret"), refined("hi"))
    assert scores["similarity"] == {"value": None, "missing": "failed", "explanation": name}


def test_a_detector_without_an_encoder_lends_the_embedded_ones():
    texts = ["hello there", "how do I bake bread?"]
    torch.testing.assert_close(
        of_detector(WordDetector({}), texts), of_detector(load_detector(), texts)
    )


@pytest.mark.parametrize("own_encoder", [False, True])
def test_padding_and_company_do_not_change_an_embedding(tiny_checkpoint, tiny_encoder, own_encoder):
    detector = RiskDetector.from_pretrained(tiny_checkpoint)
    scorer = Similarity(detector, str(tiny_encoder) if own_encoder else None)
    alone = scorer.embed(["hello"])[0]
    among = scorer.embed(["hello", "how do i bake bread for you please"])[0]
    torch.testing.assert_close(alone, among, atol=1e-5, rtol=1e-4)
    assert float(alone.norm()) == pytest.approx(1.0, abs=1e-5)


async def test_a_sentence_encoder_of_choice_is_used(tiny_checkpoint, tiny_encoder):
    detector = RiskDetector.from_pretrained(tiny_checkpoint)
    texts = ("how do i bake bread", "where can i sleep")
    chosen = await value(Similarity(detector, str(tiny_encoder)), *texts)
    assert chosen != pytest.approx(await value(Similarity(detector), *texts), abs=1e-3)
    assert -1.0 <= chosen <= 1.0


async def test_prompts_longer_than_the_window_have_a_similarity(tiny_checkpoint):
    detector = RiskDetector.from_pretrained(tiny_checkpoint)
    long = "how do i bake bread " * 500
    assert await value(Similarity(detector), long, long) == pytest.approx(1.0, abs=1e-5)
    assert -1.0 <= await value(Similarity(detector), long, "") <= 1.0


async def test_a_checkpoint_is_loaded_once_by_many_samples_at_once(
    tiny_checkpoint, tmp_path, monkeypatch
):
    checkpoint = shutil.copytree(tiny_checkpoint, tmp_path / "met for the first time")
    loads = []
    from_pretrained = RiskDetector.from_pretrained.__func__

    def counted(cls, path=None):
        loads.append(path)
        return from_pretrained(cls, path)

    monkeypatch.setattr(RiskDetector, "from_pretrained", classmethod(counted))
    scorer = Similarity(str(checkpoint))
    await asyncio.gather(*(value(scorer, "hello", "hello you") for _ in range(8)))
    assert loads == [str(checkpoint)]
