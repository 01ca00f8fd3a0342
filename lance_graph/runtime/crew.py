"""Threads that come when there is work and go when there has been none for a while."""

import atexit
from abc import ABC, abstractmethod
from collections.abc import Callable
from math import inf
from threading import Condition, Thread
from weakref import WeakSet

from lance_graph.runtime.failures import report
from lance_graph.runtime.forking import in_child

Job = Callable[[], None]
LINGER = 5.0
"""Seconds that a thread without work stays."""
PATIENCE = 10.0
"""Seconds that the end of the process waits for the jobs that have begun."""


class Crew(ABC):
    """Daemon threads for the jobs of one place where work waits; what waits is a subclass's own.

    Everything but the jobs happens with ``turn`` held. The child of a fork has none of the threads, and
    begins anew without what waited. When the process ends, a job that has begun is waited for: a thread
    that comes back from a library into an interpreter that is gone aborts the process.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._ending = False
        self.renew()
        _crews.add(self)

    @abstractmethod
    def take(self, free: int) -> Job | float:
        """The next job, or the seconds until there is one, `inf` if nothing waits; it must not raise.

        ``free`` threads could take a job now, the one that asks among them. A job answers for its errors.
        """

    @abstractmethod
    def waits(self) -> bool:
        """Whether there is anything for another thread to do."""

    @abstractmethod
    def clear(self) -> None:
        """Forget what waits."""

    def begin(self) -> None:  # noqa: B027 - most have nothing to prepare
        """What each thread does first; one that cannot do it works all the same."""

    def call(self, most: int) -> None:
        """Have one of at most ``most`` threads look for work; ``turn`` is held.

        RuntimeError if there is none and none can be started.
        """
        if self._ending:
            raise RuntimeError(f"nothing works any more for {self.name!r}: the process is ending")
        self._most = most
        if self._threads > self._busy:
            self.turn.notify()
        elif self._threads < most:
            self._start()

    def end(self) -> None:
        """No further job is begun, and the threads go."""
        with self.turn:
            self._ending = True
            self.turn.notify_all()

    def rest(self) -> None:
        """Wait, for at most `PATIENCE`, for the jobs that have begun; no other one is."""
        self.end()
        with self.turn:
            self.turn.wait_for(lambda: not self._busy, PATIENCE)

    def renew(self) -> None:
        """No thread and nothing that waits, and a lock that nobody holds."""
        self.turn = Condition()
        self._threads, self._busy, self._most = 0, 0, 1
        self.clear()

    def _start(self) -> None:
        self._threads += 1
        try:
            Thread(target=self._work, name=self.name, daemon=True).start()
        except RuntimeError:
            self._threads -= 1
            if not self._threads:  # else one of the others comes to it
                raise

    def _work(self) -> None:
        try:
            self.begin()
        except Exception as error:  # noqa: BLE001 - without this thread, what waits would wait for ever
            report(f"start of {self.name!r}", error)
        while job := self._next():
            try:
                job()
            finally:
                del job  # what it holds is free while this thread waits
                with self.turn:
                    self._busy -= 1
                    if self._ending:
                        self.turn.notify_all()

    def _next(self) -> Job | None:
        """A job, from now on counted as busy; None when the thread that asks is to go."""
        idle = False
        with self.turn:
            while not self._ending:
                found = self.take(max(1, self._most - self._busy))
                if not isinstance(found, int | float):
                    self._busy += 1
                    if self.waits():
                        self.call(self._most)
                    return found
                if idle and found == inf:
                    break
                idle = not self.turn.wait(min(found, LINGER)) and found == inf
            self._threads -= 1
            return None


_crews: "WeakSet[Crew]" = WeakSet()


def _renew() -> None:
    for crew in list(_crews):
        crew.renew()


def _rest() -> None:
    for crew in list(_crews):
        crew.rest()


in_child(_renew)
atexit.register(_rest)
