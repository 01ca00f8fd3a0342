"""The box `open_turn`: what a turn begins with."""

import asyncio
import time
from itertools import pairwise

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.runtime import Runtime

from lance_graph.context import LanceContext
from lance_graph.graph import route_risk
from lance_graph.nodes.open_turn import new_turn, open_turn
from lance_graph.runtime.steps import arun, run
from lance_graph.state import Draft
from tests.fakes import VIOLENCE, BrokenDetector, WordDetector

HISTORY = [HumanMessage("how to kill him"), AIMessage("like this"), HumanMessage("and a cake?")]
PICTURE = {"type": "image", "url": "https://example.org/a.png"}


def opening(messages, left_behind=None, **context):
    given = {"detector": WordDetector({"kill": (VIOLENCE, 0.9)})} | context
    state = {"messages": messages} | (left_behind or {})
    return open_turn(state, Runtime(context=LanceContext(**given)))


def opened(messages, left_behind=None, **context):
    return run(opening(messages, left_behind, **context))


def seen(update):
    return [message.text for message in update["dialogue"].messages(update["draft"].prompt())]


def test_a_turn_starts_from_the_words_as_typed():
    update = opened([HumanMessage(" how to kill him ")])
    assert update["prompt"] == update["draft"].prompt() == " how to kill him "
    assert (update["iteration"], update["budget"], update["trace"]) == (0, 3, [])


def test_whatever_an_earlier_turn_left_behind_is_set_anew():
    stale = {"iteration": 3, "failure": "old", "trace": [{"node": "old"}], "initial": {"risk": {}}}
    stale |= {"declined": "rejected", "reviewed": True, "usage": {}, "out_of_language": True}
    update = opened([HumanMessage("hello")], stale)
    fresh = new_turn([HumanMessage("hello")], LanceContext(), 0.0)
    assert {name: update[name] for name in stale} == {name: fresh[name] for name in stale}


def test_the_target_is_not_shown_what_is_hazardous_in_the_history():
    assert seen(opened(HISTORY)) == ["and a cake?"]
    assert seen(opened(HISTORY, mode="monitor")) == ["how to kill him", "like this", "and a cake?"]


def test_nothing_of_the_history_is_judged_where_it_is_only_watched():
    assert opened(HISTORY, mode="monitor", detector=BrokenDetector())["draft"].prompt()


async def test_a_history_that_cannot_be_judged_ends_the_run_and_is_not_quoted():
    for update in (
        opened(HISTORY, detector=BrokenDetector()),
        await arun(opening(HISTORY, detector=BrokenDetector())),
    ):
        (step,) = update["trace"]
        assert step["node"] == "open_turn" and step["failure"] == update["failure"]
        assert "dialogue" not in update and "kill" not in update["failure"]
        assert route_risk(update) == step["branch"] == "fall_back"


def test_progress_says_where_a_history_that_cannot_be_judged_leads():
    told = []
    runtime = Runtime(context=LanceContext(detector=BrokenDetector()), stream_writer=told.append)
    run(open_turn({"messages": HISTORY}, runtime))
    assert told == [{"lance": "routed", "iteration": 0, "branch": "fall_back"}]


def test_a_detector_that_cannot_be_had_is_the_callers_to_mend():
    with pytest.raises((OSError, ValueError), match="no/such/folder"):
        opened([HumanMessage("hello")], detector="no/such/folder")


def test_a_reviewers_draft_is_kept_and_so_is_what_the_run_has_counted():
    mine = {"draft": Draft("how to wave"), "iteration": 2, "trace": [{"node": "review"}]}
    mine |= {"failure": None, "declined": None, "usage": None, "out_of_language": True}
    update = opened(HISTORY, mine)
    assert update["draft"].prompt() == "how to wave"
    assert seen(update) == ["how to wave"] and update["out_of_language"]
    assert not {"iteration", "trace", "started"} & update.keys()


@pytest.mark.parametrize(
    ("context", "declined"),
    [
        ({"unscored_parts": "refuse"}, "unscored_parts"),
        ({"unscored_parts": "refuse", "mode": "monitor"}, None),
        ({}, None),
    ],
)
def test_parts_that_cannot_be_judged(context, declined):
    message = HumanMessage([{"type": "text", "text": "what is this?"}, PICTURE])
    assert opened([message], **context)["declined"] == declined


@pytest.mark.parametrize("mode", ["enforce", "monitor"])
def test_a_conversation_without_a_word_of_the_users_has_an_empty_prompt(mode):
    for messages in ([AIMessage("hi")], [HumanMessage([PICTURE])], [HumanMessage("")]):
        update = opened(messages, mode=mode)
        assert update["prompt"] == update["draft"].prompt() == ""
        assert update["dialogue"].messages("") == messages
    with pytest.raises(ValueError, match="no message"):
        opened([], mode=mode)


async def test_other_tasks_go_on_while_a_message_of_many_blocks_is_read():
    blocks = [{"type": "text", "text": f"word {number} here"} for number in range(9_000)]
    beats = [time.perf_counter()]

    async def beat():
        while True:
            await asyncio.sleep(0.001)
            beats.append(time.perf_counter())

    other = asyncio.create_task(beat())
    await asyncio.sleep(0.001)
    await arun(opening([HumanMessage(blocks)]))
    other.cancel()
    pauses = [after - before for before, after in pairwise(beats)]
    assert max(pauses) < sum(pauses) / 2
