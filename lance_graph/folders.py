"""One folder has one name, however it is spelled: what is loaded once is kept under it."""

from pathlib import Path


def one_spelling(name: str) -> str:
    """The resolved path where ``name`` is written like a path or is a folder; otherwise as it is.

    ``~`` is the home folder; links, dots and trailing slashes are followed. A hub id stays a hub id.
    """
    path = Path(name).expanduser() if name.startswith("~") else Path(name)
    if name.startswith((".", "/", "~")) or path.exists():
        return str(path.resolve())
    return name
