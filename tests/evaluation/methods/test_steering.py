from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from safetensors.torch import save_file
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    T5Config,
    T5ForConditionalGeneration,
)

from lance_graph.categories import CATEGORIES
from lance_graph.evaluation.methods.steering import (
    SteeringVectors,
    compute_vectors,
    decoder_layers,
    load_pairs,
    middle_layers,
    steering,
)

LAYERS, HIDDEN = 6, 16
DIRECTIONS = ["mean-difference", "first-component"]


@pytest.fixture(scope="module")
def model(causal_folder):
    return AutoModelForCausalLM.from_pretrained(causal_folder).eval()


@pytest.fixture(scope="module")
def tokenizer(causal_folder):
    return AutoTokenizer.from_pretrained(causal_folder)


@pytest.fixture
def inputs(tokenizer):
    """Two prompts of different length, padded on the left as generation needs it."""
    texts = ["how to bake bread", "who is it"]
    return tokenizer(texts, return_tensors="pt", padding=True, padding_side="left")


@pytest.fixture
def vectors():
    generator = torch.Generator().manual_seed(3)
    return SteeringVectors(
        {layer: torch.randn(HIDDEN, generator=generator) for layer in range(LAYERS)},
        "mean-difference",
        "made up",
        "0",
    )


class Seen:
    """Hidden states that each layer puts out, call by call."""

    def __init__(self, model):
        self.states = {layer: [] for layer in range(LAYERS)}
        self.hooks = [
            module.register_forward_hook(lambda _m, _i, out, layer=layer: self.keep(layer, out))
            for layer, module in enumerate(decoder_layers(model))
        ]

    def keep(self, layer, output):
        self.states[layer].append(output.detach().clone())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for hook in self.hooks:
            hook.remove()

    def one(self, layer):
        (state,) = self.states[layer]
        return state


@torch.inference_mode()
def run(model, inputs):
    return model(**inputs, use_cache=False).logits


def hooks_of(model):
    return [hook for part in model.modules() for hook in part._forward_hooks.values()]


def test_nothing_moves_before_the_layer_and_it_moves_by_exactly_strength_times_vector(
    model, inputs, vectors
):
    with Seen(model) as plain:
        run(model, inputs)
    with steering(model, vectors, layers=[3], strength=1.5), Seen(model) as steered:
        run(model, inputs)
    for layer in range(3):
        assert torch.equal(steered.one(layer), plain.one(layer))
    assert torch.equal(steered.one(3), plain.one(3) + 1.5 * vectors.vectors[3])
    for layer in range(4, LAYERS):
        assert not torch.allclose(steered.one(layer), plain.one(layer))


@pytest.mark.parametrize("sign", [1, -1])
def test_only_the_wanted_layers_add_and_the_sign_turns_it_around(model, inputs, vectors, sign):
    before = Seen(model)  # hooks run in the order in which they were set
    with (
        before,
        steering(model, vectors, layers=[1, 4], strength=0.7, sign=sign),
        Seen(model) as after,
    ):
        run(model, inputs)
    for layer in range(LAYERS):
        moved = sign * 0.7 * vectors.vectors[layer] if layer in (1, 4) else torch.zeros(HIDDEN)
        assert torch.equal(after.one(layer), before.one(layer) + moved)


def test_the_middle_third_is_steered_unless_told(model, inputs, vectors):
    with Seen(model) as before, steering(model, vectors), Seen(model) as after:
        run(model, inputs)
    moved = [
        layer for layer in range(LAYERS) if not torch.equal(before.one(layer), after.one(layer))
    ]
    assert moved == [2, 3]
    assert list(middle_layers(1)) == [0]
    assert list(middle_layers(32)) == list(range(10, 21))


def test_leaving_restores_the_model_bit_for_bit(model, inputs, vectors):
    before = run(model, inputs)
    with steering(model, vectors, strength=5.0):
        assert not torch.equal(run(model, inputs), before)
    assert torch.equal(run(model, inputs), before)
    assert not hooks_of(model)


def test_an_error_inside_takes_the_hooks_off_as_well(model, inputs, vectors):
    before = run(model, inputs)
    with pytest.raises(KeyError), steering(model, vectors):
        raise KeyError("generation failed")
    assert torch.equal(run(model, inputs), before)
    assert not hooks_of(model)


