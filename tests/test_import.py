"""Import promises: free, silent, and every public name is there."""

import subprocess
import sys

import lance_graph

SCRIPT = """
import os, sys
before = set(sys.modules)
class Watched(dict):
    def __getitem__(self, key): raise AssertionError(f"read {key} from the environment")
    def get(self, key, default=None): raise AssertionError(f"read {key} from the environment")
os.environ = Watched()
import lance_graph
heavy = {"torch", "transformers", "langgraph", "langchain", "langchain_core"} & set(sys.modules)
assert not heavy, heavy
"""


def test_import_is_light_reads_no_environment_and_prints_nothing():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_building_the_graph_does_not_load_torch():
    build = "import lance_graph, sys; lance_graph.build_graph().compile()"
    check = "; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", build + check], check=True, timeout=60)


def test_every_exported_name_is_there_and_listed():
    for name in lance_graph.__all__:
        assert getattr(lance_graph, name) is not None
        assert name in dir(lance_graph)
    assert list(lance_graph.__all__) == sorted(lance_graph.__all__)


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(lance_graph, "graphs")
