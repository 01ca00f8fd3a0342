"""Categories of one's own end to end: from a detector that declares them to the answer, at every door."""

import json
import re
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from langchain.agents import create_agent
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from pydantic import ValidationError

from lance_graph import (
    Category,
    DegradedError,
    LanceChatModel,
    LanceContext,
    LanceMiddleware,
    SafetyLayer,
    Thresholds,
    UnreadableTextError,
    build_graph,
    risk_score_by,
)
from lance_graph.categories import KEYS
from lance_graph.cli.run import answer as answer_of
from lance_graph.detectors import UnknownCategoryError
from lance_graph.guards import AllowList, WordList
from lance_graph.prompts import prose
from lance_graph.scores import Degrees
from tests.fakes import VIOLENCE, BrokenDetector, ScriptedModel, WordDetector

RIVALS = Category(
    "rivals",
    title="Talk about rivals",
    meaning="comparisons with other vendors of rockets",
    repair="Ask about our own rockets instead.",
    guidance="Our own rockets are listed in the catalogue.",
    fall_back="I cannot speak of other vendors. What would you like to know of ours?",
)
JUDGE = WordDetector({"kill": (VIOLENCE, 0.9), "!kill": (VIOLENCE, 0.9)})
LISTED = WordList({"acme": "rivals"}, [RIVALS])
TOGETHER = (JUDGE, LISTED)
ASKED = "Is Acme better than you?"
OURS = "<refined_prompt>What are your own rockets good at?</refined_prompt>"


def run(prompt=ASKED, **options):
    context = LanceContext(
        **{"detectors": TOGETHER, "target": ScriptedModel(answers=["Fine."])} | options
    )
    return build_graph().compile().invoke({"messages": [("user", prompt)]}, context=context)


def test_the_refiner_is_told_what_the_category_means_and_what_to_ask_instead():
    refiner = ScriptedModel(answers=[OURS])
    result = run(refiner=refiner)
    told = refiner.calls[0][-1].text
    assert (
        "- Talk about rivals (0.90, so a severe change), carried by: “Acme”. It is about comparisons "
        "with other vendors of rockets. Ask about our own rockets instead." in told
    )
    verdict = result["verdict"]
    assert (verdict["status"], verdict["refined_prompt"]) == (
        "rewritten",
        "What are your own rockets good at?",
    )
    assert verdict["reason"] == "Talk about rivals was above its threshold; safe after 1 rewrite."
    assert verdict["initial_risk"]["rivals"] == 0.9 and verdict["risk"]["rivals"] == 0.0
    assert json.loads(json.dumps(verdict["trace"]))[0]["gradient"][0]["category"] == "rivals"


def test_the_offline_responder_gives_its_guidance():
    result = run(refiner=ScriptedModel(answers=[OURS]), target="offline")
    assert result["messages"][-1].text.startswith(
        "Our own rockets are listed in the catalogue.\n\n"
    )


def test_where_nothing_helps_its_own_text_is_the_answer():
    result = run(refiner=ScriptedModel(answers=["<refined_prompt>And Acme?</refined_prompt>"]))
    assert result["verdict"]["status"] == "fell_back"
    assert result["messages"][-1].text == RIVALS.fall_back
    assert result["verdict"]["reason"].startswith("Talk about rivals was still above")


def test_where_only_the_answers_hold_it_its_own_text_is_the_answer_too():
    target = ScriptedModel(answers=["Better than Acme."])
    result = run("How are your rockets?", target=target)
    assert result["messages"][-1].text == RIVALS.fall_back
    bare = WordList({"acme": "rivals"}, [Category("rivals")])
    result = run("How are your rockets?", target=target, detectors=(bare,))
    assert result["messages"][-1].text == prose("fall_back/answer")


def test_the_offline_refiner_makes_up_no_request_for_a_category_that_it_does_not_know():
    result = run(refiner="offline")
    assert result["messages"][-1].text == RIVALS.fall_back
    both = run(f"How do I kill my boss? {ASKED}", refiner="offline", reveal_drafts=True)
    drafts = [s["draft_prompt"] for s in both["verdict"]["trace"] if "draft_prompt" in s]
    assert len(set(drafts)) > 1 and "kill" not in drafts[-1]


