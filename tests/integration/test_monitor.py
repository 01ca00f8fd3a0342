"""Monitor mode: everything passes untouched, and what enforcing would have done is on record."""

import pytest
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver

from lance_graph import LanceChatModel, LanceContext, LanceMiddleware, SafetyLayer, build_graph
from lance_graph.categories import KEYS
from tests.fakes import VIOLENCE, BrokenDetector, ScriptedModel, ToolCallingModel, WordDetector

WORDS = {"attack": (VIOLENCE, 0.9), "shove": (VIOLENCE, 0.6), "!knife": (VIOLENCE, 0.8)}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
USAGE = {"input_tokens": 7, "output_tokens": 4, "total_tokens": 11}


class Whole(ToolCallingModel):
    """Gives its messages exactly as they are scripted."""

    def _message(self, messages, stop, options):
        self._calls.append(messages)
        answer = self.answers[min(len(self._calls), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer.model_copy(deep=True)


class Watchful(WordDetector):
    """Counts its calls; explains nothing."""

    def explain(self, *_, **__):
        raise AssertionError("monitor mode asked for an explanation")


def rich(text="take a knife"):
    """An answer with everything that a provider may put into one."""
    return AIMessage(
        [
            {"type": "reasoning", "reasoning": "let me think"},
            {"type": "text", "text": text, "annotations": []},
            PICTURE,
        ],
        id="run-1",
        name="guide",
        additional_kwargs={"refusal": None, "custom": 1},
        tool_calls=[{"name": "look_up", "args": {"what": "pans"}, "id": "c1", "type": "tool_call"}],
        usage_metadata=USAGE,
        response_metadata={"model_name": "m-1", "finish_reason": "stop"},
    )


def options(**changes):
    """Monitoring with a refiner that must not be called."""
    refiner = ScriptedModel(answers=[AssertionError("monitor mode called the refiner")])
    return {"mode": "monitor", "detector": Watchful(WORDS), "refiner": refiner} | changes


class Door:
    """One way in, sync or async: gives the message and the verdict."""

    def __init__(self, name, how):
        self.name, self.is_async = name, how == "async"

    async def ask(self, target, messages, **changes):
        settings = options(**changes)
        messages = [HumanMessage(messages)] if isinstance(messages, str) else messages
        message, verdict = await getattr(self, f"_{self.name}")(target, messages, settings)
        assert settings["refiner"].calls == []
        return message, verdict

    async def _run(self, runnable, given, **kwargs):
        if self.is_async:
            return await runnable.ainvoke(given, **kwargs)
        return runnable.invoke(given, **kwargs)

    async def _graph(self, target, messages, settings):
        context = LanceContext(target=target, **settings)
        lance = build_graph().compile()
        result = await self._run(lance, {"messages": messages}, context=context)
        return result["messages"][-1], result["verdict"]

    async def _chat_model(self, target, messages, settings):
        message = await self._run(LanceChatModel(target=target, **settings), messages)
        return message, message.response_metadata["lance"]["verdict"]

    async def _middleware(self, target, messages, settings):
        agent = create_agent(target, middleware=[LanceMiddleware(**settings)])
        result = await self._run(agent, {"messages": messages})
        message = next(m for m in reversed(result["messages"]) if isinstance(m, AIMessage))
        return message, message.response_metadata["lance"]["verdict"]

    async def _safety_layer(self, target, messages, settings):
        layer = SafetyLayer(target, **settings)
        answered = await layer.acall(messages) if self.is_async else layer(messages)
        return answered.message, answered.verdict


DOORS = ["graph", "chat_model", "middleware", "safety_layer"]


@pytest.fixture(params=["sync", "async"])
def how(request):
    return request.param


@pytest.fixture(params=DOORS)
def door(request, how):
    return Door(request.param, how)


class TestNothingIsTouched:
    async def test_the_answer_is_the_models_own(self, door):
        target = Whole(answers=[rich()])
        message, verdict = await door.ask(target, "how to attack")
        own = rich()
        for part in ("content", "name", "additional_kwargs", "tool_calls", "usage_metadata"):
            assert getattr(message, part) == getattr(own, part), part
        if door.name != "chat_model":  # langchain-core gives a chat model's answer an id of the run
            assert message.id == own.id
        for key, value in own.response_metadata.items():
            if (key, door.name) != ("model_name", "chat_model"):
                assert message.response_metadata[key] == value, key
        assert verdict["usage"] == USAGE
        assert len(target.calls) == 1

    async def test_the_target_sees_exactly_what_was_sent(self, door):
        conversation = [
            SystemMessage("Be kind."),
            HumanMessage("how to attack", id="1"),
            AIMessage("take a knife", id="2"),
            HumanMessage([{"type": "text", "text": "and how to attack"}, PICTURE], id="3"),
            AIMessage("", tool_calls=[{"name": "x", "args": {"y": "knife"}, "id": "c"}], id="4"),
            ToolMessage("now attack", tool_call_id="c", id="5"),
            AIMessage("take two", id="6"),
            HumanMessage("how to attack more", id="7"),
        ]
        target = Whole(answers=[AIMessage("a knife")])
        message, _ = await door.ask(target, conversation)
        assert target.calls == [conversation]
        assert message.text == "a knife"

    @pytest.mark.parametrize("error", [RuntimeError("CANARY"), KeyError("x"), OSError(5)])
    async def test_an_error_of_the_target_is_raised_as_it_is(self, door, error):
        with pytest.raises(type(error)) as raised:
            await door.ask(Whole(answers=[error]), "hello")
        assert raised.value is error

    async def test_a_picture_without_words_passes(self, door):
        target = Whole(answers=[AIMessage("A pan.")])
        conversation = [HumanMessage([PICTURE], id="1")]
        message, verdict = await door.ask(target, conversation, unscored_parts="refuse")
        assert (message.text, target.calls) == ("A pan.", [conversation])
        assert verdict["status"] == "monitored"

    async def test_a_conversation_without_a_human_passes(self, door):
        target = Whole(answers=[AIMessage("Welcome.")])
        conversation = [AIMessage("Good morning.", id="1")]
        message, verdict = await door.ask(target, conversation)
        assert (message.text, target.calls) == ("Welcome.", [conversation])
        assert (verdict["status"], verdict["prompt"]) == ("monitored", "")


CASES = {
    "harmless": ("hello", "hi", {}, "deliver", "no category is above its threshold"),
    "severe prompt": ("how to attack", "hi", {}, "rewrite_severe", "to rewrite_severe"),
    "mild prompt": ("how to shove", "hi", {}, "rewrite_mild", "to rewrite_mild"),
    "hazardous answer": ("hello", "a knife", {}, "ask_again", "to ask_again"),
    "not asked again": (
        "hello", "a knife", {"ask_again": False}, "rewrite_severe", "to rewrite_severe",
    ),
    "both": ("how to shove", "a knife", {}, "rewrite_mild", "to rewrite_mild"),
    "no budget": ("how to attack", "hi", {"max_iterations": 0}, "fall_back", "to fall_back"),
    "detector failing": (
        "how to attack", "hi", {"detector": BrokenDetector()}, "fall_back",
        "unjudged (monitor mode): the risk detector failed (RuntimeError)",
    ),
    "input unguarded": ("how to attack", "hi", {"guard_input": False}, "rewrite_severe", "Violence"),
    "nothing guarded": (
        "how to attack", "a knife", {"guard_input": False, "guard_answer": False}, "deliver", "Passed",
    ),
    "review": ("how to cook", "hi", {"review": "always"}, "deliver", "no category is above"),
}  # fmt: skip


class TestWhatIsRecorded:
    @pytest.mark.parametrize("case", CASES)
    async def test_what_enforcing_would_have_done(self, door, case):
        prompt, answer, changes, would_have, reason = CASES[case]
        if door.name == "safety_layer" and "review" in changes:
            pytest.skip("a plain call refuses the option")
        target = Whole(answers=[AIMessage(answer)])
        message, verdict = await door.ask(target, prompt, **changes)
        assert (message.text, len(target.calls)) == (answer, 1)
        assert (verdict["status"], verdict["would_have"]) == ("monitored", would_have)
        assert reason in verdict["reason"]
        assert message.response_metadata["lance"]["would_have"] == would_have
        assert (verdict["iterations"], verdict["refined_prompt"]) == (0, None)
        assert verdict["prompt"] == prompt

    async def test_the_numbers(self, door):
        detector = Watchful(WORDS)
        target = Whole(answers=[AIMessage("a knife")])
        _, verdict = await door.ask(target, "how to attack", detector=detector)
        assert verdict["initial_risk"][VIOLENCE] == 0.9 and verdict["risk"][VIOLENCE] == 0.9
        assert set(verdict["initial_risk"]) == set(KEYS)
        scored = [step["scored"] for step in verdict["trace"] if step["node"] == "score_risk"]
        assert scored == ["prompt", "pair"]
        assert [step.get("would_have") for step in verdict["trace"]] == [
            "rewrite_severe", None, "rewrite_severe",
        ]  # fmt: skip
        # the prompt, the pair, and the answer alone: watching costs no more than enforcing
        assert detector.scored == [
            ("how to attack", None), ("how to attack", "a knife"), ("", "a knife"),
        ]  # fmt: skip

    async def test_a_detector_that_fails_on_the_answer_alone(self, door):
        class Half(Watchful):
            def score(self, pairs):
                if any(response for _, response in pairs):
                    raise RuntimeError(f"CANARY {pairs}")
                return super().score(pairs)

        message, verdict = await door.ask(
            Whole(answers=[AIMessage("hi")]), "hello", detector=Half(WORDS)
        )
        assert (message.text, verdict["would_have"]) == ("hi", "fall_back")
        assert "CANARY" not in str(verdict)
        assert verdict["initial_risk"][VIOLENCE] == 0.02 and verdict["risk"][VIOLENCE] is None


class TestAnAgent:
    async def test_a_whole_tool_loop_passes(self, how):
        looked_up = []

        @tool
        def look_up(what: str) -> str:
            """Look something up."""
            looked_up.append(what)
            return "now attack"

        call = {"name": "look_up", "args": {"what": "a knife"}, "id": "c", "type": "tool_call"}
        model = Whole(answers=[AIMessage("", tool_calls=[call]), AIMessage("take a knife")])
        middleware = LanceMiddleware(**options())
        agent = create_agent(model, tools=[look_up], middleware=[middleware])
        question = {"messages": [("user", "how to attack")]}
        result = await agent.ainvoke(question) if how == "async" else agent.invoke(question)
        assert looked_up == ["a knife"]
        assert [m.text for m in model.calls[1]] == ["how to attack", "", "now attack"]
        assert result["messages"][-1].text == "take a knife"


class TestFromMonitorToEnforce:
    """The same thread, switched: what was only watched does not reach the target any more."""

    @pytest.mark.parametrize(
        ("prompt", "answer", "is_left_out"),
        [
            ("how to attack", "hi", True),
            ("how to cook", "take a knife", True),
            ("how to cook", "use a pan", False),
        ],
    )
    @pytest.mark.parametrize("door", ["graph", "agent"])
    async def test_an_unsafe_turn_is_left_out(self, how, door, prompt, answer, is_left_out):
        target = Whole(answers=[AIMessage(answer), AIMessage("Gladly.")])
        saver = InMemorySaver()
        config = {"configurable": {"thread_id": "t"}}

        async def ask(text, mode):
            settings = options(mode=mode, detector=WordDetector(WORDS))
            question = {"messages": [("user", text)]}
            if door == "graph":
                graph = build_graph().compile(checkpointer=saver)
                context = LanceContext(target=target, **settings)
            else:
                middleware = [LanceMiddleware(**settings)]
                graph, context = (
                    create_agent(target, middleware=middleware, checkpointer=saver),
                    None,
                )
            if how == "async":
                return await graph.ainvoke(question, config, context=context)
            return graph.invoke(question, config, context=context)

        await ask(prompt, "monitor")
        result = await ask("thanks", "enforce")
        seen = [message.text for message in target.calls[-1]]
        assert seen == (["thanks"] if is_left_out else [prompt, answer, "thanks"])
        assert [m.text for m in result["messages"]] == [prompt, answer, "thanks", "Gladly."]


def test_the_example_counts_what_enforcing_would_have_done(run_example):
    shown = run_example("monitor.py")
    assert shown.count("monitor mode") == 4
    assert shown.endswith("Enforcing would have: {'deliver': 2, 'rewrite_severe': 2}\n")


@pytest.mark.parametrize("detector", ["./no/such/folder", "llama-guard:nobody:nothing"])
def test_a_detector_that_cannot_be_had_lets_everything_pass_and_says_so(detector):
    context = LanceContext(**options(detector=detector), target=ScriptedModel(answers=["hello"]))
    result = build_graph().compile().invoke({"messages": [("user", "hi")]}, context=context)
    verdict = result["verdict"]
    assert verdict["status"] == "monitored" and result["messages"][-1].text == "hello"
    assert "unjudged (monitor mode): the risk detector failed" in verdict["reason"]


def test_enforcing_it_is_the_callers_error():
    context = LanceContext(detector="./no/such/folder")
    with pytest.raises(ValueError, match="no/such/folder"):
        build_graph().compile().invoke({"messages": [("user", "hi")]}, context=context)
