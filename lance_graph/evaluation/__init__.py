"""The evaluation: methods, judges and scorers on one protocol, with their uncertainty.

A `Method` answers a `Sample`, `Scorer`s judge the `Answer`, each result is one `Record` of JSON Lines,
and a suite turns records into a `Report`. Nothing outside this package imports it.

- What goes through it: `sample`. Where samples come from: `datasets`, `readers`, `labels`.
- A run: `assembly` puts it together, `runner` runs it, `store` keeps it; `calls` counts calls, `call_cache`
  keeps their answers.
- The judge: `judges` asks, `judgements` reads.
- Figures: `metrics`, `ranking`, and `published`, those of the paper.
- Rooms: ``methods`` (what is compared), ``scorers``, ``suites``, ``report``, ``prompts``, ``commands``.
"""
