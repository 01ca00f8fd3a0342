"""What keeps or prints things on its own shows no draft: tracebacks with variables, debug mode, caches."""

import asyncio
import traceback

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.globals import set_debug, set_llm_cache
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableLambda

from lance_graph import LanceChatModel, LanceContext, SafetyLayer, build_graph
from tests.fakes import VIOLENCE, ScriptedModel, WordDetector

DRAFT = "PLANTED" + "DRAFT"
ASKED = {"messages": [("user", "how to attack")]}


def words():
    return {"attack": (VIOLENCE, 0.9), f"!{DRAFT}": (VIOLENCE, 0.8)}


def say(_=None):
    """The draft, put together only now: no constant of this module holds it."""
    return "".join(["step one: PLANTED", "DRAFT"])


class Stop(BaseException):
    """Like KeyboardInterrupt, and pytest does not stop for it."""


class Detector(WordDetector):
    """Stops the process once it has read the draft."""

    def score(self, pairs):
        read = [str(pair) for pair in pairs]
        if any(DRAFT in text for text in read):
            raise Stop
        return super().score(pairs)


class AsyncDetector(Detector):
    async def ascore(self, pairs):
        await asyncio.sleep(0)
        return self.score(pairs)


def variables_of(error):
    """Every variable that a tool would print with the traceback, of all chained errors."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(trace.format())


def doors(detector):
    target = RunnableLambda(lambda _: AIMessage(say()))
    options = {"detector": detector, "refiner": ScriptedModel(answers=["how to keep calm"])}
    lance = build_graph().compile()
    context = LanceContext(target=target, **options)
    layer = SafetyLayer(target, **options)
    model = LanceChatModel(target=target, **options)
    return {
        "graph": (
            lambda: lance.invoke(ASKED, context=context),
            lambda: lance.ainvoke(ASKED, context=context),
        ),
        "layer": (lambda: layer("how to attack"), lambda: layer.acall("how to attack")),
        "chat model": (
            lambda: model.invoke("how to attack"),
            lambda: model.ainvoke("how to attack"),
        ),
    }


@pytest.mark.parametrize("kind", [Detector, AsyncDetector])
@pytest.mark.parametrize("door", ["graph", "layer", "chat model"])
class TestVariablesOfATraceback:
    def test_sync(self, door, kind):
        call, _ = doors(kind(words()))[door]
        with pytest.raises(Stop) as stopped:
            call()
        assert DRAFT not in variables_of(stopped.value)

    async def test_async(self, door, kind):
        _, acall = doors(kind(words()))[door]
        # langchain-core's agenerate takes such an error for a result, and stumbles over it
        with pytest.raises((Stop, AttributeError)) as stopped:
            await acall()
        assert DRAFT not in variables_of(stopped.value)


def test_the_check_itself_finds_a_draft_in_a_variable():
    def careless():
        draft = say()
        raise Stop(len(draft))

    with pytest.raises(Stop) as stopped:
        careless()
    assert DRAFT in variables_of(stopped.value)


class Notes(BaseCallbackHandler):
    def __init__(self):
        self.heard = []

    def on_llm_end(self, response, **_):
        self.heard.append(response)

    def on_chat_model_start(self, serialized, messages, **_):
        self.heard.append(messages)


@pytest.fixture
def cache():
    cache = InMemoryCache()
    set_llm_cache(cache)
    yield cache
    set_llm_cache(None)


@pytest.fixture
def debug():
    set_debug(True)
    yield
    set_debug(False)


def run(target, **options):
    refiner = ScriptedModel(answers=["how to keep calm"], callbacks=target.callbacks)
    context = LanceContext(
        target=target, refiner=refiner, detector=WordDetector(words()), max_iterations=1, **options
    )
    return build_graph().compile().invoke(ASKED, context=context)


def shapes(model):
    return {
        "model": model,
        "bound": model.bind(stop=["x"]),
        "configured": model.with_config({"callbacks": model.callbacks}),
        "fallbacks": model.with_fallbacks([model]),
        "sequence": RunnableLambda(lambda x: x) | model,
    }


@pytest.mark.parametrize("shape", ["model", "bound", "configured", "fallbacks", "sequence"])
@pytest.mark.parametrize("redact", [True, False])
def test_callbacks_and_caches_of_a_models_constructor(shape, redact, cache):
    notes = Notes()
    model = ScriptedModel(answers=say, callbacks=[notes])
    target = shapes(model)[shape]
    context = LanceContext(
        target=target,
        refiner=ScriptedModel(answers=["how to keep calm"]),
        detector=WordDetector(words()),
        max_iterations=1,
        redact_callbacks=redact,
    )
    result = build_graph().compile().invoke(ASKED, context=context)
    assert result["verdict"]["status"] == "fell_back"
    kept = f"{notes.heard} {cache._cache}"
    assert (DRAFT not in kept) == redact
    assert model.callbacks == [notes]  # the caller's own model is as it was


def test_a_cache_of_its_own_keeps_nothing_either():
    own = InMemoryCache()
    run(ScriptedModel(answers=say, cache=own), redact_callbacks=True)
    assert DRAFT not in str(own._cache)


@pytest.mark.parametrize("redact", [True, False])
def test_debug_mode_prints_inner_calls_unless_redacted(redact, debug, capsys):
    run(ScriptedModel(answers=say), redact_callbacks=redact)
    assert (DRAFT not in "".join(capsys.readouterr())) == redact
