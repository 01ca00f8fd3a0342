"""The variational risk detector: label enhancement (METHOD eqs. 4-16) and how it is trained and used."""

from pathlib import Path

EMBEDDED = Path(__file__).parent / "checkpoint"
"""Folder of the checkpoint that ships with the package."""

EMBEDDED_NAME = "embedded"
"""How options and recipes name that checkpoint."""
