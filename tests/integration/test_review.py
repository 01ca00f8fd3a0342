"""A person decides before an answer is delivered: every decision, over restarts, at every depth."""

import json
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from operator import add
from typing import Annotated

import pytest
from langchain.agents import create_agent
from langchain.agents.structured_output import ToolStrategy
from langchain_core.messages import AIMessage, message_to_dict
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command
from pydantic import BaseModel, ValidationError

from lance_graph import (
    LanceChatModel,
    LanceContext,
    LanceMiddleware,
    SafetyLayer,
    build_graph,
    refinement,
)
from lance_graph.prompts import prose
from tests.fakes import (
    SELF_HARM,
    VIOLENCE,
    BrokenDetector,
    DoubtfulDetector,
    ScriptedModel,
    ToolCallingModel,
    WordDetector,
)
from tests.integration.channels import MODES, stored, texts_of

WORDS = {
    "attack": (VIOLENCE, 0.9),
    "shove": (VIOLENCE, 0.6),
    "hurt myself": (SELF_HARM, 0.9),
    "!knife": (VIOLENCE, 0.8),
}
SEVERE = {"messages": [("user", "how to attack")]}
MILD = {"messages": [("user", "how to shove")]}
HARMLESS = {"messages": [("user", "how to cook")]}
OPTIONS = ("detector", "refiner", "review")
KEY = b"sixteen byte key"


def context(**options):
    """A refiner that turns everything to harmless questions, and a target that repeats them."""
    defaults = {
        "detector": WordDetector(WORDS),
        "refiner": ScriptedModel(answers=["how to hug", "how to wave", "how to bow"]),
        "target": ScriptedModel(answers=lambda messages: f"about {messages[-1].text}"),
        "review": "always",
    }
    return LanceContext(**(defaults | options))


def thread(name="t"):
    return {"configurable": {"thread_id": name}}


class Desk:
    """One graph and its thread, driven sync or async."""

    def __init__(self, how, graph=None, models=None, *, takes_context=True):
        self.how = how
        self.takes_context = takes_context
        self.graph = graph or build_graph().compile(checkpointer=InMemorySaver())
        self.models = models or context()

    async def send(self, given, name="t", **kwargs):
        options = {"context": self.models if self.takes_context else None} | kwargs
        if self.how == "sync":
            return self.graph.invoke(given, thread(name), **options)
        return await self.graph.ainvoke(given, thread(name), **options)

    async def stream(self, given, modes):
        options = {"context": self.models, "stream_mode": modes, "subgraphs": True}
        if self.how == "sync":
            return list(self.graph.stream(given, thread(), **options))
        return [chunk async for chunk in self.graph.astream(given, thread(), **options)]

    def asks(self, name="t"):
        """What is asked at the moment; None while nothing waits."""
        (asked,) = self.graph.get_state(thread(name)).interrupts or (None,)
        return asked and asked.value

    @property
    def calls(self):
        return len(self.models.target.calls)


@pytest.fixture(params=["sync", "async"])
def how(request):
    return request.param


@pytest.fixture
def desk(how):
    return Desk(how)


def decisions(result):
    return [step["decision"] for step in result["verdict"]["trace"] if step["node"] == "review"]


def waits(result):
    """The request that a paused run shows."""
    (asked,) = result["__interrupt__"]
    assert [message.type for message in result["messages"]].count("ai") == 0
    return asked.value


class TestWhoIsAsked:
    @pytest.mark.parametrize(
        ("review", "question", "asked"),
        [
            ("never", SEVERE, False),
            ("severe", SEVERE, True),
            ("severe", MILD, False),
            ("severe", HARMLESS, False),
            ("always", MILD, True),
            ("always", HARMLESS, True),
        ],
    )
    async def test_the_option_and_the_hazard_decide(self, how, review, question, asked):
        result = await Desk(how, models=context(review=review)).send(question)
        assert ("__interrupt__" in result) is asked
        assert ("verdict" in result) is not asked

    async def test_a_fall_back_is_nobodys_to_review(self, how):
        hopeless = context(refiner=ScriptedModel(answers=["attack them"]), max_iterations=1)
        result = await Desk(how, models=hopeless).send(SEVERE)
        assert result["verdict"]["status"] == "fell_back"

    async def test_nor_is_a_failure(self, how):
        result = await Desk(how, models=context(detector=BrokenDetector())).send(SEVERE)
        assert result["verdict"]["status"] == "degraded"