@pytest.mark.parametrize("positions", ["all", "last"])
def test_single_token_steps_of_the_generation_cache_are_steered(model, inputs, vectors, positions):
    how = {"max_new_tokens": 5, "min_new_tokens": 5, "do_sample": False, "pad_token_id": 0}
    with (
        Seen(model) as before,
        steering(model, vectors, layers=[2], strength=0.5, positions=positions),
        Seen(model) as after,
    ):
        model.generate(**inputs, **how, use_cache=True)
    prompt, *steps = zip(before.states[2], after.states[2], strict=True)
    assert len(steps) == 4
    assert all(raw.shape[:2] == (2, 1) for raw, _ in steps)
    for raw, moved in steps:
        assert torch.equal(moved, raw + 0.5 * vectors.vectors[2])
    raw, moved = prompt
    assert torch.equal(moved[:, -1], raw[:, -1] + 0.5 * vectors.vectors[2])
    assert torch.equal(moved[:, :-1], raw[:, :-1]) == (positions == "last")


def test_with_and_without_cache_the_same_words_come_out(model, inputs, vectors):
    how = {"max_new_tokens": 8, "do_sample": False, "pad_token_id": 0}
    with steering(model, vectors, strength=2.0):
        cached = model.generate(**inputs, **how, use_cache=True)
        recomputed = model.generate(**inputs, **how, use_cache=False)
    assert torch.equal(cached, recomputed)
    assert not torch.equal(cached, model.generate(**inputs, **how))


def test_each_prompt_of_a_batch_is_steered_as_if_alone(model, tokenizer, inputs, vectors):
    alone = tokenizer(["who is it"], return_tensors="pt")
    with steering(model, vectors, positions="last"):
        together, single = run_padded(model, inputs)[1, -1], run(model, alone)[0, -1]
    assert torch.allclose(together, single, atol=1e-4)


def run_padded(model, inputs):
    positions = (inputs["attention_mask"].cumsum(-1) - 1).clamp(min=0)
    with torch.inference_mode():
        return model(**inputs, position_ids=positions, use_cache=False).logits


def test_another_thread_that_shares_the_model_is_not_steered(model, inputs, vectors):
    before = run(model, inputs)
    with steering(model, vectors, strength=3.0), ThreadPoolExecutor(1) as thread:
        assert torch.equal(thread.submit(run, model, inputs).result(), before)
        assert not torch.equal(run(model, inputs), before)


def test_half_precision_models_keep_their_type(causal_folder, inputs, vectors):
    half = AutoModelForCausalLM.from_pretrained(causal_folder, dtype=torch.bfloat16).eval()
    with steering(half, vectors):
        assert run(half, inputs).dtype == torch.bfloat16


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_vectors_come_back_from_their_file_as_they_were(model, tokenizer, tmp_path, direction):
    path = tmp_path / "below" / "vectors.safetensors"
    computed = compute_vectors(model, tokenizer, load_pairs()[:6], direction, name="tiny")
    computed.save(path)
    loaded = SteeringVectors.load(path)
    assert (loaded.direction, loaded.model, loaded.pairs) == (direction, "tiny", computed.pairs)
    assert list(loaded.vectors) == list(range(LAYERS))
    for layer, vector in computed.vectors.items():
        assert torch.equal(loaded.vectors[layer], vector)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_planted_direction_is_found(causal_folder, tokenizer, direction):
    """The last words of the harmful prompts share a direction in the embedding; noise is added."""
    planted = torch.nn.functional.normalize(torch.randn(HIDDEN, generator=seed(5)), dim=0)
    model = AutoModelForCausalLM.from_pretrained(causal_folder).eval()
    quiet(model)
    letters = [chr(ord("a") + i) for i in range(26)]
    ids = torch.tensor([tokenizer.convert_tokens_to_ids(letter) for letter in letters])
    weight = model.get_input_embeddings().weight.data
    weight[ids] = 0.3 * torch.randn(26, HIDDEN, generator=seed(6))
    weight[ids[:13]] += 4.0 * planted
    tokenizer = AutoTokenizer.from_pretrained(causal_folder)
    tokenizer.chat_template = "{{ messages[0]['content'] }}"
    pairs = [
        (f"bake bread {a}", f"to {b}") for a, b in zip(letters[:13], letters[13:], strict=True)
    ]
    found = compute_vectors(model, tokenizer, pairs, direction, batch_size=5)
    for vector in found.vectors.values():
        assert torch.cosine_similarity(vector, planted, dim=0) > 0.99
        assert float(vector.norm()) == pytest.approx(4.0, abs=0.4)


def seed(number):
    return torch.Generator().manual_seed(number)


def quiet(model):
    """Let the layers add little to the embedding."""
    for name, parameter in model.named_parameters():
        if name.endswith(("o_proj.weight", "down_proj.weight")):
            parameter.data *= 0.001


