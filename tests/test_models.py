import asyncio
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest
from langchain_core.messages import HumanMessage
from pydantic import BaseModel, Field, SecretStr

from lance_graph import LanceContext, build_graph, models
from lance_graph.model_options import ModelOptions
from lance_graph.models import ModelError, acomplete, complete, resolve
from tests.fakes import ScriptedModel, StructuredModel, WordDetector

HELLO = [HumanMessage("hello")]


class NoAsync(ScriptedModel):
    """Like ChatHuggingFace over a local pipeline."""

    async def _agenerate(self, *_, **__):
        raise NotImplementedError


def test_objects_resolve_to_themselves():
    model = ScriptedModel(answers=["hi"])
    assert resolve(model) is model
    assert models.model_name(model) == "ScriptedModel"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("offline", "served inside the graph"),
        ("nosuchprovider:x", "nosuchprovider"),
        ("cohere:command-r", "not installed"),
        ("huggingface:/no/such/folder", "/no/such/folder"),
    ],
)
def test_a_string_that_names_no_usable_model_says_why(name, message):
    with pytest.raises(ModelError, match=message):
        resolve(name)


def test_strings_are_resolved_once(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    assert resolve("openai:gpt-4o-mini") is resolve("openai:gpt-4o-mini")
    assert resolve("openai:gpt-4o-mini", temperature=0).temperature == 0


def test_complete():
    assert complete(ScriptedModel(answers=["hi"]), HELLO).text == "hi"


@pytest.mark.parametrize("cls", [ScriptedModel, NoAsync])
async def test_acomplete_with_and_without_an_async_path(cls):
    assert (await acomplete(cls(answers=["hi"]), HELLO)).text == "hi"


async def test_acomplete_passes_errors_and_cancellation_on():
    with pytest.raises(OSError, match="gone"):
        await acomplete(ScriptedModel(answers=[OSError("gone")]), HELLO)

    class Slow(ScriptedModel):
        async def _agenerate(self, *_, **__):
            await asyncio.sleep(60)

    task = asyncio.create_task(acomplete(Slow(answers=["hi"]), HELLO))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


class Asked(BaseModel):
    word: str


def test_structured_output_is_asked_first_and_given_up_after_an_error():
    model = StructuredModel(answers=["yes"])
    asked = models.StructuredFirst(model, Asked)
    assert asked.is_structured and asked.model.invoke("hi")["parsed"] == Asked(word="yes")
    assert asked.falls_back() and not asked.is_structured
    assert asked.model is model and not asked.falls_back()


@pytest.mark.parametrize(
    ("model", "offered"),
    [(ScriptedModel(answers=["yes"]), True), (StructuredModel(answers=["yes"]), False)],
)
def test_what_offers_none_is_asked_in_plain_words(model, offered):
    asked = models.StructuredFirst(model, Asked, offered=offered)
    assert not asked.is_structured and asked.model is model


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("openai:gpt-4o-mini", "openai:gpt-4o-mini"),
        ("offline", "offline"),
        (ScriptedModel(answers=[]), "ScriptedModel"),
        (ScriptedModel(answers=[]).bind(model="named").with_config(run_name="r"), "named"),
    ],
)
def test_a_model_is_called_as_the_caller_configured_it(model, name):
    assert models.configured_name(model) == name


class ChatDeepSeek(ScriptedModel):
    """Stands in for a provider's class; langchain keeps the first that it has loaded."""

    answers: list = Field(default_factory=lambda: ["hello"])
    model_name: str = Field(alias="model")
    base_url: str | None = None
    api_key: SecretStr | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    timeout: float | None = Field(default=None, gt=0)


@pytest.fixture
def provider(monkeypatch):
    """A provider's package, for the one that LangChain infers from names that begin with 'deepseek'."""
    module = ModuleType("langchain_deepseek")
    module.ChatDeepSeek = ChatDeepSeek
    module.__spec__ = ModuleSpec("langchain_deepseek", None)
    monkeypatch.setitem(sys.modules, "langchain_deepseek", module)
    models._from_string.cache_clear()
    yield ChatDeepSeek
    models._from_string.cache_clear()


KEY = "sk-SECRET-123"
OPTIONS = ModelOptions({"base_url": "http://localhost:8080/v1", "api_key": KEY, "max_tokens": 7})


