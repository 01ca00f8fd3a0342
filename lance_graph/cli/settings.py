"""``NAME=VALUE``, for what has more settings than options."""

from collections.abc import Sequence
from typing import Any

from lance_graph.cli.errors import UsageError


def parse_settings(settings: Sequence[str], option: str = "--set") -> dict[str, Any]:
    """Fields of ``NAME=VALUE`` texts, values read as YAML; UsageError names the one that is wrong."""
    from lance_graph.settings_files import from_yaml

    fields: dict[str, Any] = {}
    for name, value in _pairs(settings, option):
        try:
            fields[name] = from_yaml(value, name)
        except ValueError as error:
            raise UsageError(f"{option}: the value of '{name}={value}' is not YAML") from error
    return fields


def parse_model_options(settings: Sequence[str], option: str) -> dict[str, Any]:
    """Options of a model; what may be a secret stays a text, and no error quotes a value."""
    from lance_graph.context_file import from_environment
    from lance_graph.model_options import is_secret, spoken
    from lance_graph.settings_files import from_yaml

    found: dict[str, Any] = {}
    for name, value in _pairs(settings, option):
        is_plain_text = is_secret(name) and not value.lstrip().startswith(("{", "["))
        try:
            found[name] = value if is_plain_text else from_yaml(value, name)
        except ValueError:
            raise UsageError(f"{option}: the value of {spoken(name)} is not YAML") from None
    try:
        return from_environment(found, option)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _pairs(settings: Sequence[str], option: str) -> list[tuple[str, str]]:
    from lance_graph.model_options import spoken

    pairs = [setting.partition("=") for setting in settings]
    for setting, (name, equals, _) in zip(settings, pairs, strict=True):
        if not equals or not name.strip():
            raise UsageError(f"{option}: {spoken(setting)} is not NAME=VALUE")
    return [(name.strip(), value) for name, _, value in pairs]
