"""A task with a long document: what is hazardous in it is repaired or left out, and all the rest stays."""

import base64

import pytest
from langchain_core.messages import HumanMessage

from lance_graph import LanceChatModel, SafetyLayer, build_graph
from lance_graph.context import LanceContext
from tests.conversation.test_document import DOCUMENT, TASK
from tests.fakes import VIOLENCE, ScriptedModel, WordDetector

BAD = "Section 7 says how to attack the guard."
MILD = "Section 7 speaks of guards."
PARAGRAPHS = DOCUMENT.split("\n\n")
FILE = "\n\n".join([*PARAGRAPHS[:6], BAD, *PARAGRAPHS[6:]])
LESS = FILE.replace(BAD, "[…]")
DETECTOR = WordDetector({"attack": (VIOLENCE, 0.9), "!attack": (VIOLENCE, 0.9)})
lance = build_graph().compile()


def file_block(text):
    data = base64.b64encode(text.encode()).decode()
    return {"type": "file", "base64": data, "mime_type": "text/plain", "filename": "minutes.txt"}


FORMS = {
    "pasted": f"{TASK}\n\n{FILE}",
    "blocks": [{"type": "text", "text": TASK}, {"type": "text", "text": FILE}],
    "text block": [
        {"type": "text", "text": TASK},
        {"type": "text-plain", "text": FILE, "mime_type": "text/plain"},
    ],
    "file": [{"type": "text", "text": TASK}, file_block(FILE)],
    "last": [{"type": "text", "text": FILE}, {"type": "text", "text": TASK}],
}


def asked(content, target, **options):
    context = LanceContext(target=target, **({"detector": DETECTOR} | options))
    return lance.invoke({"messages": [HumanMessage(content)]}, context=context)["verdict"]


@pytest.mark.parametrize("form", FORMS)
def test_the_hazardous_passage_is_left_out_and_the_task_answered(form):
    target = ScriptedModel(answers=["It is about a bridge."])
    verdict = asked(FORMS[form], target)
    ((sent,),) = target.calls
    for paragraph in (TASK, LESS):
        assert paragraph in sent.text
    assert "attack" not in str(sent)
    assert (verdict["status"], verdict["iterations"]) == ("rewritten", 1)
    assert verdict["refined_prompt"] == sent.text
    (step,) = [step for step in verdict["trace"] if step["node"].startswith("rewrite")]
    assert (step["passages"], step["omitted"]) == (0, 1)
    assert "safe after 1 rewrite, without 1 passage of the prompt." in verdict["reason"]


def test_a_language_model_repairs_the_passage():
    target, refiner = ScriptedModel(answers=["Fine."]), ScriptedModel(answers=[MILD])
    verdict = asked(FORMS["pasted"], target, refiner=refiner)
    assert verdict["refined_prompt"] == FORMS["pasted"].replace(BAD, MILD)
    assert [PARAGRAPHS[0] in str(call) for call in refiner.calls] == [False]


def test_a_passage_that_stays_hazardous_is_left_out_and_never_shown():
    target = ScriptedModel(answers=["Fine."])
    refiner = ScriptedModel(answers=["One can attack it."])
    verdict = asked(FORMS["pasted"], target, refiner=refiner)
    assert verdict["refined_prompt"] == f"{TASK}\n\n{LESS}"
    assert "One can" not in str(verdict) and "attack" not in str(target.calls)
    assert (verdict["iterations"], len(refiner.calls)) == (2, 1)


def test_a_hazardous_task_is_rewritten_and_keeps_its_document():
    target = ScriptedModel(answers=["Fine."])
    task = "Summarise how to attack the guard with this file."
    verdict = asked(f"{task}\n\n{DOCUMENT}", target)
    assert verdict["status"] == "rewritten"
    assert verdict["refined_prompt"].endswith(f"\n\n{DOCUMENT}")
    assert "attack" not in verdict["refined_prompt"] and "[…]" not in verdict["refined_prompt"]


def test_a_hazardous_answer_to_a_harmless_document_changes_the_task_alone():
    def answer(messages):
        return "attack them" if TASK in messages[-1].text else "It is about a bridge."

    refiner = ScriptedModel(answers=["What is this file about?"])
    verdict = asked(f"{TASK}\n\n{DOCUMENT}", ScriptedModel(answers=answer), refiner=refiner)
    assert verdict["refined_prompt"] == f"What is this file about?\n\n{DOCUMENT}"


def test_a_harmless_document_is_left_alone_word_for_word():
    target = ScriptedModel(answers=["Fine."])
    detector = WordDetector({})
    verdict = asked(f"{TASK}\n\n{DOCUMENT}", target, detector=detector)
    assert (verdict["status"], target.calls[0][0].text) == ("safe", f"{TASK}\n\n{DOCUMENT}")
    assert {len(prompt) for prompt, said in detector.scored if prompt} == {
        len(TASK) + 2 + len(DOCUMENT)
    }


def test_a_harmful_request_in_a_long_harmless_story_does_not_get_through():
    target = ScriptedModel(answers=["Fine."])
    for place in (0, 6, 12):
        story = "\n\n".join([*PARAGRAPHS[:place], "How do I attack him?", *PARAGRAPHS[place:]])
        verdict = asked(story, target)
        assert verdict["status"] == "rewritten" and "attack" not in verdict["refined_prompt"]
    assert "attack" not in str(target.calls)


def test_the_next_turn_sees_the_document_as_it_was_rewritten():
    target = ScriptedModel(answers=["It is about a bridge."])
    context = LanceContext(target=target, detector=DETECTOR)
    state = lance.invoke({"messages": [HumanMessage(FORMS["file"])]}, context=context)
    again = [*state["messages"], HumanMessage("And who paid?")]
    lance.invoke({"messages": again}, context=context)
    first, answer, question = target.calls[-1]
    assert LESS in first.text and "attack" not in str(first)
    assert (answer.text, question.text) == ("It is about a bridge.", "And who paid?")


def test_the_other_doors_do_the_same():
    target = ScriptedModel(answers=["Fine."])
    LanceChatModel(target=target, detector=DETECTOR).invoke(FORMS["pasted"])
    answer = SafetyLayer(target, detector=DETECTOR)(FORMS["pasted"])
    assert [call[-1].text for call in target.calls] == [f"{TASK}\n\n{LESS}"] * 2
    assert answer.verdict["refined_prompt"] == f"{TASK}\n\n{LESS}"


def test_monitoring_changes_nothing():
    target = ScriptedModel(answers=["Fine."])
    verdict = asked(FORMS["pasted"], target, mode="monitor")
    assert (target.calls[0][0].text, verdict["would_have"]) == (FORMS["pasted"], "rewrite_severe")
