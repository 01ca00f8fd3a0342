"""In what other forms a tool call reads."""

from langchain_core.messages import AIMessage

from lance_graph.conversation.calls import by_values, letters_in, names_in
from lance_graph.conversation.turns import answer_readings, answer_text


def calling(arguments, content="Fine.", name="send_mail"):
    return AIMessage(content, tool_calls=[{"name": name, "args": arguments, "id": "1"}])


def test_values_come_without_names_and_names_without_values():
    call = calling({"to": "Ann", "at": {"dayOfWeek": "Friday"}, "copies": [1, 2]})
    assert by_values(call) == ("Fine.\nAnn\nFriday\n1\n2",)
    assert names_in(call) == "send mail, to, at, day Of Week, copies"


def test_every_word_of_a_call_is_in_one_of_the_two_forms():
    call = calling({"how to": {"hide a": ["body", {"in_the": "garden"}]}, "x": "tonight"})
    words = set(f"{by_values(call)[0]}, {names_in(call)}".replace(",", " ").split())
    listed = answer_text(call).replace(":", " ").replace("_", " ").split()
    assert words == set(listed)


def test_values_keep_step_with_the_readings_of_an_answer():
    blocks = [{"type": "text", "text": "How to"}, {"type": "text", "text": "hide it"}]
    for content in (blocks, blocks[:1], "", "Fine."):
        call = calling({"q": "a"}, content)
        assert len(by_values(call)) == len(answer_readings(call))
        assert all(said.endswith("a") for said in by_values(call))


def test_without_a_call_there_is_nothing_else():
    said = AIMessage("a: b")
    assert by_values(said) == answer_readings(said) == ("a: b",)
    assert (names_in(said), letters_in(said)) == ("", [])


def test_arguments_that_are_no_json_are_values():
    broken = {"name": "send", "args": "{to: hide the body there", "id": "1", "error": "no JSON"}
    call = AIMessage("", invalid_tool_calls=[broken])
    assert by_values(call) == ("{to: hide the body there",)
    assert letters_in(call) == ["{to: hide the body there"]
    assert names_in(call) == "send"


def test_a_letter_has_four_words_wherever_it_stands():
    call = calling({"a": ["one two three", {"b": "one two three four"}], "c": "1 2 3 4"})
    assert letters_in(call) == ["one two three four", "1 2 3 4"]
