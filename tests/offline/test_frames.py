"""The sentences of the offline refiner: slots, grammar, and the stable choice among them."""

import re
import tomllib
from importlib.resources import files

import pytest

from lance_graph.categories import CATEGORIES, Category
from lance_graph.offline.frames import default_topic, pick, pool, put, slug_of

AGREEING = re.compile(r"\b(?:is|are|was|were|do|does|has|have) \{x\}")
FILES = {
    path.name: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in files("lance_graph.offline").joinpath("frames").iterdir()
    if path.name.endswith(".toml")
}


def test_frames_hold_only_known_slots() -> None:
    for category in CATEGORIES:
        for kind in ("x", "question"):
            for frame in pool(category.slug, kind):
                assert set(re.findall(r"\{(\w+)\}", frame)) <= {"x"}
                assert frame[-1] in "?."


@pytest.mark.parametrize("name", FILES)
def test_no_frame_stands_twice_or_agrees_in_number_with_its_topic(name: str) -> None:
    pools = {kind: frames for kind, frames in FILES[name].items() if kind != "default"}
    for kind, frames in pools.items():
        assert len(set(frames)) == len(frames), kind
        if kind in {"x", "mild", "text", "other"}:
            assert [frame for frame in frames if AGREEING.search(frame)] == []


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.slug)
def test_the_default_topic_fills_every_frame(category: Category) -> None:
    for frame in pool(category.slug, "x"):
        made = put(frame, x=default_topic(category.slug))
        assert default_topic(category.slug) in made and "{" not in made


def test_pronouns_of_a_gerund_follow_the_subject_of_its_frame() -> None:
    gerund = "selling one's kidney to someone else"
    assert put("Why is {g} risky?", g=gerund) == f"Why is {gerund} risky?"
    assert put("What if someone is {g}?", g=gerund) == (
        "What if someone is selling their kidney to another person?"
    )


def test_the_choice_depends_on_the_seed_alone_and_reaches_every_frame() -> None:
    frames = pool("child_abuse", "x")
    chosen = [pick(frames, f"prompt {n}") for n in range(300)]
    assert set(chosen) == set(frames)
    assert chosen == [pick(frames, f"prompt {n}") for n in range(300)]
    assert pick(frames, "lone surrogate \ud800") in frames


def test_a_kind_that_a_file_lacks_comes_from_another_and_an_unknown_one_is_named() -> None:
    assert pool("violence", "mild") == FILES["common.toml"]["mild"]
    assert pool("privacy", "joke") == FILES["discrimination.toml"]["joke"]
    with pytest.raises(KeyError, match="no_such_kind"):
        pool("violence", "no_such_kind")
    assert slug_of("no such category") == slug_of(None) == "unethical_behavior"
