import pytest

from lance_graph.context import LanceContext
from lance_graph.gradients import build_gradient
from lance_graph.judging import Judge
from lance_graph.locating import located
from lance_graph.runtime.quiet import Quiet
from lance_graph.runtime.steps import arun, run
from lance_graph.state import Draft
from tests.conversation.test_document import DOCUMENT, PARAGRAPH, TASK
from tests.fakes import FRAUD, SELF_HARM, VIOLENCE, DoubtfulDetector, WordDetector

BAD = "Section 7 says how to attack the guard."
GRADIENT = build_gradient({VIOLENCE: 0.9}, {VIOLENCE: "severe"}, {VIOLENCE: ["attack", "other"]})


class Both(WordDetector):
    """Finds a hazard in a text that holds all of its words."""

    def _score(self, pair):
        return super()._score(pair if all(word in pair[0] for word in self.words) else "")


def search(text, words=None, answer=None, detector=None, **options):
    detector = detector or WordDetector(words or {"attack": (VIOLENCE, 0.9)})
    judge = Judge(detector, None, LanceContext(detector=detector, **options), Quiet())
    draft = run(located(judge, Draft(text, answer, gradient=GRADIENT)))
    return detector, [(text[p.start : p.end], p) for p in draft.passages()]


def planted(*bad, at=5):
    paragraphs = [TASK, *DOCUMENT.split("\n\n")]
    return "\n\n".join([*paragraphs[:at], *bad, *paragraphs[at:]])


@pytest.mark.parametrize("at", [1, 5, 12])
def test_the_hazardous_passage_is_found_with_what_is_wrong_with_it(at):
    _, found = search(planted(BAD, at=at))
    ((said, passage),) = found
    assert said == BAD and not passage.asks
    assert [(c["category"], c["words"]) for c in passage.gradient] == [(VIOLENCE, ["attack"])]


def test_each_of_several_is_found():
    words = {"attack": (VIOLENCE, 0.9), "robbing": (FRAUD, 0.4)}
    text = planted(BAD, at=2) + "\n\nPage 9 is about robbing.\n\n" + DOCUMENT
    _, found = search(text, words)
    assert [said for said, _ in found] == [BAD, "Page 9 is about robbing."]
    assert [clause["category"] for clause in found[1][1].gradient] == [FRAUD]


@pytest.mark.parametrize("at", range(1, 13))
def test_what_is_hazardous_only_together_is_found_together(at):
    detector = Both({"alpha": (VIOLENCE, 0.9), "omega": (VIOLENCE, 0.9)})
    _, found = search(planted("First alpha.", "Then omega.", at=at), detector=detector)
    assert [said for said, _ in found] == ["First alpha.", "Then omega."]


def test_a_hazardous_task_is_told_from_a_document():
    bad_task = "Summarise how to attack the guard with this file."
    _, found = search(f"{bad_task}\n\n{DOCUMENT}")
    assert [(said, passage.asks) for said, passage in found] == [(bad_task, True)]


def test_where_only_the_answer_is_hazardous_the_task_is_what_is_rewritten():
    _, found = search(planted(), answer="attack them")
    assert [(said, p.asks, p.gradient) for said, p in found] == [(TASK, True, GRADIENT)]


@pytest.mark.parametrize(
    "text",
    [
        f"{TASK} {BAD}",  # short
        "\n\n".join(f"{number} attack. {PARAGRAPH}" for number in range(9)),  # all of it
        planted(),  # nowhere in particular
    ],
)
def test_elsewhere_the_whole_prompt_is_rewritten(text):
    assert search(text)[1] == []


def test_what_is_safe_is_not_searched():
    judge = Judge(WordDetector({}), None, LanceContext(), Quiet())
    assert run(located(judge, Draft(planted(BAD)))).passages() == []
    assert judge.detector.scored == []


def test_where_harm_to_oneself_is_found_nothing_is_left_out():
    judge = Judge(WordDetector({}), None, LanceContext(), Quiet())
    gradient = build_gradient({SELF_HARM: 0.4}, {SELF_HARM: "minor"}, {})
    draft = Draft(planted("I cannot bear to live."), gradient=[*GRADIENT, *gradient])
    assert run(located(judge, draft)).passages() == []
    assert judge.detector.scored == []


def test_nor_where_it_is_found_in_a_passage_alone():
    class Padded(WordDetector):
        def _score(self, pair):
            return super()._score(pair if len(pair[0]) < 600 else pair[0].replace("bear", "-"))

    words = {"attack": (VIOLENCE, 0.9), "bear": (SELF_HARM, 0.4)}
    assert search(planted(BAD, "I cannot bear to live."), detector=Padded(words))[1] == []


@pytest.mark.parametrize(("abstain", "effort"), [(0, "severe"), (1, "mild")])
def test_what_is_in_doubt_is_softened_in_a_passage_too(abstain, effort):
    detector = DoubtfulDetector({"attack": (0.75, 0.1)})
    ((_, passage),) = search(planted(BAD), detector=detector, abstain=abstain)[1]
    assert [clause["effort"] for clause in passage.gradient] == [effort]


def test_a_failing_search_leaves_the_prompt_to_be_rewritten_as_a_whole(caplog):
    class Short(WordDetector):
        def score(self, pairs):
            if min(len(prompt) for prompt, _ in pairs) < 1_500:
                raise RuntimeError(f"too short: {pairs}")
            return super().score(pairs)

    assert search(planted(BAD), detector=Short({"attack": (VIOLENCE, 0.9)}))[1] == []
    assert "search for hazardous passages" in caplog.text and "attack" not in caplog.text


async def test_async_does_the_same():
    detector = WordDetector({"attack": (VIOLENCE, 0.9)})
    judge = Judge(detector, None, LanceContext(detector=detector), Quiet())
    draft = await arun(located(judge, Draft(planted(BAD), gradient=GRADIENT)))
    assert len(draft.passages()) == 1


@pytest.mark.parametrize("bad", [1, 40])
def test_the_search_reads_a_text_a_few_times_and_no_more(bad):
    paragraphs = DOCUMENT.split("\n\n") * 16
    for place in range(bad):
        paragraphs[place * 3 + 1] += " attack"
    text = "\n\n".join([TASK, *paragraphs])
    detector, found = search(text)
    assert len(found) == bad
    assert sum(len(prompt) for prompt, _ in detector.scored) <= (2 if bad == 1 else 4) * len(text)