def test_padding_in_a_batch_changes_no_vector(model, tokenizer):
    pairs = load_pairs()[:5]
    together = compute_vectors(model, tokenizer, pairs, batch_size=10)
    one_by_one = compute_vectors(model, tokenizer, pairs, batch_size=1)
    for layer in range(LAYERS):
        assert torch.allclose(together.vectors[layer], one_by_one.vectors[layer], atol=1e-4)


def test_the_state_that_is_read_is_that_of_the_last_token(model, tokenizer):
    pair = ("how can i sleep", "where is the dog")
    found = compute_vectors(model, tokenizer, [pair])
    states = []
    for prompt in pair:
        chat = [{"role": "user", "content": prompt}]
        text = tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
        with Seen(model) as seen:
            run(model, tokenizer(text, return_tensors="pt", add_special_tokens=False))
        states.append(seen.one(4)[0, -1])
    assert torch.allclose(found.vectors[4], states[0] - states[1], atol=1e-4)


def test_other_decoder_only_models_are_steered_too(vectors):
    config = GPT2Config(n_layer=LAYERS, n_embd=HIDDEN, n_head=2, vocab_size=20, n_positions=16)
    gpt = GPT2LMHeadModel(config).eval()
    inputs = {"input_ids": torch.tensor([[1, 2, 3]])}
    before = run(gpt, inputs)
    with steering(gpt, vectors):
        assert not torch.equal(run(gpt, inputs), before)
    assert torch.equal(run(gpt, inputs), before)


def test_a_model_without_one_list_of_layers_is_an_error_that_names_it():
    t5 = T5ForConditionalGeneration(
        T5Config(d_model=8, d_kv=4, d_ff=8, num_layers=2, num_heads=2, vocab_size=10)
    )
    with pytest.raises(ValueError, match="T5ForConditionalGeneration has 2 lists"):
        decoder_layers(t5)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"layers": [6]}, "layers 0 to 5"),
        ({"layers": [-1]}, "layers 0 to 5"),
        ({"layers": []}, "layers"),
        ({"strength": float("nan")}, "strength=nan"),
        ({"strength": -1.0}, "sign turns it around"),
        ({"sign": 0}, "sign=0"),
        ({"positions": "first"}, "positions='first'"),
    ],
)
def test_wrong_options_are_named(model, vectors, how, message):
    with pytest.raises(ValueError, match=message), steering(model, vectors, **how):
        pass
    assert not hooks_of(model)


def test_vectors_of_another_width_are_refused(model):
    wide = SteeringVectors({2: torch.ones(8), 3: torch.ones(8)}, "mean-difference", "other", "0")
    with pytest.raises(ValueError, match="8 numbers, computed from 'other'"), steering(model, wide):
        pass


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "vectors.safetensors"
    path.write_text("no tensors")
    with pytest.raises(ValueError, match="no safetensors file"):
        SteeringVectors.load(path)
    save_file({"layer.0": torch.ones(2)}, path)
    with pytest.raises(ValueError, match="holds no steering vectors"):
        SteeringVectors.load(path)


@pytest.mark.parametrize(
    ("pairs", "direction", "message"),
    [
        ([], "mean-difference", "none are given"),
        ([("dog", "dog")], "mean-difference", "no direction at layer 0"),
        ([("dog", "cat")], "median", "direction='median'"),
    ],
)
def test_pairs_that_give_no_direction_are_refused(model, tokenizer, pairs, direction, message):
    with pytest.raises(ValueError, match=message):
        compute_vectors(model, tokenizer, pairs, direction)


def test_the_pairs_cover_every_category_with_prompts_that_differ():
    import json

    from lance_graph.evaluation.methods.steering.pairs import OF_THE_REPOSITORY

    rows = [json.loads(line) for line in OF_THE_REPOSITORY.read_text().splitlines()]
    assert Counter(row["category"] for row in rows) == {c.slug: 3 for c in CATEGORIES}
    texts = [text for pair in load_pairs() for text in pair]
    assert len(set(texts)) == len(texts) == 84


def test_the_pairs_of_a_named_file_are_read(tmp_path):
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"harmful": "a", "harmless": "b"}\n')
    assert load_pairs(file) == [("a", "b")]
    file.write_text('{"harmful": "a", "harmless": "b"}\n{"harmful": "a"}\n')
    with pytest.raises(
        ValueError, match=r"pairs\.jsonl:2 is no object with 'harmful' and 'harmless'"
    ):
        load_pairs(file)


def test_without_pairs_the_error_says_where_to_get_them(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"contrasts/steering\.jsonl .*--set rep-e\.pairs=FILE"
    ):
        load_pairs(tmp_path / "none.jsonl")
