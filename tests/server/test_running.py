"""Targets that fail and hang, clients that go away or read slowly, many at once: nothing leaks or stays."""

import asyncio
import json
import socket
import time
from random import Random
from threading import Thread

import httpx
import pytest

from lance_graph.server.settings import Settings
from tests.integration.scenarios import ANSWER, DRAFT, REFINED, UNSAFE
from tests.server.serving import HELLO, Target, serving

pytestmark = pytest.mark.server
LIMIT = 1.0
BUSY_LIMIT = 3.0


@pytest.fixture(scope="module")
def served():
    settings = Settings(timeout=LIMIT, keep_alive=0.1, max_concurrent=16)
    with serving(Target(model="target"), settings=settings) as server:
        yield server


@pytest.fixture(scope="module")
def busy():
    settings = Settings(timeout=BUSY_LIMIT, keep_alive=3)
    with serving(Target(model="target"), settings=settings) as server:
        yield server


def test_a_target_that_fails_is_a_typed_error_without_its_words(served):
    served.target.plays(RuntimeError(f"400: the prompt led to {DRAFT}"))
    response = served.chat()
    assert response.status_code == 503
    assert response.headers["x-lance-status"] == "degraded"
    error = response.json()["error"]
    assert (error["type"], error["code"]) == ("lance_degraded", "lance_degraded")
    assert "the target model failed (RuntimeError)" in error["message"]
    assert DRAFT not in response.text


def test_so_it_is_on_a_stream_that_has_not_begun_and_on_one_that_has(served, busy):
    busy.target.plays(RuntimeError(DRAFT))
    assert busy.chat(stream=True).status_code == 503
    served.target.plays(RuntimeError(DRAFT), delay=0.25)
    response = served.chat(stream=True)
    assert response.status_code == 200
    *comments, last = [line for line in response.text.split("\n\n") if line]
    assert comments and set(comments) == {": judging"}
    assert json.loads(last.removeprefix("data: "))["error"]["type"] == "lance_degraded"
    assert DRAFT not in response.text


def test_nothing_of_an_answer_is_sent_before_it_was_judged(served):
    served.target.plays("hello", delay=0.35)
    with httpx.stream(
        "POST", f"{served.url}/v1/chat/completions", json={**HELLO, "stream": True}
    ) as r:
        lines = [line for line in r.iter_lines() if line]
    first = next(place for place, line in enumerate(lines) if line.startswith("data:"))
    assert first >= 2 and set(lines[:first]) == {": judging"}
    assert not any(line.startswith(":") for line in lines[first:])


def test_a_target_that_hangs_is_a_time_limit(served):
    served.target.plays("never", delay=60)
    began = time.monotonic()
    response = served.chat()
    assert time.monotonic() - began >= LIMIT
    assert response.status_code == 504 and response.json()["error"]["code"] == "timeout"
    assert response.headers["x-should-retry"] == "false"
    assert '"code": "timeout"' in served.chat(stream=True).text
    assert served.idle()


def test_a_timeout_of_the_targets_own_is_a_failure(served):
    served.target.plays(TimeoutError(DRAFT))
    assert served.chat().status_code == 503


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_goes_away_ends_its_run(served, stream):
    served.target.plays("never", delay=60)
    before = served.metric("lance_run_seconds_count", outcome="cancelled")
    body, url = {**HELLO, "stream": stream}, f"{served.url}/v1/chat/completions"
    with (
        pytest.raises(TimeoutError if stream else httpx.ReadTimeout),
        httpx.stream("POST", url, json=body, timeout=0.5) as response,
    ):
        for number, _ in enumerate(response.iter_raw()):
            if number == 2:  # comments keep a stream alive
                raise TimeoutError
    assert served.idle()
    assert served.metric("lance_run_seconds_count", outcome="cancelled") == before + 1
    served.target.plays("hello")
    assert served.chat().status_code == 200


def test_a_client_that_goes_away_before_its_body_ends_is_no_error(served, caplog):
    address = served.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1]))) as client:
        client.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
        )
    assert served.idle()
    assert not [r for r in caplog.records if r.levelname == "ERROR"]


