"""What a fork finds: no lock held by a thread that the child lacks, and no work cut in two.

``gunicorn --preload``, Celery and multiprocessing fork a process that has loaded models and runs
threads. The child has only the thread that forked: a lock that another one held would stay locked
for ever, in Python and inside the libraries that a model runs on.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Lock, get_ident
from weakref import WeakSet

PATIENCE = 30.0
"""Seconds that a fork waits for `at_work`; a batch of the detector takes less than one."""


class ForkSafeLock:
    """A lock that the child of a fork finds open, unless the thread that forked holds it."""

    def __init__(self) -> None:
        self._lock, self._owner = Lock(), 0
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()
        self._owner = get_ident()

    def __exit__(self, *_: object) -> None:
        self._owner = 0
        self._lock.release()

    def renew(self) -> None:
        """In the child: open again what a thread of the parent held."""
        if self._owner != get_ident():
            self._lock, self._owner = Lock(), 0


class _Work:
    """Threads inside `at_work`. A fork waits for them, and they wait for a fork."""

    def __init__(self) -> None:
        self.turn = Condition()
        self.threads: Counter[int] = Counter()
        self.forks = 0

    def begin(self) -> None:
        me = get_ident()
        with self.turn:
            self.turn.wait_for(lambda: not self.forks or self.threads[me])
            self.threads[me] += 1

    def end(self) -> None:
        me = get_ident()
        with self.turn:
            self.threads[me] -= 1
            if not self.threads[me]:
                del self.threads[me]
                self.turn.notify_all()

    def before_fork(self) -> None:
        me = get_ident()
        self.turn.acquire()  # kept until the fork is done
        self.forks += 1
        self.turn.wait_for(lambda: self.threads.keys() <= {me}, PATIENCE)

    def after_in_parent(self) -> None:
        self.forks -= 1
        self.turn.notify_all()
        self.turn.release()

    def after_in_child(self) -> None:
        me = get_ident()
        mine = self.threads[me]
        self.__init__()  # type: ignore[misc]
        if mine:
            self.threads[me] = mine


_locks: "WeakSet[ForkSafeLock]" = WeakSet()
_work = _Work()


@contextmanager
def at_work() -> Iterator[None]:
    """Short work inside a library with locks of its own: a fork by another thread waits for its end."""
    work = _work
    work.begin()
    try:
        yield
    finally:
        work.end()


def in_child(prepare: Callable[[], None]) -> None:
    """Have ``prepare`` run in the child of every fork, where the platform has forks."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=prepare)


def _renew() -> None:
    for lock in list(_locks):
        lock.renew()


in_child(_renew)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_work.before_fork,
        after_in_parent=_work.after_in_parent,
        after_in_child=_work.after_in_child,
    )
