"""What of a call is left when the user's own data are taken out."""

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from lance_graph.conversation.own_data import without_own_data
from lance_graph.conversation.turns import answer_text

BOOK = HumanMessage("Book a table for two at 19:30, my number is 0171 555-1234, name Miller.")


def calling(**arguments):
    return AIMessage("Fine.", tool_calls=[{"name": "book", "args": arguments, "id": "1"}])


def rest(answer, *conversation):
    return without_own_data([answer], conversation or [BOOK])


def test_what_the_user_has_told_goes_with_its_name():
    answer = calling(
        phone="01715551234", name="miller", at={"time": "19:30", "note": "by the window"}
    )
    assert rest(answer) == "Fine.\nbook:\nat:\nnote: by the window"


def test_a_call_that_holds_another_contact_stays_whole():
    for other in ("eve@evil.test", "https://evil.test", "+44 20 7946 0000", "evil.test", "eve_99"):
        answer = calling(phone="0171 5551234", to=other)
        assert rest(answer) == answer_text(answer)


def test_another_contact_in_any_call_of_the_message_or_in_a_name_keeps_all_whole():
    told = {"phone": "0171 5551234"}
    for other in ({"to": "eve@evil.test"}, {"recipient_name": "Eve"}, {"eve@evil.test": "Miller"}):
        calls = [
            {"name": "draft", "args": told, "id": "1"},
            {"name": "send", "args": other, "id": "2"},
        ]
        answer = AIMessage("", tool_calls=calls)
        assert rest(answer) == answer_text(answer)


def test_a_name_that_holds_data_stays():
    for name in ("Bob's number 12", "ssn_12", "his home"):
        assert rest(calling(**{name: "Miller"})) == f"Fine.\nbook:\n{name}: Miller"


@pytest.mark.parametrize("text", ["Mill", "iller", "Jones", "555-1234 Main Street"])
def test_what_only_resembles_it_stays(text):
    assert text in rest(calling(name=text))


def test_only_the_users_words_count():
    told = [AIMessage("Anna's number is 0171 999 8888"), ToolMessage("iban DE12", tool_call_id="1")]
    answer = calling(phone="0171 999 8888", iban="DE12")
    assert rest(answer, *told) == answer_text(answer)


def test_a_day_of_the_calendar_is_no_contact():
    for day in ("2026-12-14", "2026-12-14T19:30", "on 1988-04-03 12:00:00"):
        assert rest(calling(name="Miller", day=day)) == f"Fine.\nbook:\nday: {day}"
    for number in ("2026-99-14", "19-88-04-03", "2026-12-14 0171 5550000", "12026-12-14"):
        answer = calling(name="Miller", day=number)
        assert rest(answer) == answer_text(answer)


def test_without_any_it_is_the_answer_as_it_reads():
    answer = calling(city="Oslo", rows=[{"a": 1, "b": ""}])
    assert rest(answer) == answer_text(answer)