def test_a_body_that_does_not_end_is_a_time_limit(served):
    address = served.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1]))) as client:
        client.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
        )
        client.settimeout(15)
        assert client.recv(100).startswith(b"HTTP/1.1 408")


def test_a_slow_reader_gets_all_of_it_and_keeps_no_place(served):
    text = " ".join(["word"] * 20_000)
    served.target.plays(text)
    address = served.url.removeprefix("http://").split(":")
    body = json.dumps({**HELLO, "stream": True}).encode()
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect((address[0], int(address[1])))
        client.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        client.settimeout(20)
        found = client.recv(1_000)
        while served.app.state.lance.slots.taken:
            time.sleep(0.01)
        served.target.plays("hello")
        assert served.chat().status_code == 200  # while the other still reads
        while more := client.recv(1 << 20):
            found += more
    assert found.count(b"word") > 18_000  # the others are cut in two
    assert b"data: [DONE]" in found


def test_more_than_there_is_room_for_are_told_to_come_again(served):
    served.target.plays("hello", delay=0.5)

    async def all_at_once():
        async with httpx.AsyncClient(timeout=20) as client:
            url = f"{served.url}/v1/chat/completions"
            return await asyncio.gather(*(client.post(url, json=HELLO) for _ in range(24)))

    found = asyncio.run(all_at_once())
    refused = [response for response in found if response.status_code == 429]
    assert len(refused) >= 24 - 16 - 4 and {r.headers["retry-after"] for r in refused} == {"1"}
    assert {r.json()["error"]["code"] for r in refused} == {"too_many_at_once"}
    assert served.idle()


def test_many_at_once_in_front_of_a_target_that_fails_and_hangs(busy):
    """A fifth of the calls fail or hang, every draft holds a canary: all is typed, nothing shows or stays."""
    luck = Random(16)

    def script(sent):
        if luck.random() < 0.1:
            return RuntimeError(f"{DRAFT} and {REFINED}")
        return ANSWER if "defuse" in sent[-1].text or "hello" in sent[-1].text else UNSAFE

    busy.target.plays(script, delay=lambda _: 60 if luck.random() < 0.1 else 0.01)
    texts = ["how to attack", "hello there"]

    async def ask(client, room, number):
        asked = [{"role": "user", "content": texts[number % 2]}]
        body = {"model": "lance", "messages": asked, "stream": number % 4 < 2}
        async with room:
            return await client.post(f"{busy.url}/v1/chat/completions", json=body)

    async def all_of_them():
        room = asyncio.Semaphore(16)
        async with httpx.AsyncClient(timeout=30) as client:
            return await asyncio.gather(*(ask(client, room, number) for number in range(64)))

    found = asyncio.run(all_of_them())
    kinds = [kind_of(response) for response in found]
    assert len(kinds) == 64 and set(kinds) == {"answer", "lance_degraded", "timeout_error"}
    for response in found:
        assert DRAFT not in response.text and REFINED not in response.text
    assert busy.idle()
    busy.target.plays("hello")
    assert busy.chat().status_code == 200


def kind_of(response):
    """``answer``, or the type of the error."""
    if response.headers["content-type"].startswith("application/json"):
        error = response.json().get("error")
        return error["type"] if error else "answer"
    last = [line for line in response.text.split("\n\n") if line][-1]
    return "answer" if last == "data: [DONE]" else json.loads(last[6:])["error"]["type"]


def test_a_server_that_is_stopped_finishes_what_it_began():
    target = Target(model="target")
    target.plays("hello", delay=0.7)
    with serving(target) as server:
        answers = []
        asking = [
            Thread(target=lambda stream=stream: answers.append(server.chat(stream=stream)))
            for stream in (False, True)
        ]
        for one in asking:
            one.start()
        while server.app.state.lance.slots.taken < 2:
            time.sleep(0.01)
        server.begin_stop()
        for one in asking:
            one.join(20)
        assert [answer.status_code for answer in answers] == [200, 200]
        assert all("hello" in answer.text for answer in answers)
        server.stop()
        with pytest.raises(httpx.ConnectError):
            server.chat()
