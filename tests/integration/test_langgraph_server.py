"""The graph under a real `langgraph dev`: what Studio draws, shows as a form, runs and keeps."""

import json

import pytest

from lance_graph import LanceContext, build_graph
from lance_graph.detector.detector import load_detector
from tests.integration.langgraph_server import LENIENT, QUESTION, serve

pytestmark = [pytest.mark.server, pytest.mark.slow]

BOXES = {
    "open_turn", "score_risk", "generate_response", "ask_again", "rewrite_mild", "rewrite_severe",
    "fall_back", "review", "deliver",
}  # fmt: skip


def test_the_drawing_has_the_specified_boxes(server):
    (assistant,) = server.post("/assistants/search")
    assert assistant["graph_id"] == "lance"
    drawing = server.get(f"/assistants/{assistant['assistant_id']}/graph")
    assert {node["id"] for node in drawing["nodes"]} == BOXES | {"__start__", "__end__"}
    edges = {(edge["source"], edge["target"]) for edge in drawing["edges"]}
    rewrites = {"generate_response", "ask_again", "rewrite_mild", "rewrite_severe"}
    assert edges == (
        {
            ("__start__", "open_turn"),
            ("open_turn", "score_risk"),
            ("deliver", "__end__"),
            ("fall_back", "__end__"),
        }
        | {("review", box) for box in ("fall_back", "open_turn")}
        | {("score_risk", box) for box in BOXES - {"score_risk"}}
        | {(box, "score_risk") for box in rewrites}
    )


def test_the_context_is_a_form_with_defaults_and_descriptions(server):
    (assistant,) = server.post("/assistants/search")
    schemas = server.get(f"/assistants/{assistant['assistant_id']}/schemas")
    fields = schemas["context_schema"]["properties"]
    assert list(fields) == [
        "target", "refiner", "detector", "detectors", "mode", "review", "out_of_language", "screening",
        "guard_input", "guard_tool_results", "guard_system", "guard_answer", "unscored_parts", "notice",
        "thresholds", "category_thresholds", "abstain", "when_uncertain", "max_iterations", "max_seconds",
        "target_timeout", "refiner_timeout", "detector_timeout", "retries", "ask_again", "ask_otherwise",
        "refiner_attempts", "prompts", "reveal_drafts", "redact_callbacks",
    ]  # fmt: skip
    assert all(field["description"] for field in fields.values())
    defaults = {name: field["default"] for name, field in fields.items() if "default" in field}
    assert defaults == {
        "target": "offline",
        "refiner": "offline",
        "detector": "embedded",
        "detectors": [],
        "mode": "enforce",
        "review": "never",
        "out_of_language": "pass",
        "screening": "prompt",
        "guard_input": True,
        "guard_tool_results": True,
        "guard_system": False,
        "guard_answer": True,
        "unscored_parts": "pass",
        "notice": False,
        "thresholds": {"tau": 0.3, "tau_mild": 0.5, "tau_severe": 0.7},
        "abstain": 0.0,
        "when_uncertain": "soften",
        "max_iterations": 3,
        "max_seconds": None,
        "target_timeout": None,
        "refiner_timeout": None,
        "detector_timeout": None,
        "retries": 2,
        "ask_again": True,
        "ask_otherwise": True,
        "refiner_attempts": 3,
        "reveal_drafts": False,
        "redact_callbacks": False,
    }
    assert fields["screening"]["enum"] == ["prompt", "pair"]


def test_input_and_output_are_described(server):
    (assistant,) = server.post("/assistants/search")
    schemas = server.get(f"/assistants/{assistant['assistant_id']}/schemas")
    assert schemas["input_schema"], "the server could not make a schema; its log says why"
    assert set(schemas["input_schema"]["properties"]) == {"messages"}
    assert set(schemas["output_schema"]["properties"]) == {"messages", "verdict"}


def test_a_streamed_run_ends_with_a_verdict_and_one_message(server):
    thread = server.thread()
    modes = ["updates", "values", "messages"]
    events = server.stream(thread, QUESTION, modes, thresholds=LENIENT)
    assert not [data for name, data in events if name == "error"]
    boxes = [box for name, data in events if name == "updates" for box in data]
    assert boxes == ["open_turn", "score_risk", "generate_response", "score_risk", "deliver"]
    last = [data for name, data in events if name == "values"][-1]
    assert [message["type"] for message in last["messages"]] == ["human", "ai"]
    assert last["verdict"]["status"] == "safe"
    streamed = [
        data for name, data in events if name.startswith("messages/") and "meta" not in name
    ]
    answer = last["messages"][-1]["content"]
    pieces = [message["content"] for data in streamed for message in data]
    assert len(pieces) > 2 and all(answer.startswith(piece) for piece in pieces)
    assert pieces[-1] == answer


def test_the_offline_rewrite_and_its_guidance_run_on_the_server(server):
    """Nothing that loads on first use may block the server's event loop."""
    prompt, thresholds = find_rewritten(server.detector)
    result = server.ask(server.thread(), prompt, thresholds=thresholds)
    assert result["verdict"]["status"] == "rewritten"
    assert "BlockingError" not in server.log.read_text()


