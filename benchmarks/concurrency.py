"""What many callers get of one detector: rates as ratios in one run, and latency at 1, 8 and 64 callers.

    python benchmarks/concurrency.py [--texts 64] [--repeats 3] [--callers 1 8 64]

Prints Markdown. The ways to score the same texts take turns, so that a busy machine slows all alike:

- one call with all texts ("offline"), and the same without sharing, in torch's own threads;
- so many threads, or tasks of one event loop, of which each scores a text after the other;
- the same threads where each makes its own passes, as before there was sharing, with torch's own
  number of threads and with one.

Texts are the package's own contrasts. A latency is that of one call of `score` with one text.
"""

import argparse
import asyncio
import os
import platform
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median, quantiles

import torch
import transformers

from lance_graph.detector.detector import RiskDetector
from lance_graph.detector.pooling import Found, Row
from lance_graph.scores import Pair
from lance_graph.training.data.grammars import generated_rows

Latencies = list[float]
Way = Callable[[Sequence[str]], Latencies]


class Unshared(RiskDetector):
    """Makes its passes in the thread that asks, whoever else does the same."""

    def _posteriors(self, encoded: Sequence[Row]) -> list[Found]:
        found: list[Found] = []
        for start in range(0, len(encoded), 64):
            found += self._pass(encoded[start : start + 64])
        return found


def main() -> None:
    """Measure every way and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 8, 64])
    options = parser.parse_args()
    shared = RiskDetector.from_pretrained()
    unshared = Unshared(shared.model, shared.tokenizer, shared.distress)
    ways = ways_of(shared, unshared, options.callers)
    texts = some_texts(options.texts)
    spent: dict[str, list[float]] = {name: [] for name in ways}
    worked: dict[str, list[float]] = {name: [] for name in ways}
    latencies: dict[str, Latencies] = {name: [] for name in ways}
    for number in range(options.repeats + 1):
        for name, way in ways.items():
            some = texts if number else texts[:2]  # the first round is a warm-up
            begin, processor = time.perf_counter(), time.process_time()
            found = way(some)
            if number:
                spent[name].append((time.perf_counter() - begin) / len(some))
                worked[name].append((time.process_time() - processor) / len(some))
                latencies[name] += found
                print(f"{number} {name}: {spent[name][-1]:.4f} s a text", file=sys.stderr)
    report(spent, worked, latencies, options.texts)


def ways_of(shared: RiskDetector, unshared: RiskDetector, callers: Sequence[int]) -> dict[str, Way]:
    """Every way by its name in the table."""

    def offline(detector: RiskDetector) -> Way:
        def score(texts: Sequence[str]) -> Latencies:
            detector.score(pairs(texts))
            return []

        return score

    def one_thread(way: Way) -> Way:
        def score(texts: Sequence[str]) -> Latencies:
            with torch_threads(1):
                return way(texts)

        return score

    most = max(callers)
    return {
        "one call": offline(shared),
        "one call, unshared": offline(unshared),
        **{f"{n} threads": in_threads(shared, n) for n in callers},
        **{f"{n} tasks": in_tasks(shared, n) for n in callers},
        f"{most} threads, unshared": in_threads(unshared, most),
        f"{most} threads, unshared, one thread of torch": one_thread(in_threads(unshared, most)),
    }


def in_threads(detector: RiskDetector, callers: int) -> Way:
    """So many threads, each with one text after the other."""

    def score(texts: Sequence[str]) -> Latencies:
        with ThreadPoolExecutor(callers) as threads:
            return list(threads.map(lambda text: timed(detector, text), texts))

    return score


def in_tasks(detector: RiskDetector, callers: int) -> Way:
    """So many tasks of one event loop, each with one text after the other."""

    async def all_of(texts: Sequence[str]) -> Latencies:
        places = asyncio.Semaphore(callers)

        async def one(text: str) -> float:
            async with places:
                begin = time.perf_counter()
                await detector.ascore([text])
                return time.perf_counter() - begin

        return list(await asyncio.gather(*map(one, texts)))

    return lambda texts: asyncio.run(all_of(texts))


def timed(detector: RiskDetector, text: str) -> float:
    """Seconds of one score."""
    begin = time.perf_counter()
    detector.score([text])
    return time.perf_counter() - begin


@contextmanager
def torch_threads(number: int) -> Iterator[None]:
    """Threads that are new to torch use so many of its threads."""
    usual = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(usual)


def report(
    spent: dict[str, list[float]],
    worked: dict[str, list[float]],
    latencies: dict[str, Latencies],
    texts: int,
) -> None:
    """Of every way the time, the processor's too, its rate as a multiple of others', and latencies."""
    load = "/".join(f"{average:.1f}" for average in os.getloadavg())
    first, *_, unshared, _ = spent
    print(
        f"{texts} texts, {len(spent[first])} repetitions, torch {torch.__version__} with "
        f"{torch.get_num_threads()} threads, transformers {transformers.__version__}, "
        f"Python {platform.python_version()}, load {load}\n"
    )
    print(
        "Medians (lowest–highest); a rate is a multiple of that of one call, and of the unshared threads.\n"
    )
    print(
        "| way | ms a text | processor ms | of one call | of unshared | the same by processor | p50, p95 ms |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, seconds in spent.items():
        cells = (
            milliseconds(seconds),
            milliseconds(worked[name]),
            ratio(spent[first], seconds),
            ratio(spent[unshared], seconds),
            ratio(worked[unshared], worked[name]),
            latency(latencies[name]),
        )
        print(f"| {name} | {' | '.join(cells)} |")


def milliseconds(seconds: Sequence[float]) -> str:
    """Median and range."""
    low, middle, high = (1e3 * at for at in (min(seconds), median(seconds), max(seconds)))
    return f"{middle:,.1f} ({low:,.1f}–{high:,.1f})"


def latency(found: Latencies) -> str:
    """p50 and p95."""
    return f"{1e3 * median(found):,.0f}, {1e3 * percentile(found):,.0f}" if found else ""


def percentile(numbers: Sequence[float]) -> float:
    """The 95th."""
    return quantiles(numbers, n=20)[-1]


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> str:
    """Median and range of the repetitions' ratios."""
    ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
    return f"{median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})"


def pairs(texts: Sequence[str]) -> list[Pair]:
    """Prompts without a response."""
    return list(texts)


def some_texts(count: int) -> list[str]:
    """Prompts of the contrasts, shuffled."""
    texts = [str(row["prompt"]) for row in generated_rows(600, 0)]
    random.Random(1).shuffle(texts)
    return texts[:count]


if __name__ == "__main__":
    main()
