"""Training rows: what they know (`example`), where they come from (`research`, `hub`), the `mix`."""
