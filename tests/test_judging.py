"""What is scored of a prompt and of an answer, and what counts of it."""

import importlib
import threading
from dataclasses import replace

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langgraph.checkpoint.memory import InMemorySaver

from lance_graph import LanceContext, build_graph, judging
from lance_graph.asking import Several
from lance_graph.categories import KEYS
from lance_graph.conversation.turns import turns_of
from lance_graph.detector.unreadable import UnreadableTextError
from lance_graph.detectors import summarise
from lance_graph.guards import AllowList, WordList
from lance_graph.judging import (
    ALONE,
    PRIVACY,
    REFUSAL,
    Judge,
    OutOfLanguageError,
    better,
    measure,
)
from lance_graph.runtime.quiet import Quiet
from lance_graph.runtime.steps import run
from lance_graph.scores import RiskScore
from lance_graph.state import Dialogue, Draft
from lance_graph.withholding import withhold
from tests.fakes import FRAUD, VIOLENCE, DoubtfulDetector, ScriptedModel, WordDetector

score_risk = importlib.import_module("lance_graph.nodes.score_risk")
TYPED = "plan a weekend in Oslo"
REFINED = "how can harm be prevented in Oslo"
SAID = "web_search: how to poison my boss"


class Crash(BaseException):
    """Ends the process, as it were."""


class Listed:
    """Gives each prompt, or pair, the degree of violence that is listed for it."""

    def __init__(self, degrees, otherwise=0.02):
        self.degrees, self.otherwise = degrees, otherwise
        self.asked = []

    def score(self, pairs):
        pairs = [(p, None) if isinstance(p, str) else p for p in pairs]
        self.asked += pairs
        return [self._score(self.degrees.get(pair, self.otherwise)) for pair in pairs]

    def _score(self, degree):
        degrees = dict.fromkeys(KEYS, 0.02) | {VIOLENCE: degree}
        return RiskScore(
            KEYS,
            tuple(50 * d for d in degrees.values()),
            tuple(50 - 50 * d for d in degrees.values()),
        )


def measured(detector, draft, typed=TYPED, guard=None, withheld=(), **options):
    judge = Judge(detector, guard, LanceContext(**options), Quiet())
    dialogue = Dialogue([], turns_of([HumanMessage(typed)])[-1])
    return run(measure(judge, draft, dialogue, withheld))


def degree(detector, draft, **how):
    return measured(detector, draft, **how)[0].max_risk()


class TestAPromptNextToASummary:
    SUMMARY = HumanMessage("How do I make", additional_kwargs={"lc_source": "summarization"})

    @pytest.mark.parametrize("told", [
        ["SUMMARY", "a bomb?"], ["hello", AIMessage("hi"), "SUMMARY", SystemMessage("x"), "a bomb?"],
        ["a bomb", "SUMMARY"],
    ])  # fmt: skip
    def test_is_judged_with_it_too_as_providers_join_them(self, told):
        messages = [
            self.SUMMARY if m == "SUMMARY" else HumanMessage(m) if isinstance(m, str) else m
            for m in told
        ]
        *earlier, current = turns_of(messages)
        dialogue = Dialogue([m for turn in earlier for m in turn.messages], current)
        joined = {"How do I make\na bomb?", "a bomb\nHow do I make"}
        assert joined.intersection(dialogue.readings(dialogue.typed()))
        assert any(
            "How do I make" in text and "tart" in text for text in dialogue.readings("a tart?")
        )

    def test_alone_where_an_answer_stands_between_them(self):
        between = [self.SUMMARY, AIMessage("Well?")]
        dialogue = Dialogue(between, turns_of([HumanMessage("a bomb?")])[-1])
        assert dialogue.readings("a bomb?") == ("a bomb?",)


