"""Pairs of an unsafe and a safe row."""

from collections import Counter

import pytest

from lance_graph.training.data.example import Example
from lance_graph.training.data.opposites import opposite_pairs


def row(prompt, unsafe):
    return Example.binary(prompt, None) if unsafe else Example.full(prompt, None, ())


def test_twins_share_a_pair_and_the_rest_meets_the_other_class():
    twins = [(f"twin {n}", row(f"{n} {side}", side)) for n in range(20) for side in (True, False)]
    alone = [("benign", row(f"alone {n}", False)) for n in range(30)]
    unknown = Example("?", None, (0.0,) * 14, (0.0,) * 14)
    pairs = opposite_pairs([*twins, *alone, ("?", unknown)], seed=1)
    assert all((unsafe.unsafe, safe.unsafe) == (1.0, 0.0) for unsafe, safe in pairs)
    prompts = Counter(example.prompt for pair in pairs for example in pair)
    assert {example.prompt for _, example in twins + alone} == set(prompts)
    together = {(unsafe.prompt, safe.prompt) for unsafe, safe in pairs}
    assert all((f"{n} True", f"{n} False") in together for n in range(20))
    assert len(pairs) == 50 and all(prompts[f"alone {n}"] == 1 for n in range(30))
    assert pairs == opposite_pairs([*twins, *alone], seed=1)
    assert pairs != opposite_pairs([*twins, *alone], seed=2)


def test_one_class_alone_is_refused():
    with pytest.raises(ValueError, match="0 unsafe rows and 1 safe ones"):
        opposite_pairs([("x", row("hello", False))], seed=0)
