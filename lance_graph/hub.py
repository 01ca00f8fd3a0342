"""Data sets of the Hugging Face hub, or folders laid out like one, streamed: for both laboratories."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

PREFIX = "hub:"
Choice = Callable[[Sequence[str]], str | None]


@dataclass(frozen=True)
class HubSource:
    """``hub:NAME``, ``hub:NAME:SPLIT`` or ``hub:NAME:CONFIGURATION:SPLIT``."""

    name: str
    split: str | None = None
    configuration: str | None = None

    @classmethod
    def parse(cls, source: str, split: str | None = None) -> "HubSource":
        """The data set that ``source`` names; ValueError if it names none, or two splits."""
        name, *rest = source.removeprefix(PREFIX).split(":")
        if not source.startswith(PREFIX) or not name or len(rest) > 2 or (rest and split):
            raise ValueError(
                f"{source!r} names no data set: give hub:NAME, hub:NAME:SPLIT or "
                "hub:NAME:CONFIGURATION:SPLIT, and the split only once"
            )
        configuration = rest[0] if len(rest) == 2 else None
        return cls(name, (rest[-1] if rest else split) or None, configuration)

    def open(self, choose: Choice, extra: str) -> tuple[str, Any]:
        """The split's name and its streaming ``datasets`` object.

        ``choose`` picks a split where the source names none, ``extra`` is the one to install.
        ValueError if the data set cannot be had or has no such split; ImportError without the
        package ``datasets``.
        """
        try:
            from datasets import load_dataset
        except ImportError as error:
            raise ImportError(
                f"hub:… needs the package datasets: pip install 'langgraph-lance[{extra}]'"
            ) from error
        try:
            splits = load_dataset(self.name, self.configuration, streaming=True)
        except (OSError, ValueError) as error:
            raise ValueError(f"{PREFIX}{self.name} cannot be opened: {error}") from error
        split = self.split or choose([str(name) for name in splits])
        if split not in splits:
            known = ", ".join(map(str, splits))
            raise ValueError(f"{PREFIX}{self.name} has no split {split!r}; it has {known}")
        return str(split), splits[split]
