"""The graph as a part of something bigger: subgraph, batch, running event loop, database, many turns."""

import asyncio
from dataclasses import dataclass
from operator import add
from typing import Annotated

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.runtime import Runtime
from typing_extensions import TypedDict

from lance_graph import LanceContext, build_graph
from tests.fakes import VIOLENCE, ScriptedModel, WordDetector, answer_with

DETECTOR = WordDetector({"attack": (VIOLENCE, 0.9)})


def context(**options):
    """Echoing target, refiner that rewrites everything to one harmless question."""
    defaults = {
        "detector": DETECTOR,
        "refiner": ScriptedModel(answers=["how to hug"]),
        "target": answer_with(lambda text: f"about {text}"),
    }
    return LanceContext(**(defaults | options))


def said(result):
    return [(message.type, message.text) for message in result["messages"]]


class TestAsASubgraph:
    @pytest.fixture
    def same_state(self):
        """A graph of chat messages around it, with a node before and a node after."""

        class Outer(MessagesState):
            verdict: dict
            seen: Annotated[list[str], add]

        def before(state: Outer):
            return {"seen": [state["messages"][-1].text]}

        def after(state: Outer):
            return {"seen": [state["messages"][-1].text, state["verdict"]["status"]]}

        graph = StateGraph(Outer, LanceContext)
        graph.add_sequence([before, ("lance", build_graph().compile()), after])
        graph.add_edge(START, "before")
        graph.add_edge("after", END)
        return graph.compile()

    @pytest.fixture
    def other_state(self):
        """A graph with a state and a context of its own, which calls it from a node."""

        class Ticket(TypedDict):
            body: str
            reply: str
            status: str

        @dataclass
        class Desk:
            models: LanceContext

        lance = build_graph().compile()

        async def answer(state: Ticket, runtime: Runtime[Desk]):
            result = await lance.ainvoke(
                {"messages": [("user", state["body"])]}, context=runtime.context.models
            )
            return {
                "reply": result["messages"][-1].text,
                "status": result["verdict"]["status"],
            }

        graph = StateGraph(Ticket, Desk)
        graph.add_node(answer)
        graph.add_edge(START, "answer")
        graph.add_edge("answer", END)
        return graph.compile(), Desk

    def test_with_the_same_state(self, same_state):
        result = same_state.invoke({"messages": [("user", "how to attack")]}, context=context())
        assert said(result) == [("human", "how to attack"), ("ai", "about how to hug")]
        assert result["seen"] == ["how to attack", "about how to hug", "rewritten"]
        assert {"draft", "best", "trace"}.isdisjoint(result)

    async def test_with_the_same_state_async(self, same_state):
        result = await same_state.ainvoke({"messages": [("user", "hello")]}, context=context())
        assert said(result) == [("human", "hello"), ("ai", "about hello")]
        assert result["seen"] == ["hello", "about hello", "safe"]

    async def test_with_a_state_and_a_context_of_its_own(self, other_state):
        graph, desk = other_state
        result = await graph.ainvoke({"body": "how to attack"}, context=desk(context()))
        assert result["reply"] == "about how to hug"
        assert result["status"] == "rewritten"

    def test_without_any_context_it_takes_the_defaults(self, monkeypatch):
        monkeypatch.setattr("lance_graph.judging.resolve", lambda _: DETECTOR)
        graph = StateGraph(MessagesState)
        graph.add_node("lance", build_graph().compile())
        graph.add_edge(START, "lance")
        result = graph.compile().invoke({"messages": [("user", "hello")]})
        assert "offline responder" in result["messages"][-1].text

    def test_a_context_of_another_kind_leaves_it_with_the_defaults(self, monkeypatch):
        @dataclass
        class Mine:
            user: str = "me"

        monkeypatch.setattr("lance_graph.judging.resolve", lambda _: DETECTOR)
        graph = StateGraph(MessagesState, Mine)
        graph.add_node("lance", build_graph().compile())
        graph.add_edge(START, "lance")
        result = graph.compile().invoke({"messages": [("user", "hello")]}, context=Mine())
        assert "offline responder" in result["messages"][-1].text

    def test_two_in_a_row_do_not_share_drafts(self):
        """The second one reads the same last human turn, with a clean slate of its own."""

        class Outer(MessagesState):
            verdict: dict

        lance = build_graph().compile()
        graph = StateGraph(Outer, LanceContext)
        graph.add_sequence([("first", lance), ("second", lance)])
        graph.add_edge(START, "first")
        result = graph.compile().invoke(
            {"messages": [("user", "how to attack")]}, context=context()
        )
        assert [kind for kind, _ in said(result)] == ["human", "ai", "ai"]
        assert (result["verdict"]["status"], result["verdict"]["iterations"]) == ("rewritten", 0)
        assert result["verdict"]["refined_prompt"] == "how to hug"