def test_a_bare_name_has_the_provider_that_langchain_infers(provider):
    model = resolve("deepseek-chat", OPTIONS)
    assert isinstance(model, provider) and model.model_name == "deepseek-chat"
    assert (model.base_url, model.max_tokens) == ("http://localhost:8080/v1", 7)
    assert model.api_key.get_secret_value() == KEY
    assert models.called_name("deepseek-chat") == "deepseek-chat"
    assert models.name_of_reply("deepseek-chat", "deepseek-chat-0324") == "deepseek-chat-0324"
    assert models.called_name("offline") is None


def test_a_run_with_a_bare_name_answers(provider):
    context = LanceContext(target="deepseek-chat", detector=WordDetector({}))
    found = build_graph().compile().invoke({"messages": [("user", "Hi!")]}, context=context)
    message = found["messages"][-1]
    assert (message.text, message.response_metadata["model_name"]) == ("hello", "deepseek-chat")


@pytest.mark.parametrize("name", ["nonsense", "nonsense:model", "a/b"])
def test_a_name_whose_provider_is_not_known_says_what_to_write(name):
    with pytest.raises(ModelError, match="write 'provider:model'"):
        resolve(name)


def test_a_model_is_made_once_for_its_name_and_options(provider):
    name = "deepseek:deepseek-chat"
    assert resolve(name, OPTIONS) is resolve(name, ModelOptions(OPTIONS.values()))
    assert resolve(name, OPTIONS) is not resolve(name)
    assert resolve(name, OPTIONS) is not resolve(name, OPTIONS.updated({"api_key": "other"}))


def test_an_option_goes_before_the_caller_s_temperature(provider):
    assert resolve("deepseek-chat", temperature=0).temperature == 0
    warm = ModelOptions({"temperature": 0.7})
    assert resolve("deepseek-chat", warm, temperature=0).temperature == 0.7


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"temprature": 1}, "takes no option 'temprature'; did you mean 'temperature'"),
        ({"model": "other"}, "takes no option 'model'"),
        ({"configurable_fields": "any"}, "takes no option 'configurable_fields'"),
        ({"timeout": "soon"}, "timeout: Input should be a valid number"),
        ({"timeout": KEY}, "timeout: Input should be a valid number"),
    ],
)
def test_a_wrong_option_is_named_and_no_secret_told(provider, options, told):
    with pytest.raises(ModelError, match=told) as found:
        resolve("deepseek-chat", OPTIONS.updated(options))
    error = found.value
    assert KEY not in str(error) and not error.__cause__
    assert error.__suppress_context__ or not error.__context__


def test_what_a_constructor_says_is_told_without_the_key(provider, monkeypatch):
    def broken(self, **given):
        raise RuntimeError(f"no connection with {given['api_key']}")

    monkeypatch.setattr(provider, "__init__", broken)
    with pytest.raises(ModelError, match=r"no connection with \*+$"):
        resolve("deepseek-chat", OPTIONS)


def test_objects_keep_their_own_options():
    model = ScriptedModel(answers=["hi"])
    assert resolve(model, OPTIONS) is model


def test_models_of_one_name_are_told_apart_without_a_word_of_their_options():
    plain, other = models.identity("openai:qwen"), models.identity("openai:qwen", OPTIONS)
    assert plain == "openai:qwen" != other and other == models.identity("openai:qwen", OPTIONS)
    assert KEY not in other and "localhost" not in other
    assert models.identity(ScriptedModel(answers=[]), OPTIONS) == "ScriptedModel"


def test_neither_callbacks_nor_an_answer_s_run_hear_of_a_key(monkeypatch):
    from langchain_core.callbacks import BaseCallbackHandler

    heard = []

    class Listener(BaseCallbackHandler):
        def on_chat_model_start(self, serialized, messages, **kwargs):
            heard.append(repr((serialized, kwargs)))

    models._from_string.cache_clear()
    given = {
        "base_url": f"http://user:{KEY}@127.0.0.1:9/v1", "api_key": KEY, "max_retries": 0,
        "default_headers": {"X": KEY}, "default_query": {"q": KEY}, "timeout": 0.2,
    }  # fmt: skip
    model = resolve("openai:gpt-4o-mini", ModelOptions(given))
    with pytest.raises(Exception, match="onnect"):
        model.invoke("hi", {"callbacks": [Listener()]})
    assert heard and KEY not in "".join(heard)
    models._from_string.cache_clear()
