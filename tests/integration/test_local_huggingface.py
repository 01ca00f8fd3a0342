"""`huggingface:` models in this process: real loading code, a random Llama of a few thousand numbers."""

import re
from shutil import copytree

import pytest

from lance_graph import LanceContext, build_graph, models
from lance_graph.model_options import ModelOptions
from lance_graph.models import ModelError
from tests.fakes import VIOLENCE, ScriptedModel, WordDetector

DETECTOR = WordDetector({"attack": (VIOLENCE, 0.9)})
TEMPLATE = (
    "{% for message in messages %}>> {{ message['content'] }} {% endfor %}"
    "{% if add_generation_prompt %}<<{% endif %}"
)


@pytest.fixture(scope="module")
def tiny_llama(tmp_path_factory):
    """Folder of a causal model with a chat template; it knows no words, so that it says none."""
    import torch
    from tokenizers import Tokenizer, pre_tokenizers
    from tokenizers.models import WordLevel
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    signs = [">>", "<<", ";", ":", "%%", "##", "$$", "12", "77", "++", "--", "=="]
    vocabulary = {sign: i for i, sign in enumerate(["<unk>", "<s>", "</s>", "<pad>", *signs])}
    backend = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
    )
    tokenizer.chat_template = TEMPLATE
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=4096,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=3,
    )
    folder = tmp_path_factory.mktemp("tiny_llama")
    with torch.random.fork_rng():
        torch.manual_seed(1)
        LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(autouse=True)
def short_and_fresh(monkeypatch):
    monkeypatch.setattr(models, "MAX_NEW_TOKENS", 24)
    models._from_string.cache_clear()
    yield
    models._from_string.cache_clear()


@pytest.fixture(params=["sync", "async"])
def ask(request):
    """Run one prompt, in either mode."""
    graph = build_graph().compile()

    async def run(prompt, **context):
        options = {"detector": DETECTOR} | context
        question, chosen = {"messages": [("user", prompt)]}, LanceContext(**options)
        if request.param == "sync":
            return graph.invoke(question, context=chosen)
        return await graph.ainvoke(question, context=chosen)

    return run


async def test_a_local_target_answers(ask, tiny_llama):
    result = await ask("how to make bread", target=f"huggingface:{tiny_llama}")
    assert result["verdict"]["status"] == "safe"
    answer = result["messages"][-1].text
    assert answer.strip()
    assert 1 <= len(answer.split()) <= 24


async def test_the_answer_is_greedy_and_so_the_same_each_time(ask, tiny_llama):
    texts = set()
    for _ in range(2):
        result = await ask("how to make bread", target=f"huggingface:{tiny_llama}")
        texts.add(result["messages"][-1].text)
    assert len(texts) == 1


async def test_loading_shows_on_stderr_and_happens_once(ask, tiny_llama, capfd):
    name = f"huggingface:{tiny_llama}"
    await ask("how to attack him", target=name)
    await ask("how to make bread", target=name)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count(f"loading {tiny_llama} ...") == 1
    assert len(re.findall(r"ready in \d+\.\d s", err)) == 1


async def test_garbage_from_a_local_refiner_is_caught(ask, tiny_llama):
    target = ScriptedModel(answers=["Talk to him."])
    result = await ask("how to attack him", refiner=f"huggingface:{tiny_llama}", target=target)
    verdict = result["verdict"]
    assert verdict["status"] == "rewritten"
    assert "offline refiner" in verdict["reason"]
    (step,) = [step for step in verdict["trace"] if step["node"].startswith("rewrite")]
    assert step["model"] == "offline"
    assert len(step["failed_attempts"]) == 3
    assert set(step["failed_attempts"]) <= {"garbage", "empty", "too long", "echo"}
    assert target.calls[0][-1].text == verdict["refined_prompt"]


async def test_one_local_model_in_both_roles(ask, tiny_llama):
    name = f"huggingface:{tiny_llama}"
    result = await ask("how to attack him", refiner=name, target=name)
    assert result["verdict"]["status"] == "rewritten"
    assert result["messages"][-1].text.strip()


async def test_a_chat_model_object_built_by_hand(ask, tiny_llama):
    """ChatHuggingFace has no async path of its own (it raises NotImplementedError)."""
    from langchain_huggingface import ChatHuggingFace, HuggingFacePipeline
    from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

    tokenizer = AutoTokenizer.from_pretrained(tiny_llama)
    generator = pipeline(
        "text-generation",
        model=AutoModelForCausalLM.from_pretrained(tiny_llama),
        tokenizer=tokenizer,
        return_full_text=False,
        max_new_tokens=12,
        do_sample=False,
    )
    llm = HuggingFacePipeline(pipeline=generator, model_id="local")
    model = ChatHuggingFace(llm=llm, tokenizer=tokenizer, model_id="local")
    result = await ask("how to attack him", refiner=model, target=model)
    verdict = result["verdict"]
    assert verdict["status"] == "rewritten"
    answering = [step for step in verdict["trace"] if step["node"] == "generate_response"]
    assert [step["model"] for step in answering] == ["ChatHuggingFace"]
    assert result["messages"][-1].text.strip()


async def test_a_streamed_run_shows_only_the_answer(tiny_llama):
    context = LanceContext(detector=DETECTOR, target=f"huggingface:{tiny_llama}")
    question = {"messages": [("user", "how to make bread")]}
    parts = (
        build_graph()
        .compile()
        .astream(question, context=context, stream_mode=["messages", "values"])
    )
    messages, final = [], {}
    async for mode, part in parts:
        if mode == "messages":
            messages.append(part[0])
        else:
            final = part
    assert len({message.id for message in messages}) == 1
    assert "".join(message.text for message in messages) == final["messages"][-1].text


async def test_a_folder_without_a_model_says_why(ask, tmp_path):
    with pytest.raises(ModelError, match=str(tmp_path)):
        await ask("how to make bread", target=f"huggingface:{tmp_path}")


async def test_a_model_without_a_chat_template_says_why(ask, tiny_llama, tmp_path):
    copytree(tiny_llama, tmp_path, dirs_exist_ok=True)
    (tmp_path / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match="no chat template"):
        await ask("how to make bread", target=f"huggingface:{tmp_path}")


def test_options_say_how_long_in_what_precision_and_how_warm(tiny_llama):
    import torch

    said = {"max_new_tokens": 3, "dtype": "bfloat16", "device": "cpu", "temperature": 2.5}
    model = models.resolve(f"huggingface:{tiny_llama}", ModelOptions(said))
    pipeline = model.llm.pipeline
    assert pipeline.model.dtype == torch.bfloat16 and pipeline.device.type == "cpu"
    assert 1 <= len(pipeline.tokenizer(model.invoke("how").text)["input_ids"]) <= 4
    assert len({model.invoke("how to make bread").text for _ in range(9)}) > 1  # it is sampled


def test_threads_are_served_one_after_another(tiny_llama):
    from concurrent.futures import ThreadPoolExecutor

    model = models.resolve(f"huggingface:{tiny_llama}", ModelOptions({"max_tokens": 4}))
    inner, within, most = model.llm.pipeline.model, [], []

    def begun(*_):
        within.append(1)
        most.append(len(within))

    def done(*_):
        within.pop()

    inner.register_forward_pre_hook(begun)
    inner.register_forward_hook(done)
    prompts = [f"how to make bread {n}" for n in range(6)]
    with ThreadPoolExecutor(6) as threads:
        together = list(threads.map(lambda prompt: model.invoke(prompt).text, prompts))
    assert together == [model.invoke(prompt).text for prompt in prompts]
    assert max(most) == 1
