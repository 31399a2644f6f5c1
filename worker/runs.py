"""One run in one worker: taken, kept alive by a heartbeat, and ended, whatever happens in between."""

import logging
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread, get_ident
from typing import Any

import redis
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connection
from django.db.models import F
from django.db.models.functions import Now

from engine import dispatch, events, lifecycle, pulse, run_kinds, storage
from engine.errors import LostTheRace, MaskloopError, ObjectDamaged, StorageUnavailable, WrongState
from engine.models import Run, RunStatus
from engine.models.run import MAX_ATTEMPTS
from engine.services import runs, store
from engine.services.runs import RunLost

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.5  #: seconds between a function's own looks at the wish to cancel
DATABASE_BACK_WITHIN = 60.0  #: seconds that a run which the database failed waits to be given back
STORAGE_BACK_WITHIN = (
    1800.0  #: seconds that a run which the object store failed waits for it, in each attempt
)
ASK_STORAGE_EVERY = 1.0  #: seconds
#: Failures of the object store, of one run, that are none of its attempts, each with a longer pause than the one
#: before: a store whose disk was full takes small objects a while before it takes large ones again.
STORAGE_FAILURES, LONGEST_PAUSE = 8, 30.0
STOPPED = "the worker was stopped"
HUNG = 70  #: exit status of a worker that ended itself because its run stood still
#: The name that a supervisor gives to the one place that this worker fills.
SLOT = "MASKLOOP_SLOT"

#: Set when this worker is told to stop; a run that asks whether it is cancelled is then given back.
stopping = Event()


class GivenBack(Exception):
    """The run goes back to the queue and resumes elsewhere: this worker is being stopped, or what the error says."""


class Cancelled(Exception):
    """Somebody asked to stop the run. `perform` ends it so, where its function does not tidy up first."""


class Work:
    """What a function sees of the run that it does: it asks `cancelled`, tells `progress`, and ends the run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.thread_id = get_ident()
        self._cancelled = Event()
        self._lost = Event()
        self._looked = time.monotonic()
        self._moved = time.monotonic()
        self._stands_at: tuple[int, int] | None = None

    @property
    def still_for(self) -> float:
        """Seconds without any progress."""
        return time.monotonic() - self._moved

    def alive(self) -> None:
        """A mark of progress where there is no count to tell: between long steps, or at each piece of one."""
        self._moved = time.monotonic()

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked to stop. Raises `RunLost` or `GivenBack` when the run is to be dropped at once."""
        if stopping.is_set():
            raise GivenBack
        if time.monotonic() - self._looked > LOOK_EVERY:
            self.look()
        if self._lost.is_set():
            raise RunLost
        return self._cancelled.is_set()

    def stop_if_cancelled(self) -> None:
        """Raise `Cancelled` where somebody asked to stop; `RunLost` or `GivenBack` as `cancelled` does."""
        if self.cancelled:
            raise Cancelled

    def look(self) -> None:
        """Keep the lease and see whether somebody asked to cancel."""
        self._looked = time.monotonic()
        try:
            if runs.heartbeat(self.run):
                self._cancelled.set()
        except RunLost:
            self._lost.set()

    def progress(self, done: int, total: int, *, unit: str) -> None:
        """Note and tell how far the run is. Raises `RunLost`; inside a transaction it also holds the run."""
        if self._stands_at != (done, total):  # to say the same again is no progress
            self._stands_at = (done, total)
            self.alive()
        runs.progress(self.run, done, total, unit=unit)

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        """Tell those who watch. What is told must be persisted already."""
        with _redis_may_be_silent(self.run):
            events.publish(self.run.pk, kind, data)


def perform(run_id: int, function: Callable[[Work], None]) -> None:
    """Do the run: take it, call `function`, which ends it, and end it for a function that could not.

    * not there to be taken (a duplicated or late message): nothing
    * cancelled on the way: CANCELLED; what was done stays
    * an expected failure: FAILED, with its code and its sentence
    * taken away meanwhile: stop and write nothing
    * hung: the worker ends itself, for a run without progress cannot be interrupted (see `_kept_alive`)
    * anything else: once more, until the attempts are used up
    """
    close_old_connections()
    try:
        run = runs.take(run_id, worker=worker_name())
        if run is None:
            logger.info("Run %s is not there to be taken", run_id)
            return
        _do(run, function)
    finally:
        close_old_connections()


def _do(run: Run, function: Callable[[Work], None]) -> None:
    try:
        try:
            with _kept_alive(Work(run)) as work:
                try:
                    function(work)
                except StorageUnavailable as error:
                    if _storage_is_back(work):
                        raise GivenBack("the object store failed") from error
                    raise
        except (RunLost, GivenBack):
            raise
        except Cancelled:
            runs.record_cancelled(run)
        except SoftTimeLimitExceeded:
            runs.fail(run, code="timeout", message="The work took longer than this queue allows.")
        except StorageUnavailable as error:
            _once_more(run, error, now=True)
        except LostTheRace as error:
            _once_more(run, error, now=False)
        except MaskloopError as error:
            if isinstance(error, ObjectDamaged):
                store.note(error)
            logger.info("Run %s failed: %s", run.pk, error.message)
            runs.fail(run, code=error.code, message=error.message)
        except Exception as error:
            if stopping.is_set():  # Celery raises in the middle of what does not end in time
                raise GivenBack from error
            if isinstance(error, OperationalError | InterfaceError):
                _wait_for_database()
            _once_more(run, error, now=True)
    except RunLost:
        logger.warning("Run %s is no longer this worker's", run.pk)
    except GivenBack as error:
        _give_back(run, reason=str(error) or STOPPED)
    except (KeyboardInterrupt, SystemExit):
        _give_back(run, reason=STOPPED)
        raise


