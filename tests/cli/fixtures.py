"""What the command line's tests share: a detector that counts words, scripted models, a checkpoint."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lance_graph import models
from lance_graph.cli.app import app
from lance_graph.cli.jobs import Job
from lance_graph.cli.jsonl import Record
from tests.fakes import FRAUD, VIOLENCE, ScriptedModel, WordDetector

ROOT = Path(__file__).parents[2]
Rows = list[Any]


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> WordDetector:
    """Stands in for every checkpoint: 'kill' is violent, 'launder' is criminal."""
    fake = WordDetector(
        {"kill": (VIOLENCE, 0.9), "launder": (FRAUD, 0.6), "!bomb": (VIOLENCE, 0.8)}
    )
    monkeypatch.setattr("lance_graph.detector.detector.load_detector", lambda _: fake)
    return fake


@pytest.fixture
def chat_models(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Chat models by name, for --target and --refiner; an unknown name fails as a real one does."""
    known: dict[str, Any] = {
        "fake:answer": ScriptedModel(answers=["Use the task manager."]),
        "fake:refine": ScriptedModel(answers=["How do I stop a Python process?"]),
    }

    def resolve(name: Any, **_: Any) -> Any:
        if not isinstance(name, str):
            return name
        if name not in known:
            raise models.ModelError(f"{name!r} cannot be used:\n no such provider")
        return known[name]

    monkeypatch.setattr(models, "resolve", resolve)
    return known


@pytest.fixture
def lance(detector: WordDetector) -> Iterator[Callable[..., Any]]:
    """Run the command line in this process."""

    def invoke(*args: object, stdin: str | bytes | None = None) -> Any:
        return CliRunner().invoke(app, [str(arg) for arg in args], input=stdin)

    yield invoke


@pytest.fixture
def write_rows(tmp_path: Path) -> Callable[..., Path]:
    """Write objects, or raw lines, to a JSON Lines file."""

    def write(*rows: Any, name: str = "in.jsonl") -> Path:
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        path = tmp_path / name
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def prompts(write_rows: Callable[..., Path]) -> Path:
    """Thirty rows, each with an id."""
    return write_rows(*({"id": f"p{n}", "prompt": f"prompt {n}"} for n in range(30)))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """An output file that does not exist yet."""
    return tmp_path / "out.jsonl"


def echo_job(process: Callable[[Record], Record] = lambda row: {"echo": row["prompt"]}) -> Job:
    return Job("echo", frozenset({"echo"}), process, lambda record: "fine")


def read_rows(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def python(*args: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """A real process in the repository's folder."""
    return subprocess.run(
        [sys.executable, *args], cwd=ROOT, env=environment(), capture_output=True, text=True,
        timeout=120, check=False, **options,
    )  # fmt: skip


def environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": path, "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="session")
def checkpoint(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real detector checkpoint of a few kilobytes that finds everything harmless."""
    import shutil

    import torch

    from lance_graph.detector.model import LanceDetector

    folder = tmp_path_factory.mktemp("checkpoints") / "harmless"
    shutil.copytree(tiny_checkpoint, folder)
    model = LanceDetector.from_pretrained(tiny_checkpoint)
    categories = len(model.config.categories)
    with torch.no_grad():
        model.rejection_head.bias[:categories] = -3.0
        model.rejection_head.bias[categories:] = 3.0
    model.save_pretrained(folder)
    return folder
