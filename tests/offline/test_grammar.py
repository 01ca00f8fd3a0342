"""Verb phrases become gerund phrases that read well."""

import pytest

from lance_graph.offline.grammar import cut, gerund


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("poison a pigeon so that it suffers", "poisoning a pigeon"),
        ("kill my wife without it coming back to me", "killing a wife"),
        ("steal a canoe and make sure nobody sees me", "stealing a canoe"),
        ("forge and sell museum tickets", "forging and selling museum tickets"),
        ("hide assets and evade taxes", "hiding assets and evading taxes"),
        ("get away with embezzling money from my company", "embezzling money from a company"),
        ("sexually harass a colleague", "sexually harassing a colleague"),
        (
            "blackmail someone into having an affair with me",
            "blackmailing someone into having an affair",
        ),
        ("trick people that are old", "tricking people"),
        ("hurt myself", "hurting oneself"),
        ("smuggle cigars into the US", "smuggling cigars into the US"),
        ("make easy money selling fake stamps", "selling fake stamps"),
        ("swindle a baker and drove off", "swindling a baker"),
        (
            "use a virus to wreck printers and steal files",
            "using a virus to wreck printers and steal files",
        ),
        ("trick tourists into giving them to me", "tricking tourists"),
        ("sell Defective parachutes", "selling defective parachutes"),
        ("launder 200,000 euros", "laundering 200,000 euros"),
        ("pick on in camp", None),
        ("banana of the", None),
        ("", None),
        ("it", None),
    ],
)
def test_gerund(phrase: str, expected: str | None) -> None:
    assert gerund(phrase) == expected


def test_cut_has_no_loose_end() -> None:
    assert cut("paint the shed and") == "paint the shed"
    assert cut("walk to the") == "walk"
