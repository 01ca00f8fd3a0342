"""`RiskDetector`: a trained checkpoint as something that scores texts."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import inf, isnan
from pathlib import Path
from threading import Lock
from typing import Any

import torch
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from lance_graph.detector import EMBEDDED
from lance_graph.detector.attribution import explain
from lance_graph.detector.calibration import Calibration
from lance_graph.detector.classifier import RiskClassifier
from lance_graph.detector.distress import DistressHead, load_head, raised
from lance_graph.detector.encoding import assemble, clean, pad, readable
from lance_graph.detector.model import LanceDetector, PairEncoder
from lance_graph.detector.score import Pair, RiskScore, Span
from lance_graph.detector.windows import windows

TOKENS_PER_BATCH = 4_096
LONGEST = 400_000
"""Tokens of the longest prompt and response together that `RiskDetector.score` takes: about 1.5 MB of
English, a minute or two on two cores with the embedded checkpoint. A megabyte in any script fits,
a megabyte of punctuation does not."""
Shape = tuple[float, float]  # alpha_j, beta_j
_loading = Lock()


class CheckpointError(OSError, ValueError):
    """No usable checkpoint where one was named; the message says what to give."""


class TextTooLongError(ValueError):
    """A text is longer than `LONGEST`; nothing of it was scored, so it must not pass for safe."""


class RiskDetector:
    """Scores prompts and (prompt, response) pairs on the rejection categories.

    Thread-safe; nothing is sampled at inference, so the same text always gets the same score.
    ``calibration`` is what `lance-graph calibrate` stored with the checkpoint, or None; ``distress``
    reads prompts without a response for danger to oneself where the checkpoint folder brings it.
    """

    def __init__(
        self, model: PairEncoder, tokenizer: Any, distress: DistressHead | None = None
    ) -> None:
        self.model = model
        model.train(False)
        self.tokenizer = tokenizer
        self.distress = distress.to(model.device) if distress else None
        self.categories: tuple[str, ...] = tuple(model.config.categories)
        self.calibration = _calibration(model.config.calibration, self.categories)
        tokenizer.backend_tokenizer.no_truncation()
        tokenizer.backend_tokenizer.no_padding()

    @classmethod
    def from_pretrained(cls, path_or_id: str | Path | None = None) -> "RiskDetector":
        """Load a checkpoint folder or hub id; None is the one that ships with the package.

        CheckpointError with what is missing and how to get it if there is no checkpoint there.
        """
        source = str(path_or_id or EMBEDDED)
        if not (Path(source) / "config.json").exists() and (path_or_id is None or _is_path(source)):
            raise CheckpointError(
                f"no detector checkpoint at {source!r}: give a folder with config.json, "
                "model.safetensors and tokenizer files, a hub id, or nothing for the embedded one"
            )
        with _loading, _quiet():
            tokenizer = AutoTokenizer.from_pretrained(source)
            loading: Any = AutoModel.from_pretrained(source, output_loading_info=True)
        model, loaded = loading
        kind = type(model)
        if not issubclass(kind, LanceDetector | RiskClassifier):
            raise CheckpointError(
                f"{source!r} is no LANCE detector but a {kind.__name__}; a detector's "
                "config.json says model_type 'lance_detector'"
            )
        missing = sorted({*loaded["missing_keys"], *loaded["mismatched_keys"]})
        if missing:
            raise CheckpointError(
                f"{source!r} is no whole LANCE detector: no {', '.join(missing[:3])}"
            )
        model.to(torch.float32)
        if torch.cuda.is_available():
            model.to("cuda")
        return cls(model, tokenizer, _distress(source, model))

    def score(self, pairs: Sequence[Pair]) -> list[RiskScore]:
        """One `RiskScore` per pair, in order; a bare string is a prompt without a response.

        Texts of any length: long ones are scored in overlapping windows and each category keeps
        its highest degree. The checkpoint's calibration is applied. TypeError if something is no
        text; TextTooLongError above `LONGEST`.
        """
        return [self._raised(self._calibrated(score), d) for score, d in self._read(pairs)]

    def score_raw(self, pairs: Sequence[Pair]) -> list[RiskScore]:
        """`score` before calibration and without the distress head: the model's own posteriors."""
        return [score for score, _ in self._read(pairs)]

    def _read(self, pairs: Sequence[Pair]) -> list[tuple[RiskScore, float]]:
        """The model's posteriors and the distress head's degree of each pair.

        Calibrated afterwards the highest window stays the highest, as each category keeps its order.
        """
        owners, encoded = [], []
        for owner, pair in enumerate(pairs):
            for row in self._windows(*_as_pair(pair)):
                owners.append(owner)
                encoded.append(row)
        best: list[list[Shape] | None] = [None] * len(pairs)
        degrees = [0.0] * len(pairs)
        for owner, (posterior, degree) in zip(owners, self._posteriors(encoded), strict=True):
            best[owner] = _highest(best[owner], posterior)
            degrees[owner] = max(degrees[owner], degree, key=lambda d: inf if isnan(d) else d)
        scores = [self._score(shapes) for shapes in best if shapes is not None]
        return list(zip(scores, degrees, strict=True))

    async def ascore(self, pairs: Sequence[Pair]) -> list[RiskScore]:
        """`score` in a thread, for async code."""
        return await asyncio.to_thread(self.score, pairs)

    def explain(
        self, prompt: str, response: str | None = None, categories: Sequence[str] | None = None
    ) -> list[Span]:
        """The spans of ``prompt`` that drove ``categories`` (all, unless told), heaviest first.

        Their weights are of degrees before calibration, which is flat where the model is sure.
        """

        def uncalibrated(pairs: Sequence[Pair]) -> list[RiskScore]:
            return [self._raised(score, degree) for score, degree in self._read(pairs)]

        return explain(uncalibrated, clean(prompt), response, categories or self.categories)

    def _windows(self, prompt: str, response: str | None) -> Iterator[dict[str, list[int]]]:
        first, second = self._ids(prompt), self._ids(response or "")
        if len(first) + len(second) > LONGEST:
            raise TextTooLongError(
                f"a text of {len(first) + len(second):,} tokens; one score takes up to {LONGEST:,}: "
                "split it and keep the highest degree per category"
            )
        special = self.tokenizer.num_special_tokens_to_add(pair=True)
        budget = int(self.model.config.max_tokens) - special
        for left, right in windows(first, second, budget):
            yield assemble(self.tokenizer, left, right)

    def _ids(self, text: str) -> list[int]:
        backend = self.tokenizer.backend_tokenizer
        ids: list[int] = backend.encode(readable(text), add_special_tokens=False).ids
        return ids

    def _posteriors(
        self, encoded: Sequence[dict[str, list[int]]]
    ) -> list[tuple[list[Shape], float]]:
        """(alpha_j, beta_j) and the degree of distress of each encoded row, in order.

        Rows of like length share a batch.
        """
        order = sorted(range(len(encoded)), key=lambda index: len(encoded[index]["input_ids"]))
        results: list[tuple[list[Shape], float]] = [([], 0.0) for _ in encoded]
        for batch in _batches(order, [len(row["input_ids"]) for row in encoded]):
            padded = pad(self.tokenizer, [encoded[index] for index in batch])
            inputs = {name: value.to(self.model.device) for name, value in padded.items()}
            with torch.inference_mode():
                if self.distress is None:
                    output = self.model(**inputs)
                    degrees = torch.zeros(len(batch))
                else:
                    output = self.model(**inputs, early_layer=self.distress.layer)
                    alone = inputs["token_type_ids"].sum(-1) == 0
                    degrees = self.distress(output.early) * alone
            rows = zip(
                batch, output.alpha.tolist(), output.beta.tolist(), degrees.tolist(), strict=True
            )
            for index, alpha, beta, degree in rows:
                results[index] = (list(zip(alpha, beta, strict=True)), degree)
        return results

    def _score(self, shapes: Sequence[Shape]) -> RiskScore:
        alpha, beta = zip(*shapes, strict=True)
        return RiskScore(self.categories, alpha, beta)

    def _raised(self, score: RiskScore, degree: float) -> RiskScore:
        return score if self.distress is None else raised(score, degree)

    def _calibrated(self, score: RiskScore) -> RiskScore:
        if self.calibration is None:
            return score
        alpha, beta = self.calibration.apply(score.alpha, score.beta)
        return RiskScore(score.categories, tuple(alpha.tolist()), tuple(beta.tolist()))


