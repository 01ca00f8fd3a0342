"""Side by side: where LangChain's own output guards show a text that LanceMiddleware withholds."""

import pytest
from langchain_core.messages import AIMessage

from tests.integration import scenarios
from tests.integration.channels import Taps
from tests.integration.doors import agent
from tests.integration.peers import Moderation, moderated, pii
from tests.integration.scenarios import DRAFT, QUESTION

pytestmark = pytest.mark.usefixtures("cut_off_anywhere")


@pytest.fixture
def moderation():
    with Moderation() as url:
        yield moderated(url)


async def shown(door, folder, is_async):
    folder.mkdir()
    taps = Taps(door, QUESTION, None, folder, together=True)
    if is_async:
        await taps.acollect()
    else:
        taps.collect()
    return taps.showing(DRAFT)


@pytest.mark.parametrize("is_async", [False, True])
class TestSideBySide:
    async def test_pii_middleware_shows_what_lance_middleware_does_not(self, tmp_path, is_async):
        theirs = await shown(pii(), tmp_path / "theirs", is_async)
        ours = await shown(agent(scenarios.fell_back()), tmp_path / "ours", is_async)
        assert "messages, subgraphs=False" in theirs
        assert ours == set()

    async def test_pii_middleware_hides_it_in_the_end(self, is_async):
        """The comparison is fair: their guard works."""
        graph = pii().compile()
        result = await graph.ainvoke(QUESTION) if is_async else graph.invoke(QUESTION)
        assert DRAFT not in str(result)
        assert "[REDACTED_CANARY]" in result["messages"][-1].text

    async def test_openai_moderation_shows_it_even_in_the_end(self, moderation, tmp_path, is_async):
        theirs = await shown(moderation, tmp_path / "theirs", is_async)
        assert {"messages, subgraphs=False", "invoke", "get_state"} <= theirs

    async def test_a_guard_that_appends_leaves_it_for_the_next_turn(self, moderation, is_async):
        graph = moderation.compile()
        result = await graph.ainvoke(QUESTION) if is_async else graph.invoke(QUESTION)
        answers = [message for message in result["messages"] if isinstance(message, AIMessage)]
        assert [DRAFT in answer.text for answer in answers] == [True, False]
