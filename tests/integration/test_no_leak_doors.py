"""No door into LANCE shows a draft on any channel of the graph that it stands in."""

import pytest

from tests.integration import scenarios
from tests.integration.channels import ASYNC, SYNC, Taps
from tests.integration.doors import (
    agent,
    agent_on_chat_model,
    chat_model_in_a_node,
    naive_agent,
    naive_chat_model_agent,
    naive_chat_model_in_a_node,
    naive_graph,
    safety_layer_in_a_node,
)
from tests.integration.scenarios import DRAFT, EVERY_KIND, QUESTION, REFINED, TYPED, always

pytestmark = pytest.mark.usefixtures("cut_off_anywhere")

RUNS = [
    *((agent, scenario) for scenario in (*EVERY_KIND, scenarios.repaired, scenarios.guard_model)),
    *((agent_on_chat_model, scenario) for scenario in EVERY_KIND),
    *((chat_model_in_a_node, scenario) for scenario in EVERY_KIND),
    *((safety_layer_in_a_node, scenario) for scenario in EVERY_KIND),
]


@pytest.mark.parametrize(("door", "scenario"), RUNS)
class TestNoChannelShowsADraft:
    def test_sync(self, door, scenario, tmp_path):
        taps = self.taps(door, scenario, tmp_path)
        assert taps.collect().keys() == SYNC
        self.check(taps)

    async def test_async(self, door, scenario, tmp_path):
        taps = self.taps(door, scenario, tmp_path)
        assert (await taps.acollect()).keys() == ASYNC
        self.check(taps)

    @staticmethod
    def taps(door, scenario, folder):
        """The run that raises is one whose target quotes both canaries in its error."""
        failing = door(scenarios.target_failed(), on_degraded="raise")
        return Taps(door(scenario()), QUESTION, None, folder, failing=failing, together=True)

    @staticmethod
    def check(taps):
        assert taps.showing(DRAFT) == set()
        assert taps.showing(REFINED) == set()
        assert "DegradedError" in taps.texts["exception"]
        assert TYPED in taps.texts["sqlite"], "the file is not the one that was written"


NAIVE = [naive_agent, naive_chat_model_agent, naive_chat_model_in_a_node, naive_graph]


@pytest.mark.parametrize("door", NAIVE)
class TestTheTapsFindWhatLeaks:
    def test_sync(self, door, tmp_path):
        taps = Taps(door(self.context()), QUESTION, None, tmp_path, together=True)
        taps.collect()
        assert taps.showing(DRAFT) == SYNC

    async def test_async(self, door, tmp_path):
        taps = Taps(door(self.context()), QUESTION, None, tmp_path, together=True)
        await taps.acollect()
        assert taps.showing(DRAFT) == ASYNC

    @staticmethod
    def context():
        return scenarios.made_of(always())
