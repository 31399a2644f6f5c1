"""Parts of an export written side by side in children: masks are unpacked and written by Python, one core each.

A Celery worker's own child may have no children of `multiprocessing`, and a fork would take its connections along; so
these are processes of their own that read jobs and write answers, and end when this one does.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

from worker.datasets import part
from worker.datasets.part import Done, Job

CHILDREN = 2
AHEAD = 12  #: jobs that a child has been given: enough to go on while their answers are noted
FEW = 4  #: videos that are written sooner than a child has started
PACKAGES = Path(__file__).resolve().parent.parent.parent


class ChildDied(Exception):
    """A child ended in the middle of a job; its complaint is in the worker's log."""


def done(jobs: Iterable[Job], *, count: int) -> Generator[tuple[Job, Done | None]]:
    """Each job with what came of it, in any order; None for the sign that something moves.

    Closing the generator ends the children. Raises what `worker.datasets.part.write` raises.
    """
    if count < FEW:
        for few in jobs:
            yield few, None
            yield few, part.write(few)
        return
    answers: queue.Queue[tuple[Job, Any]] = queue.Queue()
    todo: queue.Queue[Job | None] = queue.Queue()
    with _children(todo, answers):
        open_, coming = 0, iter(jobs)
        job: Job | None = next(coming, None)
        while job is not None or open_:
            while job is not None and open_ < AHEAD * CHILDREN:
                todo.put(job)
                open_ += 1
                job = next(coming, None)
            asked, answer = answers.get()
            if answer == ".":
                yield asked, None
                continue
            open_ -= 1
            yield asked, _told(answer)


def _told(answer: Any) -> Done:
    if answer is None:
        raise ChildDied
    if "error" in answer:
        raise part.TOLD[answer["error"]](answer["message"], **answer["details"])
    return answer  # type: ignore[no-any-return]


@contextmanager
def _children(todo: queue.Queue[Job | None], answers: queue.Queue[tuple[Job, Any]]) -> Iterator[None]:
    environment = os.environ | {"PYTHONPATH": str(PACKAGES), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "worker.datasets.part"]
    pipe = subprocess.PIPE
    children = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)
        for _ in range(CHILDREN)
    ]
    talkers = [
        Thread(target=_talk, args=(child, todo, answers), name=f"export child {child.pid}", daemon=True)
        for child in children
    ]
    for talker in talkers:
        talker.start()
    try:
        yield
    finally:
        for child in children:
            child.kill()
        _drain(todo, len(talkers))
        for talker in talkers:
            talker.join(timeout=5)
        for child in children:
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream:
                    stream.close()


def _drain(todo: queue.Queue[Job | None], talkers: int) -> None:
    """Nobody waits for a job that will not come."""
    with suppress(queue.Empty):
        while True:
            todo.get_nowait()
    for _ in range(talkers):
        todo.put(None)


def _talk(
    child: subprocess.Popen[str],
    todo: queue.Queue[Job | None],
    answers: queue.Queue[tuple[Job, Any]],
) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    while (job := todo.get()) is not None:
        answer: Any = None
        try:
            child.stdin.write(json.dumps(job) + "\n")
            child.stdin.flush()
            while (line := child.stdout.readline()) and (answer := json.loads(line)) == ".":
                answers.put((job, "."))
            answer = answer if line else None
        except (OSError, ValueError):
            answer = None
        answers.put((job, answer))
        if answer is None:
            return
