"""`lance-graph evaluate`, found by the entry points of pyproject.toml."""
