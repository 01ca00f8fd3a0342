"""Reports: what a suite found, as data, and its renderings for terminal, Markdown, CSV and HTML."""
