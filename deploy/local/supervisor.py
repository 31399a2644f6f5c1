"""Keeps services of use: starts them in order, restarts what crashes or hangs, stops them in reverse."""

import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from deploy.local.errors import StackError, describe_status
from deploy.local.health import Health, stopped_sessions
from deploy.local.service import Service

_FIRST_WAIT = 1.0
_SHORTEST_WAIT = 0.25  # of what had run well for long: somebody waits for it
_LONGEST_WAIT = 30.0
_SETTLED = 30.0
_LOOK_EVERY = 0.5
_PROBES_AT_ONCE = 16


class Supervisor:
    """Groups of services: one group starts and stops side by side, the groups one after another.

    `say` gets one line for each crash; `changed` is called whenever a process was started.
    """

    def __init__(self, *, say: Callable[[str], None], changed: Callable[[], None] = lambda: None):
        self._say = say
        self._changed = changed
        self._groups: list[Sequence[Service]] = []
        self._waits: dict[Service, float] = {}
        self._started: dict[Service, float] = {}
        self._due: dict[Service, float] = {}
        self._health: dict[Service, Health] = {}
        self._stopped: set[int] = set()
        self._looked = 0.0
        self._full: set[Service] = set()
        self._probes = ThreadPoolExecutor(_PROBES_AT_ONCE, thread_name_prefix="probe")

    @property
    def services(self) -> list[Service]:
        return [service for group in self._groups for service in group]

    def start(self, group: Sequence[Service]) -> None:
        """Start a group of services; from now on they are watched and stopped with the others."""
        self._groups.append(group)
        for service in group:
            self._start(service)

    def check(self) -> None:
        """Look at every service once; plan the restart of a dead one, or carry it out when due."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_EVERY:
            self._looked = now
            self._stopped = stopped_sessions(service.pid for service in self.services if service.pid)
        for service in self.services:
            if service in self._due:
                if now >= self._due[service]:
                    del self._due[service]
                    self._restart(service)
            elif (status := service.status()) is not None:
                self._plan_restart(service, describe_status(status))
            elif reason := self._health[service].useless(stopped=service.pid in self._stopped):
                self._end_useless(service, reason)

    def watch(self, seconds: float | None = None) -> None:
        """`check` again and again, for ever or for some seconds."""
        end = None if seconds is None else time.monotonic() + seconds
        while end is None or time.monotonic() < end:
            self.check()
            time.sleep(0.25)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop the groups, the last started first; `at_once` kills."""
        for group in reversed(self._groups):
            with ThreadPoolExecutor(max_workers=max(1, len(group))) as pool:
                list(pool.map(lambda service: service.stop(at_once=at_once), group))
        self._probes.shutdown(wait=False, cancel_futures=True)

    def _start(self, service: Service) -> None:
        service.start()
        self._started[service] = time.monotonic()
        self._health[service] = Health(service, self._probes)
        self._changed()

    def _end_useless(self, service: Service, reason: str) -> None:
        """Kill what lives and is of no use, so that it is started again; on a full disk only say so, once."""
        if self._health[service].disk_is_full:
            if service not in self._full:
                self._full.add(service)
                self._tell(
                    f"{service.name} {reason}: its disk is full. Free some space; it then goes on by itself."
                )
            return
        self._full.discard(service)
        service.stop(at_once=True)
        self._plan_restart(service, reason)

    def _restart(self, service: Service) -> None:
        try:
            self._start(service)
        except (StackError, OSError) as error:
            self._plan_restart(service, f"did not start: {error}")

    def _plan_restart(self, service: Service, reason: str) -> None:
        lived = time.monotonic() - self._started.get(service, 0.0)
        if lived > _SETTLED:
            wait = _SHORTEST_WAIT
        else:
            wait = min(max(_FIRST_WAIT, 2 * self._waits.get(service, 0.0)), _LONGEST_WAIT)
        self._waits[service] = wait
        self._due[service] = time.monotonic() + wait
        self._tell(f"{service.name} {reason}; starting it again in {wait:g} s. Its log: {service.log_path}")

    def _tell(self, line: str) -> None:
        with contextlib.suppress(OSError):  # a closed terminal must not end the others
            self._say(line)
