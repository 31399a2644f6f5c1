"""The people at work, each in a thread with a session of their own, and how far they are."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.effort.annotator import Annotator
from benchmarks.effort.client import Held, Person
from benchmarks.effort.results import Result
from benchmarks.effort.strategies import STRATEGIES
from deploy.local.progress import say

TELL_EVERY = 20.0  #: seconds
#: What an object takes by each strategy, roughly, to tell the time left.
WEIGHT = {"phase_1": 4.0, "phase_2": 1.5, "phase_3": 1.0, "offline": 1.5, "online": 1.0, "look_here": 1.0}


@dataclass(frozen=True)
class Job:
    """One object to annotate by one strategy: a masklet that waits for `username`, or a new one by whoever is free."""

    strategy: str
    number: int
    truth: np.ndarray
    video: int
    masklet: int | None = None
    username: str | None = None


class Workforce:
    """Does all jobs; the first thing that goes wrong in a thread ends the work."""

    def __init__(self, origin: str, people: Sequence[str], jobs: Sequence[Job]) -> None:
        self.origin = origin
        self.results: list[Result] = []
        self._shared: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._own: dict[str, queue.SimpleQueue[Job]] = {name: queue.SimpleQueue() for name in people}
        for job in jobs:
            (self._own[job.username] if job.username else self._shared).put(job)
        self._wanted = len(jobs)
        self._weight = sum(WEIGHT[job.strategy] for job in jobs)
        self._failure: BaseException | None = None

    def work(self, look_after: Callable[[], None]) -> list[Result]:
        """Starts everybody, calls `look_after` now and then, and returns when all is done."""
        # Daemons: nobody waits for them once something has failed.
        threads = [threading.Thread(target=self._person, args=(name,), daemon=True) for name in self._own]
        for thread in threads:
            thread.start()
        begin = told = time.monotonic()
        while len(self.results) < self._wanted:
            if self._failure is not None:
                raise self._failure
            look_after()
            if time.monotonic() - told > TELL_EVERY:
                told = time.monotonic()
                self._tell(told - begin)
            time.sleep(0.25)
        return sorted(self.results, key=lambda result: (result.strategy, result.number))

    def _tell(self, passed: float) -> None:
        results = list(self.results)
        done = sum(WEIGHT[result.strategy] for result in results)
        left = f", about {passed * (self._weight / done - 1) / 60:.0f} min left" if done else ""
        say(f"  {len(results)} of {self._wanted} masklets after {passed / 60:.1f} min{left}")

    def _person(self, name: str) -> None:
        try:
            person = Person(self.origin, name)
            for kind in (self._own[name], self._shared):
                while self._failure is None:
                    try:
                        job = kind.get_nowait()
                    except queue.Empty:
                        break
                    self.results.append(perform(person, job))
        except BaseException as failure:
            self._failure = failure


def perform(person: Person, job: Job) -> Result:
    """Claims or chooses the object, annotates it by the job's strategy, and submits it."""
    held = Held(person, claimed(person, job))
    annotator = Annotator(held, job.truth)
    STRATEGIES[job.strategy](annotator)
    annotator.report()
    held.submit()
    observed = annotator.observed
    return Result(
        strategy=job.strategy,
        number=job.number,
        size=observed.size,
        effort=annotator.effort,
        moments=annotator.moments,
        refinements=annotator.refinements,
        counts=observed.counts,
    )


def claimed(person: Person, job: Job) -> object:
    if job.masklet is not None:
        return person.post(f"/api/masklets/{job.masklet}/claim/")
    label = f"object {job.number}, {job.strategy}"
    return person.post(f"/api/videos/{job.video}/masklets/", {"label": label})
