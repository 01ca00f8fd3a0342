"""Models of this process: what may be said of how they are loaded, GGUF files, one call at a time."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock
from time import sleep

import pytest
from langchain_core.messages import HumanMessage

from lance_graph import local_models, models
from lance_graph.local_models import OneAtATime, check, whole_name
from lance_graph.model_options import ModelOptions
from lance_graph.models import ModelError

GGUF = os.environ.get("LANCE_GGUF", "")


class Counting:
    """A pipeline that says how many calls were in it at a time."""

    def __init__(self) -> None:
        self.tokenizer, self.within, self.most, self._lock = "tokenizer", 0, 0, Lock()

    def __call__(self, text: str, *, fails: bool = False) -> str:
        with self._lock:
            self.within += 1
            self.most = max(self.most, self.within)
        sleep(0.002)
        with self._lock:
            self.within -= 1
        if fails:
            raise OSError("gone")
        return text.upper()


def test_one_call_at_a_time_from_whatever_threads():
    bare, start = Counting(), Barrier(8)
    guarded = OneAtATime(bare)

    def ask(number: int) -> str:
        start.wait()
        return "".join(guarded(f"a{number}") for _ in range(5))

    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(ask, range(8)))
    assert said == [f"A{number}" * 5 for number in range(8)]
    assert bare.most == 1


def test_a_call_that_fails_leaves_it_free_and_the_rest_is_the_pipeline_s():
    guarded = OneAtATime(Counting())
    with pytest.raises(OSError, match="gone"):
        guarded("x", fails=True)
    assert guarded("x") == "X" and guarded.tokenizer == "tokenizer"
    with pytest.raises(AttributeError):
        guarded.nothing  # noqa: B018 - the access is what is tried


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"dtpye": "auto"}, "takes no 'dtpye'; did you mean 'dtype'"),
        ({"zzz": 1}, "there are device, device_map, dtype"),
        ({"dtype": "int3"}, "dtype is 'int3'; write one of auto, float32"),
        ({"quantization": "2bit"}, "quantization is '2bit'; write one of 4bit, 8bit"),
        ({"max_new_tokens": 0}, "max_new_tokens is 0"),
        ({"max_tokens": "many"}, "max_tokens is 'many'"),
        ({"temperature": -1}, "temperature is -1"),
        ({"device": "cpu", "device_map": "auto"}, "give one of them"),
    ],
)
def test_a_wrong_option_is_named_before_anything_is_loaded(options, told, capfd):
    with pytest.raises(ValueError, match=told):
        check(options)
    with pytest.raises(ModelError, match=told.replace("'many'", ".*")):
        models.resolve("huggingface:ORG/NAME", ModelOptions(options))
    assert "loading" not in capfd.readouterr().err


def test_a_gguf_file_is_named_by_its_path_or_at_the_end_of_a_hub_id(tmp_path):
    file = tmp_path / "model.Q4.gguf"
    file.touch()
    (tmp_path / "folder.gguf").mkdir()
    assert whole_name(str(file)) == (str(tmp_path), "model.Q4.gguf")
    assert whole_name("ORG/NAME/sub/model.GGUF") == ("ORG/NAME", "sub/model.GGUF")
    assert whole_name("ORG/NAME", "model.gguf") == ("ORG/NAME", "model.gguf")
    assert whole_name(str(tmp_path / "folder.gguf")) == (str(tmp_path / "folder.gguf"), None)
    assert whole_name("ORG/NAME") == ("ORG/NAME", None)
    for nowhere in ("model.gguf", str(tmp_path / "no.gguf"), "ORG/model.gguf"):
        with pytest.raises(ValueError, match="there is no file"):
            whole_name(nowhere)


def test_what_is_missing_is_named_with_how_to_get_it(tmp_path, monkeypatch):
    file = tmp_path / "model.gguf"
    file.touch()
    monkeypatch.setattr(local_models, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"langgraph-lance\[gguf\]"):
        local_models.load(str(file), {})
    with pytest.raises(ImportError, match="bitsandbytes"):
        local_models._placing({"quantization": "4bit"})
    with pytest.raises(ImportError, match="accelerate"):
        local_models._placing({"device_map": "auto"})


def test_a_gguf_file_is_not_quantised_again(tmp_path):
    file = tmp_path / "model.gguf"
    file.touch()
    pytest.importorskip("gguf")
    with pytest.raises(ValueError, match="quantised already"):
        local_models.load(str(file), {"quantization": "4bit"})


@pytest.fixture
def fresh() -> Iterator[None]:
    models._from_string.cache_clear()
    yield
    models._from_string.cache_clear()


@pytest.mark.slow
@pytest.mark.skipif(
    not Path(GGUF).is_file(), reason="LANCE_GGUF names no GGUF file of a chat model"
)
@pytest.mark.usefixtures("fresh")
def test_a_real_gguf_file_answers_threads_one_after_another():
    pytest.importorskip("gguf")
    options = ModelOptions({"max_tokens": 12, "dtype": "float32", "device": "cpu"})
    model = models.resolve(f"huggingface:{GGUF}", options)
    question = [HumanMessage("What is the capital of France?")]
    with ThreadPoolExecutor(3) as threads:
        said = list(threads.map(lambda _: model.invoke(question).text, range(3)))
    assert len({*said}) == 1 and "Paris" in said[0]
