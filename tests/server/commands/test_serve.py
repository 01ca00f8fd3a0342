"""`lance-graph serve`: what is typed, and what is refused before anything is loaded.

A real process is started in `tests/test_image.py`, as the image starts it.
"""

import pytest
from typer.testing import CliRunner

from lance_graph.cli.errors import CliError, UsageError
from lance_graph.server.commands import serve as module
from lance_graph.server.keys import owner, read_keys


@pytest.fixture
def served(monkeypatch):
    """What the command would serve, instead of serving it."""
    found = {}

    def serve(context, settings, keys, audit, host, port):
        found.update(context=context, settings=settings, keys=keys, host=host, port=port)

    monkeypatch.setattr(module, "_serve", serve)
    monkeypatch.setattr("lance_graph.cli.prepare.load_models", lambda _: None)
    return found


def run(*args):
    result = CliRunner().invoke(module.command, [str(arg) for arg in args])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_the_defaults_answer_this_machine_alone(served):
    run()
    assert (served["host"], served["port"], served["keys"]) == ("127.0.0.1", 8000, ())
    assert served["context"].target == "offline" and not served["context"].guard_system
    settings = served["settings"]
    assert settings.names == ("lance",) and settings.on_degraded == "raise"
    assert settings.loosest is None and settings.timeout == 120 and settings.page


def test_everything_that_is_typed_arrives(served, tmp_path):
    run(
        "--model-name", "gpt-4o-mini", "--model-name", "lance", "--tau", 0.2, "--loosest", 0.4,
        "--on-degraded", "answer", "--guard-system", "--refuse-media", "--max-body", 5, "--timeout", 7,
        "--max-concurrent", 3, "--pass", "top_p", "--mode", "monitor", "--port", 0, "--no-page",
    )  # fmt: skip
    context, settings = served["context"], served["settings"]
    assert (context.thresholds.tau, context.mode) == (0.2, "monitor")
    assert context.guard_system and context.unscored_parts == "refuse"
    assert settings.names == ("gpt-4o-mini", "lance") and settings.loosest.tau == 0.4
    assert (settings.max_body, settings.timeout, settings.max_concurrent) == (5, 7, 3)
    assert settings.passed == {"top_p"} and not settings.page and settings.on_degraded == "answer"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--host", "0.0.0.0"), "there are no keys"), (("--host", "::"), "there are no keys"),
        (("--keys", "nowhere.txt"), "cannot be read"), (("--loosest", 2), "between 0 and 1"),
        (("--pass", "api_key"), "cannot be passed on"), (("--timeout", 0), "above 0"),
        (("--timeout", "nan"), "above 0"), (("--target", "of-line"), "names no model"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_one_line(served, args, said):
    with pytest.raises(UsageError, match=said):
        run(*args)
    assert not served


def test_a_context_that_waits_for_a_person_is_refused(served, tmp_path):
    file = tmp_path / "lance.yaml"
    file.write_text("review: always")
    with pytest.raises(UsageError, match="pauses a run"):
        run("--context", file)


def test_with_keys_every_address_may_be_listened_at(served, tmp_path):
    keys = tmp_path / "keys.txt"
    result = run("--keys", keys, "--new-key", "ann")
    assert not served
    key = result.stdout.strip()
    assert owner(read_keys(keys), key).id == "ann" and key not in result.stderr
    run("--keys", keys, "--host", "0.0.0.0")
    assert served["host"] == "0.0.0.0" and [one.id for one in served["keys"]] == ["ann"]
    with pytest.raises(CliError, match="there already"):
        run("--keys", keys, "--new-key", "ann")
    with pytest.raises(UsageError, match="goes with --keys"):
        run("--new-key", "ann")


def test_without_its_extra_the_command_says_what_to_install(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "fastapi" else name)
    with pytest.raises(CliError, match=r"serve needs fastapi: pip install"):
        run()
