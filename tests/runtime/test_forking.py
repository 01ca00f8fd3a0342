"""A process that has loaded the detector and scores in threads is forked; its children score."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from lance_graph.runtime.forking import ForkSafeLock, at_work

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")

ROOT = Path(__file__).parents[2]
CHILDREN = 20
SERVER = f"""
import os, signal, sys, time
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
import torch
torch.set_num_threads(2)
from lance_graph.detector.detector import load_detector
from lance_graph.detectors import read, resolve

text, detector = "how do i bake bread", resolve(sys.argv[1])
expected = read(detector, text, None)["risk"]

def busy():
    while True:
        detector.score([text * 20] * 8)

def child(number):
    score = lambda: read(resolve(sys.argv[1]), text, None)["risk"]
    if number % 2:
        with ThreadPoolExecutor(1) as pool:
            risk = pool.submit(score).result()
    else:
        risk = score()
    return 0 if all(abs(risk[key] - expected[key]) < 1e-4 for key in expected) else 3

for _ in range(2):
    Thread(target=busy, daemon=True).start()
children = []
for number in range({CHILDREN}):
    pid = os.fork()
    if not pid:
        signal.alarm(120)  # kills the child, whatever it hangs in
        try:
            os._exit(child(number))
        finally:
            os._exit(4)
    children.append(pid)
    if len(children) % 4 == 0:
        print(*[os.waitpid(one, 0)[1] for one in children[-4:]], flush=True)
os._exit(0)
"""


@pytest.mark.slow
def test_children_of_a_scoring_process_score(tiny_checkpoint):
    result = subprocess.run(
        [sys.executable, "-c", SERVER, str(tiny_checkpoint)], cwd=ROOT, capture_output=True, text=True,
        timeout=500, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert result.stdout.split() == ["0"] * CHILDREN, result.stderr[-2_000:]


def status_of(child):
    """Exit status of a forked child that runs ``child``; -14 if it hung."""
    import signal

    pid = os.fork()
    if not pid:
        signal.alarm(20)
        try:
            child()
            os._exit(0)
        finally:
            os._exit(4)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def holding(context, release):
    """A thread that stays inside ``context`` until ``release`` is set."""
    from threading import Event

    inside = Event()

    def hold():
        with context:
            inside.set()
            release.wait(60)

    thread = Thread(target=hold)
    thread.start()
    inside.wait(60)
    return thread


def test_a_lock_that_another_thread_held_is_open_in_the_child():
    from threading import Event

    lock, release = ForkSafeLock(), Event()
    thread = holding(lock, release)

    def take():
        with lock:
            pass

    assert status_of(take) == 0
    release.set()
    thread.join()
    take()


def test_a_lock_that_the_forking_thread_holds_stays_held_once():
    lock = ForkSafeLock()

    def leave():
        lock.__exit__()
        with lock:
            pass

    with lock:
        assert status_of(leave) == 0


def test_a_fork_waits_for_work_and_is_not_waited_for_by_its_own_thread():
    from threading import Event, Timer

    release = Event()
    thread = holding(at_work(), release)
    Timer(0.2, release.set).start()

    def work():
        if not release.is_set():
            os._exit(5)
        with at_work(), at_work():
            pass

    with at_work():
        assert status_of(work) == 0
    thread.join()
    assert status_of(work) == 0
