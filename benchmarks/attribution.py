"""How well the words that drove a degree are found, and what that costs, one way beside another.

    python benchmarks/attribution.py PROMPTS.jsonl … [--checkpoint FOLDER] [--limit 150] [--marked FILE]

Prints Markdown, one line a method (`lance_graph.detector.attribution.Method`), first what ships:

- *deleted*: flagged prompts of the files (fields ``prompt``; degree above 0.5 before calibration, six words
  or more) whose log-odds in the worst category fall further without the three strongest words than
  without three random ones, in the mean over eight draws; and how far they fall.
- *F1*: the words of the spans of ``explain`` against those marked by hand in ``contrasts/spans.tsv``,
  function words aside; *best n*: the share of marked words among as many of the strongest.
- *cost*: CPU time to explain all categories above 0.3 in a flagged prompt, over that of one ``score`` of
  it, both in turns in this run; the median.
"""

import argparse
import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, median
from time import process_time

import torch

from lance_graph.detector import EMBEDDED
from lance_graph.detector.attribution import (
    Method,
    Place,
    Weights,
    carries_meaning,
    explain,
    log_odds,
    places,
)
from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.encoding import pad
from lance_graph.detector.leave_one_out import leave_one_out
from lance_graph.training.data.twins import keys

MARKED = Path(__file__).parents[1] / "contrasts" / "spans.tsv"
DRAWS = 8
Marked = tuple[str, list[Place], str]
"""A prompt, where its marked words stand, the category."""


