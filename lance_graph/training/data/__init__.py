"""Training rows.

- `example`: what a row knows; `taxonomies` maps other categories onto the 14.
- Sources: `research` and `sources` (the research data, first and second batch), `hub` (streams), `twins`
  and `ladders` (written by hand) and `grammars` (generated), these from a folder outside the package,
  with a `register` blind to the label.
- Made from other rows: `augment`, with `refusals`; `frames` around a request, and `phrasings` of an act.
- `mix`: how many rows of each kind, out of a `stock`; `opposites`: pairs for the contrastive stage;
  `disputes`: prompts that sources judge differently; `loading`: from what a recipe calls its data to rows.
"""
