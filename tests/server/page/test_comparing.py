"""Side by side: what the target says without LANCE's repair, judged all the same."""

import hashlib
import json

import httpx
import pytest
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda

from lance_graph.evaluation.prompts import load
from lance_graph.server.keys import Key
from lance_graph.server.page.comparing import safety
from lance_graph.server.requests import MOST_MESSAGES
from tests.fakes import AnswerDetector, WordDetector
from tests.integration.scenarios import ANSWER, DRAFT, TYPED, UNSAFE, words
from tests.server.serving import serving

pytestmark = pytest.mark.server
ASKED = [{"role": "user", "content": TYPED}]


@pytest.fixture(scope="module")
def server():
    with serving(detector=AnswerDetector(words()), notice=True, guard_system=True) as found:
        yield found


def run(server, method, **more):
    return server.post("/page/run", json={"messages": ASKED, "method": method}, **more)


def last(response):
    lines = (line.removeprefix("data: ") for line in response.text.splitlines())
    return [json.loads(line) for line in lines if line.startswith("{")][-1]


def test_the_system_prompt_is_the_one_that_is_measured():
    assert safety() == load("method_sys_prompt")


@pytest.mark.parametrize("method", ["vanilla", "sys_prompt"])
def test_the_target_gets_the_prompt_as_it_came(server, method):
    server.target.plays(ANSWER)
    found = last(run(server, method))
    assert (found["answer"], found["lance"]["status"]) == (ANSWER, "safe")
    (sent,) = server.target.calls
    system = [(one.type, one.text) for one in sent[:-1]]
    assert system == ([("system", safety())] if method == "sys_prompt" else [])
    assert sent[-1].text == TYPED


@pytest.mark.parametrize("method", ["vanilla", "sys_prompt"])
def test_an_answer_that_is_hazardous_is_withheld(server, method):
    server.target.plays(UNSAFE)
    response = run(server, method)
    assert DRAFT not in response.text
    found = last(response)
    assert found["lance"]["status"] == "fell_back" and len(server.target.calls) == 1
    assert found["steps"][-1]["gradient"] or found["steps"][-2]["gradient"]


def test_where_there_are_keys_no_client_gets_around_the_judgement_of_prompts():
    keys = [Key("alice", hashlib.sha256(b"sesame").hexdigest())]
    with serving(more={"keys": keys}) as server:
        headers = {"Authorization": "Bearer sesame"}
        server.target.plays(ANSWER)
        refused = run(server, "vanilla", headers=headers)
        assert refused.status_code == 400 and refused.json()["error"]["param"] == "method"
        assert not server.target.calls
        assert not httpx.get(f"{server.url}/page/about", headers=headers).json()["compare"]


@pytest.mark.parametrize(
    "fields", [{"target": "offline"}, {"mode": "monitor"}, {"guard_answer": False}]
)
def test_there_is_nothing_to_compare_without_a_target_or_a_judge(fields):
    with serving(detector=WordDetector(words()), **fields) as server:
        assert run(server, "sys_prompt").status_code == 400
        assert not httpx.get(f"{server.url}/page/about").json()["compare"]


def test_what_may_act_is_never_sent_what_nobody_judged():
    sent = []

    def act(messages):
        sent.append(messages[-1].text)
        return AIMessage(ANSWER)

    with serving(RunnableLambda(act), detector=AnswerDetector(words())) as server:
        assert run(server, "vanilla").status_code == run(server, "sys_prompt").status_code == 400
        assert not httpx.get(f"{server.url}/page/about").json()["compare"]
        assert TYPED not in sent


def test_no_message_is_too_many_for_the_system_prompt_without_being_told(server):
    body = {"messages": ASKED * MOST_MESSAGES, "method": "sys_prompt"}
    refused = server.post("/page/run", json=body)
    assert refused.status_code == 400 and refused.json()["error"]["param"] == "messages"


def test_a_method_of_another_name_is_refused(server):
    assert run(server, "naive").status_code == 400