NUMBERS = range(9)
HARMFUL = {0, 3, 6}
QUESTIONS = [
    {"messages": [("user", f"how to {'attack' if n in HARMFUL else 'cook'} {n}")]} for n in NUMBERS
]
STATUSES = ["rewritten" if n in HARMFUL else "safe" for n in NUMBERS]
ANSWERS = [f"about how to {'hug' if n in HARMFUL else f'cook {n}'}" for n in NUMBERS]


class TestManyAtOnce:
    def check(self, results):
        assert [result["verdict"]["status"] for result in results] == STATUSES
        assert [result["messages"][-1].text for result in results] == ANSWERS

    def test_batch(self):
        lance = build_graph().compile()
        self.check(lance.batch(QUESTIONS, {"max_concurrency": 3}, context=context()))

    async def test_abatch(self):
        lance = build_graph().compile()
        self.check(await lance.abatch(QUESTIONS, {"max_concurrency": 3}, context=context()))

    async def test_gather_on_one_graph(self):
        lance, shared = build_graph().compile(), context()
        runs = [lance.ainvoke(question, context=shared) for question in QUESTIONS]
        self.check(await asyncio.gather(*runs))

    async def test_the_sync_door_inside_a_running_event_loop(self):
        result = (
            build_graph()
            .compile()
            .invoke({"messages": [("user", "how to attack")]}, context=context())
        )
        assert result["verdict"]["status"] == "rewritten"

    async def test_cancelling_ends_the_model_call(self):
        ended = asyncio.Event()

        class Slow(ScriptedModel):
            async def _agenerate(self, *_, **__):
                try:
                    await asyncio.sleep(30)
                finally:
                    ended.set()

        run = (
            build_graph()
            .compile()
            .ainvoke({"messages": [("user", "hello")]}, context=context(target=Slow(answers=[])))
        )
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(run, 0.3)
        await asyncio.wait_for(ended.wait(), 2)


FIRST = {"messages": [("user", "how to attack")]}
SECOND = {"messages": [("user", "and how to cook")]}
THREAD = {"configurable": {"thread_id": "t"}}
HISTORY = [
    ("human", "how to attack"),
    ("ai", "about how to hug"),
    ("human", "and how to cook"),
    ("ai", "about and how to cook"),
]


class TestManyTurns:
    """One thread in a real database file, closed and opened again between the turns."""

    def check(self, one, two, state, target):
        assert one["verdict"]["status"] == "rewritten"
        assert one["verdict"]["iterations"] == 1
        assert said(two) == HISTORY
        verdict = two["verdict"]
        assert verdict["status"] == "safe"
        assert verdict["prompt"] == "and how to cook"
        assert verdict["iterations"] == 0
        assert verdict["refined_prompt"] is None
        assert max(verdict["initial_risk"].values()) < 0.3
        nodes = [step["node"] for step in verdict["trace"]]
        assert nodes == ["score_risk", "generate_response", "score_risk"]
        assert state["iteration"] == 0
        assert state["trace"] == verdict["trace"]
        assert {"draft", "best", "started"}.isdisjoint(state)
        # the target sees the first turn as it was rewritten and answered, not as typed
        assert [message.text for message in target.calls[-1]] == [
            "how to hug",
            "about how to hug",
            "and how to cook",
        ]

    def test_sync(self, tmp_path):
        models = context()
        file = str(tmp_path / "threads.db")
        with SqliteSaver.from_conn_string(file) as saver:
            lance = build_graph().compile(checkpointer=saver)
            one = lance.invoke(FIRST, THREAD, context=models)
        with SqliteSaver.from_conn_string(file) as saver:
            lance = build_graph().compile(checkpointer=saver)
            two = lance.invoke(SECOND, THREAD, context=models)
            state = lance.get_state(THREAD).values
        self.check(one, two, state, models.target)

    async def test_async(self, tmp_path):
        models = context()
        file = str(tmp_path / "threads.db")
        async with AsyncSqliteSaver.from_conn_string(file) as saver:
            lance = build_graph().compile(checkpointer=saver)
            one = await lance.ainvoke(FIRST, THREAD, context=models)
        async with AsyncSqliteSaver.from_conn_string(file) as saver:
            lance = build_graph().compile(checkpointer=saver)
            two = await lance.ainvoke(SECOND, THREAD, context=models)
            state = (await lance.aget_state(THREAD)).values
        self.check(one, two, state, models.target)

    def test_a_failure_in_one_turn_is_forgotten_in_the_next(self, tmp_path):
        with SqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
            lance = build_graph().compile(checkpointer=saver)
            broken = context(target=ScriptedModel(answers=[RuntimeError("down")]))
            one = lance.invoke(SECOND, THREAD, context=broken)
            two = lance.invoke(SECOND, THREAD, context=context())
        assert one["verdict"]["status"] == "degraded"
        assert two["verdict"]["status"] == "safe"
        assert [kind for kind, _ in said(two)] == ["human", "ai"] * 2

    def test_the_words_of_two_threads_stay_apart(self, tmp_path):
        with SqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
            lance = build_graph().compile(checkpointer=saver)
            for thread, question in (("a", FIRST), ("b", SECOND)):
                lance.invoke(question, {"configurable": {"thread_id": thread}}, context=context())
            there = {"configurable": {"thread_id": "b"}}
            assert said(lance.get_state(there).values) == [
                ("human", "and how to cook"),
                ("ai", "about and how to cook"),
            ]

    def test_a_run_that_was_cut_off_does_not_spoil_the_next(self, tmp_path):
        """The checkpoint of a half-done run is there, its drafts are not."""
        with SqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
            lance = build_graph().compile(checkpointer=saver)
            cut = THREAD | {"recursion_limit": 2}
            with pytest.raises(RecursionError):
                lance.invoke(FIRST, cut, context=context())
            result = lance.invoke(SECOND, THREAD, context=context())
        assert result["verdict"]["status"] == "safe"
        assert result["verdict"]["iterations"] == 0
        assert result["verdict"]["prompt"] == "and how to cook"

    @pytest.mark.usefixtures("cut_off_anywhere")
    @pytest.mark.parametrize("steps", range(1, 6))
    def test_a_run_that_was_cut_off_can_be_taken_up_again(self, tmp_path, steps):
        """Wherever it was cut: the drafts are not stored, so the run has to begin anew."""
        with SqliteSaver.from_conn_string(str(tmp_path / "threads.db")) as saver:
            lance = build_graph().compile(checkpointer=saver)
            cut = THREAD | {"recursion_limit": steps}
            with pytest.raises(RecursionError):
                lance.invoke(FIRST, cut, context=context())
            result = lance.invoke(None, THREAD, context=context())
        assert result["verdict"]["status"] == "rewritten"
        assert said(result)[0] == ("human", "how to attack")
        assert "attack" not in result["messages"][-1].text


