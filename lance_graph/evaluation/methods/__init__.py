"""The methods that an evaluation compares, one a file; importing this package loads none of them.

`vanilla`, `sys_prompt`, `self_refine`, `rep_e` (with ``steering``), `instruct` are the paper's
baselines, `lance`, `lance_nr`, `lance_nf` the method and its ablations, `hard_block` and `guard` what
users would pick instead, `detector` the detector alone. They share `base` (the setting of a run),
`asking` (one question to one model) and `costs` (the most calls of a run).
"""

from collections.abc import Mapping
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lance_graph.evaluation.methods.base import Setting
    from lance_graph.evaluation.sample import Method

_CLASSES: Mapping[str, str] = {
    "vanilla": "Vanilla",
    "sys-prompt": "SysPrompt",
    "self-refine": "SelfRefine",
    "rep-e": "RepE",
    "instruct": "Instruct",
    "lance-nr": "LanceNR",
    "lance-nf": "LanceNF",
    "lance": "Lance",
    "hard-block": "HardBlock",
    "guard": "Guard",
    "detector": "DetectorAlone",
}
NAMES: tuple[str, ...] = tuple(_CLASSES)


def build(name: str, setting: "Setting") -> "Method":
    """The method ``name``, with the options that ``setting.method_options`` has for it.

    ValueError for an unknown name or option, and where the setting lacks a model that the method
    needs. Nothing is loaded before the first answer.
    """
    if name not in _CLASSES:
        raise ValueError(f"no method is named {name!r}; known are {', '.join(NAMES)}")
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    method = getattr(module, _CLASSES[name])
    options: Mapping[str, Any] = setting.method_options.get(name, {})
    known = list(signature(method).parameters)[1:]
    if unknown := [option for option in options if option not in known]:
        takes = f"it takes {', '.join(known)}" if known else "it takes none"
        raise ValueError(f"{name} has no option {', '.join(unknown)}; {takes}")
    built: Method = method(setting, **options)
    return built
