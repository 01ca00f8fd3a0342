"""Commands that installed packages add to `lance-graph`, by the entry points ``lance_graph.commands``.

An entry point's name is the command, its object a `typer.Typer` that holds one command. None is
loaded before it is asked for or listed; one that cannot be loaded says so in its own place, and the
others go on.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperGroup

from lance_graph.cli.errors import CliError, one_line

GROUP = "lance_graph.commands"
_ANYTHING = {"allow_extra_args": True, "ignore_unknown_options": True}


class PluginGroup(TyperGroup):
    """The app's own commands in their order, then those of entry points by name.

    An entry point never takes the place of a command of the app's own.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Names as ``--help`` lists them."""
        own = super().list_commands(ctx)
        return [*own, *sorted({point.name for point in entry_points(group=GROUP)} - {*own})]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name, None if there is none.

        Entry points are looked at only for a name that the app itself does not have.
        """
        return super().get_command(ctx, cmd_name) or _load(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As of any group, but where no entry point is installed at all the error says so."""
        if self.get_command(ctx, args[0]) is None and not entry_points(group=GROUP):
            own = ", ".join(super().list_commands(ctx))
            raise CliError(
                f"there is no command {args[0]!r}, only {own}: others come with the metadata of an "
                "installed package, and none is installed; 'pip install -e .' renews a checkout's"
            )
        return super().resolve_command(ctx, args)


def _load(name: str) -> Any:
    """The command that entry points offer by ``name``; a stand-in that says why there is none."""
    points = {point.value: point for point in entry_points(group=GROUP, name=name)}
    if len(points) > 1:
        return _stand_in(
            name, f"{' and '.join(sorted(map(_source, points.values())))} both offer it"
        )
    for point in points.values():
        try:
            command = typer.main.get_command(point.load())
        except Exception as error:  # noqa: BLE001 - a foreign package may fail in any way
            cause = f"{type(error).__name__}: {one_line(error)}"
            return _stand_in(name, f"{_source(point)} cannot be loaded: {cause}")
        command.name = name
        return command
    return None


def _source(point: EntryPoint) -> str:
    """An entry point and the package that has it, for a person."""
    return f"{point.value} (of {point.dist.name})" if point.dist else point.value


def _stand_in(name: str, reason: str) -> Any:
    """A command that takes any arguments and ends in the reason."""

    def fail() -> None:
        raise CliError(f"{name}: {reason}")

    stand_in = typer.Typer(add_completion=False)
    stand_in.command(name, help=f"Not usable: {reason}", context_settings=_ANYTHING)(fail)
    return typer.main.get_command(stand_in)
