"""Nobody's hundred requests wait before another's one."""

import json
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from typing import Any

import pytest

from engine import turns
from engine.turns import AT_ONCE, WAITING, Turns


class Slow:
    """An application whose requests end when `go_on` is set, and which knows how many were in it at once."""

    def __init__(self, status: str = "200 OK") -> None:
        self.go_on, self.status = Event(), status
        self.now: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        who = environ.get("HTTP_COOKIE") or environ["REMOTE_ADDR"]
        with self._lock:
            self.now[who] = self.now.get(who, 0) + 1
            self.most[who] = max(self.most.get(who, 0), self.now[who])
        self.go_on.wait(10)
        with self._lock:
            self.now[who] -= 1
        start(self.status, [])
        return [b""]


def ask(app: Turns, **environ: str) -> tuple[str, bytes]:
    said: list[str] = []
    body = b"".join(app(environ | {"REMOTE_ADDR": "10.0.0.1"}, lambda status, headers: said.append(status)))
    return said[0], body


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PAUSE", 0.0)


def test_a_client_has_few_requests_under_way_and_another_is_served_meanwhile() -> None:
    slow = Slow()
    app = Turns(slow)
    with ThreadPoolExecutor(32) as pool:
        flood = [pool.submit(ask, app, HTTP_COOKIE="sessionid=flood") for _ in range(AT_ONCE + WAITING)]
        until(lambda: slow.now.get("sessionid=flood") == AT_ONCE)
        other = pool.submit(ask, app, HTTP_COOKIE="a=b; sessionid=other")
        until(lambda: slow.now.get("a=b; sessionid=other") == 1)
        slow.go_on.set()
        assert other.result()[0] == "200 OK"
        assert {each.result()[0] for each in flood} == {"200 OK"}
    assert slow.most["sessionid=flood"] == AT_ONCE
    assert not app._lines


def test_what_is_more_than_may_wait_is_refused_with_a_sentence() -> None:
    slow = Slow()
    app = Turns(slow)
    with ThreadPoolExecutor(32) as pool:
        flood = [pool.submit(ask, app) for _ in range(AT_ONCE + WAITING + 3)]
        until(lambda: sum(each.done() for each in flood) == 3)
        slow.go_on.set()
        refused = [each.result() for each in flood if each.result()[0].startswith("429")]
    assert len(refused) == 3
    assert json.loads(refused[0][1])["code"] == "too_many_requests"


def test_who_cannot_wait_any_longer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    slow = Slow()
    app = Turns(slow)
    with ThreadPoolExecutor(8) as pool:
        held = [pool.submit(ask, app) for _ in range(AT_ONCE)]
        until(lambda: slow.now.get("10.0.0.1") == AT_ONCE)
        assert ask(app)[0].startswith("429")
        slow.go_on.set()
        assert {each.result()[0] for each in held} == {"200 OK"}


def test_who_was_told_that_it_is_too_much_waits_before_asking_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(turns, "sleep", waited.append)
    for status in ("200 OK", "403 Forbidden", "429 Too Many Requests"):
        slow = Slow(status)
        slow.go_on.set()
        assert ask(Turns(slow))[0] == status
    assert waited == [turns.PAUSE]


def test_the_web_server_has_it() -> None:
    from engine.wsgi import application

    assert isinstance(application, Turns)