def find_rewritten(detector: str) -> tuple[str, dict[str, float]]:
    """A prompt that the random checkpoint finds riskier than its rewrite, and thresholds between."""
    graph = build_graph().compile()
    for prompt in ("How do I bake bread?", "Tell me a good walk", "make my cat sleep", "hello you"):
        degree = load_detector(detector).score([prompt])[0].max_risk
        thresholds = {"tau": degree - 0.004, "tau_mild": degree + 0.1, "tau_severe": 0.9}
        context = LanceContext(detector=detector, thresholds=thresholds)
        result = graph.invoke({"messages": [("user", prompt)]}, context=context)
        if result["verdict"]["status"] == "rewritten":
            return prompt, thresholds
    raise AssertionError("the random checkpoint tells no prompt from its rewrite; change its seed")


def test_a_wrong_context_names_the_field(server):
    error = server.ask(server.thread(), QUESTION, max_iterations=-1)["__error__"]
    assert "max_iterations" in error["message"]
    assert "-1" in error["message"]


def test_a_wrong_detector_says_what_to_give(server):
    error = server.ask(server.thread(), QUESTION, detector="/no/such/folder")["__error__"]
    assert "/no/such/folder" in error["message"]


def test_a_wrong_model_says_why(server):
    error = server.ask(server.thread(), QUESTION, target="nobody:m", thresholds=LENIENT)[
        "__error__"
    ]
    assert "nobody:m" in error["message"]


def test_an_input_without_messages_says_so(server):
    body = server.body("", {}) | {"input": {"messages": []}}
    error = server.post(f"/threads/{server.thread()}/runs/wait", **body)["__error__"]
    assert "no message" in error["message"]


def test_a_thread_keeps_its_history(server):
    thread = server.thread()
    server.ask(thread, "hello", thresholds=LENIENT)
    second = server.ask(thread, QUESTION, thresholds=LENIENT)
    kinds = ["human", "ai", "human", "ai"]
    assert [message["type"] for message in second["messages"]] == kinds
    assert [message["content"] for message in second["messages"]][::2] == ["hello", QUESTION]
    state = server.get(f"/threads/{thread}/state")["values"]
    assert state["messages"] == second["messages"]
    assert state["verdict"]["prompt"] == QUESTION
    assert {"draft", "best", "started"}.isdisjoint(state)


def test_no_draft_leaves_the_server(server):
    """The target's answer is above the threshold: it must be on no stream and in no stored state."""
    server.models.reply = lambda request: "CANARY, step one"
    thread = server.thread()
    modes = ["values", "updates", "messages", "messages-tuple", "custom", "tasks", "checkpoints",
             "debug", "events"]  # fmt: skip
    context = {"target": "openai:gpt-4o-mini", "screening": "pair", "max_iterations": 1}
    events = server.stream(thread, QUESTION, modes, **context)
    assert len(server.models.requests) == 2
    values = [data for name, data in events if name == "values"]
    assert values[-1]["verdict"]["status"] == "fell_back"
    history = server.http.post(f"/threads/{thread}/history", json={}).raise_for_status()
    assert QUESTION in history.text
    assert "CANARY" not in json.dumps(events)
    assert "CANARY" not in history.text
    assert "CANARY" not in json.dumps(server.get(f"/threads/{thread}/state"))
    assert "CANARY" not in server.log.read_text()


def test_a_client_sends_the_server_nowhere(server):
    """An address of a client's own would get the server's key, and lead into the server's network."""
    for name in ("target_options", "refiner_options"):
        context = {
            "target": "openai:gpt-4o-mini",
            name: {"base_url": f"{server.models.url}/CANARY"},
        }
        body = server.body(QUESTION, context)
        answered = server.http.post(f"/threads/{server.thread()}/runs/wait", json=body)
        assert f"{name} leads a server's requests and key elsewhere" in answered.text
        assert "verdict" not in answered.text and not server.models.requests


def test_a_client_reads_no_file_of_the_server(server, tmp_path):
    words = tmp_path / "words.toml"
    words.write_text('[[words]]\ncategory = "violence"\nphrases = ["CANARY"]\n')
    for field in ("detector", "out_of_language"):
        name = f"words:{words}" if field == "detector" else f"guard:words:{words}"
        body = server.body(QUESTION, {field: name})
        answered = server.http.post(f"/threads/{server.thread()}/runs/wait", json=body)
        assert "may be a file of the server" in answered.text
        assert "verdict" not in answered.text


def test_a_server_with_a_context_file_takes_no_other(tiny_checkpoint, tmp_path):
    file = tmp_path / "lance.json"
    fields = {"detector": str(tiny_checkpoint), "target": "openai:of-the-file"}
    file.write_text(json.dumps({**fields, "thresholds": LENIENT}))
    with serve(tmp_path, str(tiny_checkpoint), LANCE_CONTEXT=str(file)) as server:
        body = server.body(QUESTION, {})
        ask = f"/threads/{server.thread()}/runs/wait"
        refused = server.http.post(ask, json=body)
        assert "this server's context is fixed (LANCE_CONTEXT)" in refused.text
        assert "verdict" not in refused.text
        answered = server.http.post(ask, json={**body, "context": {}}).raise_for_status().json()
        assert answered["verdict"]["status"] in ("safe", "rewritten")
        assert server.models.requests[0]["model"] == "of-the-file"


def test_a_mistyped_setting_ends_the_run_and_names_it(server):
    """The server itself would drop it, and answer unreviewed."""
    body = server.body(QUESTION, {"revew": "always"})
    answered = server.http.post(f"/threads/{server.thread()}/runs/wait", json=body)
    assert "no field 'revew'; did you mean 'review'?" in answered.text
    assert "verdict" not in answered.text
