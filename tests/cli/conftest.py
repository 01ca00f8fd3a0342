"""The fixtures of the command line's tests."""

from tests.cli.fixtures import (  # noqa: F401 - pytest finds fixtures by their names here
    chat_models,
    checkpoint,
    detector,
    lance,
    prompts,
    target,
    write_rows,
)
