from langchain_core.messages import HumanMessage, SystemMessage

from lance_graph.conversation.instructions import instructed

ASKED = HumanMessage("hello")


def test_an_instruction_stands_in_front_where_there_is_no_system_message():
    told, *rest = instructed([ASKED], "be kind")
    assert (told.type, told.text, rest) == ("system", "be kind", [ASKED])


def test_it_joins_the_system_message_that_is_there():
    given = [SystemMessage("You sell flour.", id="s"), ASKED]
    told, asked = instructed(given, "be kind")
    assert (told.id, told.text, asked) == ("s", "You sell flour.\n\nbe kind", ASKED)
    assert given[0].text == "You sell flour."


def test_a_system_message_in_blocks_keeps_them():
    block = {"type": "text", "text": "You sell flour.", "cache_control": {"type": "ephemeral"}}
    told, _ = instructed([SystemMessage([block]), ASKED], "be kind")
    assert told.content == [block, {"type": "text", "text": "be kind"}]
