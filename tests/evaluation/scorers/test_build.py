import subprocess
import sys

import pytest

from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.sample import Scorer
from lance_graph.evaluation.scorers import NAMES, build


def test_every_name_builds_a_scorer():
    scorers = build(NAMES, Setting())
    assert all(isinstance(scorer, Scorer) for scorer in scorers)
    given = [name for scorer in scorers for name in scorer.names]
    assert given == ["residual_risk", "exchange_risk", "refusal", "template", "similarity"]


def test_order_is_kept_and_each_comes_once():
    kinds = [type(scorer).__name__ for scorer in build(["similarity", "risk", "risk"], Setting())]
    assert kinds == ["Similarity", "Risk"]


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="'toxicity'; known are risk, refusal, similarity"):
        build(["risk", "toxicity"], Setting())


def test_building_loads_no_torch():
    code = (
        "import sys; from lance_graph.evaluation.scorers import NAMES, build; "
        "from lance_graph.evaluation.methods.base import Setting; build(NAMES, Setting()); "
        "assert 'torch' not in sys.modules and 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
