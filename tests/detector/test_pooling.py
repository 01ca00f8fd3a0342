"""Callers that share the passes of one model."""

import asyncio
import gc
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lance_graph.detector.detector import RiskDetector, TextTooLongError
from lance_graph.detector.pooling import (
    TOKENS_PER_BATCH,
    Pool,
    Sharing,
    _Call,
    one_thread_here,
)

CALLERS = 64


def row(number, length=3):
    return {"input_ids": [number] * length}


class Model:
    """Finds in a row its own first token; keeps what its passes held, and can be made to wait or fail."""

    def __init__(self):
        self.batches, self.threads, self.go_on, self.begun = (
            [],
            set(),
            threading.Event(),
            threading.Event(),
        )
        self.go_on.set()
        self.failing = ()

    def __call__(self, rows):
        numbers = [row["input_ids"][0] for row in rows]
        self.batches.append(numbers)
        self.threads.add(threading.current_thread())
        self.begun.set()
        assert self.go_on.wait(60)
        if broken := [number for number in numbers if number in self.failing]:
            raise ZeroDivisionError(broken[0])
        return [([(float(number), 1.0)], 0.0) for number in numbers]

    def hold(self):
        """From now on a pass waits for `go_on`."""
        self.begun.clear()
        self.go_on.clear()


@pytest.fixture
def model():
    return Model()


@pytest.fixture
def pool():
    pool = Pool(Sharing(passes=1))
    yield pool
    pool.end()


def numbers_of(found):
    return [int(posterior[0][0]) for posterior, _ in found]


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    assert condition()


def waiting(pool):
    return sum(map(len, pool._waiting.values()))


def callers(pool, model, numbers, threads):
    return [threads.submit(pool.wait, [row(number)], model, 1) for number in numbers]


def test_what_arrives_while_the_model_works_is_taken_together_next(pool, model):
    model.hold()
    with ThreadPoolExecutor(CALLERS) as threads:
        first = threads.submit(pool.wait, [row(0)], model, 1)
        assert model.begun.wait(30)
        others = callers(pool, model, range(1, CALLERS), threads)
        until(lambda: waiting(pool) == CALLERS - 1)
        model.go_on.set()
        assert numbers_of(first.result(30)) == [0]
        assert [numbers_of(other.result(30)) for other in others] == [
            [n] for n in range(1, CALLERS)
        ]
    assert list(map(len, model.batches)) == [1, CALLERS - 1]
    assert pool.sizes == {1: 1, CALLERS - 1: 1}


def test_a_lone_caller_waits_for_nobody(model):
    pool = Pool(Sharing(max_wait=30.0))
    begin = time.monotonic()
    assert numbers_of(pool.wait([row(1), row(2)], model, 2)) == [1, 2]
    assert time.monotonic() - begin < 20


def test_with_a_wait_those_that_come_later_join(model):
    pool = Pool(Sharing(max_wait=0.5, passes=2))
    model.hold()
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(pool.wait, [row(0)], model, 2)
        assert model.begun.wait(30)
        second = callers(pool, model, [1], threads)
        until(lambda: waiting(pool) == 1)  # a thread is free, but it gives others time to join
        third = callers(pool, model, [2], threads)
        until(lambda: len(model.batches) == 2)
        model.go_on.set()
        assert [numbers_of(one.result(30)) for one in (first, *second, *third)] == [[0], [1], [2]]
    assert list(map(sorted, model.batches)) == [[0], [1, 2]]


def test_a_full_batch_does_not_wait(model):
    pool = Pool(Sharing(max_wait=50.0, max_batch=2, passes=2))
    model.hold()
    with ThreadPoolExecutor(8) as threads:
        calls = callers(pool, model, [0], threads)
        assert model.begun.wait(30)
        calls += callers(pool, model, [1, 2], threads)
        until(lambda: len(model.batches) == 2)
        model.go_on.set()
        assert [numbers_of(call.result(30)) for call in calls] == [[0], [1], [2]]


def test_no_pass_has_more_rows_or_tokens_than_fit(model):
    pool = Pool(Sharing(max_batch=16, passes=1))
    rows = [row(n, 1 + n * 37 % 700) for n in range(300)]
    assert numbers_of(pool.wait(rows, model, 1)) == list(range(300))
    for batch in model.batches:
        lengths = [len(rows[n]["input_ids"]) for n in batch]
        assert len(batch) <= 16 and max(lengths) * len(batch) <= TOKENS_PER_BATCH
        assert max(lengths) <= 2 * min(lengths), "padding is less than half of a batch"


def test_a_long_call_lets_others_in_between(pool, model):
    pool.sharing = Sharing(max_batch=4, passes=1)
    model.hold()
    with ThreadPoolExecutor(8) as threads:
        long = threads.submit(pool.wait, [row(n) for n in range(100, 200)], model, 1)
        assert model.begun.wait(30)
        short = callers(pool, model, [7], threads)
        until(lambda: waiting(pool) > 96)
        model.go_on.set()
        assert numbers_of(long.result(30)) == list(range(100, 200)) and numbers_of(
            short[0].result(30)
        ) == [7]
    assert next(n for n, batch in enumerate(model.batches) if 7 in batch) <= 2