class TestEveryDecision:
    async def test_what_is_asked_is_plain_json_with_what_a_person_needs(self, desk):
        request = waits(await desk.send(SEVERE))
        assert json.loads(json.dumps(request, allow_nan=False)) == request
        assert request["prompt"] == "how to attack"
        assert request["refined_prompt"] == "how to hug"
        assert request["response"] == "about how to hug"
        assert (request["hazards"], request["iterations"]) == ([VIOLENCE], 1)
        assert desk.asks() == request

    @pytest.mark.parametrize("decision", ["approve", {"action": "approve", "comment": "ok"}])
    async def test_approve_delivers_what_was_shown(self, desk, decision):
        await desk.send(SEVERE)
        result = await desk.send(Command(resume=decision))
        assert result["messages"][-1].text == "about how to hug"
        verdict = result["verdict"]
        assert (verdict["status"], verdict["refined_prompt"]) == ("rewritten", "how to hug")
        assert "reviewer approved" in verdict["reason"]
        assert decisions(result) == ["approve"]
        (review,) = [step for step in verdict["trace"] if step["node"] == "review"]
        assert review["comment"] == (None if decision == "approve" else "ok")
        assert verdict["risk"][VIOLENCE] < 0.3 < verdict["initial_risk"][VIOLENCE]
        assert desk.calls == 1
        assert desk.asks() is None

    @pytest.mark.parametrize(
        ("question", "topic"), [(SEVERE, "fall_back/violence"), (HARMLESS, "fall_back/general")]
    )
    async def test_reject_gives_the_prepared_answer(self, desk, question, topic):
        await desk.send(question)
        result = await desk.send(Command(resume="reject"))
        assert result["messages"][-1].text == prose(topic)
        assert result["verdict"]["status"] == "fell_back"
        assert "reviewer rejected" in result["verdict"]["reason"]
        assert result["verdict"]["refined_prompt"] is None
        assert decisions(result) == ["reject"]
        assert "about how to" not in str(result)
        assert "about how to" not in str(desk.graph.get_state(thread()).values)

    @pytest.mark.parametrize(
        ("edit", "status", "refined", "delivered", "calls"),
        [
            ({"response": "Wave."}, "rewritten", "how to hug", "Wave.", 1),
            ({"prompt": "how to wave", "response": "So."}, "rewritten", "how to wave", "So.", 1),
            ({"prompt": "how to wave"}, "rewritten", "how to wave", "about how to wave", 2),
        ],
    )
    async def test_edited_texts_are_scored_and_delivered(
        self, desk, edit, status, refined, delivered, calls
    ):
        await desk.send(SEVERE)
        result = await desk.send(Command(resume={"action": "edit", **edit}))
        if "response" not in edit:  # the target has answered anew: that is for review again
            assert waits(result)["response"] == delivered
            result = await desk.send(Command(resume="approve"))
        assert result["messages"][-1].text == delivered
        verdict = result["verdict"]
        assert (verdict["status"], verdict["refined_prompt"]) == (status, refined)
        assert desk.calls == calls
        scored = desk.models.detector.scored
        assert (refined, delivered) in scored

    @pytest.mark.parametrize(
        "edit",
        [
            {"response": "take a knife"},
            {"prompt": "how to attack again"},
            {"prompt": "how to attack again", "response": "Wave."},
            {"prompt": "how to greet", "response": "take a knife"},
        ],
    )
    async def test_an_edited_text_that_is_hazardous_is_repaired_and_asked_about_again(
        self, desk, edit
    ):
        await desk.send(SEVERE)
        result = await desk.send(Command(resume={"action": "edit", **edit}))
        assert waits(result)["response"] == "about how to wave"
        result = await desk.send(Command(resume="approve"))
        assert result["messages"][-1].text == "about how to wave"
        assert "knife" not in str(result) and "attack again" not in str(result)
        assert decisions(result) == ["edit", "approve"]

    @pytest.mark.parametrize("edit", [{"response": "take a knife"}, {"prompt": "attack again"}])
    async def test_without_budget_a_hazardous_edit_falls_back(self, how, edit):
        desk = Desk(how, models=context(max_iterations=1))
        await desk.send(SEVERE)
        result = await desk.send(Command(resume={"action": "edit", **edit}))
        assert result["verdict"]["status"] == "fell_back"
        assert result["messages"][-1].text == prose("fall_back/violence")

    async def test_retry_starts_again_from_the_users_words_with_a_new_budget(self, how):
        desk = Desk(how, models=context(max_iterations=1))
        refiner = desk.models.refiner
        for refined in ("hug", "wave"):
            result = await desk.send(Command(resume="retry") if refined == "wave" else SEVERE)
            assert waits(result)["refined_prompt"] == f"how to {refined}"
        assert "how to attack" in refiner.calls[1][-1].text
        assert "how to hug" not in refiner.calls[1][-1].text
        waits(await desk.send(Command(resume="retry")))
        result = await desk.send(Command(resume="approve"))
        assert result["messages"][-1].text == "about how to bow"
        assert result["verdict"]["iterations"] == 3
        assert decisions(result) == ["retry", "retry", "approve"]

    async def test_a_retry_that_stays_hazardous_falls_back(self, how, monkeypatch):
        monkeypatch.setattr(refinement, "refine_offline", lambda *_, **__: "attack all the same")
        refiner = ScriptedModel(answers=["how to hug", "attack", "attack on"])
        desk = Desk(how, models=context(refiner=refiner, max_iterations=1))
        await desk.send(SEVERE)
        result = await desk.send(Command(resume="retry"))
        assert result["verdict"]["status"] == "fell_back"
        assert result["verdict"]["iterations"] == 2
        assert decisions(result) == ["retry"]
        assert "about how to hug" not in str(result)

    async def test_retry_of_a_harmless_prompt_asks_the_target_again(self, desk):
        await desk.send(HARMLESS)
        waits(await desk.send(Command(resume="retry")))
        result = await desk.send(Command(resume="approve"))
        assert desk.calls == 2
        assert result["verdict"]["status"] == "safe"
        assert "reviewer approved" in result["verdict"]["reason"]

    @pytest.mark.parametrize(
        ("wrong", "named"),
        [
            ("aprove", "'approve', 'edit', 'reject' or 'retry'"),
            ({"action": "edit"}, "'edit' needs a prompt, a response or both"),
            ({"action": "approve", "response": "x"}, "'approve' takes no prompt or response"),
            (True, "ReviewDecision"),
        ],
    )
    async def test_a_wrong_decision_is_an_error_and_the_question_stays(self, desk, wrong, named):
        asked = waits(await desk.send(SEVERE))
        for _ in range(2):
            with pytest.raises(ValidationError, match="ReviewDecision") as raised:
                await desk.send(Command(resume=wrong))
            assert named in str(raised.value)
            assert "about how to hug" not in str(raised.value)
            assert desk.asks() == asked
        result = await desk.send(Command(resume="approve"))
        assert result["messages"][-1].text == "about how to hug"
        assert decisions(result) == ["approve"]

    async def test_the_form_of_a_decision_comes_with_the_question(self, desk):
        (asked,) = (await desk.send(SEVERE))["__interrupt__"]
        assert set(asked.response_schema["properties"]) == {
            "action", "prompt", "response", "comment",
        }  # fmt: skip


