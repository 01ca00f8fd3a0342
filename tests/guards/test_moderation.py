"""The moderation adapter against a real server on the loopback interface."""

import json

import pytest

from lance_graph.categories import KEYS
from lance_graph.guards import GuardVerdictError, ModerationDetector
from lance_graph.guards.moderation import FLAGGED, MODERATED, TEXTS_PER_REQUEST
from lance_graph.guards.score import CATEGORIES, UNSAFE
from lance_graph.scores import Score
from tests.fakes import SELF_HARM, VIOLENCE
from tests.integration.openai_server import OpenAIServer

pytestmark = pytest.mark.server
HATE = "hate_speech,offensive_language"


def result(scores=None, flags=None, flagged=False, leave_out=(), **more):
    scores = {**dict.fromkeys(MODERATED, 0.001), **(scores or {})}
    flags = {**dict.fromkeys(MODERATED, False), **(flags or {})}
    return {
        "flagged": flagged,
        "categories": {k: v for k, v in flags.items() if k not in leave_out},
        "category_scores": {k: v for k, v in scores.items() if k not in leave_out},
        **more,
    }


def body(results, **more):
    return json.dumps({"id": "modr-1", "model": "omni", "results": results, **more}).encode()


def by_word(request):
    return body([result({"violence": 0.8 if "attack" in t else 0.01}) for t in request["input"]])


@pytest.fixture
def server():
    with OpenAIServer() as server:
        server.reply = by_word
        yield server


@pytest.fixture(params=["sync", "async", "async in a thread"])
def score(request, server):
    """Score pairs with a detector that asks the server, in either mode."""
    from openai import AsyncOpenAI, OpenAI

    options = {"api_key": "none", "base_url": server.url, "max_retries": 1}

    async def run(pairs, **more) -> list[Score]:
        if request.param == "async":
            async with AsyncOpenAI(**options) as client:
                return await ModerationDetector(async_client=client, **more).ascore(pairs)
        with OpenAI(**options) as client:
            detector = ModerationDetector(client=client, **more)
            return (
                detector.score(pairs) if request.param == "sync" else await detector.ascore(pairs)
            )

    return run


async def test_scores_are_degrees_of_the_fourteen(score, server):
    server.reply = lambda _: body(
        [result({"hate": 0.4, "harassment": 0.6, "self-harm/intent": 0.3})]
    )
    (found,) = await score(["text"])
    assert tuple(found.mean) == tuple(found.std) == (*KEYS, UNSAFE)
    assert (found.mean[HATE], found.mean[SELF_HARM]) == (0.6, 0.3)
    assert found.mean["animal_abuse"] == 0.0
    assert server.requests[0] == {"input": ["text"], "model": "omni-moderation-latest"}


@pytest.mark.parametrize("name", MODERATED)
async def test_every_category_of_the_service_counts_for_one_of_the_fourteen(server, name):
    from openai import OpenAI

    server.reply = lambda _: body([result({name: 0.7})])
    client = OpenAI(api_key="none", base_url=server.url)
    (found,) = ModerationDetector(client=client).score(["text"])
    raised = {key for key, degree in found.mean.items() if degree == 0.7}
    assert raised == set(MODERATED[name]) and raised <= set(KEYS)


async def test_a_pair_has_the_higher_degree_of_its_two_texts(score, server):
    pairs = [("attack", "no"), "attack", ("hello", "attack"), ("hello", None), ("hello", " ")]
    found = [score.mean[VIOLENCE] for score in await score(pairs)]
    assert found == [0.8, 0.8, 0.8, 0.01, 0.01]
    assert server.requests[0]["input"] == [
        "attack",
        "no",
        "attack",
        "hello",
        "attack",
        "hello",
        "hello",
    ]


async def test_a_pair_can_be_judged_by_its_response_alone(score, server):
    pairs = [("attack", "no"), "attack", ("hello", "attack")]
    found = [score.mean[VIOLENCE] for score in await score(pairs, pair="response")]
    assert found == [0.01, 0.8, 0.8]
    assert server.requests[0]["input"] == ["no", "attack", "attack"]


