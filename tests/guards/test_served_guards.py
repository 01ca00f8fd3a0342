"""Guard LLMs behind real doors: a model of this process, and a server that speaks OpenAI's protocol."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from math import log
from time import sleep

import pytest

from lance_graph import models
from lance_graph.guards import GuardModelDetector, GuardVerdictError, from_string
from lance_graph.guards.score import UNSAFE
from tests.integration.openai_server import OpenAIServer

TEMPLATE = (
    "{% for message in messages %}{{ message['role'] }} {{ message['content'] }} {% endfor %}"
    "{% if add_generation_prompt %}verdict{% endif %}"
)


@pytest.fixture(params=["safe", "there"])
def local_guard(request, tmp_path, monkeypatch):
    """A local model's name, the one word that it always answers, and what it is given."""
    import torch
    from tokenizers import Tokenizer, pre_tokenizers
    from tokenizers.models import WordLevel
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    others = ["</s>", "<unk>", "user", "assistant", "verdict", "hello", "there"]
    words = list(dict.fromkeys([request.param, *others]))
    backend = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, unk_token="<unk>", eos_token="</s>", pad_token="</s>"
    )
    tokenizer.chat_template = TEMPLATE
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=1,
    )
    model = LlamaForCausalLM(config)
    torch.nn.init.zeros_(model.model.norm.weight)  # every logit is 0: the first word is greedy
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    monkeypatch.setattr(models, "MAX_NEW_TOKENS", 1)
    models._from_string.cache_clear()
    name, given = f"huggingface:{tmp_path}", []
    loaded = models.resolve(name).llm.pipeline.model
    loaded.register_forward_pre_hook(
        lambda _, args, kwargs: given.append(tokenizer.decode(kwargs["input_ids"][0])),
        with_kwargs=True,
    )
    yield name, request.param, given
    models._from_string.cache_clear()


@pytest.mark.parametrize("mode", ["sync", "async"])
async def test_a_model_of_this_process_is_asked_with_its_own_template(local_guard, mode):
    name, word, given = local_guard
    detector = GuardModelDetector(name)
    pairs = ["hello", ("hello", "there")]
    assert detector.max_concurrency == 1
    if word == "safe":
        scores = detector.score(pairs) if mode == "sync" else await detector.ascore(pairs)
        assert [max(score.mean.values()) for score in scores] == [0.0, 0.0]
        assert given == ["user hello verdict", "user hello assistant there verdict"]
    else:
        with pytest.raises(GuardVerdictError):
            detector.score(pairs) if mode == "sync" else await detector.ascore(pairs)


@pytest.mark.server
async def test_log_probabilities_come_from_a_server_that_gives_them(monkeypatch):
    from langchain_openai import ChatOpenAI

    top = [
        {"token": t, "logprob": log(p), "bytes": None} for t, p in (("unsafe", 0.7), ("safe", 0.3))
    ]
    content = [
        {**top[0], "top_logprobs": top},
        *({"token": t, "logprob": 0.0, "bytes": None, "top_logprobs": []} for t in ("\n", "S1")),
    ]
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": "unsafe\nS1"},
        "logprobs": {"content": content, "refusal": None},
    }
    completion = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
    }
    with OpenAIServer() as server:
        server.reply = lambda _: json.dumps(completion).encode()
        model = ChatOpenAI(model="llama-guard3", api_key="none", base_url=server.url, temperature=0)
        detector = GuardModelDetector(model.bind(logprobs=True, top_logprobs=5))
        for scores in (detector.score([("ask", "tell")]), await detector.ascore([("ask", "tell")])):
            assert scores[0].mean["violence,aiding_and_abetting,incitement"] == pytest.approx(0.7)
            assert scores[0].mean[UNSAFE] == 0.0
        sent = [(m["role"], m["content"]) for m in server.requests[0]["messages"]]
        assert sent == [("user", "ask"), ("assistant", "tell")]


@pytest.mark.server
def test_a_named_guard_is_asked_through_its_provider(monkeypatch):
    with OpenAIServer() as server:
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        server.reply = lambda _: "[Answer] controversial\n[Analysis] It depends."
        (found,) = from_string("shield-lm:openai:served-shield").score(["hm"])
    assert found.mean[UNSAFE] == 0.6
    assert server.requests[0]["temperature"] == 0


@pytest.mark.parametrize("by_hand", [False, True], ids=["named", "by hand"])
def test_several_requests_do_not_run_through_one_local_guard_at_once(local_guard, by_hand):
    name, _, _ = local_guard
    model = models.resolve(name)
    if by_hand:
        model.llm.pipeline = model.llm.pipeline._pipeline  # as its owner made it
    within, most, inner = [], [], model.llm.pipeline.model

    def begun(*_):
        within.append(1)
        most.append(len(within))
        sleep(0.01)

    def done(*_):
        within.pop()

    inner.register_forward_pre_hook(begun)
    inner.register_forward_hook(done)
    guard = GuardModelDetector(model if by_hand else name)

    def ask(number):
        with suppress(GuardVerdictError):  # one of the two models says no verdict
            guard.score([f"hello {number}"])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(ask, range(8)))
    assert len(most) >= 8 and max(most) == 1
