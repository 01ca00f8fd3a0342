"""From a name to the parts of a detector, and every check that comes before its first score."""

import json
from collections.abc import Iterator, Mapping
from logging import CRITICAL
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

import torch
from safetensors import SafetensorError, safe_open
from transformers import AutoTokenizer
from transformers.utils import logging as transformers_logging

from lance_graph.detector import EMBEDDED, EMBEDDED_NAME
from lance_graph.detector.classifier import RiskClassifier
from lance_graph.detector.config import LanceDetectorConfig, PairConfig, RiskClassifierConfig
from lance_graph.detector.distress import DistressHead, load_head
from lance_graph.detector.model import LanceDetector, PairEncoder, longest_input
from lance_graph.files import one_spelling
from lance_graph.runtime.forking import ForkSafeLock, at_work, in_child

Kind = tuple[type[PairConfig], type[PairEncoder]]
KINDS: dict[str, Kind] = {
    LanceDetectorConfig.model_type: (LanceDetectorConfig, LanceDetector),
    RiskClassifierConfig.model_type: (RiskClassifierConfig, RiskClassifier),
}
CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
FETCHED = ["*.json", "*.safetensors", "*.txt", "*.model"]
"""What is taken from a hub: weights in safetensors, which cannot hold code."""
OTHER_KEYS = {"torch_dtype", "_name_or_path", "_attn_implementation_autoset", "use_cache"} | {
    "pad_token_id", "bos_token_id", "eos_token_id"
}  # fmt: skip
"""What older versions of transformers, and its Trainer, write into any config.json."""
PADDING = 0.01
"""Share of an encoder's vocabulary that its tokenizer may lack: tables are padded to even sizes."""
SPECIAL = ("unk_token_id", "cls_token_id", "sep_token_id", "pad_token_id")
_loading = ForkSafeLock()


class CheckpointError(OSError, ValueError):
    """No usable checkpoint where one was named; the message says what is wrong and what to give."""


def located(path_or_id: str | Path | None) -> str:
    """The one spelling of a checkpoint: a folder's resolved path, or a hub id as it is."""
    if path_or_id in (None, "", EMBEDDED_NAME):
        return str(EMBEDDED.resolve())
    return one_spelling(str(path_or_id))


def load_parts(
    path_or_id: str | Path | None,
) -> tuple[PairEncoder, Any, DistressHead | None]:
    """(model in float32, tokenizer, distress head if any) of a checkpoint whose files fit each other.

    CheckpointError if there is none, or names the file that no detector can be made of.
    """
    source = located(path_or_id)
    folder = _folder(source)
    stored = _read_config(folder)
    config_class, kind = _kind(folder, stored)
    with _loading, at_work(), _quiet():
        try:
            config = config_class.from_dict(stored)
            _check_keys(stored, config_class().to_dict().keys() | OTHER_KEYS)
            skeleton = _skeleton(kind, config)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            _refuse(folder, f"its {CONFIG} cannot be used: {error}", error)
        _check_length(folder, skeleton)
        tokenizer = _tokenizer(folder, skeleton)
        model = _model(folder, kind, skeleton)
        distress = _distress(folder, model)
    return model, tokenizer, distress


def _distress(folder: Path, model: PairEncoder) -> DistressHead | None:
    try:
        layers = int(model.encoder.config.num_hidden_layers)
        return load_head(folder, model.hidden_size, layers, model.config.categories)
    except ValueError as error:
        raise CheckpointError(f"{error}; take it from the same checkpoint, or delete it") from error


def _folder(source: str) -> Path:
    folder = Path(source)
    if (folder / CONFIG).is_file():
        return folder
    if folder.is_absolute() or folder.exists() or source.count("/") != 1:
        raise CheckpointError(
            f"no detector checkpoint at {source!r}: give a folder with {CONFIG}, {WEIGHTS} and "
            "tokenizer files, a hub id, or nothing for the embedded one"
        )
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(source, allow_patterns=FETCHED))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"no detector checkpoint at {source!r}: it is no folder, and as a hub id it cannot be "
            f"had ({type(error).__name__}); give a folder, or download it first"
        ) from error


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        stored = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        _refuse(folder, f"its {CONFIG} cannot be read: {error}", error)
    if not isinstance(stored, dict):
        _refuse(folder, f"its {CONFIG} is no JSON object")
    for name, value in stored.items():
        for number in _numbers(value):
            if not isfinite(number):
                _refuse(folder, f"its {CONFIG} has {number} in {name!r}")
    return stored


