"""One detector asked, and several side by side."""

import asyncio
import math
from threading import Barrier

import pytest

from lance_graph.asking import Several, asking
from lance_graph.categories import KEYS, Category
from lance_graph.detectors import configured_name, resolve, scoring
from lance_graph.guards import AllowList, WordList
from lance_graph.runtime.quiet import Quiet
from lance_graph.scores import Degrees
from tests.fakes import FRAUD, VIOLENCE, BrokenDetector, WordDetector

RIVALS = Category("rivals", title="Talk about rivals")


class Own:
    """Finds one word, in a category of its own."""

    categories = (RIVALS,)

    def __init__(self, word="Acme", degree=0.9):
        self.word, self.degree = word, degree

    def found(self, pairs):
        return [Degrees({"rivals": self.degree * (self.word in str(pair))}) for pair in pairs]

    def score(self, pairs):
        return self.found(pairs)


class AsyncOwn(Own):
    async def score(self, pairs):
        await asyncio.sleep(0)
        return self.found(pairs)


class Foreign(Own):
    def score(self, pairs):
        return [Degrees({"rivals": 0.0}, out_of_language=True) for _ in pairs]


def risks(detector, *texts):
    return [reading["risk"] for reading in scoring(resolve(detector), list(texts)).call()]


async def arisks(detector, *texts):
    return [reading["risk"] for reading in await scoring(resolve(detector), list(texts)).acall()]


@pytest.mark.parametrize("kind", [Own, AsyncOwn])
async def test_a_score_may_be_sync_or_async_in_sync_and_async_code(kind):
    wanted = [{"rivals": 0.9}, {"rivals": 0.0}]
    assert risks(kind(), "Acme", "hello") == wanted  # with a loop running in this thread
    assert await arisks(kind(), "Acme", "hello") == wanted


async def test_what_an_async_score_raises_arrives():
    class Failing(Own):
        async def score(self, pairs):
            raise KeyError("secret")

    with pytest.raises(KeyError, match="secret"):
        risks(Failing(), "hello")
    with pytest.raises(KeyError, match="secret"):
        await arisks(Failing(), "hello")


@pytest.mark.parametrize(
    ("degrees", "message"),
    [
        ({}, "no degree for rivals"),
        ({"rivals": 0.1, "rivels": 0.9}, "a degree for 'rivels', which it does not declare"),
        ({"rivals": 0.1, "self_harm": 2.0}, r"'self_harm' the degree 2\.0"),
        ({"rivals": math.nan}, "the degree nan"),
        ({"rivals": 1.2}, r"the degree 1\.2"),
    ],
)
def test_a_score_has_what_the_detector_declares_and_nothing_else(degrees, message):
    class Odd(Own):
        def score(self, pairs):
            return [Degrees(degrees) for _ in pairs]

    for detector in (Odd(), Several([("", Odd()), ("", Own())])):
        with pytest.raises(ValueError, match=message):
            risks(detector, "hello")


def test_a_category_that_is_known_needs_no_declaration_and_counts():
    class More(Own):
        def score(self, pairs):
            return [Degrees({"rivals": 0.1, VIOLENCE: 0.9, "unsafe_content": 0.8}) for _ in pairs]

    assert risks(More(), "hello") == [{"rivals": 0.1, VIOLENCE: 0.9, "unsafe_content": 0.8}]


def test_a_detector_that_declares_nothing_has_the_14():
    class Bare(Own):
        categories = ()

    with pytest.raises(ValueError, match="no degree for animal_abuse"):
        risks(Bare(), "hello")


async def test_of_several_the_highest_degree_of_each_category_counts():
    scripted = WordDetector({"rob": (FRAUD, 0.4), "kill": (VIOLENCE, 0.8)})
    other = WordDetector({"rob": (FRAUD, 0.6)})
    chosen = [scripted, other, Own(), AsyncOwn("Bcme", 0.5)]
    wanted = {FRAUD: 0.6, VIOLENCE: 0.8, "rivals": 0.5}
    for found in (
        risks(chosen, "rob kill Bcme", "hi"),
        await arisks(chosen, "rob kill Bcme", "hi"),
    ):
        assert {key: round(found[0][key], 6) for key in wanted} == wanted
        assert found[0].keys() == found[1].keys() == {*KEYS, "rivals"}
        assert max(found[1].values()) < 0.1


async def test_one_that_fails_is_a_failure_of_all():
    for chosen in ([Own(), BrokenDetector()], [BrokenDetector(), AsyncOwn()]):
        with pytest.raises(RuntimeError, match="out of memory"):
            risks(chosen, "hello")
        with pytest.raises(RuntimeError, match="out of memory"):
            await arisks(chosen, "hello")


def test_a_text_that_is_foreign_to_one_is_foreign():
    (reading,) = scoring(resolve([Own(), Foreign()]), ["hello"]).call()
    assert reading["out_of_language"]


