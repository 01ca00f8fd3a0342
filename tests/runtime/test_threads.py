"""Blocking calls made from async code."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from threading import enumerate as threads

import pytest

from lance_graph.runtime.threads import in_few, in_thread


def raising(error):
    raise error


async def test_what_it_gives_and_what_it_raises():
    assert await in_thread(lambda: 3) == 3
    with pytest.raises(KeyError):
        await in_thread(lambda: raising(KeyError("x")))


@pytest.mark.parametrize("door", [in_thread, in_few])
async def test_a_stop_iteration_arrives_as_an_error(door):
    # no future can hold one: without care whoever waits for it waits for ever
    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(door(lambda: next(iter(()))), 10)


async def test_cancelled_calls_that_hang_keep_nobody_waiting():
    hanging = Event()
    calls = [asyncio.create_task(in_thread(hanging.wait)) for _ in range(64)]
    await asyncio.sleep(0.01)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert await in_thread(lambda: "healthy") == "healthy"
    assert await asyncio.to_thread(lambda: "the default pool, too") == "the default pool, too"
    assert sum(thread.name == "lance-call" for thread in threads()) >= 64
    hanging.set()


def test_a_call_that_hangs_does_not_hold_up_the_end_of_the_process():
    code = """
import asyncio, threading
from lance_graph.runtime.threads import in_few, in_thread

async def main():
    try:
        await asyncio.wait_for(in_thread(threading.Event().wait), 0.1)
    except TimeoutError:
        print("timed out")

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr, done.returncode) == ("timed out\n", "", 0)


async def test_an_ended_loop_is_no_error():
    hanging, ended = Event(), Event()

    def late():
        hanging.wait(60)
        ended.set()
        return "nobody waits"

    def run_and_leave():
        async def main():
            call = asyncio.create_task(in_thread(late))
            await asyncio.sleep(0)
            call.cancel()

        asyncio.run(main())

    await asyncio.to_thread(run_and_leave)
    hanging.set()
    assert await asyncio.to_thread(ended.wait, 10)


async def test_a_cancelled_scoring_of_the_detector_keeps_no_thread_of_the_pool():
    from lance_graph.detector.detector import RiskDetector

    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    begun, go_on = Event(), Event()

    class Slow:
        def _prepared(self, pairs):
            begun.set()
            go_on.wait(30)
            raise ValueError("nothing to score")

    scoring = asyncio.create_task(RiskDetector.ascore(Slow(), ["a"]))  # type: ignore[arg-type]
    while not begun.is_set():
        await asyncio.sleep(0.01)
    scoring.cancel()
    try:
        assert await asyncio.wait_for(asyncio.to_thread(lambda: 1), 10) == 1
    finally:
        go_on.set()
