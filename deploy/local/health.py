"""Whether a service that lives is of any use: asked again and again, on threads of their own."""

import os
import shutil
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import psutil

from deploy.local.service import Service

FEWEST = 3  #: failed probes in a row before anything is done
LONGEST_PROBE = 10.0  #: seconds after which one that has not come back has failed
STOPPED_FOR = 1.0  #: seconds that a process may stand still by a signal
FULL = 32 * 2**20  #: bytes; with less the disk is full


class Health:
    """What is known of one service since its last start."""

    def __init__(self, service: Service, pool: ThreadPoolExecutor) -> None:
        self._service = service
        self._pool = pool
        self._born = self._next = time.monotonic()
        self._asked: Future[bool] | None = None
        self._was_well = False
        self._failures = 0
        self._ill_since = 0.0
        self._stopped_since: float | None = None

    def useless(self, *, stopped: bool) -> str | None:
        """Why it should be started again, None while there is no reason. Never waits."""
        now = time.monotonic()
        if not stopped:
            self._stopped_since = None
        elif self._stopped_since is None:
            self._stopped_since = now
        elif now - self._stopped_since >= STOPPED_FOR:
            return "was stopped by a signal"
        self._probe(now)
        if self._failures >= FEWEST and now - self._ill_since >= self._service.useless_after:
            return f"has not done its work for {now - self._ill_since:.0f} s"
        return None

    @property
    def disk_is_full(self) -> bool:
        folder = self._service.disk()
        if folder is None:
            return False
        with suppress(OSError):
            return shutil.disk_usage(folder).free < FULL
        return False

    def _probe(self, now: float) -> None:
        if self._asked is not None and self._asked.done():
            well = self._asked.exception() is None and self._asked.result()
            self._note(well, now)
            self._asked, self._next = None, now + self._service.probe_every
        elif self._asked is not None and now >= self._next:
            self._note(False, now)  # it is under way for too long
            self._next = now + self._service.probe_every
        elif self._asked is None and now >= self._next:
            self._asked = self._pool.submit(self._service.probe)
            self._next = now + LONGEST_PROBE

    def _note(self, well: bool, now: float) -> None:
        if well:
            self._was_well, self._failures = True, 0
        elif self._was_well or now - self._born > self._service.ready_within:
            self._ill_since = self._ill_since if self._failures else now
            self._failures += 1


def stopped_sessions(leaders: Iterable[int]) -> set[int]:
    """Of the sessions that these processes lead, those with a process that a signal holds (SIGSTOP)."""
    ours, found = set(leaders), set()
    for pid in psutil.pids():
        with suppress(OSError, psutil.Error):
            session = os.getsid(pid)
            if session in ours and psutil.Process(pid).status() == psutil.STATUS_STOPPED:
                found.add(session)
    return found
