"""From a suite, data and models to what a run needs: samples, methods, scorers, and the run's facts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from lance_graph import __version__, detectors, models
from lance_graph.evaluation import datasets, scorers
from lance_graph.evaluation.judges import Judge
from lance_graph.evaluation.methods import build
from lance_graph.evaluation.methods.base import Setting
from lance_graph.evaluation.report.answers import rows_of
from lance_graph.evaluation.report.model import Report
from lance_graph.evaluation.sample import Method, Record, Reply, Sample, Scorer
from lance_graph.evaluation.store import Facts, Store, digest
from lance_graph.evaluation.suites import SUITES, Suite
from lance_graph.hub import PREFIX
from lance_graph.model_options import ModelOptions
from lance_graph.named_files import digest as digest_of
from lance_graph.named_files import digests

FILE = "file "
"""How the facts begin that are about what is in a file."""


@dataclass(frozen=True)
class Request:
    """What is to be run, on the samples of all of ``data``.

    ``count`` samples are selected evenly, and ``limit`` keeps the first of them. ``methods``
    restricts the suite's, in its order; each of ``models`` answers as a method of its own.
    ``columns`` are the data's names for fields of a sample.
    """

    suite: str
    data: Sequence[str]
    setting: Setting = field(default_factory=Setting)
    judge: Any = None
    methods: Sequence[str] = ()
    models: Sequence[str] = ()
    count: int | None = None
    limit: int | None = None
    seed: int = 0
    backbone: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Assembly:
    """A run that can begin. ``notes`` are for a person: what was left out, and why."""

    suite: Suite
    samples: Sequence[Sample]
    methods: Sequence[Method]
    scorers: Sequence[Scorer]
    facts: Facts
    backbone: str | None = None
    notes: Sequence[str] = ()

    def report(self, store: Store) -> Report:
        """What the suite makes of the records of these samples, of earlier runs' methods too."""
        order = [method.name for method in self.methods]
        names = [*order, *(name for name, _ in store.records if name not in order)]
        keys = [(name, s.id) for name in dict.fromkeys(names) for s in self.samples]
        records: list[Record] = [store.records[key] for key in keys if key in store.records]
        facts = _shown(store.facts, len(self.samples))
        if self.backbone:
            facts["backbone"] = self.backbone
        return replace(self.suite.summarise(records, facts), rows=rows_of(records))


@dataclass(frozen=True)
class OfModel:
    """A method with a model of its own, where several models are compared."""

    method: Method

    @property
    def name(self) -> str:
        """The method's name and the model's."""
        return f"{self.method.name}@{self.method.model}"

    @property
    def title(self) -> str:
        """The method's title and the model."""
        return f"{self.method.title} ({self.method.model})"

    @property
    def model(self) -> str:
        """The method's model."""
        return self.method.model

    @property
    def max_calls(self) -> int:
        """The method's."""
        return self.method.max_calls

    async def answer(self, sample: Sample) -> Reply:
        """The method's answer."""
        return await self.method.answer(sample)


def assemble(request: Request) -> Assembly:
    """Find everything that can be wrong before the first call.

    ValueError, OSError or ImportError says what: an unknown name, data that cannot be read, a model
    that is missing. A method that the suite has but whose model was not named is left out with a
    note, unless it was asked for.
    """
    suite = SUITES[request.suite]
    everything = _load(request)
    samples = everything
    if request.count:
        samples = datasets.balanced(everything, request.count, request.seed)
    samples = samples[: request.limit]
    if request.suite in ("table3", "guard") and all(sample.harmful is None for sample in samples):
        raise ValueError(
            f"--data: no sample says whether it is harmful, which {request.suite} measures; name the "
            "field with --column harmful=NAME"
        )
    methods, notes = _methods(suite, request)
    chosen = scorers.build(suite.scorers, request.setting)
    if request.judge is not None:
        chosen.append(Judge(request.judge))
    elif suite.needs_judge:
        notes.append(
            "no --judge: the columns that a judge fills stay empty; the same command with "
            "--judge MODEL adds them later without asking for the answers again"
        )
    facts = _facts(request, everything)
    return Assembly(suite, samples, methods, chosen, facts, request.backbone, notes)


def _load(request: Request) -> list[Sample]:
    """The samples of all sources; of several, an id begins with its source's name."""
    loaded = {source: datasets.load(source, columns=request.columns) for source in request.data}
    if len(loaded) == 1:
        return loaded[request.data[0]]
    names = _sources(loaded)
    if len(set(names)) < len(names):
        raise ValueError(f"--data: two sources are called {', '.join(sorted(names))}; rename one")
    return [
        replace(sample, id=f"{name}:{sample.id}")
        for name, samples in zip(names, loaded.values(), strict=True)
        for sample in samples
    ]


