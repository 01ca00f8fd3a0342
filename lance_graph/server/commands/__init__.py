"""The command of the server: `lance-graph serve`."""