def test_a_stream_of_short_calls_does_not_keep_a_long_one_waiting(pool, model):
    pool.sharing = Sharing(max_batch=4, passes=1)

    def comes(rows):
        call = _Call(len(rows))
        pool._line_up(rows, model, call)
        return call

    long = comes([row(n, 100) for n in range(20)])
    comes([row(1000, 3)])
    taken = []
    for number in range(12):  # before each pass another short call comes: one always waits
        comes([row(1001 + number, 3)])
        taken.append([waiting.call is long for waiting in pool.take(1).args[0]])
    assert sum(map(sum, taken)) == 20, "all rows of the long call"
    assert [False, False] in taken[:4], "and short ones in between"


def test_an_error_reaches_the_callers_whose_rows_cause_it_and_no_other(pool, model):
    model.failing = (3, 5)
    model.hold()
    with ThreadPoolExecutor(16) as threads:
        calls = callers(pool, model, [0], threads)
        assert model.begun.wait(30)
        calls += callers(pool, model, range(1, 10), threads)
        until(lambda: waiting(pool) == 9)
        model.go_on.set()
        for number, call in enumerate(calls):
            if number in model.failing:
                with pytest.raises(ZeroDivisionError, match=str(number)):
                    call.result(30)
            else:
                assert numbers_of(call.result(30)) == [number]
    assert numbers_of(pool.wait([row(1)], model, 1)) == [1], "and the next one finds it working"


def test_a_call_of_several_batches_fails_once_and_whole(model):
    pool = Pool(Sharing(max_batch=2, passes=2))
    model.failing = range(100)
    with pytest.raises(ZeroDivisionError):
        pool.wait([row(n) for n in range(40)], model, 2)
    until(lambda: not pool.waits() and not pool._busy)
    assert len(model.batches) < 20, "what waits of a call that has failed is not worked on"


def test_a_pass_that_finds_too_little_is_a_failure(pool):
    with pytest.raises(ValueError, match="shorter"):
        pool.wait([row(1), row(2)], lambda rows: [([(1.0, 1.0)], 0.0)], 1)


async def test_a_stop_iteration_of_a_pass_arrives_as_an_error(pool):
    def stops(rows):
        raise StopIteration

    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(pool.await_([row(1)], stops, 1), 10)


async def test_a_cancelled_caller_harms_no_other(pool, model):
    model.hold()
    tasks = [asyncio.create_task(pool.await_([row(0)], model, 1))]
    while not model.begun.is_set():
        await asyncio.sleep(0.005)
    tasks += [asyncio.create_task(pool.await_([row(n)], model, 1)) for n in range(1, 10)]
    while waiting(pool) < 9:
        await asyncio.sleep(0.005)
    for cancelled in (tasks[0], tasks[4]):  # one in a pass, one that waits for its own
        cancelled.cancel()
    await asyncio.wait([tasks[0], tasks[4]])
    await asyncio.sleep(0.05)
    model.go_on.set()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    for number, result in enumerate(done):
        if number in (0, 4):
            assert isinstance(result, asyncio.CancelledError)
        else:
            assert numbers_of(result) == [number]
    assert 4 not in model.batches[1], "nobody waits for it"


async def test_hundreds_of_async_callers_need_no_thread_each(pool, model):
    before = threading.active_count()
    model.hold()
    tasks = [asyncio.create_task(pool.await_([row(n)], model, 1)) for n in range(300)]
    while waiting(pool) + sum(map(len, model.batches)) < 300:
        await asyncio.sleep(0.005)
    assert threading.active_count() <= before + 1
    model.go_on.set()
    assert [numbers_of(found) for found in await asyncio.gather(*tasks)] == [
        [n] for n in range(300)
    ]


def test_several_event_loops_and_threads_share_a_pool(model):
    pool = Pool(Sharing(passes=2))

    async def many(start):
        found = await asyncio.gather(
            *(pool.await_([row(n)], model, 2) for n in range(start, start + 50))
        )
        return [numbers_of(one) for one in found]

    def loop(start):
        return asyncio.run(many(start))

    with ThreadPoolExecutor(8) as threads:
        loops = [threads.submit(loop, start) for start in (0, 100, 200)]
        calls = callers(pool, model, range(300, 350), threads)
        for start, one in zip((0, 100, 200), loops, strict=True):
            assert one.result(60) == [[n] for n in range(start, start + 50)]
        assert [numbers_of(call.result(60)) for call in calls] == [[n] for n in range(300, 350)]


