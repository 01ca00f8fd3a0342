"""Options of a model are used as given, and shown without what may be a secret."""

import copy
import pickle
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from lance_graph import LanceChatModel, LanceContext, models
from lance_graph.graph import build_graph
from lance_graph.model_options import HIDDEN, ModelOptions, spoken
from tests.fakes import ScriptedModel, WordDetector

KEY = "sk-SECRET-123"
GIVEN = {
    "api_key": KEY,
    "base_url": f"http://user:{KEY}@localhost:8080/v1?token={KEY}",
    "max_tokens": 512,
    "timeout": 2.5,
    "streaming": False,
    "default_headers": {"X-Whatever": KEY, "n": 1},
    "extra_body": {"top_k": 4, "grammar": KEY},
    "something_new": [KEY, 3],
    "secret_value": SecretStr(KEY),
    "password": 12345678,
}


def test_the_values_are_as_given():
    assert ModelOptions(GIVEN).values() == GIVEN


def test_what_is_shown_holds_no_secret():
    assert ModelOptions(GIVEN).shown() == {
        "api_key": HIDDEN,
        "base_url": "http://localhost:8080/v1",
        "max_tokens": 512,
        "timeout": 2.5,
        "streaming": False,
        "default_headers": HIDDEN,
        "extra_body": {"top_k": 4, "grammar": HIDDEN},
        "something_new": [HIDDEN, 3],
        "secret_value": HIDDEN,
        "password": HIDDEN,
    }


@given(
    st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True),
    st.sampled_from([lambda s: s, lambda s: [s], lambda s: {"inner": s}, SecretStr]),
)
def test_a_text_under_any_other_name_is_hidden_and_scrubbed(name, wrapped):
    options = ModelOptions({f"my_{name}": wrapped(KEY)})
    assert KEY not in repr(options) and KEY not in str(options.shown())
    assert options.secrets() == [KEY]


@pytest.mark.parametrize(
    "address", [f"{KEY}@host", f"host?{KEY}", f"http://[{KEY}", f"//u:{KEY}@host/x"]
)
def test_no_address_shows_more_than_its_place(address):
    assert KEY not in repr(ModelOptions({"base_url": address}))


def test_they_are_told_apart_by_all_that_they_hold():
    assert ModelOptions({"a": 1, "api_key": "x"}) == ModelOptions({"api_key": "x", "a": 1})
    assert hash(ModelOptions({"a": 1})) == hash(ModelOptions({"a": 1}))
    assert ModelOptions({"api_key": "x"}) != ModelOptions({"api_key": "y"})
    assert (
        not ModelOptions()
        and ModelOptions() == ModelOptions(None)
        and "a" in ModelOptions({"a": 1})
    )


def test_a_cache_tells_them_apart_but_not_by_a_key():
    def mark(**options):
        return ModelOptions({"timeout": 1, **options}).mark()

    assert mark(api_key="x") == mark(api_key="y") == mark(default_headers={"a": "b"}) == mark()
    assert mark(base_url="http://u:x@h/v1") == mark(base_url="http://u:y@h/v1")
    assert (
        len({mark(), mark(timeout=2), mark(base_url="http://h/v1"), mark(extra_body={"a": "b"})})
        == 4
    )


def test_they_are_copied_but_not_serialised():
    options = ModelOptions(GIVEN)
    assert copy.deepcopy(options) is options
    with pytest.raises(TypeError, match="not serialised"):
        pickle.dumps(options)
    assert pickle.loads(pickle.dumps(ModelOptions())) == ModelOptions()


@pytest.mark.parametrize("wrong", [{"base url": KEY}, {1: KEY}, KEY, [KEY], 7])
def test_what_are_no_options_is_an_error_without_a_value(wrong):
    with pytest.raises(ValueError, match="options of a model") as error:
        ModelOptions.of(wrong)
    assert KEY not in str(error.value)


@pytest.mark.parametrize("role", ["target", "refiner", "guard"])
@pytest.mark.parametrize("name", [KEY, "sk_live_4eC39HqLyjWD", "AIzaSyD4k9x8Wq2b", "ghp_abcdef"])
def test_a_key_in_the_place_of_an_option_s_name_is_not_quoted(role, name):
    named = {"target": "gpt-4o", "refiner": "gpt-4o", "detector": "llama-guard:openai:x"}
    given = {f"{role}_options": {name: 1, "timeout": 2}}
    try:
        said = repr(LanceContext(**named, **given))
        assert "'timeout': 2" in said
    except ValidationError as error:
        said = "".join([str(error), repr(error.errors()), error.json(), repr(error.__context__)])
        assert f"{role}_options" in said
    assert name not in said
    with pytest.raises(ValidationError) as found:
        LanceContext(**{name: 1})
    assert name not in str(found.value) + repr(found.value.errors()) + found.value.json()


