"""`RiskDetector`: a trained checkpoint as something that scores texts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from math import inf, isnan
from pathlib import Path
from typing import Any
from weakref import finalize

import torch

from lance_graph.detector import known, saliency
from lance_graph.detector.attribution import Place, Weights, explain, log_odds, worst
from lance_graph.detector.calibration import Calibration
from lance_graph.detector.distress import DistressHead, raised
from lance_graph.detector.encoding import assemble, clean, pad, readable
from lance_graph.detector.languages import unread
from lance_graph.detector.leave_one_out import leave_one_out
from lance_graph.detector.loading import CheckpointError, load_parts, located
from lance_graph.detector.model import PairEncoder
from lance_graph.detector.pooling import Found, Pool, Row, Sharing
from lance_graph.detector.unreadable import UnreadableTextError, check_readable
from lance_graph.detector.windows import of_many, windows
from lance_graph.runtime.forking import ForkSafeLock, at_work
from lance_graph.runtime.threads import in_few
from lance_graph.scores import Pair, RiskScore, Span
from lance_graph.texts.readings import readings

LONGEST = 400_000
"""Tokens of the longest prompt and response together that `RiskDetector.score` takes: about 1.5 MB of
English, a minute or two on two cores with the embedded checkpoint. A megabyte in any script fits,
a megabyte of punctuation does not."""
Shape = tuple[float, float]  # alpha_j, beta_j
KEPT = 4
"""Checkpoints that `load_detector` keeps: a server's clients may name any number of folders."""
_keeping = ForkSafeLock()


class TextTooLongError(ValueError):
    """A text is longer than `LONGEST`; nothing of it was scored, so it must not pass for safe."""


@dataclass(frozen=True)
class _Prepared:
    """The rows of some pairs: whose each is, and of the reading of a pair with fewest, how many.

    ``foreign`` pairs have more unknown tokens than their language explains; ``unread`` ones are in a
    language that the checkpoint was not made for.
    """

    owners: list[int]
    rows: list[Row]
    counts: list[int]
    foreign: set[int]
    unread: list[bool]


