"""What a refiner is sent, and what its answer is worth; no I/O.

`asking` builds the messages, for which `reported` puts a question into reported speech; `parsing` finds the
rewrites in an answer, `problems` says why one is none: for that `content` compares words and `clauses` takes
off what was appended. `unstructured` remembers which models know no structured output.
"""
