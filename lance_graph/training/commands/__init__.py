"""`lance-graph train` and `lance-graph calibrate`, found by the entry points of pyproject.toml."""