@cache
def load_detector(path_or_id: str | None = None) -> RiskDetector:
    """`RiskDetector.from_pretrained`, once per process and checkpoint."""
    return RiskDetector.from_pretrained(path_or_id)


def _calibration(stored: Mapping[str, Any] | None, categories: Sequence[str]) -> Calibration | None:
    try:
        return Calibration.of_json(stored, categories) if stored else None
    except ValueError as error:
        raise CheckpointError(
            f"the checkpoint's calibration cannot be used: {error}; set 'calibration' to null in its "
            "config.json and run lance-graph calibrate"
        ) from error


def _distress(source: str, model: PairEncoder) -> DistressHead | None:
    try:
        layers = int(model.encoder.config.num_hidden_layers)
        return load_head(source, model.hidden_size, layers, model.config.categories)
    except ValueError as error:
        raise CheckpointError(f"{error}; take it from the same checkpoint, or delete it") from error


def _as_pair(pair: Pair) -> tuple[str, str | None]:
    prompt, response = pair if isinstance(pair, tuple | list) else (pair, None)
    return clean(prompt), None if response is None else clean(response)


def _highest(kept: list[Shape] | None, found: list[Shape]) -> list[Shape]:
    """Per category the posterior with the higher mean."""
    if kept is None:
        return found
    return [max(shapes, key=_mean) for shapes in zip(kept, found, strict=True)]


def _mean(shape: Shape) -> float:
    """Order of degrees; NaN counts as the highest, so that it is kept and seen."""
    mean = shape[0] / (shape[0] + shape[1])
    return inf if isnan(mean) else mean


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    for index in order:
        if batch and lengths[index] * (len(batch) + 1) > TOKENS_PER_BATCH:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _is_path(source: str) -> bool:
    return source.startswith((".", "/", "~")) or Path(source).exists() or source.count("/") != 1


class _quiet:
    """No progress bar while a checkpoint loads: the embedded one takes a tenth of a second."""

    def __enter__(self) -> None:
        self.shown = transformers_logging.is_progress_bar_enabled()
        transformers_logging.disable_progress_bar()

    def __exit__(self, *_: object) -> None:
        if self.shown:
            transformers_logging.enable_progress_bar()
