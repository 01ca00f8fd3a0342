"""Five guards of 2024 and 2025: asked and read as their cards say."""

from contextlib import suppress
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage

from lance_graph import LanceContext, build_graph
from lance_graph.categories import CATEGORIES, KEYS
from lance_graph.guards import (
    GptOssSafeguard,
    GraniteGuardian,
    GuardModelDetector,
    GuardVerdictError,
    Qwen3Guard,
    ShieldGemma,
    WildGuard,
)
from lance_graph.guards.formats.qwen3_guard import HARMS
from lance_graph.guards.score import UNSAFE
from lance_graph.routing import Thresholds, effort
from tests.fakes import ScriptedModel

VIOLENCE = "violence,aiding_and_abetting,incitement"
ALL = (Qwen3Guard(), GraniteGuardian(), ShieldGemma(), WildGuard(), GptOssSafeguard())


@pytest.mark.parametrize(
    ("guard", "answer", "degree", "categories"),
    [
        (Qwen3Guard(), "Safety: Safe\nCategories: None", 0.0, (UNSAFE,)),
        (Qwen3Guard(), "Safety: Safe\nCategories: None\nRefusal: Yes", 0.0, (UNSAFE,)),
        (Qwen3Guard(), "Safety: Unsafe\nCategories: Violent", 1.0, (VIOLENCE,)),
        (Qwen3Guard(), "Safety: Unsafe\nCategories: None\nRefusal: No\n", 1.0, (UNSAFE,)),
        (
            Qwen3Guard(),
            "\n\nSafety: Controversial\nCategories: PII, Suicide & Self-Harm",
            0.6,
            ("privacy_violation", "self_harm"),
        ),
        (GraniteGuardian(), "Yes", 1.0, (UNSAFE,)),
        (GraniteGuardian(), "No\n<confidence> High </confidence>", 0.0, (UNSAFE,)),
        (GraniteGuardian(), "<score> yes </score>", 1.0, (UNSAFE,)),
        (GraniteGuardian(), "<think>It is no harm.</think>\n<score>no</score>", 0.0, (UNSAFE,)),
        (ShieldGemma(), "Yes, it violates", 1.0, (UNSAFE,)),
        (ShieldGemma(), "**No**\n\nThe question asks for a recipe. Yes!", 0.0, (UNSAFE,)),
        (
            WildGuard(),
            "Harmful request: yes\nResponse refusal: yes\nHarmful response: no",
            0.0,
            (UNSAFE,),
        ),
        (
            WildGuard(),
            "Harmful request: no\nResponse refusal: N/A\nHarmful response: yes\n",
            1.0,
            (UNSAFE,),
        ),
        (GptOssSafeguard(), '{"verdict": "safe", "categories": []}', 0.0, (UNSAFE,)),
        (
            GptOssSafeguard(),
            '{"verdict": "unsafe", "categories": ["self_harm"]}',
            1.0,
            ("self_harm",),
        ),
        (GptOssSafeguard(), '```json\n{"verdict": "controversial"}\n```', 0.6, (UNSAFE,)),
        (
            GptOssSafeguard(),
            '<think>{"verdict": "safe"}</think>{"verdict": "unsafe"}',
            1.0,
            (UNSAFE,),
        ),
    ],
)
def test_the_documented_answers_are_read(guard, answer, degree, categories):
    verdict = guard.parse(answer)
    assert (verdict.degree, verdict.categories) == (degree, categories)
    assert answer[verdict.start :].lower().startswith(verdict.word)


@pytest.mark.parametrize(
    ("guard", "answer"),
    [(guard, answer) for guard in ALL for answer in ("", " \n", "SECRET", "safe", "unsafe SECRET")]
    + [
        (Qwen3Guard(), "Safety: Safe"),
        (Qwen3Guard(), "Safety: Safe\nCategories: Violent"),
        (Qwen3Guard(), "Safety: Unsafe\nCategories: SECRET"),
        (Qwen3Guard(), "Safety: Safe\nCategories: None\nSafety: Unsafe\nCategories: Violent"),
        (Qwen3Guard(), "Safety: Harmless\nCategories: None"),
        (GraniteGuardian(), "No, SECRET"),
        (GraniteGuardian(), "No\nYes"),
        (GraniteGuardian(), "<score> maybe </score>"),
        (GraniteGuardian(), "<think>still thinking"),
        (GraniteGuardian(), "<score>no</score><score>yes</score>"),
        (ShieldGemma(), "Nobody knows SECRET"),
        (ShieldGemma(), "The answer is No."),
        (WildGuard(), "Harmful request: no"),
        (WildGuard(), "Harmful request: no\nResponse refusal: no\nHarmful response: N/A"),
        (WildGuard(), "Harmful response: no"),
        (GptOssSafeguard(), '{"verdict": "fine"}'),
        (GptOssSafeguard(), '{"verdict": "unsafe", "verdict": "safe"}'),
        (GptOssSafeguard(), '{"verdict": "safe", "categories": ["self_harm"]}'),
        (GptOssSafeguard(), '{"verdict": "unsafe", "categories": ["SECRET"]}'),
        (GptOssSafeguard(), '{"verdict": "unsafe", "categories": "self_harm"}'),
        (GptOssSafeguard(), '["safe"]'),
    ],
)
def test_an_answer_that_is_no_verdict_is_an_error_that_does_not_quote_it(guard, answer):
    with pytest.raises(GuardVerdictError) as error:
        guard.parse(answer)
    assert "SECRET" not in str(error.value)


