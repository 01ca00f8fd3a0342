"""How far a rewrite keeps the topic: cosine similarity of refined and original prompt."""

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Any

from lance_graph.evaluation.sample import Answer, Sample, Score
from lance_graph.evaluation.scorers.loading import load
from lance_graph.runtime.forking import ForkSafeLock

MAX_TOKENS = 256
"""Tokens of a prompt that a sentence encoder reads; the rest is left out."""
_loading = ForkSafeLock()


class Similarity:
    """Cosine of the two prompts' embeddings, from -1 to 1.

    ``encoder`` is the folder or hub id of any Hugging Face sentence encoder with mean pooling, such
    as ``sentence-transformers/all-MiniLM-L6-v2``: use one where you can. Without it the embeddings
    are the mean token embeddings of the detector's encoder (the embedded one's where the detector has
    none): its later layers were trained to tell risks apart and have forgotten the topic. Compare
    figures of one encoder only; ``benchmarks/similarity.py`` measures them.

    Undefined where the prompt was not rewritten: a method that leaves a prompt alone has kept its
    topic, but that says nothing of its rewrites.
    """

    names: tuple[str, ...] = ("similarity",)
    max_calls: int = 0

    def __init__(self, detector: Any = "embedded", encoder: str | None = None) -> None:
        self._detector = detector
        self._encoder = encoder

    async def score(self, sample: Sample, answer: Answer) -> dict[str, Score]:
        """The cosine; missing if the encoder fails."""
        refined = answer["refined_prompt"]
        if refined is None:
            return {"similarity": Score(value=None, missing="undefined")}
        try:
            value = await asyncio.to_thread(self.cosine, sample.prompt, refined)
        except Exception as error:  # noqa: BLE001 - recorded by name, as it may quote a text
            failed = Score(value=None, missing="failed", explanation=type(error).__name__)
            return {"similarity": failed}
        return {"similarity": Score(value=value)}

    def cosine(self, first: str, second: str) -> float:
        """Cosine similarity of two prompts."""
        one, other = self.embed([first, second])
        return float((one @ other).clamp(-1.0, 1.0))

    def embed(self, texts: Sequence[str]) -> Any:
        """Embeddings [N, H] of length 1."""
        import torch

        vectors = (
            of_detector(load(self._detector), texts)
            if self._encoder is None
            else of_encoder(self._encoder, texts)
        )
        return torch.nn.functional.normalize(vectors, dim=-1)


def of_detector(detector: Any, texts: Sequence[str]) -> Any:
    """Mean token embeddings [N, H] of the detector's encoder, of each text's first window."""
    import torch

    from lance_graph.detector.detector import RiskDetector, load_detector
    from lance_graph.detector.encoding import assemble, pad, readable

    known = detector if isinstance(detector, RiskDetector) else load_detector(None)
    tokenizer, model = known.tokenizer, known.model
    budget = int(model.config.max_tokens) - tokenizer.num_special_tokens_to_add(pair=False)
    rows = []
    for text in texts:
        ids = tokenizer.backend_tokenizer.encode(readable(text), add_special_tokens=False).ids
        rows.append(assemble(tokenizer, ids[:budget], []))
    inputs: dict[str, Any] = pad(tokenizer, rows)
    with torch.inference_mode():
        found = model.encode(layer=0, **{k: v.to(model.device) for k, v in inputs.items()})
    return found.float().cpu()


def of_encoder(name: str, texts: Sequence[str]) -> Any:
    """Mean-pooled last hidden states [N, H] of a sentence encoder."""
    import torch

    from lance_graph.detector.model import pool

    with _loading:
        tokenizer, model = _encoder(name)
        inputs = tokenizer(
            list(texts), padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        ).to(model.device)
    with torch.inference_mode():
        states = model(**inputs).last_hidden_state
    return pool(states, inputs["attention_mask"], "mean").float().cpu()


@cache
def _encoder(name: str) -> tuple[Any, Any]:
    """Tokenizer and model of a sentence encoder, loaded once."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(name)
    model.train(False)
    if torch.cuda.is_available():
        model.to("cuda")
    return AutoTokenizer.from_pretrained(name), model
