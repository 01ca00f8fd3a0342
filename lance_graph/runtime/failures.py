"""What may be said of a component's failure: where and of which type, and no word of what it read.

An error's message and its frames' variables may hold drafts. A `Failure` has neither, so that it can
go into a log and into an error. The message is kept only where `LanceContext.reveal_drafts` is set.
"""

import logging
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from traceback import walk_tb
from typing import Any

logger = logging.getLogger(__name__)
MOST_CAUSES = 10


@dataclass(frozen=True)
class Failure:
    """One failure. ``frames`` are "FILE:LINE FUNCTION", outermost first; ``message`` is None unless revealed.

    ``error`` and ``causes`` are types with their modules: of what was raised, and of what led to it.
    ``file`` and ``line`` are where it was raised.
    """

    component: str
    error: str
    causes: tuple[str, ...]
    file: str
    line: int
    frames: tuple[str, ...]
    message: str | None = None

    @classmethod
    def of(cls, component: str, error: BaseException, *, reveal: bool = False) -> "Failure":
        """What may be said of ``error``."""
        found = [
            (frame.f_code.co_filename, line, frame.f_code.co_name)
            for frame, line in walk_tb(error.__traceback__)
        ]
        file, line, _ = found[-1] if found else ("", 0, "")
        return cls(
            component=component,
            error=type_name(error),
            causes=tuple(map(type_name, _causes(error))),
            file=file,
            line=line,
            frames=tuple(f"{file}:{line} {function}" for file, line, function in found),
            message=str(error) if reveal else None,
        )

    def __str__(self) -> str:
        causes = "".join(f", from {cause}" for cause in self.causes)
        said = f": {self.message}" if self.message else ""
        return f"the {self.component} failed: {self.error}{causes} at {self.file}:{self.line}{said}"


class ComponentError(RuntimeError):
    """The cause of a `DegradedError`: what may be said of a component's own error, as ``failure``."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


noted: ContextVar[list[Failure] | None] = ContextVar("lance_failures", default=None)
"""Where a door that runs the graph collects the failures of its run."""


def report(
    component: str, error: BaseException, *, reveal: bool = False, level: int = logging.ERROR
) -> None:
    """Write one record to the log, with the failure's fields as ``record.lance``, and note it."""
    failure = Failure.of(component, error, reveal=reveal)
    logger.log(level, "%s", failure, extra={"lance": asdict(failure)})
    collected = noted.get()
    if collected is not None and level >= logging.ERROR:
        collected.append(failure)


def _causes(error: BaseException) -> Iterator[BaseException]:
    for _ in range(MOST_CAUSES):
        inner: Any = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if inner is None:
            return
        yield inner
        error = inner


def type_name(error: BaseException) -> str:
    """The type of an error with its module."""
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
