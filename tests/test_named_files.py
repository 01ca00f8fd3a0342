"""Files of this machine that a context names: who may name them, and whether they have changed."""

import asyncio
import os

import pytest

from lance_graph.context import LanceContext, check_client
from lance_graph.detectors import described
from lance_graph.guards.known import GUARDS
from lance_graph.named_files import FOLDER, check_files, digest, digests


@pytest.fixture(autouse=True)
def no_folder(monkeypatch, tmp_path):
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    for name in ("words.toml", "model.gguf"):
        (tmp_path / "here" / name).write_text("x")


PATHS = [
    "{}/words.toml",
    "here/words.toml",
    "./here/words.toml",
    "~/words.toml",
    "../x",
    "/etc/passwd",
]
FIELDS = [
    lambda name: {"detector": name},
    lambda name: {"detectors": ["embedded", name]},
    lambda name: {"out_of_language": f"guard:{name}"},
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("prefix", ["words:", "classifier:", "llama-guard:huggingface:", ""])
@pytest.mark.parametrize("fields", FIELDS)
def test_a_client_names_no_file_in_place_of_a_detector(tmp_path, fields, prefix, path):
    with pytest.raises(ValueError, match="may be a file of the server, and no client reads those"):
        check_client(fields(prefix + path.format(tmp_path / "here")))


@pytest.mark.parametrize("role", ["target", "refiner"])
@pytest.mark.parametrize("path", [*PATHS, "here", "here/model.gguf", "a" * 5_000])
def test_nor_in_place_of_a_model(tmp_path, role, path):
    with pytest.raises(ValueError, match=f"{role} 'huggingface:.*may be a file of the server"):
        check_client({role: f"huggingface:{path.format(tmp_path / 'here')}"})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"detector": "embedded", "target": "offline", "out_of_language": "review"},
        {"detector": "org/detector", "target": "huggingface:Qwen/Qwen2.5-1.5B-Instruct"},
        {"detector": None, "detectors": ["classifier:unitary/toxic-bert", "openai-moderation"]},
        {"target": "gpt-4o", "refiner": "ollama:here", "prompts": {"notice": "./here"}},
        {"target": "huggingface:ORG/NAME/model.gguf"},
        *({"detector": one.example} for one in GUARDS.values() if one.kind != "word_file"),
    ],
)
def test_names_that_lead_to_no_file_pass(fields):
    check_client(fields)


def test_one_folder_can_be_opened_to_clients(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path / "here"))
    check_files(
        {"detector": f"words:{tmp_path}/here/words.toml", "target": "huggingface:here/model.gguf"}
    )
    os.symlink(__file__, tmp_path / "here" / "link.toml")
    for path in ("here/../x.toml", "here/link.toml", str(tmp_path), "./hereafter"):
        with pytest.raises(ValueError, match="may be a file of the server"):
            check_files({"detector": f"words:{path}" if "tmp" not in path else path})
    monkeypatch.setenv(FOLDER, "")
    with pytest.raises(ValueError, match="may be a file of the server"):
        check_files({"detector": "words:here/words.toml"})


@pytest.fixture
def in_a_loop_that_may_not_block():
    """What `langgraph dev` lets nobody do in its event loop."""
    blockbuster = pytest.importorskip("blockbuster").BlockBuster()
    for name in {*blockbuster.functions} - {"os.getcwd", "os.readlink"}:
        blockbuster.functions.pop(name)

    def run(call):
        async def within():
            return call()

        blockbuster.activate()
        try:
            return asyncio.run(within())
        finally:
            blockbuster.deactivate()

    return run


def test_paths_are_followed_in_a_loop_that_may_not_block(
    tmp_path, monkeypatch, in_a_loop_that_may_not_block
):
    os.symlink("words.toml", tmp_path / "here" / "link.toml")
    os.symlink("here", tmp_path / "there")
    for folder in (tmp_path / "here", "here", "there"):
        monkeypatch.setenv(FOLDER, str(folder))
        for path in ("here/words.toml", tmp_path / "here" / "link.toml"):
            fields = {"detector": f"words:{path}"}
            in_a_loop_that_may_not_block(lambda fields=fields: check_files(fields))
        with pytest.raises(ValueError, match="may be a file of the server"):
            in_a_loop_that_may_not_block(lambda: check_files({"detector": "words:x.toml"}))


def test_categories_of_a_file_are_known_in_a_loop_that_may_not_block(
    tmp_path, in_a_loop_that_may_not_block
):
    (tmp_path / "own.toml").write_text(
        '[categories.secrets]\ntitle = "Company secrets"\n'
        '[[words]]\ncategory = "secrets"\nphrases = ["blueprint"]\n'
    )
    found = in_a_loop_that_may_not_block(lambda: described(["secrets"], "words:./own.toml"))
    assert found["secrets"].title == "Company secrets"


def test_a_dict_inside_a_larger_graph_s_context_names_none_either():
    from langgraph.runtime import Runtime

    with pytest.raises(ValueError, match="may be a file of the server"):
        LanceContext.of(Runtime(context={"lance": {"detector": "words:here/words.toml"}}))
    own = LanceContext(detector="words:here/words.toml")
    assert LanceContext.of(Runtime(context={"lance": own})) == own


def test_what_is_in_files_is_told_by_name():
    fields = {
        "detectors": ["embedded", "words:here/words.toml"],
        "out_of_language": "guard:words:./here/words.toml",
        "target": "huggingface:here",
        "refiner": "huggingface:here/model.gguf",
    }
    found = digests(fields)
    assert found.keys() == {
        "words:here/words.toml", "words:./here/words.toml", "huggingface:here",
        "huggingface:here/model.gguf",
    }  # fmt: skip
    assert found["words:here/words.toml"] == found["words:./here/words.toml"]
    assert digests(fields | {"target": "openai:here", "detectors": (object(),)}).keys() == {
        "words:./here/words.toml", "huggingface:here/model.gguf",
    }  # fmt: skip


def test_a_digest_is_that_of_the_files_that_are_loaded(tmp_path):
    folder = tmp_path / "here"
    before = digest(folder)
    (folder / "log.jsonl").write_text("x")
    (folder / "words.toml").write_text("y")
    (folder / "old.bin").mkdir()
    assert digest(folder) == before
    (folder / "model.gguf").write_text("y")
    assert digest(folder) != before
    (folder / "model.gguf").rename(folder / "other.gguf")
    assert digest(folder) not in (before, digest(folder / "other.gguf"))
    with pytest.raises(OSError, match="nowhere"):
        digest(tmp_path / "nowhere")
