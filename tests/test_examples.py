from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_the_quickstart_leaves_one_prompt_alone_and_repairs_the_other(run_example):
    out = run_example("quickstart.py")
    harmless, hazardous = out.split("How can I get into")
    assert "safe:" in harmless and "(unchanged)" in harmless
    assert "rewritten:" in hazardous and "(unchanged)" not in hazardous


def test_the_demo_shows_three_prompts(run_example):
    out = run_example("demo.py")
    assert out.count("$ lance-graph run") == 3
    assert out.count("Answer") == 3
    assert "rewritten" in out and "degraded" not in out and "fell back" not in out


@pytest.mark.parametrize("name", ["nodes", "prompts"])
def test_the_heart_of_the_package_stands_on_the_front_page(name):
    link = ROOT / name
    assert link.is_symlink() and not link.readlink().is_absolute()
    assert link.resolve() == (ROOT / "lance_graph" / name).resolve()


def test_the_safety_layer_goes_around_a_plain_function(run_example):
    out = run_example("safety_layer.py").splitlines()
    assert out[0].startswith("rewritten - ") and out[1].startswith("asked instead: ")
    assert out[-1].startswith("safe - You asked: How do I kill a process")


def test_the_subgraph_shows_progress_and_fills_the_larger_graphs_state(run_example):
    out = run_example("subgraph.py")
    assert out.startswith("… scored") and "… delivered" in out
    assert "[rewritten]" in out and out.rstrip().endswith("-- The help desk")


@pytest.mark.server
def test_the_official_client_is_answered_whole_and_streamed(run_example):
    harmless, hazardous = run_example("openai_client.py").split("How can I poison")
    assert "safe: " in harmless and "rewritten: " in hazardous
    assert "moderation: flagged=True, violence 0." in hazardous
