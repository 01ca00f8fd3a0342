"""What is written down of a request: an access log and an audit log, both JSON Lines without content."""

import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Any, NoReturn

from lance_graph.files import dumps

access = logging.getLogger("lance_graph.server.access")
"""One record a request; ``record.lance`` has its fields."""
AUDIT_BYTES = 10_000_000
AUDIT_FILES = 10


class JsonLines(logging.Formatter):
    """A record as one JSON object: time, level, logger, and its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        fields = getattr(record, "lance", None)
        said = {} if isinstance(fields, Mapping) else {"message": record.getMessage()}
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        head = {"time": when, "level": record.levelname, "logger": record.name}
        return dumps({**head, **said, **(fields or {})})


def log_to(stream: IO[str] | None = None) -> None:
    """Write what the server and its components log to ``stream`` (standard error), as `JsonLines`."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("lance_graph", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)


class _OrRaise(RotatingFileHandler):
    """A handler whose failures are raised: what cannot be audited is not delivered."""

    def handleError(self, record: logging.LogRecord) -> NoReturn:
        """Raise what went wrong."""
        error = sys.exception()
        raise error if error else OSError("the audit log could not be written")


class Audit:
    """A file of JSON Lines: who got which verdict; of prompt and answer their SHA-256 alone.

    At ``most`` bytes the file is renamed to ``PATH.1`` and a new one begun; ``files`` older ones are kept.
    OSError where the file cannot be opened, and by `write` where it cannot be written.
    """

    def __init__(self, path: Path, *, most: int = AUDIT_BYTES, files: int = AUDIT_FILES) -> None:
        self._handler = _OrRaise(path, maxBytes=most, backupCount=files, encoding="utf-8")
        self._handler.setFormatter(logging.Formatter("%(message)s"))

    def write(self, **fields: Any) -> None:
        """One line, with the time before the fields."""
        line = dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **fields})
        name = "lance_graph.server.audit"
        self._handler.handle(logging.LogRecord(name, logging.INFO, "", 0, line, None, None))

    def close(self) -> None:
        """Close the file."""
        self._handler.close()


def digest(text: str) -> str:
    """SHA-256 of a text: by it a text that one has can be found. What is short can be guessed by it, too."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
