"""Hugging Face models that run in this process: a hub id, a folder or a GGUF file, and how it is loaded."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from lance_graph.context_file import alike
from lance_graph.model_options import spoken
from lance_graph.runtime.forking import ForkSafeLock

GGUF = ".gguf"
DTYPES = ("auto", "float32", "bfloat16", "float16")
QUANTIZATIONS = ("4bit", "8bit")
OPTIONS = (
    "device", "device_map", "dtype", "gguf_file", "max_new_tokens", "max_tokens", "quantization",
    "revision", "temperature",
)  # fmt: skip


class OneAtATime:
    """A pipeline of transformers that works on one call at a time, from whatever threads they come.

    Its tokenizer and its settings are shared by all calls. Everything else is the pipeline's own.
    """

    def __init__(self, pipeline: Any) -> None:
        self._pipeline, self._lock = pipeline, ForkSafeLock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The pipeline's own answer, once it is free."""
        with self._lock:
            return self._pipeline(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name in ("_pipeline", "_lock") or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._pipeline, name)


def load(name: str, options: Mapping[str, Any]) -> BaseChatModel:
    """The chat model of a hub id, a folder or a GGUF file, decoded greedily unless told otherwise.

    ``options`` are `OPTIONS`. ValueError names a wrong one and what is allowed; ImportError the
    package that is missing; what transformers raises if the model cannot be had.
    """
    check(options)
    source, gguf_file = whole_name(name, options.get("gguf_file"))
    if gguf_file and find_spec("gguf") is None:
        raise ImportError("GGUF files need gguf: pip install 'langgraph-lance[gguf]'")
    if gguf_file and "quantization" in options:
        raise ValueError("quantization: a GGUF file is quantised already; leave it out")
    from langchain_huggingface import ChatHuggingFace, HuggingFacePipeline
    from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

    where = {"revision": options.get("revision"), "gguf_file": gguf_file}
    where = {key: value for key, value in where.items() if value is not None}
    tokenizer = AutoTokenizer.from_pretrained(source, **where)
    if not tokenizer.chat_template:
        raise ValueError(f"{name!r} has no chat template; choose an instruct model")
    model = AutoModelForCausalLM.from_pretrained(source, **where, **_placing(options))
    generator = pipeline(
        "text-generation",
        model=model,
        tokenizer=tokenizer,
        device=options.get("device"),
        return_full_text=False,
        **_decoding(options),
    )
    llm = HuggingFacePipeline(pipeline=OneAtATime(generator), model_id=source)
    return ChatHuggingFace(llm=llm, tokenizer=tokenizer, model_id=source)


def check(options: Mapping[str, Any]) -> None:
    """ValueError for an option that there is not, or a value that means nothing."""
    for name in options:
        if name not in OPTIONS:
            hint = alike(name, OPTIONS)
            raise ValueError(f"a model on this machine takes no {spoken(name)}; {hint}")
    for name, allowed in (("dtype", DTYPES), ("quantization", QUANTIZATIONS)):
        if name in options and options[name] not in allowed:
            raise ValueError(f"{name} is {options[name]!r}; write one of {', '.join(allowed)}")
    for name in ("max_new_tokens", "max_tokens"):
        value = options.get(name, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"{name} is {value!r}; write a whole number of tokens, 1 or more")
    temperature = options.get("temperature", 0)
    if isinstance(temperature, bool) or not isinstance(temperature, int | float) or temperature < 0:
        raise ValueError(f"temperature is {temperature!r}; write 0 (greedy) or a number above it")
    if "device" in options and "device_map" in options:
        raise ValueError("device and device_map both say where the model lies; give one of them")


def whole_name(name: str, gguf_file: str | None = None) -> tuple[str, str | None]:
    """The folder or hub id of a model and its GGUF file, which may be the end of its name."""
    path = Path(name)
    if gguf_file is None and path.suffix.lower() == GGUF:
        if path.is_dir():
            return name, None
        if path.is_file():
            return str(path.parent), path.name
        organisation, _, rest = name.partition("/")
        repository, slash, file = rest.partition("/")
        if not slash or not organisation:
            raise ValueError(f"there is no file {name!r}; on the hub write ORG/NAME/FILE{GGUF}")
        return f"{organisation}/{repository}", file
    return name, gguf_file


def _placing(options: Mapping[str, Any]) -> dict[str, Any]:
    """How the weights are loaded."""
    found = {name: options[name] for name in ("dtype", "device_map") if name in options}
    if "device_map" in options and find_spec("accelerate") is None:
        raise ImportError("device_map needs accelerate: pip install accelerate")
    if quantization := options.get("quantization"):
        if find_spec("bitsandbytes") is None:
            raise ImportError("quantization needs bitsandbytes: pip install bitsandbytes")
        from transformers import BitsAndBytesConfig

        found["quantization_config"] = BitsAndBytesConfig(**{f"load_in_{quantization}": True})
    return found


def _decoding(options: Mapping[str, Any]) -> dict[str, Any]:
    """How the answer is made."""
    temperature = options.get("temperature", 0)
    longest = options.get("max_tokens", options.get("max_new_tokens"))
    found: dict[str, Any] = {"do_sample": temperature > 0, "max_new_tokens": longest}
    return found | ({"temperature": temperature} if temperature else {})