async def test_many_texts_are_asked_in_several_requests_and_keep_their_order(score, server):
    texts = [f"attack {i}" if i % 2 else f"hello {i}" for i in range(2 * TEXTS_PER_REQUEST + 1)]
    found = [score.mean[VIOLENCE] for score in await score(texts)]
    assert found == [0.8 if i % 2 else 0.01 for i in range(len(texts))]
    assert [len(request["input"]) for request in server.requests] == [TEXTS_PER_REQUEST] * 2 + [1]


async def test_what_is_flagged_is_a_severe_hazard_whatever_its_score(score, server):
    server.reply = lambda _: body([result({"violence": 0.2}, {"violence": True}, flagged=True)])
    (found,) = await score(["text"])
    assert found.mean[VIOLENCE] == FLAGGED and found.mean[UNSAFE] == 0.0


async def test_flagged_without_a_category_still_blocks(score, server):
    server.reply = lambda _: body([result(flagged=True)])
    assert (await score(["text"]))[0].mean[UNSAFE] == FLAGGED


async def test_a_category_that_the_service_adds_counts_as_unsafe_content(score, server):
    server.reply = lambda _: body(
        [result({"weapons/new": 0.66}, {"other/new": True}, flagged=True)]
    )
    (found,) = await score(["text"])
    assert found.mean[UNSAFE] == FLAGGED and found.mean.keys() == {*CATEGORIES}
    server.reply = lambda _: body([result({"weapons/new": 0.66})])
    assert (await score(["text"]))[0].mean[UNSAFE] == 0.66


async def test_older_models_do_not_know_illicit(score, server):
    server.reply = lambda _: body([result(leave_out=("illicit", "illicit/violent"))])
    assert max((await score(["text"]))[0].mean.values()) == 0.001


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (body([]), "0 results for 1 texts"),
        (body([result(), result()]), "2 results for 1 texts"),
        (body(None), "no results"),
        (b"{}", "no results"),
        (body([{}]), "without categories"),
        (body([None]), "without categories"),
        (body(["SECRET"]), "without categories"),
        (body([result(leave_out=("violence",))]), "no score for violence"),
        (body([result({"violence": "SECRET"})]), "violence is no number"),
        (body([result({"violence": float("nan")})]), "violence is no number"),
        (body([result({"violence": 7})]), "not in"),
        (body([result(flagged=None)]), "whether the text is flagged"),
        (body([result(category_scores=None)]), "without categories"),
        (body([result(categories=None)]), "without categories"),
    ],
)
@pytest.mark.filterwarnings("error")
async def test_an_answer_that_lacks_something_is_an_error(score, server, reply, message):
    server.reply = lambda _: reply
    with pytest.raises(GuardVerdictError, match=message) as error:
        await score(["the SECRET text"])
    assert "SECRET" not in str(error.value)


async def test_a_failing_service_is_an_error_after_the_client_s_retries(score, server):
    from openai import OpenAIError

    for reply in (500, 429, None):
        server.requests.clear()
        server.reply = lambda _, reply=reply: reply
        with pytest.raises(OpenAIError):
            await score(["text"])
        assert len(server.requests) == 2


async def test_what_is_no_json_is_an_error(score, server):
    server.reply = lambda _: b"<html>SECRET</html>"
    with pytest.raises(ValueError, match="Expecting value") as error:
        await score(["text"])
    assert "SECRET" not in str(error.value)


def test_mistakes_in_the_making_are_named(server):
    from openai import AsyncOpenAI

    with pytest.raises(ValueError, match="pair='prompt'"):
        ModerationDetector(pair="prompt")
    with pytest.raises(ValueError, match="give client as well"):
        ModerationDetector(async_client=AsyncOpenAI(api_key="none")).score(["a"])