@pytest.mark.parametrize("model", ["openai:gpt-4o", "huggingface:ORG/NAME"])
def test_a_model_that_takes_no_such_option_does_not_quote_it_where_it_may_be_a_key(model):
    for name, told in (
        ("sk_live_4eC39HqLyjWD", "for it may be a key"),
        ("tempratur", "'tempratur'"),
    ):
        with (
            warnings.catch_warnings(record=True) as warned,
            pytest.raises(models.ModelError, match=told) as found,
        ):
            models.resolve(model, ModelOptions({name: 1, "api_key": "none"}))
        assert "sk_live" not in "".join(str(one.message) for one in warned)
        assert "sk_live" not in str(found.value) + repr(found.value.__cause__)


@pytest.mark.parametrize(
    "name",
    [
        "base_url",
        "base-url",
        "max_new_tokens",
        "maxTokens",
        "n_gpu_layers",
        "top_k2",
        "API_KEY",
        "a b",
    ],
)
def test_what_is_made_of_words_is_quoted(name):
    assert spoken(name) == repr(name)


@pytest.mark.parametrize(
    "name", [KEY, "0123456789", "hf_abc", "Xk29fQz", "a" * 40, "", 7, None, "é"]
)
def test_what_is_not_is_not(name):
    assert "not shown" in spoken(name)


WRONG = [
    {"target": "gpt-4o", "max_iterations": 99},
    {"target": "offline"},
    {"target": ScriptedModel(answers=["hi"])},
    {"target": "gpt-4o", "category_thresholds": {"nothing": {}}},
    {"target": "gpt-4o", "prompts": {"nothing": "x"}},
    {"target": "gpt-4o", "target_option": {"api_key": KEY}},
    {"target": "gpt-4o", "api_key": KEY},
    {"target": "gpt-4o", "refiner_options": KEY},
    {"target": "gpt-4o", "thresholds": {"tau": 0.5, "api_key": KEY}},
]


@pytest.mark.parametrize("fields", WRONG)
def test_no_error_of_a_context_holds_a_key(fields):
    with pytest.raises(ValidationError) as found:
        LanceContext(**{"target_options": {"api_key": KEY}, **fields})
    error = found.value
    said = [str(error), repr(error.errors()), error.json(), repr(error.__cause__)]
    assert KEY not in "".join([*said, repr(error.__context__)])


@pytest.mark.parametrize(
    "fields",
    [
        {"target_option": {"api_key": KEY}},
        {"api_key": KEY},
        {"context": LanceContext()},
        {"cache": True},
        {"max_iterations": 99},
        {"on_degraded": "{never}"},
    ],
)
def test_no_error_of_a_chat_model_holds_a_key(fields):
    with pytest.raises(ValidationError) as error:
        LanceChatModel(target="gpt-4o", target_options={"api_key": KEY}, **fields)
    assert KEY not in str(error.value) + repr(error.value.errors()) + repr(error.value.__context__)


def test_no_trace_of_a_chat_model_holds_a_key():
    from langchain_core.load import dumpd

    model = LanceChatModel(target="gpt-4o", target_options=GIVEN)
    assert KEY not in repr(model) + str(dumpd(model)) + str(model._get_ls_params())


def test_no_representation_of_a_context_holds_a_key():
    context = LanceContext(target="gpt-4o", target_options=GIVEN, refiner_options=None)
    dumped = context.model_dump()
    assert KEY not in "".join(
        [repr(context), str(context), context.model_dump_json(), repr(dumped)]
    )
    assert LanceContext(**dumped) == context
    assert context.target_options.values()["api_key"] == KEY
    with pytest.raises(TypeError, match="not serialised"):
        pickle.dumps(context)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"target_options": {"timeout": 1}}, "'offline' takes no options; name a model as target"),
        (
            {"refiner": ScriptedModel(answers=[]), "refiner_options": {"timeout": 1}},
            "keeps its own",
        ),
        ({"target_option": {"timeout": 1}}, "did you mean 'target_options'"),
        ({"reviw": "always"}, "did you mean 'review'"),
    ],
)
def test_options_without_a_named_model_and_unknown_fields_are_named(fields, told):
    with pytest.raises(ValidationError, match=told):
        LanceContext(**fields)


@pytest.mark.parametrize("context", [{"lance": {"target": "gpt-4o", "target_options": {"a": 1}}}])
def test_a_dict_inside_a_larger_graphs_context_has_none(context):
    from langgraph.runtime import Runtime

    with pytest.raises(
        ValueError, match="target_options leads a server's requests and key elsewhere"
    ):
        LanceContext.of(Runtime(context=context))


def test_a_fixed_context_takes_none_from_a_run():
    graph = build_graph(LanceContext(detector=WordDetector({}))).compile()
    with pytest.raises(ValueError, match="fixed"):
        graph.invoke({"messages": [("user", "hi")]}, context={"target_options": {"base_url": "x"}})
