"""``--set NAME=VALUE``, for commands that have more settings than options."""

from collections.abc import Sequence
from typing import Any

from lance_graph.cli.errors import UsageError


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """Fields of ``NAME=VALUE`` texts, values read as YAML; UsageError names the one that is wrong."""
    import yaml

    fields: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--set: {setting!r} is not NAME=VALUE")
        try:
            fields[name.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise UsageError(f"--set: the value of {setting!r} is not YAML") from error
    return fields