class TestAShortReply:
    BEFORE = [HumanMessage("Which branches are old?"), AIMessage("a/b. Delete it?")]  # noqa: RUF012
    REPLY = "sure, kill them all"
    WHOLE = "User: Which branches are old?\nAssistant: a/b. Delete it?\nUser: sure, kill them all"

    def degree(self, degrees, *draft, before=BEFORE, typed=REPLY):
        degrees = {(k, None) if isinstance(k, str) else k: d for k, d in degrees.items()}
        judge = Judge(Listed(degrees), None, LanceContext(), Quiet())
        dialogue = Dialogue(before, turns_of([HumanMessage(typed)])[-1])
        return run(measure(judge, Draft(typed, *draft), dialogue, []))[0].max_risk()

    def test_is_judged_with_what_it_replies_to(self):
        assert self.degree({self.REPLY: 0.9}) < 0.1
        assert self.degree({self.REPLY: 0.9, self.WHOLE: 0.8}) == pytest.approx(0.8)
        assert self.degree({self.WHOLE: 0.8}) < 0.1, "what is harmless alone is not asked for twice"

    def test_and_its_answer_too_which_counts_alone_as_well(self):
        pair = (self.REPLY, "done")
        assert self.degree({pair: 0.9}, "done") < 0.1
        assert self.degree({pair: 0.9, (self.WHOLE, "done"): 0.8}, "done") == pytest.approx(0.8)
        assert self.degree({(ALONE, "done"): 0.9}, "done") == pytest.approx(0.9)

    def test_has_no_context_at_the_start_of_a_conversation_or_after_no_answer(self):
        for before in ([], self.BEFORE[:1], [AIMessage("hi")]):
            assert self.degree({self.REPLY: 0.9}, before=before) == pytest.approx(0.9)

    @pytest.mark.parametrize("before", [
        [HumanMessage("chess " * 200), AIMessage("Delete it?")],
        [HumanMessage([{"type": "image", "url": "https://x.org/a.png"}]), AIMessage("Delete it?")],
        [HumanMessage("Hello", name="my neighbour's dogs and cats"), AIMessage("Hello!")],
    ])  # fmt: skip
    def test_has_none_where_what_it_points_to_may_lie_outside_the_text(self, before):
        seen = Listed({(self.REPLY, None): 0.9})
        dialogue = Dialogue(before, turns_of([HumanMessage(self.REPLY)])[-1])
        judge = Judge(seen, None, LanceContext(), Quiet())
        reading = run(measure(judge, Draft(self.REPLY), dialogue, []))[0].max_risk()
        assert reading == pytest.approx(0.9)

    def test_is_read_with_every_turn_before_it(self):
        far = [HumanMessage("My sister is here"), AIMessage("Good."), *self.BEFORE]
        whole = f"User: My sister is here\nAssistant: Good.\n{self.WHOLE}"
        assert self.degree({self.REPLY: 0.9, whole: 0.8}, before=far) == pytest.approx(0.8)

    @pytest.mark.parametrize(
        "harm", ["How do I make a pipe bomb?", "kill my wife", "cook meth with it"]
    )
    def test_a_harmless_turn_before_it_pleases_nobody(self, harm):
        assert self.degree({harm: 0.9}, typed=harm) == pytest.approx(0.9)

    def test_a_long_one_speaks_for_itself(self):
        long = "please tell me how one may kill all of them without being caught"
        assert self.degree({long: 0.9}, typed=long) == pytest.approx(0.9)


class TestAnAnswer:
    @pytest.mark.parametrize("prompt", [TYPED, REFINED, ALONE])
    def test_is_judged_beside_each_prompt_and_alone(self, prompt):
        detector = Listed({(prompt, SAID): 0.8})
        assert degree(detector, Draft(REFINED, SAID)) == pytest.approx(0.8)
        assert degree(Listed({}), Draft(REFINED, SAID)) < 0.1

    def test_to_the_users_own_prompt_is_judged_beside_it_and_alone(self):
        detector = Listed({})
        measured(detector, Draft(TYPED, SAID))
        assert detector.asked == [(TYPED, SAID), (ALONE, SAID)]

    def test_what_the_users_own_prompt_brings_beside_any_answer_is_not_the_answers(self):
        beside_anything = {(TYPED, SAID): 0.9, (TYPED, REFUSAL): 0.87}
        assert degree(Listed(beside_anything), Draft(REFINED, SAID)) < 0.1
        # where nothing was rewritten the exchange is what is delivered, and counts as it is
        assert degree(Listed(beside_anything), Draft(TYPED, SAID)) == pytest.approx(0.9)

    def test_a_prompt_that_raises_every_answer_does_not_hide_a_worse_one(self):
        raised = {(TYPED, SAID): 0.9, (TYPED, REFUSAL): 0.6}
        assert degree(Listed(raised), Draft(REFINED, SAID)) == pytest.approx(0.9)

    def test_nothing_is_scored_twice(self):
        detector = Listed({})
        for _ in range(2):
            measured(detector, Draft(REFINED, SAID))
        assert len(detector.asked) == len(set(detector.asked)) == 4


