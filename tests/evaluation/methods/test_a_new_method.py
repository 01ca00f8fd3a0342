"""A baseline is a file and a line of one table: here one is added."""

import pytest

from lance_graph.evaluation import methods
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.sample import Method, Sample

SOURCE = """
from lance_graph.evaluation.sample import Reply

class SayNo:
    name, title, model, max_calls = "say-no", "Say no", "none", 0

    def __init__(self, setting, word="no"):
        self.word = word

    async def answer(self, sample):
        return Reply(self.word)
"""


@pytest.fixture
def _added(tmp_path, monkeypatch):
    (tmp_path / "say_no.py").write_text(SOURCE)
    monkeypatch.setattr(methods, "__path__", [*methods.__path__, str(tmp_path)])
    monkeypatch.setitem(methods._CLASSES, "say-no", "SayNo")


@pytest.mark.usefixtures("_added")
async def test_a_new_baseline_is_built_with_its_options():
    built = methods.build("say-no", Setting(method_options={"say-no": {"word": "never"}}))
    assert isinstance(built, Method)
    assert (await built.answer(Sample("1", "hello"))).response == "never"
    with pytest.raises(ValueError, match="say-no has no option words; it takes word"):
        methods.build("say-no", Setting(method_options={"say-no": {"words": 1}}))
