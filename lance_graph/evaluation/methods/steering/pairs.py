"""The contrastive prompts: each harmful one with a harmless one of the same form."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

Pairs = Sequence[tuple[str, str]]
OF_THE_REPOSITORY = Path(__file__).parents[4] / "contrasts" / "steering.jsonl"
"""Where they lie if the package runs from a checkout: they describe harm, so no wheel holds them."""


def load_pairs(path: str | Path | None = None) -> list[tuple[str, str]]:
    """The (harmful, harmless) prompts of a JSON Lines file, without ``path`` those of the repository.

    FileNotFoundError says where to get it, ValueError names a line that is no pair.
    """
    file = Path(path) if path else OF_THE_REPOSITORY
    if not file.is_file():
        raise FileNotFoundError(
            f"there are no contrastive prompts in '{file}': take contrasts/steering.jsonl of the "
            "repository or of the source distribution, or a file of your own with 'harmful' and "
            "'harmless' in each line, and name it with --set rep-e.pairs=FILE; a file of vectors "
            "(--vectors) needs none"
        )
    pairs = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            pairs.append((str(row["harmful"]), str(row["harmless"])))
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(
                f"{file}:{number} is no object with 'harmful' and 'harmless'"
            ) from error
    return pairs


def digest_of(pairs: Pairs) -> str:
    """What tells one set of pairs from another."""
    return sha256(json.dumps([list(pair) for pair in pairs]).encode()).hexdigest()[:16]
