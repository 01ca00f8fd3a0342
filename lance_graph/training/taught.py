"""Degrees that a teacher gave already, by text: one file a teacher, always whole on disk."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from lance_graph.categories import KEYS
from lance_graph.files import whole
from lance_graph.training.data.example import Example

DIGEST = 32


def text_key(row: Example) -> bytes:
    """The same for the same prompt and response, whatever their labels."""
    text = json.dumps([row.prompt, row.response or ""])
    return sha256(text.encode("ascii")).digest()


class DegreeFile:
    """What one teacher said of texts so far: degrees [K] by `text_key`.

    ValueError names a file that holds something else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.degrees: dict[bytes, Tensor] = {}
        if path.exists():
            self.degrees = self._read()

    def __contains__(self, row: Example) -> bool:
        return text_key(row) in self.degrees

    def of(self, rows: Sequence[Example]) -> Tensor:
        """Degrees [N, K] of rows that are all known."""
        known = [self.degrees[text_key(row)] for row in rows]
        return torch.stack(known) if known else torch.empty(0, len(KEYS))

    def keep(self, rows: Sequence[Example], degrees: Tensor) -> None:
        """Write what was known and ``degrees`` [N, K] of ``rows`` as one file, or leave it as it was."""
        self.degrees |= dict(zip(map(text_key, rows), degrees, strict=True))
        keys = torch.frombuffer(bytearray(b"".join(self.degrees)), dtype=torch.uint8)
        tensors = {
            "keys": keys.view(-1, DIGEST),
            "degrees": torch.stack(list(self.degrees.values())),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with whole(self.path) as partial:
            save_file(tensors, partial)

    def _read(self) -> dict[bytes, Tensor]:
        try:
            found = load_file(self.path)
            keys, degrees = found["keys"], found["degrees"].clone()  # of a mapped file
        except (OSError, SafetensorError, KeyError) as error:
            raise ValueError(
                f"teachers: {self.path} cannot be read ({error}); delete it, and it is written anew"
            ) from error
        if keys.shape != (len(degrees), DIGEST) or degrees.shape[1:] != (len(KEYS),):
            raise ValueError(f"teachers: {self.path} holds no degrees of texts; delete it")
        data = keys.contiguous().numpy().tobytes()
        texts = [data[start : start + DIGEST] for start in range(0, len(data), DIGEST)]
        return dict(zip(texts, degrees, strict=True))
