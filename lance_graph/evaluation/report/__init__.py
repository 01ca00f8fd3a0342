"""Reports: what a suite found, as data, and its renderings for terminal, Markdown, CSV and HTML.

`model` is the data, `answers` makes its rows; `render` gathers the renderings `terminal`, `markdown`,
`sheets` (CSV) and `html`, which write `figures` and plots' `points` alike; ``plots`` draws.
"""
