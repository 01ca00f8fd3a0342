"""Doors into LANCE for the ecosystems around it."""