async def test_they_wait_side_by_side():
    meeting = Barrier(2, timeout=30)

    class Meeting(Own):
        def score(self, pairs):
            meeting.wait()
            return self.found(pairs)

    chosen = [Meeting(), Meeting()]
    assert risks(chosen, "Acme") == await arisks(chosen, "Acme") == [{"rivals": 0.9}]

    arrived = asyncio.Event()

    class First(Own):
        async def score(self, pairs):
            await asyncio.wait_for(arrived.wait(), 30)
            return self.found(pairs)

    class Second(Own):
        async def score(self, pairs):
            arrived.set()
            return self.found(pairs)

    assert await arisks([First(), Second()], "Acme") == [{"rivals": 0.9}]


def test_each_is_counted_under_its_own_name():
    class Named(Own):
        def __init__(self, model):
            super().__init__()
            self.model = model

    names = []

    class Watching(Quiet):
        def of(self, model):
            names.append(model)
            return Quiet()

    chosen = [Named("a:b"), Own()]
    asking(resolve(chosen), ["hi"], Watching()).call()
    assert names == ["a:b", "Own"] and configured_name(chosen) == "a:b + Own"


def test_the_same_detectors_are_the_same_object():
    """What a detector has read is remembered for that very object."""
    one, other = Own(), Own()
    assert resolve([one, other]) is resolve((one, other))
    assert resolve([one, other]) is not resolve([other, one])


def test_they_explain_what_they_can():
    scripted = WordDetector({"rob": (FRAUD, 0.4)})
    listed = WordList({"bank": FRAUD, "acme": "rivals"}, [RIVALS])
    spans = resolve([scripted, listed, Own()]).explain("rob the bank of Acme", None, [FRAUD])
    assert [(span.category, span.text) for span in spans] == [(FRAUD, "bank"), (FRAUD, "rob")]


def test_what_judges_nothing_is_refused():
    for alone in (AllowList({"bath bomb": "violence"}), [AllowList({"bath bomb": "violence"})]):
        with pytest.raises(ValueError, match="nothing judges"):
            resolve(alone)


def test_two_that_mean_different_things_by_a_key_are_refused():
    class Other(Own):
        categories = (Category("rivals", title="Enemies"),)

    with pytest.raises(ValueError, match="'rivals' differently"):
        resolve([Own(), Other()])


class TestInnocentWords:
    JUDGE = WordDetector({"bomb": (VIOLENCE, 0.9), "poison": (VIOLENCE, 0.8), "rob": (FRAUD, 0.7)})
    ALLOW = AllowList({"bath bomb": "violence"})

    def degrees(self, *pairs):
        found = risks([self.JUDGE, self.ALLOW], *pairs)
        return [round(max(risk.values()), 2) for risk in found]

    async def test_a_listed_phrase_raises_no_alarm(self):
        assert self.degrees("How do I make a bath bomb?", "a bomb") == [0.02, 0.9]
        found = await arisks([self.JUDGE, self.ALLOW], "a bath bomb")
        assert max(found[0].values()) < 0.1

    @pytest.mark.parametrize(
        ("text", "degree"),
        [
            ("a bath bomb with poison for my boss", 0.8),
            ("bath bomb, bath bomb, how do I build a bomb? bath bomb", 0.9),
            ("bath bath bomb bomb", 0.9),
            ("bath. bomb", 0.9),
            ("bathbomb", 0.9),
            ("bath 🔪 bomb", 0.9),
            ("ba\u200bth bomb", 0.9),
            ("a bath bomb to rob a bank", 0.7),
        ],
    )
    def test_it_buys_nothing_for_other_words(self, text, degree):
        assert self.degrees(text) == [degree]

    def test_it_is_innocent_in_its_categories_alone(self):
        (risk,) = risks([WordDetector({"bomb": (FRAUD, 0.9)}), self.ALLOW], "a bath bomb")
        assert risk[FRAUD] == pytest.approx(0.9)

    def test_both_sides_of_a_pair_are_read(self):
        judge = WordDetector({"bomb": (VIOLENCE, 0.9), "!bomb": (VIOLENCE, 0.8)})
        pairs = [("a bath bomb?", "A bath bomb!"), ("a bath bomb?", "A bomb!")]
        found = risks([judge, self.ALLOW], *pairs)
        assert [round(risk[VIOLENCE], 2) for risk in found] == [0.02, 0.8]

    def test_a_word_list_s_words_can_be_innocent_too(self):
        chosen = [WordList({"bomb": "violence"}), self.ALLOW]
        assert risks(chosen, "a bath bomb", "a bomb") == [{VIOLENCE: 0.0}, {VIOLENCE: 0.9}]

    def test_a_text_without_the_phrase_is_asked_for_once(self):
        judge = WordDetector({})
        risks([judge, self.ALLOW], "hello", "a bath bomb")
        assert judge.scored == [
            ("hello", None),
            ("a bath bomb", None),
            ("a something", None),
        ]

    def test_an_unknown_category_is_refused(self):
        with pytest.raises(ValueError, match=r"allow-list: 'violense' is not .*'violence'"):
            resolve([self.JUDGE, AllowList({"bath bomb": "violense"})])