class TestOneThread:
    async def test_two_pauses_in_two_turns(self, desk):
        waits(await desk.send(SEVERE))
        await desk.send(Command(resume="approve"))
        (asked,) = (await desk.send(HARMLESS))["__interrupt__"]
        assert asked.value["prompt"] == "how to cook"
        assert asked.value["refined_prompt"] is None
        result = await desk.send(Command(resume="approve"))
        assert [message.text for message in result["messages"]] == [
            "how to attack", "about how to hug", "how to cook", "about how to cook",
        ]  # fmt: skip
        assert decisions(result) == ["approve"]

    async def test_a_new_question_takes_the_place_of_one_that_waits(self, desk):
        """What was pending is dropped, and is not delivered as the answer to anything."""
        await desk.send(SEVERE)
        request = waits(await desk.send(HARMLESS))
        assert request["prompt"] == "how to cook"
        result = await desk.send(Command(resume="approve"))
        assert [message.type for message in result["messages"]] == ["human", "human", "ai"]
        assert "cook" in result["messages"][-1].text
        assert result["messages"][-1].text != "about how to hug"
        assert "attack" not in str(desk.models.target.calls[-1])
        assert desk.asks() is None

    async def test_two_harmless_questions_in_a_row_are_answered_together(self, desk):
        await desk.send(HARMLESS)
        request = waits(await desk.send({"messages": [("user", "and how to bake")]}))
        assert request["prompt"] == "how to cook\nand how to bake"
        assert request["response"] == "about and how to bake"

    async def test_two_threads_wait_apart(self, desk):
        await desk.send(SEVERE, "a")
        await desk.send(HARMLESS, "b")
        one = await desk.send(Command(resume="reject"), "a")
        assert desk.asks("b")["prompt"] == "how to cook"
        two = await desk.send(Command(resume="approve"), "b")
        assert (one["verdict"]["status"], two["verdict"]["status"]) == ("fell_back", "safe")

    async def test_the_next_turn_after_a_rejection_does_not_read_what_was_rejected(self, desk):
        await desk.send(SEVERE)
        await desk.send(Command(resume="reject"))
        await desk.send(HARMLESS)
        sent = [message.text for message in desk.models.target.calls[-1]]
        assert sent == ["how to cook"]

    async def test_the_time_of_the_pause_does_not_count(self, how):
        desk = Desk(how, models=context(max_seconds=0.5))
        await desk.send(SEVERE)
        time.sleep(0.6)
        result = await desk.send(Command(resume={"action": "edit", "response": "take a knife"}))
        assert waits(result)["response"] == "about how to wave"
        time.sleep(0.6)
        assert waits(await desk.send(Command(resume="retry")))["iterations"] == 3


