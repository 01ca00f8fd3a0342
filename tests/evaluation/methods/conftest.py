"""Tiny causal models on disk, and a way to ask a method that counts its model calls."""

import pytest

from tests.conftest import WORDS

TEMPLATE = (
    "{% for message in messages %}>> {{ message['content'] }} {% endfor %}"
    "{% if add_generation_prompt %}<<{% endif %}"
)
LAYERS = 6
HIDDEN = 16


def save_causal_model(folder, architecture):
    """A model of a few thousand random numbers that knows words, letters and a chat template."""
    import torch
    from tokenizers import Tokenizer, normalizers, pre_tokenizers
    from tokenizers.models import WordPiece
    from transformers import (
        LlamaConfig,
        LlamaForCausalLM,
        PreTrainedTokenizerFast,
        Qwen2Config,
        Qwen2ForCausalLM,
    )

    special = ["<pad>", "<unk>", "<s>", "</s>", ">>", "<<"]
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,?!'"
    pieces = [*special, *WORDS.split(), *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    backend = Tokenizer(WordPiece(vocabulary, unk_token="<unk>"))
    backend.normalizer = normalizers.Lowercase()
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="<pad>",
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        additional_special_tokens=[">>", "<<"],
        chat_template=TEMPLATE,
    )
    classes = {
        "llama": (LlamaConfig, LlamaForCausalLM),
        "qwen2": (Qwen2Config, Qwen2ForCausalLM),
    }
    config_class, model_class = classes[architecture]
    config = config_class(
        vocab_size=len(vocabulary),
        hidden_size=HIDDEN,
        intermediate_size=32,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        initializer_range=0.4,  # so that texts differ clearly in what follows them
        pad_token_id=0,
        bos_token_id=2,
        eos_token_id=3,
    )
    with torch.random.fork_rng():
        torch.manual_seed(7)
        model_class(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session", params=["llama", "qwen2"])
def causal_folder(request, tmp_path_factory):
    return save_causal_model(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture
def ask():
    """Let a method answer; its reply, and how many model calls callbacks around it heard of."""
    from langchain_core.callbacks import BaseCallbackHandler
    from langchain_core.runnables.config import var_child_runnable_config

    from lance_graph.evaluation.sample import Sample

    class Counter(BaseCallbackHandler):
        calls = 0

        def on_chat_model_start(self, *_, **__):
            self.calls += 1

    async def run(method, prompt, response=None):
        counter = Counter()
        token = var_child_runnable_config.set({"callbacks": [counter]})
        try:
            reply = await method.answer(Sample("1", prompt, response=response))
        finally:
            var_child_runnable_config.reset(token)
        assert counter.calls <= method.max_calls
        return reply, counter.calls

    return run
