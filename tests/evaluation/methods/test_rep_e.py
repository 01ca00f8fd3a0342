import asyncio
import time
from shutil import copytree

import pytest

from lance_graph import models
from lance_graph.evaluation.methods import build
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.methods.steering import SteeringVectors
from lance_graph.evaluation.sample import Sample
from tests.fakes import ScriptedModel

PROMPTS = ["how to bake bread", "where is my dog", "tell me what you can do"]


@pytest.fixture(autouse=True)
def short_and_fresh(monkeypatch):
    monkeypatch.setattr(models, "MAX_NEW_TOKENS", 12)
    models._from_string.cache_clear()
    yield
    models._from_string.cache_clear()


@pytest.fixture
def target(causal_folder):
    return f"huggingface:{causal_folder}"


def rep_e(target, vectors=None, **options):
    return build(
        "rep-e", Setting(target=target, vectors=vectors, method_options={"rep-e": options})
    )


async def answers(method):
    samples = [Sample(str(i), prompt) for i, prompt in enumerate(PROMPTS)]
    replies = await asyncio.gather(*(method.answer(sample) for sample in samples))
    return [reply.response for reply in replies]


async def test_steering_changes_what_the_target_says_and_strength_0_does_not(target):
    vanilla = await answers(build("vanilla", Setting(target=target)))
    assert await answers(rep_e(target, strength=0.0)) == vanilla
    steered = await answers(rep_e(target, strength=4.0))
    assert steered != vanilla
    assert await answers(build("vanilla", Setting(target=target))) == vanilla


async def test_a_vanilla_run_beside_it_on_the_same_model_is_not_touched(target):
    plain, steered = build("vanilla", Setting(target=target)), rep_e(target, strength=4.0)
    vanilla, moved = await answers(plain), await answers(steered)
    for _ in range(3):
        assert await asyncio.gather(answers(plain), answers(steered)) == [vanilla, moved]


async def test_sign_layers_and_direction_count(target):
    variants = [
        {},
        {"sign": -1},
        {"layers": 0},
        {"direction": "first-component", "layers": [1]},
    ]
    said = [tuple(await answers(rep_e(target, strength=4.0, **how))) for how in variants]
    assert len(set(said)) == len(variants)


async def test_vectors_are_computed_once_and_read_from_their_file_later(target, tmp_path, capfd):
    path = tmp_path / "cache" / "vectors.safetensors"
    first = await answers(rep_e(target, path, strength=3.0))
    assert capfd.readouterr().err.count("computing steering vectors") == 1
    written = path.stat().st_mtime_ns
    assert await answers(rep_e(target, path, strength=3.0)) == first
    assert "computing" not in capfd.readouterr().err
    assert path.stat().st_mtime_ns == written
    assert SteeringVectors.load(path).model == target.removeprefix("huggingface:")


async def test_a_file_of_the_other_direction_is_refused(target, tmp_path, ask):
    path = tmp_path / "vectors.safetensors"
    await ask(rep_e(target, path), PROMPTS[0])
    with pytest.raises(ValueError, match="'first-component' is wanted"):
        await ask(rep_e(target, path, direction="first-component"), PROMPTS[0])


async def test_vectors_of_another_model_are_used_with_a_warning(
    target, causal_folder, tmp_path, ask, caplog
):
    path, other = tmp_path / "vectors.safetensors", tmp_path / "other"
    copytree(causal_folder, other)
    await ask(rep_e(target, path), PROMPTS[0])
    assert not caplog.records
    await ask(rep_e(f"huggingface:{other}", path), PROMPTS[0])
    assert f"computed from {causal_folder}" in caplog.text


async def test_a_call_may_be_limited_in_time(target, monkeypatch):
    method = rep_e(target)
    await method.answer(Sample("1", PROMPTS[0]))
    monkeypatch.setattr(models, "complete", lambda *_: time.sleep(0.3))
    models.call_timeout.set(0.05)
    with pytest.raises(TimeoutError):
        await method.answer(Sample("1", PROMPTS[0]))


async def test_one_call_is_counted(target, ask):
    reply, calls = await ask(rep_e(target), PROMPTS[0])
    assert (calls, reply.outcome) == (1, "answered")


async def test_a_cache_of_answers_does_not_mix_it_up_with_the_unsteered_model(target):
    from langchain_core.caches import InMemoryCache
    from langchain_core.globals import get_llm_cache, set_llm_cache

    before = get_llm_cache()
    set_llm_cache(InMemoryCache())
    try:
        vanilla = await answers(build("vanilla", Setting(target=target)))
        assert await answers(rep_e(target, strength=4.0)) != vanilla
    finally:
        set_llm_cache(before)


@pytest.mark.parametrize("wrong", ["offline", "openai:gpt-4o-mini", ScriptedModel(answers=["hi"])])
def test_any_other_target_is_refused(wrong):
    with pytest.raises(ValueError, match=r"needs target='huggingface:PATH'"):
        rep_e(wrong)