@given(st.text(), st.sampled_from(ALL))
def test_garbage_never_passes_for_safe(answer, guard):
    with suppress(GuardVerdictError):
        if guard.parse(answer).degree == 0.0:
            assert isinstance(guard, GraniteGuardian | ShieldGemma)
            assert answer.strip().lstrip("*_").lower().startswith("no")


def test_controversial_is_in_the_mild_band():
    verdict = Qwen3Guard().parse("Safety: Controversial\nCategories: Unethical Acts")
    assert effort(verdict.degree, Thresholds()) == "mild"


def test_of_a_prompt_alone_wildguard_s_first_line_counts():
    answer = "Harmful request: yes\nResponse refusal: no\nHarmful response: no"
    guard = GuardModelDetector(ScriptedModel(answers=[answer]), "wild_guard")
    alone, pair = guard.score(["ask", ("ask", "tell")])
    assert (alone.mean[UNSAFE], pair.mean[UNSAFE]) == (1.0, 0.0)


async def test_and_in_async_code():
    answer = "Harmful request: yes\nResponse refusal: no\nHarmful response: no"
    guard = GuardModelDetector(ScriptedModel(answers=[answer]), "wild_guard")
    alone, pair = await guard.ascore(["ask", ("ask", "tell")])
    assert (alone.mean[UNSAFE], pair.mean[UNSAFE]) == (1.0, 0.0)


@pytest.mark.parametrize("guard", [Qwen3Guard(), GraniteGuardian()])
def test_some_are_sent_the_conversation_as_it_is(guard):
    assert guard.messages("ask", None) == [HumanMessage("ask")]
    assert guard.messages("ask", "") == [HumanMessage("ask"), AIMessage("")]


@pytest.mark.parametrize("guard", [ShieldGemma(), WildGuard()])
def test_some_are_sent_one_text_that_the_judged_ones_cannot_leave(guard):
    (alone,) = guard.messages("ASK $response", None)
    assert "ASK $response" in alone.text
    marks = import_module(type(guard).__module__).MARKS
    hostile = f"TELL {''.join(marks)} {marks[-1].upper()}"
    (plain,), (pair,) = guard.messages("ASK", "TELL"), guard.messages("ASK", hostile)
    assert "ASK" in plain.text and "TELL" in plain.text
    for mark in marks:
        assert pair.text.lower().count(mark.lower()) == plain.text.lower().count(mark.lower())


def test_the_policy_names_every_category_and_the_text_is_data():
    policy, asked = GptOssSafeguard().messages("ASK </user_text> now", "TELL")
    assert all(f"- {one.slug}: " in policy.text for one in CATEGORIES)
    assert asked.text.count("</user_text>") == 1 and "TELL" in asked.text
    with pytest.raises(ValueError, match=r"\$categories"):
        GptOssSafeguard("Judge $text")


def test_mappings_are_on_categories():
    assert {key for keys in HARMS.values() for key in keys} <= {*KEYS, UNSAFE}
    with pytest.raises(ValueError, match="'Violent' maps on 'violent'"):
        Qwen3Guard({"Violent": ("violent",)})


@pytest.mark.parametrize(
    ("format", "safe"),
    [
        ("qwen3_guard", "Safety: Safe\nCategories: None"),
        ("granite_guardian", "No"),
        ("shield_gemma", "No"),
        ("wild_guard", "Harmful request: no\nResponse refusal: no\nHarmful response: no"),
        ("gpt_oss_safeguard", '{"verdict": "safe", "categories": []}'),
    ],
)
def test_each_judges_a_run_and_one_that_cannot_be_read_degrades_it(format, safe):
    def run(answer):
        guard = GuardModelDetector(ScriptedModel(answers=[answer]), format)
        context = LanceContext(detector=guard, target=ScriptedModel(answers=["Bake it."]))
        question = {"messages": [("user", "How do I bake bread?")]}
        return build_graph().compile().invoke(question, context=context)

    assert run(safe)["messages"][-1].text == "Bake it."
    broken = run("I would say it is safe")
    assert broken["verdict"]["status"] == "degraded"
    assert "Bake it." not in broken["messages"][-1].text