class RiskDetector:
    """Scores prompts and (prompt, response) pairs on the rejection categories.

    Thread-safe; nothing is sampled at inference, so the same text always gets the same score, within 1e-5:
    the texts of other callers in the same pass move the last digits.
    ``calibration`` is what `lance-graph calibrate` stored with the checkpoint, or None; ``distress``
    reads prompts without a response for danger to oneself where the checkpoint folder brings it.
    Callers in threads and tasks share the passes of its model, as ``sharing`` says (`Sharing`).
    """

    def __init__(
        self,
        model: PairEncoder,
        tokenizer: Any,
        distress: DistressHead | None = None,
        sharing: Sharing | None = None,
    ) -> None:
        self.model = model
        model.train(False)
        self.tokenizer = tokenizer
        self.distress = distress.to(model.device) if distress else None
        self.categories: tuple[str, ...] = tuple(model.config.categories)
        self.calibration = _calibration(model.config.calibration, self.categories)
        tokenizer.backend_tokenizer.no_truncation()
        tokenizer.backend_tokenizer.no_padding()
        self._pool = Pool(sharing or Sharing())
        finalize(self, self._pool.end)

    @property
    def sharing(self) -> Sharing:
        """How callers share the model; what is set here holds from the next row on."""
        return self._pool.sharing

    @sharing.setter
    def sharing(self, sharing: Sharing) -> None:
        self._pool.sharing = sharing

    @property
    def passes(self) -> dict[int, int]:
        """How many passes the model has made, by their number of rows."""
        return dict(self._pool.sizes)

    @classmethod
    @torch.inference_mode(False)  # weights made in inference mode let no gradient through
    def from_pretrained(cls, path_or_id: str | Path | None = None) -> "RiskDetector":
        """Load a checkpoint folder or hub id; None is the one that ships with the package.

        Before it is given away it has to read and score known sentences. CheckpointError says what is
        missing or does not fit, and what to do about it. Weights are read from safetensors only.
        """
        model, tokenizer, distress = load_parts(path_or_id)
        detector = cls(model, tokenizer, distress)
        if fault := known.faults(detector):
            raise CheckpointError(
                f"'{located(path_or_id)}' is no whole LANCE detector: {fault}; copy it again from "
                "where it was trained, or train it anew"
            )
        if torch.cuda.is_available():
            torch.nn.Module.to(model, "cuda")
            if distress:
                distress.to("cuda")
        return detector

    def score(self, pairs: Sequence[Pair]) -> list[RiskScore]:
        """One `RiskScore` per pair, in order; a bare string is a prompt without a response.

        Texts of any length: long ones are scored in overlapping windows and each category keeps
        its highest degree, less what so many windows take from one below 0.5 (`of_many`). What is
        scored is each text as it reads (`lance_graph.texts.normalising`), and what else it may say
        (`lance_graph.texts.readings`), at most five readings of a pair. The
        checkpoint's calibration is applied, and ``out_of_language`` set by its ``languages``, where
        it names them. TypeError if something is no text; TextTooLongError above `LONGEST`;
        UnreadableTextError where the tokenizer knows too little of a text that is not out of language.
        """
        prepared = self._prepared(pairs)
        return self._judged(prepared, self._posteriors(prepared.rows))

    async def ascore(self, pairs: Sequence[Pair]) -> list[RiskScore]:
        """`score` for async code: a few threads read the texts of all callers, and none waits for them."""
        prepared = await in_few(lambda: self._prepared(pairs))
        found = await self._pool.await_(prepared.rows, self._pass, self._most)
        return self._judged(prepared, found)

    def warm_up(self) -> None:
        """Do once what the first score and the first explanation would take longer for."""
        self.score([known.HARMLESS, (known.HARMLESS, known.HARMFUL)])
        self.explain(known.HARMFUL, None, self.categories[:1])

    def score_raw(self, pairs: Sequence[Pair]) -> list[RiskScore]:
        """`score` before calibration and without the distress head: the model's own posteriors."""
        return [score for score, _ in self._read(self._encoded_rows(pairs))]

    def _prepared(self, pairs: Sequence[Pair]) -> _Prepared:
        """What the model gets of each pair, and whether a pair is in a language it was not made for."""
        unread = [self._unread(pair) for pair in pairs]
        prepared = self._encoded_rows(pairs, [not foreign for foreign in unread])
        return replace(prepared, unread=unread)

    def _judged(self, prepared: _Prepared, found: Sequence[Found]) -> list[RiskScore]:
        """Scores as they leave the detector."""
        return [
            replace(
                self._raised(of_many(self._calibrated(score), count), degree),
                out_of_language=unread or score.out_of_language,
            )
            for (score, degree), count, unread in zip(
                self._best(prepared, found), prepared.counts, prepared.unread, strict=True
            )
        ]

    def _encoded_rows(self, pairs: Sequence[Pair], strictly: Sequence[bool] = ()) -> _Prepared:
        """Every window of every reading of each pair.

        ``strictly`` says of each pair whether unknown tokens are a failure; of all, where it is empty.
        """
        prepared = _Prepared([], [], [], set(), [False] * len(pairs))
        for owner, pair in enumerate(pairs):
            lengths: list[int] = []
            strict = strictly[owner] if strictly else True
            for reading in self._readings(*_as_pair(pair)):
                try:
                    rows = list(self._windows(*reading, strictly=strict))
                except UnreadableTextError as error:
                    if not error.foreign or self.model.config.languages is None:
                        raise
                    prepared.foreign.add(owner)
                    rows = list(self._windows(*reading, strictly=False))
                prepared.owners.extend([owner] * len(rows))
                prepared.rows.extend(rows)
                lengths.append(len(rows))
            prepared.counts.append(min(lengths))
        return prepared

    def _read(self, prepared: _Prepared) -> list[tuple[RiskScore, float]]:
        return self._best(prepared, self._posteriors(prepared.rows))

    def _best(self, prepared: _Prepared, found: Sequence[Found]) -> list[tuple[RiskScore, float]]:
        """The highest posteriors and degree of distress over all readings and windows of each pair.

        Calibrated afterwards the highest window stays the highest, as each category keeps its order.
        """
        best: list[list[Shape] | None] = [None] * len(prepared.counts)
        degrees = [0.0] * len(best)
        for owner, (posterior, degree) in zip(prepared.owners, found, strict=True):
            best[owner] = _highest(best[owner], posterior)
            degrees[owner] = max(degrees[owner], degree, key=lambda d: inf if isnan(d) else d)
        scores = [
            replace(self._score(shapes), out_of_language=owner in prepared.foreign)
            for owner, shapes in enumerate(best)
            if shapes is not None
        ]
        return list(zip(scores, degrees, strict=True))

    def explain(
        self, prompt: str, response: str | None = None, categories: Sequence[str] | None = None
    ) -> list[Span]:
        """The spans of ``prompt`` that drove ``categories`` (all, unless told), heaviest first.

        Their weights are of degrees before calibration, which is flat where the model is sure. One
        category costs about half as much again as `score`, each one more a quarter of it; of a text of
        many windows at most three are looked at. Where the prompt drove a category only as another
        reading, its words are left out one by one.
        """
        return explain(self.weigh, prompt, response, categories or self.categories)

    def weigh(
        self, prompt: str, response: str | None, categories: Sequence[str]
    ) -> Mapping[str, Weights]:
        """What each word of ``prompt`` adds to the log-odds of ``categories``, before calibration."""
        rows = list(self._rows(prompt, response))
        if len(rows) > saliency.MAX_ROWS:
            rows, categories = self._worst(rows, categories)
        found = saliency.weigh(self.model, self.tokenizer, self.distress, rows, categories)
        if rest := [category for category in categories if category not in found]:
            found |= leave_one_out(self._uncalibrated)(prompt, response, rest)
        return found

    def _rows(self, prompt: str, response: str | None) -> Iterator[saliency.Row]:
        """Every window of every reading, with the words of the prompt where it reads as it stands."""
        for number, (reading, beside) in enumerate(self._readings(*_as_pair((prompt, response)))):
            read = readable(reading)
            first, second = self._encoded(read), self._encoded(readable(beside or ""))
            words = saliency.owners(prompt, read, first.offsets) if number == 0 else None
            ours, theirs = first.ids, second.ids  # each access copies
            for left, right in windows(range(len(ours)), range(len(theirs)), self._budget):
                ids = [ours[index] for index in left], [theirs[index] for index in right]
                encoded = assemble(self.tokenizer, *ids)
                padded: list[Place | None] | None = None
                if words is not None:
                    after = len(encoded["input_ids"]) - len(left) - 1
                    padded = [None, *(words[index] for index in left), *[None] * after]
                yield saliency.Row(encoded, padded)

    def _worst(
        self, rows: Sequence[saliency.Row], categories: Sequence[str]
    ) -> tuple[list[saliency.Row], list[str]]:
        """At most three rows, each the worst in one of the categories, and those categories."""
        scores = [
            log_odds(self._raised(self._score(shapes), degree))
            for shapes, degree in self._posteriors([row.encoded for row in rows])
        ]
        chosen = worst(scores, categories, saliency.MAX_ROWS)
        kept = [category for some in chosen.values() for category in some]
        return [rows[index] for index in chosen], kept

    def _uncalibrated(self, pairs: Sequence[Pair]) -> list[RiskScore]:
        """`score` before calibration; less one word a text may be unreadable, and is scored as it is."""
        read = self._read(self._encoded_rows(pairs, [False] * len(pairs)))
        return [self._raised(score, degree) for score, degree in read]

    def _readings(self, prompt: str, response: str | None) -> list[tuple[str, str | None]]:
        """The readings of both sides, in step: what is judged for a pair, the plain one first."""
        if response is None:
            return [(reading, None) for reading in readings(prompt)]
        sides = readings(prompt), readings(response)
        return [
            (first or sides[0][0], second or sides[1][0]) for first, second in zip_longest(*sides)
        ]

    def _windows(
        self, prompt: str, response: str | None, *, strictly: bool = True
    ) -> Iterator[dict[str, list[int]]]:
        first, second = (self._ids(text, strictly=strictly) for text in (prompt, response or ""))
        if len(first) + len(second) > LONGEST:
            raise TextTooLongError(
                f"a text of {len(first) + len(second):,} tokens; one score takes up to {LONGEST:,}: "
                "split it and keep the highest degree per category"
            )
        for left, right in windows(first, second, self._budget):
            yield assemble(self.tokenizer, left, right)

    @property
    def _budget(self) -> int:
        """Ids of texts in a window."""
        special: int = self.tokenizer.num_special_tokens_to_add(pair=True)
        return int(self.model.config.max_tokens) - special

    def _ids(self, text: str, *, strictly: bool = False) -> list[int]:
        read = readable(text)
        encoded = self._encoded(read)
        if strictly:
            check_readable(read, encoded, self.tokenizer.unk_token_id)
        ids: list[int] = encoded.ids
        return ids

    def _encoded(self, read: str) -> Any:
        """The `tokenizers.Encoding` of a text that is `readable`."""
        with at_work():
            return self.tokenizer.backend_tokenizer.encode(read, add_special_tokens=False)

    def _posteriors(self, encoded: Sequence[Row]) -> list[Found]:
        """(alpha_j, beta_j) and the degree of distress of each encoded row, in order.

        Rows of like length share a batch, those of other callers among them.
        """
        return self._pool.wait(encoded, self._pass, self._most)

    @property
    def _most(self) -> int:
        """Passes at a time, where `Sharing` leaves it open."""
        on_cpu = torch.device(self.model.device).type == "cpu"
        return torch.get_num_threads() if on_cpu else 1

    def _pass(self, rows: Sequence[Row]) -> list[Found]:
        """One pass of the model over ``rows``."""
        padded = pad(self.tokenizer, rows)
        inputs = {name: value.to(self.model.device) for name, value in padded.items()}
        with at_work(), torch.inference_mode():
            if self.distress is None:
                output = self.model(**inputs)
                degrees = torch.zeros(len(rows))
            else:
                output = self.model(**inputs, early_layer=self.distress.layer)
                alone = inputs["token_type_ids"].sum(-1) == 0
                degrees = self.distress(output.early) * alone
            alphas, betas = output.alpha.tolist(), output.beta.tolist()
        return [
            (list(zip(alpha, beta, strict=True)), degree)
            for alpha, beta, degree in zip(alphas, betas, degrees.tolist(), strict=True)
        ]

    def _unread(self, pair: Pair) -> bool:
        languages: list[str] | None = self.model.config.languages
        return languages is not None and any(
            unread(text or "", languages) for text in _as_pair(pair)
        )

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


def load_detector(path_or_id: str | Path | None = None) -> RiskDetector:
    """`RiskDetector.from_pretrained`, once per process and checkpoint, however its path is spelled.

    The `KEPT` that were used last are kept. A folder is read once: to use what was written into it
    since, call `RiskDetector.from_pretrained`, or give the new checkpoint a folder of its own.
    """
    with _keeping:
        return _kept(located(path_or_id))


@lru_cache(maxsize=KEPT)
def _kept(source: str) -> RiskDetector:
    return RiskDetector.from_pretrained(source)


def _calibration(stored: Mapping[str, Any] | None, categories: Sequence[str]) -> Calibration | None:
    try:
        return Calibration.of_json(stored, categories) if stored else None
    except ValueError as error:
        raise CheckpointError(
            f"the checkpoint's calibration cannot be used: {error}; set 'calibration' to null in its "
            "config.json and run lance-graph calibrate"
        ) from error


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
