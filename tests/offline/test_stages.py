"""Each stage makes a request or passes; the last one always makes one."""

from itertools import product

from lance_graph.categories import KEYS
from lance_graph.offline import text
from lance_graph.offline.frames import slug_of
from lance_graph.offline.reading import read
from lance_graph.offline.stages import ORDER
from tests.offline.rewriting import SUBJECTS


def test_every_stage_earns_a_request_and_the_last_one_always_makes_one() -> None:
    assert len({stage.name for stage in ORDER}) == len(ORDER)
    for subject, category in product(SUBJECTS, KEYS):
        reading = read(text.tidy(subject), slug_of(category), "severe", (), 0)
        assert ORDER[-1].make(reading)
