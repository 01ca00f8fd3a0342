"""A page about a batch: what `lance-graph report` needs, and the table that an evaluation's page shares.

| module | what it holds |
|---|---|
| ``rows`` | one row of the table, wherever it came from |
| ``reading`` | the rows of a file that `lance-graph run --input` wrote |
| ``ranking`` | the two orders: worst first, likely false alarms first |
| ``figures`` | counts of outcomes, categories, degrees and rewrites |
| ``listing`` | the table as HTML, with its style and its script |
| ``page`` | the page around it |
"""