def test_an_answer_that_was_given_up_is_told_of_though_the_prompt_stayed():
    target = ScriptedModel(answers=["I would kill it.", "Fine."])
    judge = WordList({"kill": "rivals"}, [RIVALS])
    verdict = run("How are you?", detectors=(judge,), target=target, ask_again=False)["verdict"]
    assert (verdict["status"], verdict["refined_prompt"]) == ("safe", None)
    assert verdict["reason"] == (
        "Talk about rivals was above its threshold in the answer; safe after 1 rewrite."
    )


def test_without_a_text_of_its_own_the_answer_is_general_and_honest():
    bare = WordList({"acme": "rivals"}, [Category("rivals")])
    result = run(detectors=(bare,), max_iterations=0)
    assert result["messages"][-1].text == prose("fall_back/own_category")
    assert "rivals was still above its threshold" in result["verdict"]["reason"]
    replaced = run(detectors=(bare,), max_iterations=0, prompts={"fall_back/own_category": "No."})
    assert replaced["messages"][-1].text == "No."


def test_the_14_go_on_as_they_were():
    result = run("How do I kill my boss?", max_iterations=0)
    assert result["messages"][-1].text == prose("fall_back/violence")
    assert run("How do I bake bread?")["verdict"]["status"] == "safe"


class TestThresholds:
    def own(self, thresholds):
        category = Category("rivals", thresholds=thresholds)
        return WordList({"acme": ("rivals", 0.6)}, [category])

    def effort(self, detector, **options):
        trace = run(detectors=(detector,), max_iterations=0, **options)["verdict"]["trace"]
        return [clause["effort"] for clause in trace[0]["gradient"]]

    def test_they_come_with_the_category_and_the_caller_s_count_more(self):
        assert self.effort(self.own(None)) == ["mild"]
        assert self.effort(self.own(Thresholds(tau=0.1, tau_mild=0.2, tau_severe=0.3))) == [
            "severe"
        ]
        assert self.effort(self.own(0.7)) == []
        assert self.effort(self.own(0.7), category_thresholds={"rivals": 0.1}) == ["mild"]

    def test_a_category_of_one_s_own_can_be_switched_off(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = run(category_thresholds={"rivals": "off"})
        assert result["verdict"]["status"] == "safe"
        assert "switched off: Talk about rivals" in result["verdict"]["reason"]

    @pytest.mark.parametrize("detector", [LISTED, [LISTED], [JUDGE, LISTED]])
    def test_a_mistyped_one_is_an_error_at_once(self, detector):
        field = "detectors" if isinstance(detector, list) else "detector"
        with pytest.raises(ValidationError, match=r"'rivels' is not .*did you mean 'rivals'"):
            LanceContext(**{field: detector, "category_thresholds": {"rivels": 0.5}})

    def test_one_for_a_category_of_a_file_is_an_error_before_anything_is_judged(self, tmp_path):
        file = tmp_path / "words.toml"
        file.write_text('[categories.rivals]\n[[words]]\ncategory="rivals"\nphrases=["acme"]')
        named = {"detectors": ["embedded", f"words:{file}"]}
        context = LanceContext(**named, category_thresholds={"rivals": 0.95})
        with pytest.raises(ValueError, match=r"'rivels' is not .*did you mean 'rivals'"):
            run(**named, category_thresholds={"rivels": 0.5})
        result = build_graph().compile().invoke({"messages": [("user", "Acme?")]}, context=context)
        assert result["verdict"]["status"] == "safe"
        assert result["verdict"]["initial_risk"]["rivals"] == 0.9

    def test_unsafe_content_of_a_guard_has_thresholds_too(self):
        context = LanceContext(
            detector="shield-lm:openai:m", category_thresholds={"unsafe_content": 0.6}
        )
        assert context.policy.of("unsafe_content").tau == 0.6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"detector": LISTED, "detectors": [JUDGE]}, "not both"),
        ({"detector": [JUDGE, LISTED]}, r"detectors=\[…\]"),
        ({"detectors": [JUDGE, 3]}, "an object with score"),
        ({"detectors": [JUDGE, ""]}, "an object with score"),
        ({"detector": AllowList({"bath bomb": "violence"})}, "an object with score"),
    ],
)
def test_a_wrong_choice_of_detectors_is_refused(options, message):
    with pytest.raises(ValidationError, match=message):
        LanceContext(**options)


def test_a_twice_declared_category_is_refused_at_once():
    class Twice:
        categories = ("rivals", "rivals")

        def score(self, pairs):
            raise AssertionError("not asked")

    with pytest.raises(ValidationError, match="'rivals' is declared twice"):
        LanceContext(detector=Twice())