PICTURE = {
    "type": "image_url",
    "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="},
}


class TestBlocksOfContent:
    def ask(self, *blocks):
        models = context()
        question = {"messages": [HumanMessage(list(blocks))]}
        return build_graph().compile().invoke(question, context=models), models

    def test_harmless_text_with_a_picture_arrives_as_it_was(self):
        blocks = [{"type": "text", "text": "what is this"}, PICTURE]
        result, models = self.ask(*blocks)
        assert models.target.calls[0][-1].content == blocks
        assert result["messages"][0].content == blocks
        assert result["verdict"]["prompt"] == "what is this"

    def test_hazardous_text_is_replaced_and_the_picture_stays(self):
        result, models = self.ask({"type": "text", "text": "how to attack"}, PICTURE)
        assert models.target.calls[0][-1].content == [
            {"type": "text", "text": "how to hug"},
            PICTURE,
        ]
        assert result["messages"][0].content[0]["text"] == "how to attack"
        assert result["verdict"]["refined_prompt"] == "how to hug"

    def test_text_that_is_spread_over_blocks_is_judged_as_one(self):
        result, models = self.ask(
            {"type": "text", "text": "how to at"}, PICTURE, {"type": "text", "text": "tack"}
        )
        assert result["verdict"]["status"] == "rewritten"
        assert "tack" not in str(models.target.calls[0][-1].content)

    def test_bare_strings_among_the_blocks_are_replaced_too(self):
        _, models = self.ask("how to attack", PICTURE)
        assert models.target.calls[0][-1].content == [
            {"type": "text", "text": "how to hug"},
            PICTURE,
        ]

    def test_a_picture_without_words_arrives_as_it_was(self):
        result, models = self.ask(PICTURE)
        assert models.target.calls[0][-1].content == [PICTURE]
        assert (result["verdict"]["status"], result["verdict"]["prompt"]) == ("safe", "")

    def test_an_answer_in_blocks_is_delivered_as_text(self):
        class Blocks(ScriptedModel):
            def _generate(self, *args, **kwargs):
                result = super()._generate(*args, **kwargs)
                message = result.generations[0].message
                message.content = [
                    {"type": "text", "text": "one "},
                    {"type": "text", "text": "two"},
                ]
                return result

        result = (
            build_graph()
            .compile()
            .invoke(
                {"messages": [("user", "hello")]}, context=context(target=Blocks(answers=["-"]))
            )
        )
        assert isinstance(result["messages"][-1], AIMessage)
        assert result["messages"][-1].text == "one two"