def test_a_loop_that_has_ended_is_no_error(pool, model):
    model.hold()

    async def leave():
        left = asyncio.create_task(pool.await_([row(1)], model, 1))
        while not model.begun.is_set():
            await asyncio.sleep(0.005)
        assert not left.done()

    asyncio.run(leave())
    model.go_on.set()
    assert numbers_of(pool.wait([row(2)], model, 1)) == [2]


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 200)), max_size=9), max_size=12),
    st.integers(1, 20), st.integers(1, 3),
)  # fmt: skip
def test_every_caller_gets_its_own_rows_in_order(calls, max_batch, passes):
    pool, model = Pool(Sharing(max_batch=max_batch, passes=passes)), Model()
    with ThreadPoolExecutor(12) as threads:
        rows = [[row(*one) for one in call] for call in calls]
        results = list(threads.map(lambda call: numbers_of(pool.wait(call, model, 1)), rows))
    assert results == [[number for number, _ in call] for call in calls]
    assert not pool._open and not pool.waits()
    pool.end()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
def test_a_child_of_a_fork_begins_anew(pool, model):
    model.hold()
    with ThreadPoolExecutor(2) as threads:
        calls = callers(pool, model, [1], threads)
        assert model.begun.wait(30)
        calls += callers(pool, model, [2], threads)
        until(lambda: waiting(pool) == 1)
        child = os.fork()
        if not child:
            import signal

            signal.alarm(30)
            theirs = Model()
            found = numbers_of(pool.wait([row(3)], theirs, 1))
            os._exit(0 if found == [3] and theirs.batches == [[3]] else 3)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        model.go_on.set()
        assert [numbers_of(call.result(30)) for call in calls] == [[1], [2]]


def test_its_threads_have_one_thread_of_torch_each_and_everybody_else_as_many_as_before(pool):
    usual = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        seen = []

        def make(rows):
            seen.append(torch.get_num_threads())
            return [([(1.0, 1.0)], 0.0) for _ in rows]

        pool.wait([row(1)], make, 1)
        with ThreadPoolExecutor(1) as threads:
            assert threads.submit(torch.get_num_threads).result() == 3, (
                "a thread that is new to torch"
            )
        assert (seen, torch.get_num_threads()) == ([1], 3)
        one_thread_here()
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(usual)


@pytest.mark.parametrize(
    ("wrong", "said"), [({"max_batch": 0}, "max_batch is 0"), ({"max_wait": -1}, "max_wait is -1"),
                        ({"max_wait": float("nan")}, "max_wait is nan"), ({"passes": 0}, "passes is 0")],
)  # fmt: skip
def test_numbers_that_make_no_sense_are_named(wrong, said):
    with pytest.raises(ValueError, match=said):
        Sharing(**wrong)


TEXTS = st.text(st.sampled_from("abcdefghij  .,!?é"), max_size=300)


@pytest.fixture(scope="module")
def tiny(tiny_checkpoint):
    return RiskDetector.from_pretrained(tiny_checkpoint)


@settings(max_examples=25)
@given(st.lists(TEXTS | st.tuples(TEXTS, TEXTS | st.none()), min_size=1, max_size=12))
def test_a_score_among_others_is_the_score_alone(tiny, pairs):
    alone = [tiny.score([pair])[0] for pair in pairs]

    async def together():
        return await asyncio.gather(*(tiny.ascore([pair]) for pair in pairs))

    with ThreadPoolExecutor(12) as threads:
        by_threads = [score for (score,) in threads.map(lambda pair: tiny.score([pair]), pairs)]
    by_tasks = [score for (score,) in asyncio.run(together())]
    for one, two, three in zip(alone, by_threads, by_tasks, strict=True):
        assert two.mean == pytest.approx(one.mean, abs=1e-5) and two.std == pytest.approx(
            one.std, abs=1e-5
        )
        assert three.mean == pytest.approx(one.mean, abs=1e-5)


async def test_an_error_in_a_text_is_its_callers_own(tiny, monkeypatch):
    monkeypatch.setattr("lance_graph.detector.detector.LONGEST", 100)
    long = "cat " * 101
    results = await asyncio.gather(
        *(tiny.ascore([text]) for text in ("hello", long, "bread")), tiny.ascore([b"x"]),
        return_exceptions=True,
    )  # fmt: skip
    assert isinstance(results[1], TextTooLongError) and isinstance(results[3], TypeError)
    for (score,), text in ((results[0], "hello"), (results[2], "bread")):
        assert score.mean == pytest.approx(tiny.score([text])[0].mean, abs=1e-5)


def test_a_detector_that_is_gone_leaves_no_thread(tiny_checkpoint):
    detector = RiskDetector.from_pretrained(tiny_checkpoint)
    detector.score(["hello"])
    mine = [t for t in threading.enumerate() if t.name == "lance-detector"]
    pool = detector._pool
    assert pool._threads == 1 and mine
    del detector
    gc.collect()
    until(lambda: pool._threads == 0, 4)


def test_how_callers_share_can_be_set_and_seen(tiny_checkpoint):
    detector = RiskDetector.from_pretrained(tiny_checkpoint)
    detector.sharing = Sharing(max_batch=2, passes=1)
    before = detector.passes
    detector.score(["hello", "bread", "cat"])
    made = {size: count - before.get(size, 0) for size, count in detector.passes.items()}
    assert sum(size * count for size, count in made.items()) == 3 and max(made) <= 2
