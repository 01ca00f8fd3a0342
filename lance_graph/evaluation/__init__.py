"""The evaluation: methods, judges and scorers on one protocol, with their uncertainty.

A `Method` answers a `Sample`, `Scorer`s judge the `Answer`, each result is one `Record` of JSON Lines,
and a suite turns records into a `Report`.
"""