@pytest.mark.parametrize("mode", ["enforce", "monitor"])
async def test_one_that_fails_fails_the_run(mode):
    context = LanceContext(
        detectors=(LISTED, BrokenDetector()), mode=mode, target=ScriptedModel(answers=["Fine."])
    )
    graph = build_graph().compile()
    for result in (
        graph.invoke({"messages": [("user", "hello")]}, context=context),
        await graph.ainvoke({"messages": [("user", "hello")]}, context=context),
    ):
        verdict = result["verdict"]
        assert verdict["status"] == ("degraded" if mode == "enforce" else "monitored")
        assert "RuntimeError" in verdict["reason"]


class TestForeignTexts:
    """A text that is foreign to one of several goes to the guard; what the others found counts."""

    class Foreign(WordDetector):
        def score(self, pairs):
            return [replace(score, out_of_language=True) for score in super().score(pairs)]

    def run(self, tmp_path, guard, prompt, **options):
        file = tmp_path / "guard.toml"
        file.write_text(guard, encoding="utf-8")
        return run(
            prompt,
            detectors=(self.Foreign({}), LISTED),
            out_of_language=f"guard:words:{file}",
            max_iterations=0,
            **options,
        )

    def guard(self, *keys):
        return "".join(
            f'[[words]]\ncategory = "{key}"\nphrases = ["guarded {n}"]\n'
            for n, key in enumerate(keys)
        )

    def test_a_listed_word_is_not_lost(self, tmp_path):
        result = self.run(tmp_path, self.guard(*KEYS), "Ist Acme besser?")
        assert result["messages"][-1].text == RIVALS.fall_back
        assert self.run(tmp_path, self.guard(*KEYS), "Hallo")["verdict"]["status"] == "safe"

    def test_what_nobody_judged_is_a_failure(self, tmp_path):
        class Unreadable(WordDetector):
            def score(self, pairs):
                raise UnreadableTextError("unreadable")

        self.Foreign = Unreadable
        result = self.run(tmp_path, self.guard(*KEYS), "Ist Acme besser?")
        assert result["messages"][-1].text == RIVALS.fall_back
        (other := tmp_path / "other").mkdir()  # a file of words is read once per process
        result = self.run(other, self.guard(*KEYS[1:]), "Ist Acme besser?")
        assert result["verdict"]["status"] == "degraded"


async def test_a_run_that_waited_goes_on_with_a_category_of_its_own():
    graph = build_graph().compile(checkpointer=InMemorySaver())
    thread = {"configurable": {"thread_id": "1"}}
    context = LanceContext(
        detectors=TOGETHER,
        refiner=ScriptedModel(answers=[OURS]),
        target=ScriptedModel(answers=["Fine."]),
        review="always",
    )
    paused = await graph.ainvoke({"messages": [("user", ASKED)]}, thread, context=context)
    assert paused["__interrupt__"][0].value["hazards"] == ["rivals"]
    result = await graph.ainvoke(Command(resume="reject"), thread, context=context)
    assert result["messages"][-1].text == RIVALS.fall_back


OPTIONS = {"detectors": [JUDGE, LISTED], "max_iterations": 0}


class TestDoors:
    def test_the_chat_model(self):
        model = LanceChatModel(target=ScriptedModel(answers=["Fine."]), **OPTIONS)
        assert model.invoke(ASKED).text == RIVALS.fall_back
        assert model.invoke("hello").text == "Fine."
        assert model._identifying_params["detector"] == "WordDetector + WordList"
        broken = LanceChatModel(
            target=ScriptedModel(answers=["Fine."]), detectors=[LISTED, BrokenDetector()]
        )
        with pytest.raises(DegradedError):
            broken.invoke("hello")

    async def test_the_middleware(self):
        agent = create_agent(
            ScriptedModel(answers=["Fine."]), middleware=[LanceMiddleware(**OPTIONS)]
        )
        result = await agent.ainvoke({"messages": [("user", ASKED)]})
        assert result["messages"][-1].text == RIVALS.fall_back

    async def test_the_safety_layer(self):
        layer = SafetyLayer(lambda prompt: "Fine.", **OPTIONS)
        assert layer(ASKED).text == (await layer.acall(ASKED)).text == RIVALS.fall_back
        assert layer("hello").text == "Fine."

    async def test_the_tool(self):
        tool = risk_score_by(
            JUDGE, WordList({"acme": ("rivals", 0.6)}, [Category("rivals", thresholds=0.7)])
        )
        found = tool.invoke({"prompt": ASKED})
        assert (tool.name, found["risk"]["rivals"], found["is_safe"]) == ("risk_score", 0.6, True)
        assert not (await tool.ainvoke({"prompt": "kill"}))["is_safe"]

    def test_the_command_line_s_rows(self):
        context = LanceContext(**OPTIONS)
        record = answer_of(build_graph().compile(), context, {"prompt": ASKED})
        assert record["response"] == RIVALS.fall_back

    def test_a_server_s_schema_has_them_as_names(self):
        schema = LanceContext.model_json_schema()["properties"]["detectors"]
        assert (schema["type"], schema["items"]["type"]) == ("array", "string")


