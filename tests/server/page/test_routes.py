"""The page's addresses over HTTP: who may ask, within which limits, and what is told in which order."""

import hashlib
import json
import threading
import time

import httpx
import pytest

from lance_graph.server.keys import Key
from lance_graph.server.page.drawn import MEDIA, asset
from lance_graph.server.settings import Settings
from tests.integration.scenarios import ANSWER, DRAFT, REFINED, STATUS, UNSAFE
from tests.server.serving import serving
from tests.server.test_no_leak import ASKED, audit, served  # noqa: F401 - fixtures, by their names

pytestmark = pytest.mark.server
KEYS = [Key("alice", hashlib.sha256(b"right").hexdigest(), per_minute=3)]


@pytest.fixture(scope="module")
def server():
    settings = Settings(max_concurrent=1, timeout=20, max_body=2_000)
    with serving(settings=settings) as found:
        yield found


def get(server, path, **more):
    return httpx.get(f"{server.url}{path}", timeout=20, **more)


def run(server, messages=ASKED, **more):
    return server.post("/page/run", json={"messages": messages}, **more)


def events(text):
    lines = (line.removeprefix("data: ") for line in text.splitlines())
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_the_page_and_its_files_are_this_servers_alone(server):
    found = get(server, "/")
    assert found.status_code == 200 and "text/html" in found.headers["content-type"]
    policy = found.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';") and "unsafe" not in policy
    assert "://" not in found.text.replace("http://www.w3.org/2000/svg", "")
    assert "<style" not in found.text and "style=" not in found.text and "onclick" not in found.text
    for name in MEDIA:
        file = get(server, f"/page/{name}")
        assert file.status_code == 200 and file.headers["x-content-type-options"] == "nosniff"
        assert file.headers["content-type"] == f"{MEDIA[name]}; charset=utf-8"
        assert "innerHTML" not in file.text and "http" not in file.text.replace(
            "http://www.w3.org/2000/svg", ""
        ).replace("https://library.example", "")


def test_every_file_is_served():
    from importlib.resources import files

    there = {path.name for path in (files("lance_graph.server.page") / "assets").iterdir()}
    assert there == {*MEDIA, "index.html.jinja"} and all(map(asset, there))


@pytest.mark.parametrize(
    "path", ["/page/none.js", "/page/..%2froutes.py", "/page/index.html.jinja"]
)
def test_nothing_else_is_a_file(server, path):
    assert get(server, path).status_code == 404


def test_every_box_and_way_of_the_drawing_can_be_found(server):
    html = get(server, "/").text
    for name in (
        "box-score_risk",
        "box-fall_back",
        "way-score_risk-rewrite_mild",
        "way-deliver-__end__",
    ):
        assert f'id="{name}"' in html


def test_progress_comes_before_the_answer(server):
    server.target.plays(lambda messages: ANSWER if "defuse" in messages[-1].text else UNSAFE)
    found = events(run(server).text)
    kinds = [event.get("lance") for event in found[:-1]]
    assert kinds[:3] == ["scored", "routed", "rewriting"] and kinds[-1] == "delivered"
    assert found[-1]["kind"] == "answer"
    assert server.idle()  # what is counted last was counted
    assert server.metric("lance_requests_total", route="/page/run", status="200") >= 1


@pytest.mark.parametrize("path", ["/", "/page/page.js", "/page/about"])
def test_without_keys_a_page_of_another_site_gets_nothing(server, path):
    found = get(server, path, headers={"Host": "evil.example"})
    assert found.status_code == 403 and found.json()["error"]["code"] == "loopback_only"


def test_another_site_cannot_run_anything(server):
    found = run(server, headers={"Host": "evil.example"})
    assert found.status_code == 403
    text = json.dumps({"messages": ASKED})
    unasked = server.post("/page/run", content=text, headers={"Content-Type": "text/plain"})
    assert unasked.status_code == 415


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"messages": []}, 400),
        ({"messages": ASKED, "model": "other"}, 400),
        ({"messages": ASKED, "lance": {"thresholds": 0.99}}, 400),
        ({"messages": [{"role": "user", "content": "x" * 3_000}]}, 413),
    ],
)
def test_bodies_have_the_limits_of_chat_completions(server, body, status):
    assert server.post("/page/run", json=body).status_code == status


def test_a_run_that_finds_no_room_is_told_to_come_again(server):
    server.target.plays(ANSWER, delay=1.5)
    slow = threading.Thread(target=run, args=(server, [{"role": "user", "content": "hello there"}]))
    slow.start()
    while not server.app.state.lance.slots.taken:
        time.sleep(0.01)
    found = run(server)
    slow.join()
    assert found.status_code == 429 and found.headers["retry-after"]


def test_who_goes_away_ends_the_run(server):
    server.target.plays(ANSWER, delay=20)
    body = {"messages": [{"role": "user", "content": "hello there"}]}
    with httpx.stream("POST", f"{server.url}/page/run", json=body) as response:
        assert next(response.iter_lines())
    assert server.idle()


def test_keys_are_asked_for_what_does_something_and_counted():
    with serving(more={"keys": KEYS}) as server:
        assert get(server, "/").status_code == get(server, "/page/page.js").status_code == 200
        right, wrong = ({"Authorization": f"Bearer {key}"} for key in ("right", "wrong"))
        for headers in ({}, wrong):
            assert get(server, "/page/about", headers=headers).status_code == 401
            assert run(server, headers=headers).status_code == 401
        assert get(server, "/page/about", headers=right).status_code == 200
        answered = run(server, headers=right)
        assert events(answered.text)[-1]["kind"] == "answer"
        assert run(server, headers=right).status_code == 200
        assert run(server, headers=right).status_code == 429


def test_an_operator_may_have_no_page():
    with serving(settings=Settings(page=False)) as server:
        for path in ("/", "/page/page.js", "/page/about"):
            assert get(server, path).status_code == 404
        assert run(server).status_code == 404


@pytest.mark.parametrize("scenario", STATUS, ids=lambda scenario: scenario.__name__)
def test_no_event_holds_a_draft(served, scenario):  # noqa: F811 - the fixture
    found = run(served, headers={"Authorization": f"Bearer {scenario.__name__}"})
    assert DRAFT not in found.text and REFINED not in found.text
    *before, last = events(found.text)
    if STATUS[scenario] == "degraded":
        assert last["error"]["type"] == "lance_degraded"
    else:
        assert last["lance"]["status"] == STATUS[scenario] and before