ANSWER = "CANARYANSWER about how to hug"


def encrypted():
    return EncryptedSerializer.from_pycryptodome_aes(key=KEY)


@asynccontextmanager
async def opened(how, file, serde=None):
    """A checkpointer on a real file, as a process finds it that has just started."""
    if how == "sync":
        with SqliteSaver.from_conn_string(file) as saver:
            saver.serde = serde or saver.serde
            yield saver
    else:
        async with AsyncSqliteSaver.from_conn_string(file) as saver:
            saver.serde = serde or saver.serde
            yield saver


PROCESS = """
import sys
from langchain.agents import create_agent
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command
from lance_graph import LanceContext, LanceMiddleware, build_graph
from tests.fakes import ScriptedModel, WordDetector, VIOLENCE

folder, given = sys.argv[1:]
detector = WordDetector({"attack": (VIOLENCE, 0.9)})
for door in ("graph", "agent"):
    refiner = ScriptedModel(answers=["how to hug"])
    target = ScriptedModel(answers=["CANARYANSWER about how to hug"])
    options = {"detector": detector, "refiner": refiner, "review": "severe"}
    with SqliteSaver.from_conn_string(f"{folder}/{door}.db") as saver:
        saver.serde = EncryptedSerializer.from_pycryptodome_aes(key=b"sixteen byte key")
        if door == "graph":
            graph = build_graph().compile(checkpointer=saver)
            context = LanceContext(target=target, **options)
        else:
            guard = LanceMiddleware(**options)
            graph = create_agent(target, middleware=[guard], checkpointer=saver)
            context = None
        question = {"messages": [("user", "how to attack")]}
        result = graph.invoke(
            Command(resume=given) if given else question,
            {"configurable": {"thread_id": "t"}},
            context=context,
        )
    said = "waits" if "__interrupt__" in result else result["messages"][-1].text
    print(door, said, len(target.calls))
"""


