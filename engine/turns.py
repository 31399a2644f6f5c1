"""Each client's requests take turns in the web server, so that nobody's hundred wait before another's one.

Python does one thing at a time: whoever has twenty requests in it leaves the next person a twenty-first of it. Before
Django, and cheaper than it, a client has a few requests under way and a few that wait; what is more is refused at once.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from time import sleep
from typing import Any

from engine.errors import TooMany
from engine.limits import address

AT_ONCE = 2  #: requests of one client under way
WAITING = 14  #: more of them that wait: a page asks for some eight things when it opens
PATIENCE = 20.0  #: seconds that one waits
PAUSE = 0.25  #: seconds that a client which asks too much waits for being told so
PAUSING = 8  #: requests beyond a client's line that may wait so, each in a thread; others are refused at once

_SESSION = re.compile(r"(?:^|;\s*)sessionid=([^;]+)")

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]


@dataclass
class _Line:
    turns: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))
    length: int = 0  #: requests under way or waiting


class Turns:
    """WSGI middleware. A client is a session, a token, or else an address."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lines: dict[str, _Line] = {}
        self._lock = Lock()
        self._pausing = BoundedSemaphore(PAUSING)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        client = _client(environ)
        line = self._join(client)
        if line is None:
            self._pause()
            return _refuse(start)
        try:
            if not line.turns.acquire(timeout=PATIENCE):
                return _refuse(start)
            try:
                return self._answer(environ, start)
            finally:
                line.turns.release()
        finally:
            self._leave(client, line)

    def _answer(self, environ: Environ, start: Start) -> Iterable[bytes]:
        told: list[str] = []

        def note(status: str, *more: Any) -> Any:
            told.append(status)
            return start(status, *more)

        answer = self._application(environ, note)
        if told and told[-1].startswith("429"):
            sleep(PAUSE)  # in its own turn: who goes on asking is slowed down, nobody else
        return answer

    def _pause(self) -> None:
        if self._pausing.acquire(blocking=False):
            sleep(PAUSE)
            self._pausing.release()

    def _join(self, client: str) -> _Line | None:
        with self._lock:
            line = self._lines.setdefault(client, _Line())
            if line.length >= AT_ONCE + WAITING:
                return None
            line.length += 1
            return line

    def _leave(self, client: str, line: _Line) -> None:
        with self._lock:
            line.length -= 1
            if not line.length:
                del self._lines[client]


def _client(environ: Environ) -> str:
    if authorization := environ.get("HTTP_AUTHORIZATION"):
        return str(authorization)
    found = _SESSION.search(environ.get("HTTP_COOKIE", ""))
    return found[1] if found else address(environ)


def _refuse(start: Start) -> Iterable[bytes]:
    error = TooMany()
    headers = [("Content-Type", "application/json"), ("Retry-After", "1"), ("Connection", "close")]
    start("429 Too Many Requests", headers)
    return [json.dumps({"code": error.code, "message": error.message, "details": {}}).encode()]