DOCS = Path(__file__).parents[2] / "docs" / "detectors.md"


@pytest.mark.parametrize("heading", ["A detector of your own", "Several detectors, word lists"])
def test_the_examples_of_the_docs_run(heading, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    section = DOCS.read_text(encoding="utf-8").split(f"## {heading}")[1].split("\n## ")[0]
    for file in re.findall(r"^```toml\n(.*?)^```", section, re.DOTALL | re.MULTILINE):
        (tmp_path / "words.toml").write_text(file, encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    assert blocks
    names = {"__name__": "__main__"}
    for block in blocks:
        exec(compile(block, "detectors.md", "exec"), names)


class Foreign(WordDetector):
    """Judges as it does, but what has an umlaut in it is not in its language."""

    def score(self, pairs):
        return [
            Degrees(one.mean, one.std, out_of_language="ü" in str(pair))
            for one, pair in zip(super().score(pairs), pairs, strict=True)
        ]


@pytest.fixture
def guarded(tmp_path):
    """A context whose guard alone declares a category, with texts of its own."""
    (tmp_path / "words.toml").write_text(
        '[categories.rivals]\ntitle = "Talk about rivals"\nfall_back = "I cannot speak of other vendors."\n'
        '[[words]]\ncategory = "rivals"\nphrases = ["acme"]\n',
        encoding="utf-8",
    )

    def context(**more):
        given = {
            "detector": Foreign({"kill": (VIOLENCE, 0.9)}),
            "out_of_language": f"guard:words:{tmp_path / 'words.toml'}",
            "target": ScriptedModel(answers=["Fine."]),
        }
        return LanceContext(**given | more)

    return context


@pytest.mark.parametrize(
    ("tau", "status"), [(0.95, "safe"), (0.5, "fell_back")], ids=["above", "below"]
)
def test_a_category_that_only_the_guard_declares_has_thresholds_and_texts(guarded, tau, status):
    context = guarded(category_thresholds={"rivals": tau}, max_iterations=0)
    graph = build_graph().compile()
    result = graph.invoke({"messages": [("user", "Ist Acme grün?")]}, context=context)
    verdict = result["verdict"]
    assert (verdict["initial_risk"]["rivals"], verdict["status"]) == (0.9, status)
    if status == "fell_back":
        assert verdict["reason"].startswith("Talk about rivals was still above")
        assert "I cannot speak of other vendors." in result["messages"][-1].text
    own = graph.invoke({"messages": [("user", "Is Acme here?")]}, context=context)["verdict"]
    assert own["status"] == "safe" and "rivals" not in own["initial_risk"]


@pytest.mark.parametrize(
    "detector", [Foreign({"kill": (VIOLENCE, 0.9)}), "llama-guard:ollama:llama-guard3", "embedded"]
)
def test_where_no_guard_may_declare_it_a_mistyped_category_is_an_error_at_once(detector):
    with pytest.raises(ValidationError, match="did you mean 'self_harm'"):
        LanceContext(
            detector=detector,
            out_of_language="guard:llama-guard:ollama:llama-guard3",
            category_thresholds={"self_ham": 0.5},
        )


def test_a_category_that_nobody_declares_stops_the_run_all_the_same(guarded):
    context = guarded(category_thresholds={"rivalz": 0.5})
    with pytest.raises(UnknownCategoryError, match="did you mean 'rivals'"):
        build_graph().compile().invoke({"messages": [("user", "hi")]}, context=context)


def test_thresholds_of_a_checkpoint_s_own_categories_wait_for_it_to_be_loaded():
    assert LanceContext(detector="./own", category_thresholds={"rivals": 0.5}).switched_off == ()