def worker_name() -> str:
    """Which process this is, as a run's row names it."""
    return f"{os.environ.get(SLOT) or socket.gethostname()}:{os.getpid()}"


def begin_anew() -> None:
    """This worker starts: what its predecessor in the same place had in its hands goes back to the queue at once."""
    slot = os.environ.get(SLOT)
    if not slot:
        return
    try:
        runs.requeue_of(slot)
    except DatabaseError:
        logger.exception("What the last worker of %s held is given back by the janitor", slot)
    finally:
        connection.close()


def _once_more(run: Run, error: Exception, *, now: bool) -> None:
    logger.error("Run %s (%s), attempt %s, broke down", run.pk, run.kind, run.attempt, exc_info=error)
    if run.attempt >= MAX_ATTEMPTS:
        code, message = runs.describe(error)
        runs.fail(run, code=code, message=message)
    elif now:
        runs.requeue(run, reason=f"broke down: {type(error).__name__}")
    # Else the lease runs out and the janitor gives the run back: a pause for what does not answer.


def _give_back(run: Run, *, reason: str) -> None:
    """For a `reason` that is not the run's fault: this attempt does not count."""
    with suppress(LostTheRace, WrongState):
        lifecycle.change(
            run,
            RunStatus.QUEUED,
            actor=None,
            reason=reason,
            where={"token": run.token},
            attempt=F("attempt") - 1,
            lease_until=None,
            queued_at=Now(),
        )
        runs.tell(run)
        dispatch.ring(run)


@contextmanager
def _kept_alive(work: Work) -> Iterator[Work]:
    """A thread with a database connection of its own looks after the lease while the function makes progress.

    Without progress for as long as its kind may need for one step, the run is given back and the process ends:
    a worker of pool `solo` would hang for ever, and what hangs in C hears no exception. Whoever supervises the
    worker starts it again.
    """
    over = Event()
    patience = run_kinds.of(work.run.kind).patience

    def beat() -> None:
        try:
            while not over.wait(runs.HEARTBEAT_EVERY):
                if work.still_for > patience:
                    _end_hung_worker(work)
                pulse.beat()
                try:
                    work.look()
                except (DatabaseError, InterfaceError):
                    logger.warning("Run %s: a heartbeat was missed", work.run.pk, exc_info=True)
                    connection.close()
        finally:
            connection.close()

    thread = Thread(target=beat, name=f"heartbeat of run {work.run.pk}", daemon=True)
    thread.start()
    try:
        yield work
    finally:
        over.set()
        thread.join(timeout=5)


def _end_hung_worker(work: Work) -> None:
    run, seconds = work.run, work.still_for
    logger.critical("Run %s (%s) made no progress for %.0f s; this worker ends", run.pk, run.kind, seconds)
    for line in traceback.format_stack(sys._current_frames().get(work.thread_id)):
        logger.critical("%s", line.rstrip())
    try:
        runs.requeue_hung(run, seconds=seconds)
    except Exception:
        logger.exception("Run %s is given back when its lease runs out", run.pk)
    finally:
        os._exit(HUNG)


def _storage_is_back(work: Work) -> bool:
    """Wait until the object store answers again, or long enough: no other run could be done without it either. The
    run's result tells what it waits for. Returns False where it failed this run too often, or does not come back."""
    logger.warning("Run %s waits for the object store", work.run.pk)
    failures = work.run.result.get("storage_failures", 0) + 1
    begin = time.monotonic()
    pause = min(ASK_STORAGE_EVERY * 2 ** (failures - 1), LONGEST_PAUSE)
    runs.note(work.run, waits_for="object store", storage_failures=failures)
    back = False
    while not work.cancelled and not back and (waited := time.monotonic() - begin) < STORAGE_BACK_WITHIN:
        work.alive()
        stopping.wait(ASK_STORAGE_EVERY)
        back = waited >= pause and storage.answers()
    del work.run.result["waits_for"]
    runs.note(work.run)
    return back and failures <= STORAGE_FAILURES


def _wait_for_database() -> None:
    """Until it answers again, so that the run can be given back; it restarts within seconds."""
    deadline = time.monotonic() + DATABASE_BACK_WITHIN
    while time.monotonic() < deadline:
        connection.close()
        with suppress(OperationalError, InterfaceError):
            connection.ensure_connection()
            return
        time.sleep(0.25)


@contextmanager
def _redis_may_be_silent(run: Run) -> Iterator[None]:
    """Nothing is lost when nobody could be told: the row has it all."""
    try:
        yield
    except redis.RedisError:
        logger.warning("Run %s: nobody could be told", run.pk, exc_info=True)