def main() -> None:
    """Measure every method and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--checkpoint", type=Path, default=EMBEDDED)
    parser.add_argument("--limit", type=int, default=150)
    parser.add_argument("--marked", type=Path, default=MARKED)
    parser.add_argument("--methods", nargs="*", help="names of some; all, unless told")
    options = parser.parse_args()
    torch.set_num_threads(1)
    detector = RiskDetector.from_pretrained(options.checkpoint)
    prompts, marked = (
        flagged(detector, options.files, options.limit),
        marked_prompts(options.marked),
    )
    print(f"{len(prompts)} flagged prompts, {len(marked)} marked ones\n")
    print("| method | deleted | falls by | F1 | best n | cost |\n|---|---|---|---|---|---|")
    for name, method in methods(detector).items():
        if options.methods and name not in options.methods:
            continue
        share, fall = deleted(detector, method, prompts)
        f1, best = agreement(method, marked)
        paid = cost(detector, method, prompts[:20])
        print(
            f"| {name} | {share:.1%} | {fall:.2f} | {f1:.2f} | {best:.2f} | {paid:.2f} |",
            flush=True,
        )


def methods(detector: RiskDetector) -> dict[str, Method]:
    """What ships, the reference, and what was tried besides."""
    removing = leave_one_out(detector.score_raw)

    def slope(**how: object) -> Method:
        return lambda prompt, _, some: {key: by_slope(detector, prompt, key, **how) for key in some}  # type: ignore[arg-type]

    return {
        "what ships": detector.weigh,
        "leave-one-out": removing,
        "gradient × input": slope(),
        "gradient × input, without sign": slope(sign=False),
        "integrated gradients, 4 steps": slope(steps=4),
        "gradient × centred state, last layer but one": slope(layer=-2, centred=True),
        "roll-out × gradient": slope(rolled=True, sign=False),
        "the 8 best of what ships, left out one by one": best_left_out(detector, 8),
    }


def by_slope(
    detector: RiskDetector,
    prompt: str,
    category: str,
    *,
    layer: int = 0,
    centred: bool = False,
    sign: bool = True,
    steps: int = 1,
    rolled: bool = False,
) -> Weights:
    """Slope of the log-odds times the state of ``layer``, the mean over ``steps`` from nothing to it.

    ``rolled`` multiplies by attention roll-out (Abnar and Zuidema 2020) instead of adding pieces' signs.
    """
    row = next(iter(detector._rows(prompt, None)))
    model, batch = detector.model, pad(detector.tokenizer, [row.encoded])
    whole = model.encoder.get_input_embeddings()(batch.pop("input_ids")).detach()
    total = torch.zeros(whole.shape[1])
    for step in range(steps):
        given = (whole * (step + 1) / steps).requires_grad_()
        output = model(inputs_embeds=given, with_states=True, **batch)
        place = detector.categories.index(category)
        odds = output.alpha[0, place].log() - output.beta[0, place].log()
        state = output.states[layer] if layer else given
        (gradient,) = torch.autograd.grad(odds, state)
        away = state[0] - state[0].mean(0) if centred else state[0]
        total += (gradient[0] * away).sum(-1).detach() / steps
    if rolled:
        total *= rollout(detector, whole, batch["attention_mask"])
    found: dict[Place, float] = {}
    for owner, number in zip(row.words or (), total.tolist(), strict=False):
        if owner is not None:
            found[owner] = found.get(owner, 0.0) + number
    return found if sign else {owner: abs(number) for owner, number in found.items()}


def rollout(detector: RiskDetector, whole: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """How much of each token [T] reaches the mean of the last layer by attention and residuals."""
    encoder = detector.model.encoder
    usual = encoder.config._attn_implementation
    encoder.set_attn_implementation("eager")
    with torch.inference_mode():
        layers = encoder(
            inputs_embeds=whole, attention_mask=mask, output_attentions=True
        ).attentions
    encoder.set_attn_implementation(usual)
    flow = torch.eye(whole.shape[1])
    for layer in layers:
        flow = (layer[0].mean(0) + torch.eye(len(flow))) / 2 @ flow
    return flow.mean(0)


def best_left_out(detector: RiskDetector, count: int) -> Method:
    """Leave-one-out of the ``count`` words that are strongest in what ships."""

    def method(prompt: str, response: str | None, categories: Sequence[str]) -> dict[str, Weights]:
        found: dict[str, Weights] = {}
        for category, weights in detector.weigh(prompt, response, categories).items():
            chosen = set(strongest(prompt, weights, count))
            kept = [place for place in weights if place in chosen]
            texts = [prompt, *(without(prompt, [place]) for place in kept)]
            whole, *less = [log_odds(one)[category] for one in detector.score_raw(texts)]
            found[category] = {place: whole - one for place, one in zip(kept, less, strict=True)}
        return found

    return method


def deleted(
    detector: RiskDetector, method: Method, prompts: Sequence[tuple[str, str]]
) -> tuple[float, float]:
    """Share of prompts in which the three strongest words matter more than random ones; the mean fall."""
    rng = random.Random(0)
    better, falls = [], []
    for prompt, category in prompts:
        best = strongest(prompt, method(prompt, None, [category]).get(category, {}), 3)
        words = list(places(prompt))
        texts = [prompt, without(prompt, best)]
        texts += [without(prompt, rng.sample(words, 3)) for _ in range(DRAWS)]
        whole, mine, *others = [log_odds(one)[category] for one in detector.score_raw(texts)]
        better.append(mine < fmean(others))
        falls.append(whole - mine)
    return fmean(better), fmean(falls)


def agreement(method: Method, marked: Sequence[Marked]) -> tuple[float, float]:
    """F1 of the words of spans against marked ones, and the share of marked among the strongest."""
    right = said = wanted = hits = 0
    for prompt, words, category in marked:
        gold = {place for place in words if carries_meaning(prompt[slice(*place)])}
        spans = explain(method, prompt, None, [category])
        found = {
            (start, end)
            for start, end in places(prompt)
            if any(span.start <= start and end <= span.end for span in spans)
            and carries_meaning(prompt[start:end])
        }
        right, said, wanted = right + len(gold & found), said + len(found), wanted + len(gold)
        weights = method(prompt, None, [category]).get(category, {})
        hits += len(gold & set(strongest(prompt, weights, len(gold))))
    return 2 * right / (said + wanted), hits / wanted


def cost(detector: RiskDetector, method: Method, prompts: Sequence[tuple[str, str]]) -> float:
    """CPU time of ``explain`` over that of ``score``, the median over prompts and two repetitions."""
    ratios = []
    for repetition in range(3):
        for prompt, _ in prompts:
            (score,) = detector.score_raw([prompt])
            some = [key for key, mean in score.mean.items() if mean > 0.3]
            once = spent(lambda prompt=prompt: detector.score([prompt]))  # type: ignore[misc]
            more = spent(lambda prompt=prompt, some=some: explain(method, prompt, None, some))  # type: ignore[misc]
            if repetition:  # the first warms up
                ratios.append(more / once)
    return median(ratios)


def spent(work: Callable[[], object]) -> float:
    """Seconds of CPU."""
    begin = process_time()
    work()
    return process_time() - begin


def strongest(prompt: str, weights: Weights, count: int) -> list[Place]:
    """The ``count`` heaviest words that are no function words."""
    words = [place for place in weights if carries_meaning(prompt[slice(*place)])]
    return sorted(words, key=lambda place: -weights[place])[:count]


def without(prompt: str, words: Sequence[Place]) -> str:
    """``prompt`` less some of its words."""
    for start, end in sorted(words, reverse=True):
        prompt = prompt[:start] + prompt[end:]
    return prompt


def flagged(detector: RiskDetector, files: Sequence[Path], limit: int) -> list[tuple[str, str]]:
    """At most ``limit`` flagged prompts of the files, and the worst category of each."""
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    random.Random(0).shuffle(lines)
    found: list[tuple[str, str]] = []
    for start in range(0, len(lines), 64):
        prompts = [json.loads(line)["prompt"].strip() for line in lines[start : start + 64]]
        for prompt, score in zip(prompts, detector.score_raw(prompts), strict=True):
            if score.max_risk > 0.5 and sum(1 for _ in places(prompt)) >= 6:
                found.append((prompt, max(score.mean, key=lambda key: score.mean[key])))
        if len(found) >= limit:
            break
    return found[:limit]


def marked_prompts(path: Path = MARKED) -> list[Marked]:
    """The lines of ``path``: a prompt with its driving words in brackets, tab, short category.

    ValueError names a line without either.
    """
    found: list[Marked] = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        text, _, short = line.partition("\t")
        plain, marks, at = "", [], 0
        for match in re.finditer(r"\[([^][]+)\]", text):
            plain += text[at : match.start()]
            marks.append((len(plain), len(plain) + len(match[1])))
            plain, at = plain + match[1], match.end()
        plain += text[at:]
        if not marks or "[" in plain or "]" in plain:
            raise ValueError(f"{path}, line {number}: no words in [brackets], or one left open")
        try:
            (category, *_) = keys(short)
        except (KeyError, ValueError):
            raise ValueError(f"{path}, line {number}: {short!r} is no category") from None
        words = [
            (start, end)
            for start, end in places(plain)
            if any(a <= start and end <= b for a, b in marks)
        ]
        found.append((plain, words, category))
    return found


if __name__ == "__main__":
    main()