def _numbers(value: Any) -> Iterator[float]:
    """All numbers inside a JSON value."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _numbers(item)


def _kind(folder: Path, stored: Mapping[str, Any]) -> Kind:
    found = stored.get("model_type")
    if not isinstance(found, str) or found not in KINDS:
        raise CheckpointError(
            f"'{folder}' is no LANCE detector but a model of type {found!r}; a detector's {CONFIG} "
            f"says model_type {LanceDetectorConfig.model_type!r}"
        )
    return KINDS[found]


def _check_keys(stored: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(stored.keys() - known):
        raise ValueError(f"unknown keys {', '.join(map(repr, unknown))}")


def _skeleton(kind: type[PairEncoder], config: Any) -> PairEncoder:
    """The model without memory for its weights: sizes are compared before any is allocated."""
    with torch.device("meta"):
        return kind(config)


def _check_length(folder: Path, skeleton: PairEncoder) -> None:
    longest, given = longest_input(skeleton.encoder), skeleton.config.max_tokens
    if longest is not None and given > longest:
        _refuse(folder, f"max_tokens is {given}, but its encoder reads at most {longest}")


def _tokenizer(folder: Path, skeleton: PairEncoder) -> Any:
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except Exception as error:  # the Rust library raises the class itself
        raise _refusal(folder, f"its tokenizer cannot be read: {error}") from error
    if not hasattr(tokenizer, "backend_tokenizer"):
        _refuse(folder, "its tokenizer has no fast form: it needs a tokenizer.json")
    tokens = 1 + max(tokenizer.get_vocab().values(), default=-1)
    places = int(skeleton.encoder.get_input_embeddings().num_embeddings)
    if not places * (1 - PADDING) <= tokens <= places:
        _refuse(
            folder,
            f"its tokenizer has {tokens:,} tokens and its encoder {places:,}: tokenizer files are "
            "missing, or of another model",
        )
    for name in SPECIAL:
        token = getattr(tokenizer, name)
        if not isinstance(token, int) or not 0 <= token < places:
            _refuse(folder, f"its tokenizer's {name} is {token}, no token of its encoder")
    return tokenizer


def _model(folder: Path, kind: type[PairEncoder], skeleton: PairEncoder) -> PairEncoder:
    try:
        _check_shapes(folder, skeleton)
        loading: Any = kind.from_pretrained(
            folder,
            config=skeleton.config,
            dtype=torch.float32,
            use_safetensors=True,
            output_loading_info=True,
        )
    except CheckpointError:
        raise
    except (OSError, SafetensorError, RuntimeError, ValueError, KeyError, TypeError) as error:
        _refuse(folder, f"its {WEIGHTS} cannot be read: {error}", error)
    model, loaded = loading
    for fault, keys in (("has no", "missing_keys"), ("has an unexpected", "unexpected_keys")):
        if names := sorted(loaded[keys]):
            _refuse(folder, f"its {WEIGHTS} {fault} {', '.join(names[:3])}")
    for name, weight in model.named_parameters():
        if not weight.sum().isfinite():  # NaN and infinities stay in a sum
            _refuse(folder, f"{name} in its {WEIGHTS} holds what is no finite number")
        weight.data = weight.data.clone()  # of a mapped file: a process dies when that is cut short
    whole: PairEncoder = model
    return whole


def _check_shapes(folder: Path, skeleton: PairEncoder) -> None:
    wanted = {name: list(weight.shape) for name, weight in skeleton.state_dict().items()}
    for file in _weight_files(folder):
        with safe_open(file, "pt") as weights:
            for name in weights.keys():  # noqa: SIM118 - it is no mapping
                shape = weights.get_slice(name).get_shape()
                if shape != wanted.get(name, shape):
                    _refuse(
                        folder,
                        f"{name} in its {WEIGHTS} has the shape {shape}, but {CONFIG} asks for "
                        f"{wanted[name]}",
                    )


def _weight_files(folder: Path) -> list[Path]:
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if not (folder / INDEX).is_file():
        _refuse(folder, f"it has no {WEIGHTS} (weights in pickled files are never loaded)")
    names = set(json.loads((folder / INDEX).read_text(encoding="utf-8"))["weight_map"].values())
    if outside := sorted(name for name in names if Path(name).name != name):
        _refuse(folder, f"its {INDEX} names {outside[0]!r}, outside of the folder")
    return [folder / name for name in sorted(names)]


def _refuse(folder: Path, why: str, cause: BaseException | None = None) -> NoReturn:
    raise _refusal(folder, why) from cause


def _refusal(folder: Path | str, why: str) -> CheckpointError:
    return CheckpointError(
        f"'{folder}' is no whole LANCE detector: {why}; copy it again from where it was trained, "
        "or train it anew"
    )


def _one_thread() -> None:
    """In a forked child: the threads that share a multiplication exist in the parent only."""
    torch.set_num_threads(1)


in_child(_one_thread)


class _quiet:
    """No progress bar and no report while a checkpoint loads: what is wrong is raised."""

    def __enter__(self) -> None:
        self.shown = transformers_logging.is_progress_bar_enabled()
        self.level = transformers_logging.get_verbosity()
        transformers_logging.disable_progress_bar()
        transformers_logging.set_verbosity(CRITICAL)

    def __exit__(self, *_: object) -> None:
        transformers_logging.set_verbosity(self.level)
        if self.shown:
            transformers_logging.enable_progress_bar()
