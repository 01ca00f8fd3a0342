"""Teachers: trained detectors whose degrees a run learns from (METHOD eq. 19).

Each reads every training row once, before the first step, with its own tokenizer and its own
``max_tokens``, without calibration or distress head: the student is calibrated by itself. One that was
trained on short prompts alone (``short_prompts`` of its recipe) speaks of no other rows. What it said
is kept by text, so that a run that goes on, or one that begins anew, does not ask again.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import compress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lance_graph.categories import KEYS
from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.loading import CONFIG, CheckpointError, located
from lance_graph.training.arguments import autocast
from lance_graph.training.collator import PairCollator
from lance_graph.training.data.example import Example
from lance_graph.training.data.loading import short
from lance_graph.training.losses import any_risk
from lance_graph.training.recipe import TrainingRecipe
from lance_graph.training.run_folder import RECIPE, TEACHERS, stored_recipe
from lance_graph.training.taught import DegreeFile, text_key

TOGETHER = 2_048
"""Rows between two writes, and between two lines in the log."""
BATCH = {"cpu": 32, "cuda": 256}
READ = ("model*.safetensors*", "tokenizer*", "vocab*", "merges.txt", "special_tokens_map.json")
"""Files that degrees depend on, beside the configuration."""
INDIFFERENT = ("calibration", "reference", "languages", "transformers_version", "_name_or_path")
"""What may change in a configuration without changing a degree."""
AUTOCAST = {"bf16": torch.bfloat16, "fp16": torch.float16}

Tell = Callable[[Mapping[str, Any]], object]


@dataclass(frozen=True)
class Teacher:
    """A checkpoint folder, a hash of all in it that its degrees depend on, and what it speaks of.

    ``short_prompts`` is the number of characters up to which it knows prompts, None where it knows all
    texts.
    """

    folder: Path
    fingerprint: str
    short_prompts: int | None = None

    @classmethod
    def at(cls, name: str) -> "Teacher":
        """The teacher in a folder, or 'embedded'; CheckpointError if no training run ended there."""
        folder = Path(located(name))
        if not (folder / CONFIG).is_file():
            remedy = "give the folder of a finished run of lance-graph train, or 'embedded'"
            if (folder / RECIPE).is_file():
                remedy = f"its run is not finished: lance-graph train --resume --output {folder}"
            raise CheckpointError(f"teachers: there is no detector in {str(folder)!r}; {remedy}")
        return cls(folder, _fingerprint(folder), _short_prompts(folder))

    def speaks_of(self, row: Example) -> bool:
        """Whether the row is of a kind that it was trained on."""
        return self.short_prompts is None or short(self.short_prompts)(row)

    def load(self) -> RiskDetector:
        """The detector; CheckpointError names the folder and what does not fit."""
        try:
            detector = RiskDetector.from_pretrained(self.folder)
        except CheckpointError as error:
            raise CheckpointError(f"teachers: {error}") from error
        if detector.categories != KEYS:
            odd = sorted(set(detector.categories) ^ set(KEYS))
            raise CheckpointError(
                f"teachers: '{self.folder}' has other categories than the 14 of the rows "
                f"({', '.join(odd[:3]) or 'in another order'}); train it on them"
            )
        return detector


def taught_rows(
    rows: Sequence[Example], recipe: TrainingRecipe, output: Path, tell: Tell = lambda line: None
) -> list[Example]:
    """``rows`` with what those of the recipe's teachers say that speak of them, averaged in degree space.

    Degrees are kept in ``recipe.teacher_cache``, or in ``output``; ``tell`` hears how far a teacher
    is. CheckpointError before the first row is read, if one of them is no teacher.
    """
    folder = Path(recipe.teacher_cache or output / TEACHERS)
    teachers = [Teacher.at(name) for name in recipe.teachers]
    files = [DegreeFile(folder / f"{one.fingerprint[:16]}.safetensors") for one in teachers]
    spoken = [[one.speaks_of(row) for row in rows] for one in teachers]
    unread = [
        _unread(list(compress(rows, of)), file) for of, file in zip(spoken, files, strict=True)
    ]
    loaded = [one.load() if new else None for one, new in zip(teachers, unread, strict=True)]
    for teacher, detector, file, new in zip(teachers, loaded, files, unread, strict=True):
        if detector is not None:
            _ask(teacher, detector, new, file, autocast(recipe), tell)
    said = torch.full((len(teachers), len(rows), len(KEYS) + 1), torch.nan)
    for place, (of, file) in enumerate(zip(spoken, files, strict=True)):
        degrees = file.of(list(compress(rows, of)))
        risk = any_risk(degrees, recipe.any_risk).unsqueeze(-1)
        said[place, torch.tensor(of)] = torch.cat([degrees, risk], dim=-1)
    taught = said.nanmean(0).tolist()
    heard = [any(of) for of in zip(*spoken, strict=True)]
    return [
        replace(row, taught=tuple(means) if known else ())
        for row, means, known in zip(rows, taught, heard, strict=True)
    ]


def _unread(rows: Sequence[Example], file: DegreeFile) -> list[Example]:
    """Each text once that the teacher has not read, short ones first."""
    new = {text_key(row): row for row in rows if row not in file}
    return sorted(new.values(), key=lambda row: row.length)


def _ask(
    teacher: Teacher,
    detector: RiskDetector,
    rows: Sequence[Example],
    file: DegreeFile,
    precision: str,
    tell: Tell,
) -> None:
    begin = time.perf_counter()
    for start in range(0, len(rows), TOGETHER):
        some = rows[start : start + TOGETHER]
        degrees = degrees_of(detector, some, precision)
        if not degrees.isfinite().all():
            raise CheckpointError(
                f"teachers: '{teacher.folder}' gives a degree that is no number; train it anew"
            )
        file.keep(some, degrees)
        done = start + len(some)
        speed = round(done / (time.perf_counter() - begin), 1)
        name = teacher.folder.name
        tell({"teacher": name, "scored": done, "of": len(rows), "rows_per_second": speed})


def degrees_of(detector: RiskDetector, rows: Sequence[Example], precision: str = "fp32") -> Tensor:
    """E[d] [N, K] before calibration, each row cut to the detector's ``max_tokens`` as in training."""
    collator = PairCollator(detector.tokenizer, int(detector.model.config.max_tokens))
    device = detector.model.device
    size, kind = BATCH.get(device.type, BATCH["cpu"]), AUTOCAST.get(precision)
    found = []
    with torch.inference_mode(), torch.autocast(device.type, kind, enabled=kind is not None):
        for start in range(0, len(rows), size):
            batch = collator.encoded(rows[start : start + size])
            output = detector.model(**{name: ids.to(device) for name, ids in batch.items()})
            found.append(output.rejection.mean.float().cpu())
    return torch.cat(found).clone()


def _short_prompts(folder: Path) -> int | None:
    """What the recipe beside a checkpoint says of ``short_prompts``; None where there is no recipe."""
    longest = (stored_recipe(folder) or {}).get("short_prompts")
    return int(longest) if longest else None


def _fingerprint(folder: Path) -> str:
    """Hash of the files in a folder that its degrees depend on; of their content, not their place."""
    digest = sha256()
    for path in sorted({path for pattern in READ for path in folder.glob(pattern)}):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    digest.update(_indifferent_left_out((folder / CONFIG).read_bytes()))
    return digest.hexdigest()


def _indifferent_left_out(config: bytes) -> bytes:
    try:
        stored = json.loads(config)
    except ValueError:  # whoever loads it says so
        return config
    if not isinstance(stored, dict):
        return config
    kept = {name: value for name, value in stored.items() if name not in INDIFFERENT}
    return json.dumps(kept, sort_keys=True).encode()
