"""Further commands come from installed packages; one that is broken stops nothing but itself."""

import sys
import tomllib
from importlib.metadata import entry_points

import pytest

from lance_graph.cli.plugins import GROUP
from tests.cli.fixtures import ROOT, python

WORKING = """
import typer
command = typer.Typer()

@command.command()
def shout(text: str, loud: bool = False) -> None:
    "Say it louder."
    typer.echo(text.upper() + "!" * loud)
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a distribution of the test's own on the path: its modules, and entry points to them."""

    def put(name, commands, **modules):
        site = tmp_path / name
        info = site / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = (f"{command} = {target}\n" for command, target in commands.items())
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{''.join(lines)}")
        for module, text in modules.items():
            (site / f"{module}.py").write_text(text)
            monkeypatch.delitem(sys.modules, module, raising=False)
        monkeypatch.syspath_prepend(site)

    return put


def listed(result):
    """The names in a --help text's list of commands, in its order."""
    panel = result.output.partition("─ Commands ─")[2].partition("╰")[0]
    names = (line.strip("│ ").partition(" ")[0] for line in panel.splitlines() if line[:3] != "│  ")
    return [name for name in names if name and not name.startswith("─")]


def test_a_command_of_another_package_runs_and_is_listed(lance, install):
    install("shouting", {"shout": "shouter:command"}, shouter=WORKING)
    assert lance("shout", "hello", "--loud").output == "HELLO!\n"
    found = lance("--help")
    assert "Say it louder." in found.output
    names = listed(found)
    own = ["run", "score", "chat", "report", "draw"]
    assert names[:5] == own and names[5:] == sorted(names[5:])
    assert {"shout", "train", "calibrate", "evaluate"} <= {*names}


def test_usage_errors_of_a_plugin_are_one_line_too(lance, install):
    install("shouting", {"shout": "shouter:command"}, shouter=WORKING)
    result = lance("shout")
    assert result.exit_code == 2
    assert result.stderr.startswith("lance-graph: error: ") and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("target", "cause"),
    [
        ("missing_module:command", "ModuleNotFoundError: No module named 'missing_module'"),
        ("broken:command", "ZeroDivisionError: division by zero"),
        ("shouter:nothing", "AttributeError: module 'shouter' has no attribute 'nothing'"),
        ("shouter:WORD", "AttributeError"),  # no Typer
    ],
)
def test_a_broken_plugin_says_so_and_the_others_go_on(lance, install, target, cause):
    install(
        "shouting", {"shout": "shouter:command", "bad": target},
        shouter=WORKING + "\nWORD = 'text'\n", broken="1 / 0",
    )  # fmt: skip
    result = lance("bad", "--any", "arguments", "-x")
    assert result.exit_code == 1 and result.stderr.count("\n") == 1
    assert result.stderr.startswith("lance-graph: error: bad: ")
    assert cause in result.stderr and "(of shouting)" in result.stderr
    assert lance("shout", "hello").output == "HELLO\n"
    helped = lance("--help")
    assert helped.exit_code == 0 and {"bad", "shout", "run"} <= {*listed(helped)}
    assert "Not usable" in helped.output


def test_two_packages_that_offer_one_name_are_both_named(lance, install):
    install("one", {"shout": "shouter:command"}, shouter=WORKING)
    install("two", {"shout": "crier:command"}, crier=WORKING)
    result = lance("shout", "hello")
    assert result.exit_code == 1
    assert "crier:command (of two) and shouter:command (of one) both offer it" in result.stderr


def test_a_plugin_does_not_take_the_place_of_an_own_command(lance, install):
    install("shouting", {"draw": "shouter:command"}, shouter=WORKING)
    assert "START" in lance("draw").output.upper()
    assert listed(lance("--help")).count("draw") == 1


def test_without_any_entry_point_the_error_says_what_is_missing(lance, monkeypatch):
    monkeypatch.setattr("lance_graph.cli.plugins.entry_points", lambda **_: ())
    result = lance("train", "--resume")
    assert result.exit_code == 1
    assert "no command 'train', only run, score, chat, report, draw" in result.stderr
    assert "pip install" in result.stderr


def test_the_installed_metadata_has_the_commands_of_pyproject():
    """Where this fails, the checkout was installed before they were added: pip install -e . again."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["entry-points"][GROUP]
    installed = {point.name: point.value for point in entry_points(group=GROUP)}
    assert wanted.items() <= installed.items()
    assert {"train", "calibrate", "evaluate", "serve"} == {*wanted}


def test_a_run_loads_nothing_of_the_laboratory():
    """Nor does it look for entry points: a command of the app's own costs what it did."""
    code = (
        "import sys\n"
        "from lance_graph.cli.app import app\n"
        "import lance_graph.cli.plugins as plugins\n"
        "plugins.entry_points = None\n"
        "app(['run', '--help'], standalone_mode=False)\n"
        "lab = ('lance_graph.training', 'lance_graph.evaluation')\n"
        "sys.exit(', '.join(name for name in sys.modules if name.startswith(lab)) or 0)\n"
    )
    result = python("-c", code)
    assert (result.returncode, result.stderr) == (0, "")