class TestWhatWasWithheld:
    def ask(self, detector, answers, refined="how can {} be prevented", **options):
        target = ScriptedModel(answers=answers)
        rewrites = ScriptedModel(answers=[refined.format(w) for w in ("harm", "theft", "fire")])
        context = LanceContext(target=target, refiner=rewrites, detector=detector, **options)
        return build_graph().compile().invoke({"messages": [("user", TYPED)]}, context=context)

    def test_stays_withheld_beside_a_prompt_that_makes_it_look_harmless(self):
        insisting = [SAID, f"Of course, this will help you at once: {SAID} without a trace"]
        result = self.ask(Listed({(TYPED, SAID): 0.8}), insisting)
        assert result["verdict"]["status"] == "fell_back"
        assert SAID not in str(result["messages"][-1])

    def test_a_second_answer_may_be_the_first_without_its_hazard(self):
        good = (
            "Begin at the opera house, walk along the fjord to the fortress, and eat waffles there."
        )
        bad = f"{good} Then poison the ducks in the park with arsenic. {good.replace('waffles', 'fish')}"
        rest = bad.replace(" Then poison the ducks in the park with arsenic.", "")
        result = self.ask(Listed({(TYPED, bad): 0.8}), [bad, rest])
        assert (result["verdict"]["status"], result["messages"][-1].text) == ("safe", rest)
        again = self.ask(Listed({(TYPED, bad): 0.8}), [bad, f"Sure! {bad} Have fun."])
        assert again["verdict"]["status"] == "fell_back"
        # once the prompt was rewritten, half of it is enough
        later = self.ask(Listed({(TYPED, bad): 0.8}), [bad, bad, rest])
        assert later["verdict"]["status"] == "fell_back"

    async def test_a_long_one_is_sketched_and_compared_off_the_event_loop(self, monkeypatch):
        places = []

        def noting(function):
            def call(*args):
                places.append(threading.current_thread() is threading.main_thread())
                return function(*args)

            return call

        for module, name in ((score_risk, "withhold"), (judging, "raised")):
            monkeypatch.setattr(module, name, noting(getattr(module, name)))
        context = LanceContext(
            target=ScriptedModel(answers=[SAID]), detector=Listed({(TYPED, SAID): 0.8})
        )
        given = {"messages": [("user", TYPED)]}
        result = await build_graph().compile().ainvoke(given, context=context)
        assert result["verdict"]["status"] == "fell_back"
        assert len(places) > 2 and not any(places)

    def test_another_answer_is_delivered(self):
        result = self.ask(Listed({(TYPED, SAID): 0.8}), [SAID, "Walk along the fjord."])
        assert result["verdict"]["status"] == "safe", "asked again"
        assert result["messages"][-1].text == "Walk along the fjord."

    def test_a_run_that_crashed_and_is_resumed_still_knows_it(self):
        detector = Listed({(TYPED, SAID): 0.8})

        def answer(messages):
            if REFINED in messages[-1].text:
                raise Crash
            return SAID

        context = LanceContext(
            target=ScriptedModel(answers=answer),
            refiner=ScriptedModel(answers=[REFINED, "how can theft be prevented", "what is fire"]),
            detector=detector,
        )
        lance = build_graph().compile(checkpointer=InMemorySaver())
        thread = {"configurable": {"thread_id": "1"}}
        with pytest.raises(Crash):
            lance.invoke({"messages": [("user", TYPED)]}, thread, context=context)
        forgiving = context.model_copy(
            update={"detector": Listed({}), "target": ScriptedModel(answers=[SAID])}
        )
        resumed = lance.invoke(None, thread, context=forgiving)
        assert resumed["verdict"]["status"] == "fell_back"
        again = lance.invoke({"messages": [("user", "and now?")]}, thread, context=forgiving)
        assert again["verdict"]["status"] == "safe"

    def test_the_next_run_starts_anew(self):
        detector = Listed({(TYPED, SAID): 0.8})
        first = self.ask(detector, [SAID])
        detector.degrees.clear()
        second = (
            build_graph()
            .compile()
            .invoke(
                {"messages": [*first["messages"], ("user", "and now?")]},
                context=LanceContext(target=ScriptedModel(answers=[SAID]), detector=detector),
            )
        )
        assert second["verdict"]["status"] == "safe"


