"""Errors that a person caused and can mend: one line each, with an exit code."""

DEGRADED = 3
"""Exit code: a component failed, so that something was not judged."""


class CliError(Exception):
    """Something went wrong that one line explains; exit code 1."""

    exit_code = 1


class UsageError(CliError):
    """The command was typed in a way that cannot work; exit code 2."""

    exit_code = 2


class Interrupted(CliError):
    """Ctrl-C; exit code 130."""

    exit_code = 130


def one_line(error: object, limit: int = 400) -> str:
    """The message of ``error`` without line breaks, at most ``limit`` characters."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= limit else text[: limit - 1] + "…"
