"""The simulated people of a round: annotators who track and correct, reviewers who watch and judge."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np

from benchmarks.effort.annotator import Annotator
from benchmarks.effort.client import Held, Person
from benchmarks.effort.strategies import everywhere
from vos import metrics, rle
from vos.effort import T_EXAM, T_LOC

ANNOTATORS, REVIEWER, OWNER = ("ada", "ben"), "rita", "olga"
TRIES = 3
SATISFACTORY = 0.7  #: J&F from which the reviewer accepts


@dataclass(frozen=True)
class Job:
    """An object to annotate: its video, truth bool [T, H, W], and a name that lasts."""

    name: str
    video: int
    truth: np.ndarray


def annotate(
    origin: str, jobs: Sequence[Job], *, corrections: int, done: Callable[[Job, dict[str, Any]], None],
    look_after: Callable[[], None],
) -> None:  # fmt: skip
    """Everybody works until no job is left; `done` is told what each cost, from their threads."""
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            person = Person(origin, name)
            while not failures:
                try:
                    job = waiting.get_nowait()
                except queue.Empty:
                    return
                done(job, _patiently(person, job, corrections))
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(name,), daemon=True) for name in ANNOTATORS]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        look_after()
        time.sleep(0.25)
    if failures:
        raise failures[0]


def _patiently(person: Person, job: Job, corrections: int) -> dict[str, Any]:
    """As a person does whose connection broke on an overloaded machine: chooses the object again."""
    for _ in range(TRIES - 1):
        with suppress(httpx.HTTPError):
            return track(person, job, corrections)
    return track(person, job, corrections)


def track(person: Person, job: Job, corrections: int) -> dict[str, Any]:
    """Phase 3: clicks on the first frame, then the worst frame of a look at the clip, until it is good."""
    held = Held(person, person.post(f"/api/videos/{job.video}/masklets/", {}))
    annotator = Annotator(held, job.truth)
    annotator.refine(0)
    annotator.propagate(0, "forward")
    for _ in range(corrections):
        frame = everywhere(annotator)
        if frame is None:
            break
        annotator.refine(frame)
        annotator.propagate(frame, "both")
    annotator.report()
    held.submit()
    effort = annotator.effort
    return {
        "masklet": held.masklet["id"],
        "frames": len(job.truth),
        "seconds": effort.seconds(),
        "edited": len(effort.edited),
        "clicked": len(effort.clicks),
        "clicks": effort.clicks.total(),
        "jf": annotator.observed.j_and_f(),
    }


def review(person: Person, masklet: int, truth: np.ndarray) -> dict[str, Any]:
    """Watches a masklet and says what it is; seconds by the same time model."""
    claimed = person.post(f"/api/masklets/{masklet}/review/")
    stored = person.get(f"/api/reviews/{claimed['id']}/masks/")
    size = list(truth.shape[1:])
    masks = [
        rle.decode({"size": size, "counts": stored["frames"][str(idx)]["counts"]})
        if str(idx) in stored["frames"]
        else np.zeros(size, bool)
        for idx in range(len(truth))
    ]
    jf = sum(metrics.j_and_f(masks, truth)) / 2
    accepted = jf >= SATISFACTORY
    verdict = (
        {"verdict": "satisfactory"} if accepted else {"verdict": "unsatisfactory", "comment": "Not tight."}
    )
    person.post(f"/api/reviews/{claimed['id']}/verdict/", verdict, Lease_Token=claimed["token"])
    return {"accepted": accepted, "review_seconds": T_LOC + T_EXAM * len(truth)}