class Foreign(WordDetector):
    """Says of every text with "und" that it was not made for its language."""

    def score(self, pairs):
        scores = super().score(pairs)
        for pair, score in zip(pairs, scores, strict=True):
            if "und" in str(pair):
                object.__setattr__(score, "out_of_language", True)
        return scores


class Illiterate(WordDetector):
    """Reads no text with "█"."""

    def score(self, pairs):
        if "█" in str(pairs):
            raise UnreadableTextError("more than a fifth of a text is unknown to the detector")
        return super().score(pairs)


class TestOtherLanguages:
    GERMAN = "Brot und Wein"

    def ask(self, detector=None, prompt=GERMAN, answer="Mit Hefe.", history=(), **options):
        target = ScriptedModel(answers=[answer])
        context = LanceContext(target=target, detector=detector or Foreign({}), **options)
        messages = [*history, ("user", prompt)]
        result = build_graph().compile().invoke({"messages": messages}, context=context)
        return result, target

    def test_by_default_it_passes_and_the_verdict_never_calls_it_safe(self):
        result, _ = self.ask()
        verdict = result["verdict"]
        assert (verdict["status"], verdict["out_of_language"]) == ("unjudged", True)
        assert "guess" in verdict["reason"]
        assert result["messages"][-1].text == "Mit Hefe."

    @pytest.mark.parametrize(
        ("prompt", "answer", "history"),
        [
            ("bread", "Hefe und Salz.", ()),
            ("bread", "yeast", (("user", "Guten Tag und hallo"), ("assistant", "hi"))),
        ],
    )
    def test_in_an_answer_and_in_earlier_turns_alike(self, prompt, answer, history):
        result, _ = self.ask(prompt=prompt, answer=answer, history=history)
        assert result["verdict"]["status"] == "unjudged"

    def test_english_is_judged(self):
        result, _ = self.ask(prompt="bread", answer="yeast")
        assert (result["verdict"]["status"], result["verdict"]["out_of_language"]) == (
            "safe",
            False,
        )

    def test_what_is_found_all_the_same_is_repaired(self):
        result, target = self.ask(Foreign({"Bombe": (VIOLENCE, 0.9)}), "Bombe und Zünder")
        assert result["verdict"]["status"] == "unjudged"
        assert "Bombe" not in target.calls[0][-1].text

    def test_it_can_be_a_failure(self):
        result, target = self.ask(out_of_language="fail")
        assert result["verdict"]["status"] == "degraded"
        assert "language" in result["verdict"]["reason"]
        assert result["verdict"]["out_of_language"]
        assert target.calls == []

    def test_a_failure_in_the_history_says_so_too(self):
        history = [("user", self.GERMAN), ("assistant", "Hefe")]
        result, target = self.ask(prompt="bread", history=history, out_of_language="fail")
        assert result["verdict"]["status"] == "degraded" and result["verdict"]["out_of_language"]
        assert target.calls == []

    def test_it_can_be_another_detectors_to_judge(self):
        guard = WordDetector({"Bombe": (VIOLENCE, 0.9)})
        judge = Judge(Foreign({}), guard, LanceContext(out_of_language="guard:x"), Quiet())
        bread, bomb, _ = run(judge.readings([self.GERMAN, "Bombe und Zünder", "bomb"]))
        assert bread["risk"][VIOLENCE] < 0.1 < bomb["risk"][VIOLENCE]
        assert not (bread["out_of_language"] or bomb["out_of_language"])
        assert "bomb" not in [prompt for prompt, _ in guard.scored]

    def test_the_guard_also_reads_what_the_detector_cannot(self):
        guard = WordDetector({"█": (VIOLENCE, 0.9)})
        judge = Judge(Illiterate({}), guard, LanceContext(out_of_language="guard:x"), Quiet())
        plain, blocks = run(judge.readings(["bread", "█████"]))
        assert plain["risk"][VIOLENCE] < 0.1 and blocks["risk"][VIOLENCE] > 0.8

    def test_what_others_find_in_what_one_cannot_read_counts_beside_the_guard(self):
        words = WordList({"Acme": "violence", "rope": "violence"})
        several = Several(
            [("", Illiterate({})), ("", words), ("", AllowList({"rope ladder": "violence"}))]
        )
        context = LanceContext(out_of_language="guard:x")
        judge = Judge(several, WordDetector({}), context, Quiet())
        plain, blocks, excused, nothing = run(
            judge.readings(["Acme", "█████ Acme", "█████ rope ladder", "█████"])
        )
        assert plain["risk"][VIOLENCE] == blocks["risk"][VIOLENCE] == 0.9
        assert excused["risk"][VIOLENCE] == nothing["risk"][VIOLENCE] == 0.02
        assert not blocks["out_of_language"]

    @pytest.mark.parametrize("policy", ["pass", "fail", "review"])
    def test_unreadable_text_is_a_failure_without_one(self, policy):
        result, target = self.ask(Illiterate({}), "█████", out_of_language="fail")
        assert result["verdict"]["status"] == "degraded"
        assert "a fifth" in result["verdict"]["reason"]
        assert target.calls == []

    def test_a_failure_says_so_from_any_place(self):
        judge = Judge(Foreign({}), None, LanceContext(out_of_language="fail"), Quiet())
        with pytest.raises(OutOfLanguageError):
            run(judge.readings([("bread", "Hefe und Salz")]))

    @pytest.mark.parametrize("wrong", ["guard:", "refuse", "", "guard"])
    def test_a_wrong_policy_is_named(self, wrong):
        with pytest.raises(ValueError, match="out_of_language is"):
            LanceContext(out_of_language=wrong)


