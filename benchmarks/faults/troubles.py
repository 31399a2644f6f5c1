"""What is done to the stack, and how long until it works again."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psutil
from celery import Celery

from benchmarks.effort.client import LIVE
from benchmarks.faults.people import GaveUp, Object, Worker, ready, until, upload
from benchmarks.faults.stack import Stack
from deploy.local import apps
from deploy.local.demo import QUEUES
from deploy.local.progress import say
from deploy.local.service import Service

SERVERS = ("postgres", "valkey", "seaweedfs")
PROCESSES = ("web", "streams", *(f"worker-{queue}" for queue in QUEUES), "janitor")
PAUSE = 3.0  #: seconds between two troubles
TRIES = 8
#: A run that is asked for and whose message never came: another like one that has ended.
ASK_SILENTLY = """
insert into engine_run (kind, params, status, attempt, token, worker, cancel_requested, progress_done, progress_total,
    result, error_code, error_message, created_at, queued_at, actor_id, masklet_id, project_id)
select kind, params, 'queued', 0, 0, '', false, 0, 0, '{}', '', '', now(), now(), actor_id, masklet_id, project_id
from engine_run where id = %s returning id
"""
LEASE_LAPSES_WITHIN = 30.0  #: seconds


class Troubles:
    """Breaks one thing after the other; `canary` is somebody who at each asks for what it concerns."""

    def __init__(self, stack: Stack, canary: Worker, video: int) -> None:
        self.stack, self.canary, self.video = stack, canary, video
        self.record = canary.record
        self._clips = 5000

    # One process after the other.

    def kill_each(self) -> None:
        for name in (*SERVERS, *PROCESSES):
            self._recovers(f"SIGKILL {name}", name, partial(self._signal, name, "kill"))

    def stop_each(self) -> None:
        for name in (*SERVERS, *PROCESSES):
            self._recovers(f"SIGSTOP {name}", name, partial(self._signal, name, "suspend"))

    def kill_one(self) -> None:
        """The worker of propagations, in the middle of one."""
        self._recovers("SIGKILL worker-gpu", "worker-gpu", lambda: self._process("worker-gpu").kill())

    # The broker.

    def flush(self) -> None:
        def flush() -> None:
            self.stack.redis().flushall()

        self._recovers("FLUSHALL", "valkey", flush)

    def lose_messages(self) -> None:
        """Three propagations, and the queue emptied while the first is under way."""
        held = [Object(self.canary, self.video) for _ in range(3)]
        for mine in held:
            self.canary.ended(mine.click())
        asked = [mine.propagate() for mine in held]
        self.stack.redis().delete("gpu")
        for run in asked:
            self._must_succeed(run)

    # Workers that lost their run and do not know it.

    def duplicate_and_outlive(self) -> None:
        """A second worker on another machine, as it were: messages sent twice reach both, and it is held by a signal
        in mid-run until another has its run, then let go."""
        with self._second_worker() as second:
            for _ in range(3):
                run = self._begin_propagation(then=self._send_again)
                self._must_succeed(run)
            for _ in range(TRIES):
                run = self._begin_propagation()
                if self._outlived(run, second):
                    return
                self.canary.ended(run)
        say("    the second worker never got a run: nothing outlived its lease")

    def stale_tab(self) -> None:
        """A tab whose lease another tab took over writes on."""
        mine = Object(self.canary, self.video)
        self.canary.ended(mine.click())
        self.canary.insist(f"{mine.path}/claim/", {"takeover": True})
        body = {"frame_idx": 1, "kind": "click", "x": 33.0, "y": 70.0, "positive": True}
        answer = until(
            lambda: self.canary._answer(f"{mine.path}/prompts/", body, "", mine.lease), what="an answer"
        )
        if answer.is_success:
            self.record.twice.append(f"masklet {mine.id} was written by two tabs at once")

    # The disk of the object store.

    def fill_disk(self) -> None:
        if not self.stack.disk_is_small:
            say("    disk full: left out, for this user may not mount a small disk")
            return
        folder = self.stack.weed.data
        filler = folder / "filler"
        _fill(filler)
        end = time.monotonic() + 15
        while time.monotonic() < end:
            with contextlib.suppress(Exception):
                self.stack.weed.client.put_object(Bucket="maskloop", Key=".full", Body=os.urandom(200_000))
            _fill(filler)
            time.sleep(0.5)
        say(f"    {shutil.disk_usage(folder).free} bytes free on the object store's disk")
        self._recovers("disk full, freed", "seaweedfs", filler.unlink)

    # How it is done.

    def _recovers(self, what: str, name: str, hit: Callable[[], object]) -> None:
        before = self._under_way(name)
        hit()
        begin = time.monotonic()
        try:
            self._works_again(name, before)
            took = time.monotonic() - begin
        except GaveUp as error:
            took = time.monotonic() - begin
            say(f"    {what}: {error}")
        self.record.recoveries[what] = took
        say(f"    {what:<24}{took:6.1f} s")
        time.sleep(PAUSE)

    def _under_way(self, name: str) -> int:
        """Work that the trouble hits in its middle: a run of the worker's, or a video on its way in."""
        if name == "worker-gpu":
            return self._begin_propagation()
        if name == "worker-ingest":
            return self._bring()
        if name == "janitor":
            run = Object(self.canary, self.video).click()
            self._must_succeed(run)
            return run
        return 0

    def _works_again(self, name: str, before: int) -> None:
        if name == "worker-gpu":
            self._must_succeed(before)
        elif name == "worker-ingest":
            ready(self.canary, before)
        elif name == "seaweedfs":
            ready(self.canary, self._bring())
        elif name == "janitor":
            self._must_succeed(int(self.stack.rows(ASK_SILENTLY, before)[0][0]))
        elif name == "streams":
            until(self._stream_opens, what="an event")
        else:
            mine = Object(self.canary, self.video)
            self._must_succeed(mine.click())

    def _stream_opens(self) -> bool:
        run = next(iter(self.canary.get("/api/runs/", kind="ingest")["results"]))["id"]
        with self.canary.http.stream("GET", f"{self.canary.streams}/api/runs/{run}/events/", timeout=2) as it:
            return it.status_code == 200 and any(it.iter_lines())

    def _bring(self) -> int:
        self._clips += 1
        return upload(self.canary, self._clips, frames=12)

    def _begin_propagation(self, then: Callable[[int], object] = lambda run: None) -> int:
        mine = Object(self.canary, self.video)
        self.canary.ended(mine.click())
        run = mine.propagate()
        then(run)
        Thread(target=self._watch, args=(mine, run), daemon=True).start()
        begun = "select 1 from engine_run where id = %s and (progress_done > 1 or status not in ('queued', 'running'))"
        until(lambda: self.stack.rows(begun, run), what=f"the first frames of run {run}")
        return run

    def _watch(self, mine: Object, run: int) -> None:
        with contextlib.suppress(Exception):
            other = Worker(self.stack, self.canary.username, self.record)
            Object.watch(_seen_by(mine, other), run, Event())

    def _must_succeed(self, run: int) -> None:
        row = self.canary.ended(run)
        if row["status"] != "succeeded":
            raise GaveUp(f"run {run} {row['status']}: {row['error']}")

    def _signal(self, name: str, what: str) -> None:
        getattr(self._process(name), what)()

    def _process(self, name: str) -> psutil.Process:
        pid = until(lambda: self.stack.services[name].pid, what=f"the process of {name}")
        process = psutil.Process(pid)
        if name in ("web", "streams"):
            return process.children()[0]  # the one that answers
        if name in ("worker-ingest", "worker-export"):
            children = process.children()
            return children[0] if children else process
        return process

    def _send_again(self, run: int) -> None:
        with Celery(broker=self.stack.environment["REDIS_URL"]) as app:
            for _ in range(2):
                app.send_task("worker.tasks.propagate", args=[run], queue="gpu")

    @contextlib.contextmanager
    def _second_worker(self) -> Iterator[Service]:
        logs = self.stack.home.root / "second"
        logs.mkdir(exist_ok=True)
        second = apps.Worker("gpu", logs=logs, environment=self.stack.environment)
        second.start()
        try:
            second.wait_ready()
            yield second
        finally:
            second.stop(at_once=True)

    def _outlived(self, run: int, second: Service) -> bool:
        """Whether the second worker had `run`; if so, what it writes after another took it over is looked for."""
        process = psutil.Process(second.pid or 0)
        process.suspend()
        try:
            ((holder, status),) = self.stack.rows("select worker, status from engine_run where id = %s", run)
            if not (holder.endswith(f":{second.pid}") and status == "running"):
                return False
            taken = "select 1 from engine_run where id = %s and token > 1"
            until(lambda: self.stack.rows(taken, run), within=LEASE_LAPSES_WITHIN, what="another worker")
        finally:
            process.resume()
        self.canary.ended(run)
        time.sleep(3)
        steps = self.stack.rows(
            "select to_status from engine_transition where subject_type = 'run' and subject_id = %s order by id",
            run,
        )
        if [step for (step,) in steps] != ["running", "queued", "running", "succeeded"]:
            self.record.twice.append(f"run {run} was written by a worker that had lost it: {steps}")
        return True


def _seen_by(mine: Object, other: Worker) -> Any:
    seen = object.__new__(Object)
    seen.__dict__ = {**mine.__dict__, "person": other}
    return seen


def _fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("ab") as file:
        while True:
            file.write(b"\0" * 2**20)
            file.flush()


def settle(stack: Stack, *, within: float) -> None:
    """Waits until nothing is under way any more."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        with contextlib.suppress(Exception):
            live = stack.rows("select count(*) from engine_run where status = any(%s)", list(LIVE))[0][0]
            if not live:
                return
        time.sleep(0.5)
