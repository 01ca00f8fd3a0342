"""Agents behind LANCE on a LangGraph server: no draft is in what it streams, stores, logs or raises."""

import json
from collections.abc import Iterator

import pytest

from tests.integration import langgraph_server, served
from tests.integration.channels import Seen
from tests.integration.langgraph_server import Server
from tests.integration.scenarios import ANSWER, DRAFT, REFINED, TYPED

pytestmark = [pytest.mark.server, pytest.mark.slow]

GRAPHS = [name for name in vars(served) if name.startswith(("agent_", "chat_model_", "safety_"))]
MODES = ["values", "updates", "messages", "messages-tuple", "custom", "tasks", "checkpoints",
         "debug", "events"]  # fmt: skip
NOT_CUT_SHORT = {"configurable": {"cut_short": False}}
CHANNELS = {*MODES, "wait", "state", "history", "runs", "log"} - {"messages-tuple"}


@pytest.fixture(scope="module")
def agents(tmp_path_factory, tiny_checkpoint) -> Iterator[Server]:
    """A server of `tests/integration/served.py`."""
    folder = tmp_path_factory.mktemp("agents")
    config = folder / "langgraph.json"
    names = [*GRAPHS, "naive_agent"]
    graphs = {name: f"{served.__name__}:{name}" for name in names}
    config.write_text(json.dumps({"dependencies": ["."], "graphs": graphs}))
    usual = langgraph_server.command

    def command(port: int) -> list[str]:
        return [str(config) if part.endswith("langgraph.json") else part for part in usual(port)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(langgraph_server, "command", command)
        with langgraph_server.serve(folder, str(tiny_checkpoint)) as server:
            yield server


def collect(server: Server, graph: str) -> Seen:
    """Two runs of a graph on one thread, and everything that the server tells of them."""
    seen, before = Seen(), server.log.stat().st_size
    thread = server.thread()
    body = {"assistant_id": graph, "input": {"messages": [{"role": "user", "content": TYPED}]}}
    options = {"stream_mode": MODES, "stream_subgraphs": True, "config": NOT_CUT_SHORT}
    asked = server.http.post(f"/threads/{thread}/runs/stream", json=body | options)
    for event in asked.raise_for_status().text.replace("\r\n", "\n").split("\n\n"):
        name = event.partition("\n")[0].removeprefix("event: ").partition("|")[0]
        seen.keep(name.partition("/")[0], event)
    waited = server.http.post(
        f"/threads/{server.thread()}/runs/wait", json=body | {"config": NOT_CUT_SHORT}
    )
    seen.keep("wait", waited.text)
    seen.keep("state", server.http.get(f"/threads/{thread}/state?subgraphs=true").text)
    seen.keep("history", server.http.post(f"/threads/{thread}/history", json={}).text)
    seen.keep("runs", server.http.get(f"/threads/{thread}").text)
    seen.keep("runs", server.http.get(f"/threads/{thread}/runs").text)
    seen.keep("log", server.log.read_bytes()[before:].decode(errors="replace"))
    return seen


@pytest.mark.parametrize("graph", GRAPHS)
def test_no_door_on_a_server_shows_a_draft(agents, graph):
    seen = collect(agents, graph)
    assert seen.showing(DRAFT) == set()
    assert seen.showing(REFINED) == set()
    if graph.endswith("_failed"):
        assert {"error", "wait", "log"} <= seen.showing("DegradedError")
    else:
        judged_safe = ANSWER if not graph.endswith("_tools") else "fell_back"
        assert {"values", "state", "history", "wait"} <= seen.showing(judged_safe)
    assert TYPED in seen.texts["state"]


def test_the_same_channels_show_what_a_careless_agent_lets_out(agents):
    assert collect(agents, "naive_agent").showing(DRAFT) >= CHANNELS
