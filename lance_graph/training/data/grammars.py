"""Generated contrasts: grammars in a folder outside the package, loaded when a quota asks for them.

The grammars are Python. Loading them runs the code of that folder, so name only one that you trust.
"""

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from zlib import crc32

from lance_graph.training.data.twins import folder_of

ALL = -1
"""As a count of rows: all that there are."""
WANTED = ("MAX_ROWS", "generate_contrasts")
"""What a folder's ``__init__.py`` has to define: a number, and (count, seed) to that many rows."""


def generated_rows(
    count: int, seed: int, folder: str | Path | None = None
) -> list[dict[str, object]]:
    """``count`` generated contrasts; -1 gives all that there are, 0 none and loads nothing.

    ``folder`` as in `lance_graph.training.data.twins.folder_of`; **its code is run**.
    FileNotFoundError or ValueError say what it lacks.
    """
    if not count:
        return []
    grammars = load(folder_of(folder).resolve())
    rows: list[dict[str, object]] = grammars.generate_contrasts(
        grammars.MAX_ROWS if count == ALL else count, seed
    )
    return rows


@cache
def load(folder: Path) -> ModuleType:
    """The package in ``folder``, imported by its path, under a name that meets no other package's."""
    source = folder / "__init__.py"
    if not source.is_file():
        raise FileNotFoundError(
            f"there are no grammars in '{folder}': it has no __init__.py; mix: {{contrasts: 0}} does "
            "without them"
        )
    name = f"lance_contrasts_{crc32(str(folder).encode()):08x}"
    spec = spec_from_file_location(name, source, submodule_search_locations=[str(folder)])
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    if missing := [wanted for wanted in WANTED if not hasattr(module, wanted)]:
        raise ValueError(f"the grammars in '{folder}' do not define {' and '.join(missing)}")
    return module