def test_an_answer_of_nothing_but_a_call_is_judged():
    call = AIMessage("", tool_calls=[{"name": "run", "args": {"what": "!knife"}, "id": "1"}])
    detector = WordDetector({"!knife": (VIOLENCE, 0.8)})
    assert degree(detector, Draft(TYPED, call)) == pytest.approx(0.8)


class TestDoubt:
    """What `LanceContext.abstain` makes of a degree near a threshold."""

    def found(self, words, draft=None, abstain=1, **how):
        detector = DoubtfulDetector(words)
        draft, _ = measured(detector, draft or Draft(TYPED), abstain=abstain, **how)
        return [clause["effort"] for clause in draft.gradient()], draft.uncertain()

    @pytest.mark.parametrize(
        ("degree", "abstain", "expected"),
        [
            ((0.75, 0.1), 0, (["severe"], {})),
            ((0.75, 0.1), 0.4, (["severe"], {})),
            ((0.75, 0.1), 1, (["mild"], {VIOLENCE: "severe"})),
            ((0.75, 0.1), 9, (["minor"], {VIOLENCE: "severe"})),
            ((0.75, 0.0), 9, (["severe"], {})),
            ((0.95, 0.1), 1, (["severe"], {})),
            ((0.33, 0.1), 1, (["minor"], {VIOLENCE: "minor"})),
            ((0.27, 0.1), 1, ([], {VIOLENCE: "none"})),
        ],
    )
    def test_softens_what_its_spread_does_not_vouch_for(self, degree, abstain, expected):
        assert self.found({"Oslo": degree}, abstain=abstain) == expected

    @pytest.mark.parametrize("degree", [(0.75, 0.1), (0.33, 0.1)])
    def test_leaves_efforts_alone_where_a_person_is_asked(self, degree):
        efforts, doubts = self.found({"Oslo": degree}, when_uncertain="review")
        assert efforts == ["severe" if degree[0] > 0.7 else "minor"]
        assert doubts.keys() == {VIOLENCE}

    def test_of_one_reading_does_not_undo_what_another_is_certain_of(self):
        answer = AIMessage("poison")
        certain = {"!poison": (0.74, 0.0), "Oslo": (0.75, 0.3)}
        assert self.found(certain, Draft(TYPED, answer)) == (["severe"], {})
        doubtful = {"!poison": (0.74, 0.3), "Oslo": (0.75, 0.3)}
        assert self.found(doubtful, Draft(TYPED, answer))[0] == ["minor"]

    def test_of_a_reading_with_a_lower_degree_counts_where_it_reaches_higher(self):
        words = {"!poison": (0.25, 0.2), "Oslo": (0.28, 0.0)}
        assert self.found(words, Draft(TYPED, AIMessage("poison"))) == ([], {VIOLENCE: "none"})

    def test_is_none_about_what_was_withheld_before(self):
        words = {"!poison": (0.75, 0.3)}
        draft = Draft(TYPED, AIMessage(SAID))
        assert self.found(words, draft)[0] == ["minor"]
        before = [withhold(SAID, {VIOLENCE: 0.8})]
        assert self.found(words, draft, withheld=before) == (["severe"], {})

    def test_is_none_about_a_degree_that_is_the_prompts_alone(self):
        draft = Draft("hello", AIMessage("hi"))
        assert self.found({TYPED: (0.8, 0.3)}, draft, abstain=2) == ([], {})

    @pytest.mark.parametrize("degree", [0.05, 0.29, 0.31, 0.49, 0.51, 0.69, 0.71, 0.99])
    @pytest.mark.parametrize("spread", [0.01, 0.3, 0.5])
    def test_never_makes_a_hazard_safe_or_the_safe_a_hazard(self, degree, spread):
        plain, _ = self.found({"Oslo": (degree, spread)}, abstain=0)
        softened, _ = self.found({"Oslo": (degree, spread)}, abstain=3)
        assert bool(plain) is bool(softened)


