"""Refiner and responder that need no language model.

- `refiner` makes the severe edit, `minor` the mild one, `responder` the answer.
- Read first, for they come before any other: `crisis` and `care`.
- How a prompt is read: `text` makes it plain, `asks` finds what is asked for, `names` whom and what it is
  about; a `reading` holds all of it.
- How it is said again: the `stages`, tried in order, with `frames`, `grammar` and `inflection`.
- `lexicon`: the word lists.
"""
