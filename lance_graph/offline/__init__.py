"""Refiner and responder that need no language model.

- `refiner` makes the severe edit, `minor` the mild one, `responder` the answer.
- Read first, for they come before any other: `crisis` and `care`.
- How a prompt is read: `text` and `wording` make it plain, `asks` finds what is asked for, `claims` what is
  claimed, `people` whom it is about, `nouns` what it is about.
- How it is said again: `grammar` and `inflection`, `frames`, and one of the ``composers`` per category.
- `lexicon`: the word lists.
"""