@pytest.mark.slow
class TestARestart:
    def test_a_pause_outlives_its_process(self, tmp_path, pytestconfig):
        def process(given):
            done = subprocess.run(
                [sys.executable, "-c", PROCESS, str(tmp_path), given],
                capture_output=True,
                text=True,
                cwd=pytestconfig.rootpath,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            return done.stdout.splitlines()

        assert process("") == ["graph waits 1", "agent waits 1"]
        for door in ("graph", "agent"):
            assert "CANARYANSWER" not in stored(tmp_path / f"{door}.db")
        assert process("approve") == [f"graph {ANSWER} 0", f"agent {ANSWER} 0"]

    @pytest.mark.parametrize("decision", ["approve", "reject", "retry", "edit"])
    async def test_every_decision_after_a_restart(self, how, decision, tmp_path):
        file = str(tmp_path / "threads.db")
        async with opened(how, file, encrypted()) as saver:
            desk = Desk(how, build_graph().compile(checkpointer=saver))
            waits(await desk.send(SEVERE))
        async with opened(how, file, encrypted()) as saver:
            desk = Desk(how, build_graph().compile(checkpointer=saver))
            given = {"action": "edit", "response": "Wave."} if decision == "edit" else decision
            result = await desk.send(Command(resume=given))
            if decision == "retry":
                result = await desk.send(Command(resume="approve"))
            assert desk.calls == (decision == "retry")
        delivered = {"reject": prose("fall_back/violence"), "edit": "Wave."}
        assert result["messages"][-1].text == delivered.get(decision, "about how to hug")
        assert decisions(result)[0] == decision

    @pytest.mark.parametrize("is_encrypted", [True, False])
    async def test_what_waits_is_readable_in_the_file_only_without_encryption(
        self, how, is_encrypted, tmp_path
    ):
        models = context(target=ScriptedModel(answers=[ANSWER]))
        file = tmp_path / "threads.db"
        async with opened(how, str(file), encrypted() if is_encrypted else None) as saver:
            desk = Desk(how, build_graph().compile(checkpointer=saver), models)
            assert waits(await desk.send(SEVERE))["response"] == ANSWER
            assert {part.suffix for part in tmp_path.iterdir()} >= {".db", ".db-wal"}
            seen = stored(file)
        for word in ("CANARYANSWER", "how to hug"):
            assert (word in seen) is (word in stored(file)) is not is_encrypted

    @pytest.mark.parametrize("decision", ["approve", "reject", "retry", "edit"])
    async def test_an_agent_after_a_restart(self, how, decision, tmp_path):
        """Tools are called and structure is parsed by another process than the one that asked."""
        looked_up = []

        class Recipe(BaseModel):
            dish: str

        @tool
        def look_up(what: str) -> str:
            """Look something up."""
            looked_up.append(what)
            return f"about {what}"

        def calling(name, number, **args):
            call = {"name": name, "args": args, "id": f"c{number}", "type": "tool_call"}
            return AIMessage("", tool_calls=[call])

        answers = [calling("look_up", 1, what="peas"), calling("Recipe", 2, dish="pea soup")]
        models = []

        @asynccontextmanager
        async def started(answers):
            models.append(ToolCallingModel(answers=answers))
            async with opened(how, str(tmp_path / "threads.db"), encrypted()) as saver:
                middleware = LanceMiddleware(detector=WordDetector(WORDS), review="always")
                agent = create_agent(
                    models[-1], tools=[look_up], middleware=[middleware],
                    response_format=ToolStrategy(Recipe), checkpointer=saver,
                )  # fmt: skip
                yield Desk(how, agent, takes_context=False)

        async with started(answers) as desk:
            waits(await desk.send(HARMLESS))
        async with started(answers[1:]) as desk:
            await desk.send(Command(resume="approve"))
        assert looked_up == ["peas"]
        async with started(answers[1:]) as desk:
            given = {"action": "edit", "response": "Just eat."} if decision == "edit" else decision
            result = await desk.send(Command(resume=given))
        if decision == "retry":
            assert "__interrupt__" in result
            async with started([]) as desk:
                result = await desk.send(Command(resume="approve"))
        assert [len(model.calls) for model in models[:3]] == [1, 1, decision == "retry"]
        expected = Recipe(dish="pea soup") if decision in ("approve", "retry") else None
        assert result.get("structured_response") == expected
        last = next(m for m in reversed(result["messages"]) if isinstance(m, AIMessage))
        texts = {"reject": prose("fall_back/general"), "edit": "Just eat."}
        assert last.text == texts.get(decision, "")
        assert looked_up == ["peas"]
        trace = last.response_metadata["lance"]["verdict"]["trace"]
        assert decisions({"verdict": {"trace": trace}})[0] == decision

    async def test_an_unsafe_draft_is_in_no_file_though_the_safe_one_waits(self, how, tmp_path):
        drafts = ["CANARYDRAFT take a knife", ANSWER]
        for door in ("graph", "agent"):
            model = ScriptedModel(answers=drafts)
            file = tmp_path / f"{door}.db"
            async with opened(how, str(file)) as saver:
                if door == "graph":
                    desk = Desk(
                        how, build_graph().compile(checkpointer=saver), context(target=model)
                    )
                else:
                    options = {name: getattr(context(), name) for name in OPTIONS}
                    middleware = [LanceMiddleware(**options)]
                    agent = create_agent(model, middleware=middleware, checkpointer=saver)
                    desk = Desk(how, agent, takes_context=False)
                waits(await desk.send(SEVERE))
                seen = stored(file)
            assert len(model.calls) == 2
            assert "CANARYANSWER" in seen and "CANARYDRAFT" not in seen

    @pytest.mark.parametrize("durability", ["exit", "async", "sync"])
    async def test_a_pause_is_kept_however_checkpoints_are_written(self, how, durability, tmp_path):
        async with opened(how, str(tmp_path / "threads.db")) as saver:
            desk = Desk(how, build_graph().compile(checkpointer=saver))
            waits(await desk.send(SEVERE, durability=durability))
        async with opened(how, str(tmp_path / "threads.db")) as saver:
            desk = Desk(how, build_graph().compile(checkpointer=saver))
            result = await desk.send(Command(resume="approve"), durability=durability)
        assert result["messages"][-1].text == "about how to hug"


class TestWhatStreamsWhileItWaits:
    async def test_no_part_of_the_answer_before_approval_and_all_of_it_after(self, how):
        models = context(target=ScriptedModel(answers=[ANSWER]))
        desk = Desk(how, models=models)
        before = await desk.stream(SEVERE, [mode for mode in MODES if mode != "values"])
        said = [chunk for _, mode, chunk in before if mode == "messages"]
        assert said == []
        custom = [chunk["lance"] for _, mode, chunk in before if mode == "custom"]
        assert "delivered" not in custom and "answering" in custom
        after = await desk.stream(Command(resume="approve"), ["messages", "custom"])
        said = [chunk[0].text for _, mode, chunk in after if mode == "messages"]
        assert "".join(said) == ANSWER and len([word for word in said if word]) == 5
        custom = [chunk["lance"] for _, mode, chunk in after if mode == "custom"]
        assert custom == ["scored", "routed", "delivered"]

    async def test_a_rejected_answer_never_streams(self, how):
        desk = Desk(how, models=context(target=ScriptedModel(answers=[ANSWER])))
        await desk.stream(SEVERE, ["messages"])
        after = await desk.stream(Command(resume="reject"), ["messages"])
        said = "".join(chunk[0].text for _, mode, chunk in after)
        assert said == prose("fall_back/violence")

    async def test_an_unsafe_draft_before_the_pause_is_on_no_stream(self, how):
        drafts = ScriptedModel(answers=["CANARYDRAFT take a knife", "Kindly."])
        desk = Desk(how, models=context(target=drafts))
        chunks = await desk.stream(SEVERE, list(MODES))
        assert "__interrupt__" in str(chunks)
        assert "CANARYDRAFT" not in "".join(texts_of(chunks))
        assert "CANARYDRAFT" not in "".join(texts_of(list(desk.graph.get_state_history(thread()))))


DOUBTS = {"attack": (0.75, 0.1), "shove": (0.28, 0.1), "!knife": (0.9, 0.01)}


def doubtful(**options):
    """A context in which a person is asked about what is in doubt."""
    asking = {"review": "never", "abstain": 1, "when_uncertain": "review"}
    return context(**({"detector": DoubtfulDetector(DOUBTS)} | asking | options))


class TestADoubt:
    @pytest.mark.parametrize(
        ("question", "answer", "asked"), [(SEVERE, "about how to hug", [VIOLENCE]),
        (MILD, "about how to shove", [VIOLENCE]), (HARMLESS, "about how to cook", None)],
    )  # fmt: skip
    async def test_has_a_person_asked_from_either_side_of_a_threshold(
        self, how, question, answer, asked
    ):
        desk = Desk(how, models=doubtful())
        result = await desk.send(question)
        if asked:
            assert waits(result)["uncertain"] == asked
            result = await desk.send(Command(resume="approve"))
        assert result["messages"][-1].text == answer
        assert result["verdict"]["uncertain"] == (asked or [])

    async def test_that_is_softened_asks_nobody_and_needs_no_checkpointer(self, how):
        desk = Desk(how, build_graph().compile(), doubtful(when_uncertain="soften"))
        result = await desk.send(SEVERE)
        branches = [step["branch"] for step in result["verdict"]["trace"] if "branch" in step]
        assert (branches[0], result["verdict"]["status"]) == ("rewrite_mild", "rewritten")

    async def test_that_is_softened_still_asks_where_severe_hazards_do(self, how):
        desk = Desk(how, models=doubtful(when_uncertain="soften", review="severe"))
        assert waits(await desk.send(SEVERE))["hazards"] == [VIOLENCE]

    async def test_about_an_answer_leaves_its_hazard_a_hazard(self, how):
        bad = doubtful(
            detector=DoubtfulDetector({"!knife": (0.31, 0.3)}),
            target=ScriptedModel(answers=["take a knife"]),
            max_iterations=1,
        )
        for models in (bad, bad.model_copy(update={"when_uncertain": "soften"})):
            result = await Desk(how, models=models).send(HARMLESS)
            assert result["verdict"]["status"] == "fell_back"
            assert "knife" not in str(result["messages"][-1].content)

    @pytest.mark.parametrize("decision", ["approve", "reject"])
    async def test_outlives_a_restart(self, how, decision, tmp_path):
        file = str(tmp_path / "threads.db")
        async with opened(how, file, encrypted()) as saver:
            desk = Desk(how, build_graph().compile(checkpointer=saver), doubtful())
            waits(await desk.send(SEVERE))
        async with opened(how, file, encrypted()) as saver:
            desk = Desk(how, build_graph().compile(checkpointer=saver), doubtful())
            result = await desk.send(Command(resume=decision))
        assert result["verdict"]["uncertain"] == [VIOLENCE]
        said = {"approve": "about how to hug", "reject": prose("fall_back/violence")}
        assert result["messages"][-1].text == said[decision]

    async def test_keeps_every_draft_off_every_stream(self, how):
        drafts = ScriptedModel(answers=["CANARYDRAFT take a knife", ANSWER])
        desk = Desk(how, models=doubtful(target=drafts))
        chunks = await desk.stream(SEVERE, list(MODES))
        assert "__interrupt__" in str(chunks)
        assert not [chunk for _, mode, chunk in chunks if mode == "messages"]
        kept = list(desk.graph.get_state_history(thread()))
        assert "CANARYDRAFT" not in "".join(texts_of([*chunks, *kept]))

    async def test_is_the_turns_own(self, how):
        desk = Desk(how, models=doubtful())
        await desk.send(SEVERE)
        await desk.send(Command(resume="approve"))
        later = await desk.send(HARMLESS)
        assert "__interrupt__" not in later and later["verdict"]["uncertain"] == []

    async def test_names_the_setting_without_a_checkpointer(self, how):
        with pytest.raises(ValueError, match=r"when_uncertain='review'.*checkpointer=…"):
            await Desk(how, build_graph().compile(), doubtful()).send(MILD)

    async def test_is_recorded_and_asks_nobody_in_monitor_mode(self, how):
        desk = Desk(how, build_graph().compile(), doubtful(mode="monitor"))
        verdict = (await desk.send(MILD))["verdict"]
        assert (verdict["status"], verdict["uncertain"]) == ("monitored", [VIOLENCE])


class TestInsideSomethingElse:
    def parent(self, checkpointer):
        class Desk(MessagesState):
            verdict: dict
            seen: str

        def after(state):
            return {"seen": state["messages"][-1].text}

        graph = StateGraph(Desk, LanceContext)
        graph.add_sequence([("lance", build_graph().compile()), ("after", after)])
        graph.add_edge(START, "lance")
        return graph.compile(checkpointer=checkpointer)

    @pytest.mark.parametrize("decision", ["approve", "reject", "retry"])
    async def test_a_subgraph_pauses_its_parent_over_a_restart(self, how, decision, tmp_path):
        file = str(tmp_path / "threads.db")
        async with opened(how, file, encrypted()) as saver:
            assert waits(await Desk(how, self.parent(saver)).send(SEVERE))
        async with opened(how, file, encrypted()) as saver:
            desk = Desk(how, self.parent(saver))
            result = await desk.send(Command(resume=decision))
            if decision == "retry":
                result = await desk.send(Command(resume="approve"))
        assert result["seen"] == result["messages"][-1].text
        assert decisions(result)[0] == decision
        assert [message.type for message in result["messages"]] == ["human", "ai"]

    async def test_a_chat_model_in_a_node_pauses_the_graph_around_it(self, how):
        models = context()
        chat = LanceChatModel(context=models)

        def ask(state):
            return {"messages": [chat.invoke(state["messages"])]}

        async def aask(state):
            return {"messages": [await chat.ainvoke(state["messages"])]}

        graph = StateGraph(MessagesState)
        graph.add_node("ask", ask if how == "sync" else aask)
        graph.add_edge(START, "ask")
        graph.add_edge("ask", END)
        compiled = graph.compile(checkpointer=InMemorySaver())
        desk = Desk(how, compiled, models, takes_context=False)
        assert waits(await desk.send(SEVERE))["response"] == "about how to hug"
        result = await desk.send(Command(resume="approve"))
        assert result["messages"][-1].text == "about how to hug"
        assert desk.calls == 1
        verdict = result["messages"][-1].response_metadata["lance"]["verdict"]
        assert decisions({"verdict": verdict}) == ["approve"]

    async def test_two_pauses_at_once_are_answered_one_by_one(self, how):
        """Two branches of one graph wait for two decisions, which name their questions."""

        class Both(MessagesState):
            said: Annotated[list[str], add]

        lance = build_graph().compile()

        def branch(question):
            def ask(state, runtime: Runtime[LanceContext]):
                given = {"messages": [("user", question)]}
                return {"said": [lance.invoke(given, context=runtime.context)["messages"][-1].text]}

            async def aask(state, runtime: Runtime[LanceContext]):
                given = {"messages": [("user", question)]}
                result = await lance.ainvoke(given, context=runtime.context)
                return {"said": [result["messages"][-1].text]}

            return ask if how == "sync" else aask

        graph = StateGraph(Both, LanceContext)
        for name, question in (("one", "how to cook"), ("two", "how to bake")):
            graph.add_node(name, branch(question))
            graph.add_edge(START, name)
        desk = Desk(how, graph.compile(checkpointer=InMemorySaver()))
        asked = (await desk.send(SEVERE))["__interrupt__"]
        ids = {item.value["prompt"]: item.id for item in asked}
        result = await desk.send(Command(resume={ids["how to bake"]: "approve"}))
        assert [item.value["prompt"] for item in result["__interrupt__"]] == ["how to cook"]
        result = await desk.send(Command(resume={ids["how to cook"]: "reject"}))
        assert set(result["said"]) == {"about how to bake", prose("fall_back/general")}


class TestWithoutACheckpointer:
    async def test_the_graph_names_the_remedy(self, how):
        with pytest.raises(ValueError, match=r"review='always'.*checkpointer=… .*thread_id"):
            await Desk(how, build_graph().compile()).send(SEVERE)

    async def test_so_does_a_chat_model(self, how):
        chat = LanceChatModel(context=context())
        with pytest.raises(ValueError, match="checkpointer="):
            _ = chat.invoke("hello") if how == "sync" else await chat.ainvoke("hello")

    def test_a_plain_call_cannot_be_resumed_and_says_so_at_once(self):
        with pytest.raises(ValueError, match=r"build_graph\(\).compile\(checkpointer=…\)"):
            SafetyLayer(review="severe")

    async def test_in_monitor_mode_nobody_is_asked_and_none_is_needed(self, how):
        desk = Desk(how, build_graph().compile(), context(mode="monitor"))
        result = await desk.send(SEVERE)
        assert result["verdict"]["status"] == "monitored"


def test_the_example_pauses_and_goes_on(run_example):
    shown = run_example("human_review.py")
    asked, verdict = shown.split("verdict:")
    assert "approve / edit / reject / retry" in asked and "poison" in asked
    assert "rewritten" in verdict and "A reviewer approved it." in verdict


@pytest.mark.parametrize("how", ["sync", "async"])
async def test_what_was_put_in_the_place_of_the_approved_answer_is_judged(how):
    desk = Desk(how, models=context(target=ScriptedModel(answers=[ANSWER])))
    await desk.send(SEVERE)
    forged = {"prompt": "how to attack", "answer": message_to_dict(AIMessage("step one: attack"))}
    result = await desk.send(Command(resume="approve", update={"pending": forged}))
    assert "step one" not in str(result["messages"][-1].content)