def _sources(data: Iterable[str]) -> list[str]:
    """What sources are called in facts: a file without its folder."""
    return [s if s.startswith(PREFIX) else Path(s).name for s in data]


def load_models(request: Request) -> None:
    """Load what the request names, so that a wrong name stops before any work.

    ModelError, ValueError or OSError names the option.
    """
    setting = request.setting
    chat = {"target": setting.target, "refiner": setting.refiner, "instruct": setting.instruct}
    chat |= {"judge": request.judge}
    chat |= {f"model {name}": name for name in request.models}
    options = {"target": setting.options_of("target"), "refiner": setting.options_of("refiner")}
    for option, model in chat.items():
        if model not in (None, models.OFFLINE):
            with _named(option):
                given = options.get(option, ModelOptions())
                models.resolve(model, options=given, temperature=0)
    for option, detector in (("detector", setting.judged_by), ("guard", setting.guard)):
        if detector is not None:
            with _named(option):
                detectors.resolve(detector)


@contextmanager
def _named(option: str) -> Iterator[None]:
    """Put the option before what is wrong with its value."""
    try:
        yield
    except Exception as error:
        raise ValueError(f"--{option}: {error}") from error


def _methods(suite: Suite, request: Request) -> tuple[list[Method], list[str]]:
    """The methods that can be run, and why others cannot."""
    unknown = [name for name in request.methods if name not in suite.methods]
    if unknown:
        raise ValueError(
            f"--methods: {suite.name} has no {', '.join(unknown)}; "
            f"it has {', '.join(suite.methods)}"
        )
    if idle := request.setting.method_options.keys() - {*(request.methods or suite.methods)}:
        raise ValueError(f"--set: {', '.join(sorted(idle))} takes no part in this run")
    built: list[Method] = []
    notes = []
    for name in suite.methods:
        if request.methods and name not in request.methods:
            continue
        try:
            built.append(build(name, request.setting))
        except ValueError as error:
            if request.methods or name in request.setting.method_options:
                raise
            notes.append(f"left out: {error}")
    for model in request.models:
        built.append(OfModel(build("vanilla", request.setting.with_target(model))))
    if not built:
        raise ValueError(f"nothing of {suite.name} can be run: {'; '.join(notes)}")
    return built, notes


def _facts(request: Request, everything: Sequence[Sample]) -> Facts:
    """What makes a run this one; None where it does not say."""
    setting = request.setting
    return {
        "suite": request.suite,
        "data": ", ".join(_sources(request.data)),
        "rows": digest(everything),
        "seed": request.seed,
        "target": _name(setting.target),
        "refiner": _name(setting.refiner),
        "detector": _name(setting.detector),
        "instruct": _name(setting.instruct),
        "guard": _name(setting.guard),
        "vectors": setting.vectors and setting.vectors.name,
        "encoder": setting.encoder,
        "options": _options(setting),
        "judge": _name(request.judge),
        "version": __version__,
        **{f"{FILE}{name}": content for name, content in _files(request).items()},
    }


def _files(request: Request) -> dict[str, str]:
    """What is in the files that are named, as digests: with others a run is another.

    A fact for each, so that a guard, a judge or a model can be named later, as all of them can.
    """
    setting = request.setting
    found = digests(dict(setting.context())) | digests({"detector": setting.guard})
    for model in (setting.instruct, request.judge, *request.models):
        found |= digests({"target": model})
    paths = [Path(path) for path in (setting.encoder, setting.vectors) if path]
    return found | {str(path): digest_of(path) for path in paths if path.exists()}


def _options(setting: Setting) -> dict[str, Any]:
    """The options that are not the defaults: of the graph, and of methods as ``method.option``."""
    given = setting.context()
    default = Setting(setting.target, setting.refiner, setting.detector).context()
    changed = {
        name: getattr(given, name)
        for name in sorted(setting.options)
        if getattr(given, name) != getattr(default, name)
    }
    options = {name: _plain(value) for name, value in changed.items()}
    for method, own in sorted(setting.method_options.items()):
        options |= {f"{method}.{name}": value for name, value in sorted(own.items())}
    return options


def _plain(value: Any) -> Any:
    """A field of a context as JSON, without what may be a secret."""
    if isinstance(value, ModelOptions):
        return value.shown()
    return value.model_dump() if isinstance(value, BaseModel) else value


def _shown(facts: Facts, count: int) -> dict[str, str]:
    """The facts as lines of a report."""
    told = {name: value for name, value in facts.items() if not name.startswith(FILE)}
    lines = {name: str(value) for name, value in told.items() if value not in (None, {})}
    if facts["options"]:
        lines["options"] = ", ".join(f"{k} {v}" for k, v in facts["options"].items())
    lines["samples"] = str(count)
    for package in ("langchain-core", "langgraph", "transformers", "torch"):
        lines[package] = version(package)
    return lines


def _name(value: Any) -> str | None:
    return None if value is None else models.model_name(value)