def test_thresholds_for_what_a_guard_calls_unsafe_ask_nothing_of_another_detector():
    context = LanceContext(detector=WordDetector({}), category_thresholds={"unsafe_content": 0.5})
    result = build_graph().compile().invoke({"messages": [("user", "hi")]}, context=context)
    assert result["verdict"]["status"] == "safe"


@pytest.mark.filterwarnings("ignore:not judged")
def test_a_category_that_is_switched_off_counts_for_no_maximal_risk():
    """Or a rewrite that lowers what is judged would not be better, where what is off stays high."""
    detector = WordDetector({"punch": (VIOLENCE, 0.9), "steal": (FRAUD, 0.6), "lend": (FRAUD, 0.4)})
    off = {"category_thresholds": {VIOLENCE: "off"}}
    first = measured(detector, Draft("punch and steal"), **off)[0]
    second = measured(detector, Draft("punch and lend"), **off)[0]
    assert (first.max_risk(), second.max_risk()) == (0.6, 0.4)
    assert better(second, first) is second
    assert measured(detector, Draft("punch"), **off)[0].max_risk() < 0.1
    assert summarise(detector, "punch and steal")["max_risk"] == 0.9
    policy = LanceContext(**off).policy
    assert summarise(detector, "punch and steal", policy=policy)["max_risk"] == 0.6


class TestACall:
    """What counts of a tool call: how far its two forms agree, and what is written in it."""

    def draft(self, arguments, name="web_search", prompt=TYPED):
        return Draft(
            prompt, AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": "1"}])
        )

    @pytest.mark.parametrize("refined", [TYPED, REFINED])
    def test_is_no_hazard_where_only_the_list_of_its_arguments_is(self, refined):
        detector = WordDetector({"!query: kni": (VIOLENCE, 0.8)})
        draft = self.draft({"query": "knives"}, prompt=refined)
        assert degree(detector, draft) == pytest.approx(0.02)

    @pytest.mark.parametrize(
        ("name", "arguments"),
        [
            ("search", {"query": "knife"}), ("search", {"knife": 3}), ("knife_search", {}),
            ("search", {"a": [{"theKnife": {"b": 1}}]}), ("search", {"a": {"b": ["x", "a knife"]}}),
        ],
    )  # fmt: skip
    def test_is_a_hazard_where_it_is_in_both_forms(self, name, arguments):
        detector = WordDetector({"!knife": (VIOLENCE, 0.8), "!Knife": (VIOLENCE, 0.8)})
        assert degree(detector, self.draft(arguments, name)) == pytest.approx(0.8)

    def test_of_which_each_form_has_another_hazard_is_one(self):
        detector = WordDetector({"!q: it": (VIOLENCE, 0.8), "!it\nnow": ("self_harm", 0.7)})
        assert degree(detector, self.draft({"q": "it", "when": "now"})) == pytest.approx(0.7)

    @pytest.mark.parametrize("refined", [TYPED, REFINED])
    def test_is_as_hazardous_as_the_letter_in_it(self, refined):
        letter = "I will hurt you"
        detector = Listed({(ALONE, letter): 0.9})
        draft = self.draft({"to": "Ann", "text": letter}, prompt=refined)
        assert degree(detector, draft) == pytest.approx(0.9)
        assert degree(detector, self.draft({"text": "I hurt you"})) == pytest.approx(0.02)

    @pytest.mark.parametrize("fault", ["raises", "is foreign"])
    def test_is_a_hazard_where_its_other_form_cannot_be_read(self, fault, caplog):
        class Half(WordDetector):
            def _score(self, pair):
                score = super()._score(pair)
                if pair[1] == "knives":
                    if fault == "raises":
                        raise RuntimeError("knives")
                    return replace(score, out_of_language=True)
                return score

        detector = Half({"!query: kni": (VIOLENCE, 0.8)})
        judge = Judge(detector, None, LanceContext(), Quiet())
        dialogue = Dialogue([], turns_of([HumanMessage(TYPED)])[-1])
        draft, _ = run(measure(judge, self.draft({"query": "knives"}), dialogue, []))
        assert draft.max_risk() == pytest.approx(0.8)
        assert not judge.out_of_language, "the call as a whole was read"
        assert ("second form of a call" in caplog.text) == (fault == "raises")
        assert "knives" not in caplog.text

    def test_that_cannot_be_read_as_a_letter_is_a_failure(self):
        class Blind(WordDetector):
            def _score(self, pair):
                if pair[1] == "what nobody can read":
                    raise UnreadableTextError("a text", foreign=False)
                return super()._score(pair)

        with pytest.raises(UnreadableTextError):
            measured(Blind({}), self.draft({"text": "what nobody can read"}))

    @pytest.mark.parametrize(
        ("typed", "category", "found"),
        [
            ("My street is 14 Elm Street, Cork.", PRIVACY, 0.02),
            ("My street is a secret.", PRIVACY, 0.9),
            ("My street is 14 Elm Street, Cork.", VIOLENCE, 0.9),
        ],
    )
    def test_is_no_breach_of_privacy_where_the_user_has_told_the_letter(
        self, typed, category, found
    ):
        draft = self.draft({"pickup": "14 Elm Street Cork"}, prompt=typed)
        detector = WordDetector({"!Elm": (category, 0.9)})
        assert degree(detector, draft, typed=typed) == pytest.approx(found)


