"""Threads that come when there is work and go when there has been none for a while."""

import subprocess
import sys
import threading
from collections import deque
from math import inf

import pytest

from lance_graph.runtime import crew
from lance_graph.runtime.crew import Crew
from lance_graph.runtime.threads import FEW, in_few


class Jobs(Crew):
    def put(self, job, most=2):
        with self.turn:
            self.jobs.append(job)
            self.call(most)

    def take(self, free):
        return self.jobs.popleft() if self.jobs else inf

    def waits(self):
        return bool(self.jobs)

    def clear(self):
        self.jobs = deque()


def test_a_thread_without_work_leaves_and_another_one_comes(monkeypatch):
    monkeypatch.setattr(crew, "LINGER", 0.02)
    jobs = Jobs("test")
    for _ in range(20):
        done = threading.Event()
        jobs.put(done.set)
        assert done.wait(30)
        if _ % 2:
            while jobs._threads:
                threading.Event().wait(0.005)
    assert jobs._busy == 0


def test_no_more_threads_than_asked_for():
    jobs, at_once, most, lock = Jobs("test"), [0], [0], threading.Lock()
    ended = threading.Semaphore(0)

    def job():
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        threading.Event().wait(0.01)
        with lock:
            at_once[0] -= 1
        ended.release()

    for _ in range(30):
        jobs.put(job, most=3)
    assert all(ended.acquire(timeout=30) for _ in range(30))
    assert most[0] <= 3
    jobs.end()


def test_what_has_ended_takes_no_more():
    jobs = Jobs("test")
    jobs.rest()
    with pytest.raises(RuntimeError, match="'test': the process is ending"):
        jobs.put(lambda: None)


def test_no_thread_to_be_had_is_an_error(monkeypatch):
    def none(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none)
    with pytest.raises(RuntimeError, match="can't start"):
        Jobs("test").put(lambda: None)


def test_a_thread_that_cannot_prepare_itself_works_all_the_same(monkeypatch, caplog):
    def fails(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Jobs, "begin", fails)
    jobs, done = Jobs("test"), threading.Event()
    jobs.put(done.set)
    assert done.wait(10), "else whoever waits for it waits for ever"
    assert "start of 'test'" in caplog.text
    jobs.end()


def test_the_end_of_a_process_waits_for_a_job_that_has_begun():
    code = """
import threading, time
from lance_graph.runtime import threads

begun = threading.Event()
def job():
    begun.set()
    time.sleep(0.5)
    print("done", flush=True)
threads._few.put(job)
begun.wait()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr, done.returncode) == ("done\n", "", 0)


async def test_many_calls_in_few_threads():
    import asyncio

    names = set()

    def call(number):
        names.add(threading.current_thread())
        if number == 13:
            raise KeyError(number)
        return number

    found = await asyncio.gather(
        *(in_few(lambda n=n: call(n)) for n in range(100)), return_exceptions=True
    )
    assert isinstance(found.pop(13), KeyError)
    assert found == [n for n in range(100) if n != 13] and len(names) <= FEW
