"""Progress bars."""

from io import StringIO

import pytest
from rich.console import Console

from lance_graph.cli.bars import counting_bar


def shown(terminal, **options):
    file = StringIO()
    with counting_bar(Console(file=file, force_terminal=terminal, width=80), **options) as bar:
        bar.update(bar.add_task("scoring", total=4), completed=3)
    return file.getvalue()


def test_a_terminal_gets_what_is_done_and_to_do():
    assert "scoring" in shown(True) and "3/4" in shown(True)


@pytest.mark.parametrize(("options", "found"), [({}, False), ({"on_terminal_only": False}, True)])
def test_a_file_gets_the_last_state_if_told(options, found):
    assert ("3/4" in shown(False, **options)) == found
    assert shown(False, **options).count("\n") == found