@pytest.mark.parametrize(("within", "found"), [("wife", 0.7), ("branches", 0.02)])
def test_a_reply_with_another_hazard_in_its_context_is_one(within, found):
    turns = turns_of([HumanMessage(f"about my {within}"), AIMessage("yes"), HumanMessage("do it")])
    *earlier, current = turns
    dialogue = Dialogue([m for turn in earlier for m in turn.messages], current)
    detector = WordDetector({"do it": (VIOLENCE, 0.9), "wife": (PRIVACY, 0.7)})

    class Apart(WordDetector):
        def _score(self, pair):
            alone = "about" not in str(pair)
            return super()._score("do it" if alone else within)

    judge = Judge(Apart(detector.words), None, LanceContext(), Quiet())
    draft, _ = run(measure(judge, Draft("do it"), dialogue, []))
    assert draft.max_risk() == pytest.approx(found)


class Bilingual(WordDetector):
    """Makes nothing of a text with "straße" in it."""

    def _score(self, pair):
        is_foreign = "straße" in str(pair)
        score = super()._score("" if is_foreign else pair)
        return replace(score, out_of_language=is_foreign)


@pytest.mark.parametrize(("before", "found"), [("wo ist die straße?", 0.9), ("where?", 0.02)])
def test_a_context_that_was_not_read_makes_no_reply_harmless(before, found):
    class Mild(Bilingual):
        def _score(self, pair):
            return super()._score("x" if "where" in str(pair) else pair)

    turns = turns_of([HumanMessage(before), AIMessage("there"), HumanMessage("kill him")])
    *earlier, current = turns
    dialogue = Dialogue([m for turn in earlier for m in turn.messages], current)
    judge = Judge(Mild({"kill": (VIOLENCE, 0.9)}), None, LanceContext(), Quiet())
    draft, _ = run(measure(judge, Draft("kill him"), dialogue, []))
    assert draft.max_risk() == pytest.approx(found)
    assert judge.out_of_language == ("straße" in before)


def test_words_that_were_not_read_make_no_letter_harmless():
    letters = {"a": "my code is 48213", "b": "die straße ist lang"}
    message = AIMessage("", tool_calls=[{"name": "send", "args": letters, "id": "1"}])

    class Late(WordDetector):  # what is left of the letters is foreign, together they were read
        def _score(self, pair):
            is_foreign = pair[1] == letters["b"]
            return replace(super()._score(pair), out_of_language=is_foreign)

    typed = "my code is 48213"
    dialogue = Dialogue([], turns_of([HumanMessage(typed)])[-1])
    judge = Judge(Late({"!48213\ndie": (PRIVACY, 0.9)}), None, LanceContext(), Quiet())
    draft, _ = run(measure(judge, Draft(typed, message), dialogue, []))
    assert draft.max_risk() == pytest.approx(0.9)
