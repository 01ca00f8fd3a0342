"""Any Hugging Face text-classification pipeline as a detector."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lance_graph.detector.windows import slide
from lance_graph.guards.labels import SAFE, targets_of
from lance_graph.guards.score import (
    CATEGORIES,
    GuardScore,
    GuardVerdictError,
    Part,
    check_part,
    guard_score,
    highest,
    texts_of,
)
from lance_graph.runtime.forking import ForkSafeLock
from lance_graph.runtime.threads import in_thread
from lance_graph.scores import Pair


class PipelineDetector:
    """Degrees are a classifier's probabilities; ``labels`` says what each of its labels stands for.

    ``pipeline`` is a ``text-classification`` pipeline of transformers, or the hub id or folder of a
    model. ``labels`` maps a label on a category, on several, or on ``"safe"``; labels that are well
    known (`lance_graph.guards.labels.WELL_KNOWN`) need no entry. ``multi_label`` says whether
    labels can be true together (sigmoid) or exclude each other (softmax); the model's
    configuration says so by default. Of labels that exclude each other probabilities add up, and
    the leading category has all that is not safe.

    A text beyond ``max_tokens`` (what the model takes, by default) is read in overlapping windows,
    and the highest degrees count; nothing is truncated. Of a pair, ``pair="both"`` judges both
    texts and keeps the higher degree, ``"response"`` only the response. Thread-safe.

    ValueError names a label without a meaning, or what else is missing. Scoring raises
    `GuardVerdictError` if the pipeline's answer is not one probability per label.
    """

    categories = CATEGORIES

    def __init__(
        self,
        pipeline: Any,
        labels: Mapping[str, str | Iterable[str]] | None = None,
        *,
        multi_label: bool | None = None,
        max_tokens: int | None = None,
        pair: Part = "both",
        batch_size: int = 8,
    ) -> None:
        check_part(pair)
        self.pipeline = _load(pipeline) if isinstance(pipeline, str) else pipeline
        config = self.pipeline.model.config
        self.targets = targets_of(dict.fromkeys(config.id2label.values()), labels)
        self.multi_label = _is_multi_label(config) if multi_label is None else multi_label
        if not self.multi_label and (SAFE,) not in self.targets.values():
            raise ValueError(
                f"the labels exclude each other and none of them is {SAFE!r}, so that every text "
                "would be hazardous: map one on it, or give multi_label=True"
            )
        if not self.pipeline.tokenizer.is_fast:
            raise ValueError(
                "long texts are split by a fast tokenizer; the pipeline has a slow one"
            )
        self.max_tokens = max_tokens or _longest(self.pipeline)
        self.pair: Part = pair
        self.batch_size = batch_size
        self._lock = ForkSafeLock()

    def score(self, pairs: Sequence[Pair]) -> list[GuardScore]:
        """One score per pair, in order."""
        if not pairs:
            return []
        with self._lock:
            groups = [
                [part for text in texts_of(pair, self.pair) for part in self._windows(text)]
                for pair in pairs
            ]
            answers = self.pipeline(
                [part for group in groups for part in group],
                top_k=None,
                function_to_apply="sigmoid" if self.multi_label else "softmax",
                batch_size=self.batch_size,
            )
        if len(answers) != sum(map(len, groups)):
            raise GuardVerdictError(f"the pipeline gave {len(answers)} answers for other texts")
        rest = iter(answers)
        return [highest([self._read(next(rest)) for _ in group]) for group in groups]

    async def ascore(self, pairs: Sequence[Pair]) -> list[GuardScore]:
        """`score`, in a thread."""
        return await in_thread(lambda: self.score(pairs))

    def _read(self, answer: Sequence[Mapping[str, Any]]) -> GuardScore:
        degrees = {entry["label"]: float(entry["score"]) for entry in answer}
        if degrees.keys() != self.targets.keys() or len(answer) != len(degrees):
            raise GuardVerdictError("the pipeline's answer does not have each label once")
        hazards = [
            (key, degree)
            for label, degree in degrees.items()
            for key in self.targets[label]
            if key != SAFE
        ]
        return guard_score(hazards if self.multi_label else self._added(hazards, degrees))

    def _added(
        self, hazards: Iterable[tuple[str, float]], degrees: Mapping[str, float]
    ) -> list[tuple[str, float]]:
        """Sums by category, and P(not safe) for the leading one: spread out, it would look low."""
        sums: dict[str, float] = {}
        for key, degree in hazards:
            sums[key] = sums.get(key, 0.0) + degree
        unsafe = sum(p for label, p in degrees.items() if self.targets[label] != (SAFE,))
        sums[max(sums, key=sums.__getitem__)] = unsafe
        return [(key, _capped(value)) for key, value in sums.items()]

    def _windows(self, text: str, size: int | None = None) -> Iterator[str]:
        """Parts of ``text``, each short enough for the model, that together cover it."""
        tokenizer = self.pipeline.tokenizer
        room = self.max_tokens - tokenizer.num_special_tokens_to_add()
        spans = tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True, verbose=False
        )["offset_mapping"]
        if len(spans) <= room:
            yield text
            return
        # a part may have more tokens than it had within the whole: it is then split again
        size = room - room // 8 if size is None else size
        if size < 1:
            raise GuardVerdictError("a text cannot be split into parts that the model takes")
        for part in slide(range(len(spans)), size):
            start = 0 if part[0] == 0 else spans[part[0]][0]
            end = len(text) if part[-1] == len(spans) - 1 else spans[part[-1]][1]
            yield from self._windows(text[start:end], size // 2)


def _load(name: str) -> Any:
    from transformers import pipeline

    return pipeline("text-classification", model=name)


def _is_multi_label(config: Any) -> bool:
    """As transformers' own pipeline tells them apart; ValueError for a regression."""
    if config.problem_type == "regression":
        raise ValueError(
            "the model is a regression, its scores are no probabilities: give multi_label=True if "
            "a sigmoid makes them so"
        )
    return bool(config.problem_type == "multi_label_classification" or config.num_labels == 1)


def _longest(pipeline: Any) -> int:
    """Tokens that the model takes, special ones included; ValueError if nothing says how many."""
    config = pipeline.model.config
    positions = max(getattr(config, "max_position_embeddings", None) or 0, 0)  # XLNet's is -1
    table = next(
        (m for n, m in pipeline.model.named_modules() if n.endswith("position_embeddings")), None
    )
    padding = getattr(table, "padding_idx", None)
    if positions and padding is not None:
        positions -= padding + 1  # RoBERTa and its kin count positions from there
    longest = min(positions or 10**9, pipeline.tokenizer.model_max_length)
    if longest >= 10**9:
        raise ValueError("nothing tells how long a text the model takes: give max_tokens")
    return int(longest)


def _capped(probability: float) -> float:
    """A sum of probabilities without its rounding error; NaN stays NaN."""
    return 1.0 if 1.0 < probability < 1.001 else probability
