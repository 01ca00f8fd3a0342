"""Training rows.

- `example`: what a row knows; `taxonomies` maps other categories onto the 14.
- Sources: `research` (the research data), `hub` (streams), `twins` and `ladders` (written by hand) and
  `grammars` (generated), these from a folder outside the package, with a `register` blind to the label.
- Made from other rows: `augment`, with `refusals`.
- `mix`: how many rows of each kind; `opposites`: pairs for the contrastive stage; `loading`: from what a
  recipe calls its data to rows.
"""
