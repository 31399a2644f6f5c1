"""A whole Maskloop, as `make demo` starts it, and the people who use it over HTTP alone."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN = 180.0
#: The test run's own servers: a demo of its own must not use them.
SERVERS = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "DJANGO_SETTINGS_MODULE")
LIVE = {"queued", "running"}


def until(answer: Callable[[], Any], *, within: float = 60.0, what: str = "it") -> Any:
    """Ask until the answer is truthy; the last answer of an `AssertionError` is what was waited for."""
    deadline = time.monotonic() + within
    while not (found := answer()):
        assert time.monotonic() < deadline, f"{what} did not come within {within:.0f} s"
        time.sleep(0.1)
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Site:
    """The running demo: its address, its processes, its people."""

    def __init__(self, home: Path, process: "subprocess.Popen[bytes]", origin: str, log: Path):
        self.home = home
        self.origin = origin
        self._process = process
        self._log = log
        self._people: list[Person] = []

    def sign_in(self, username: str) -> "Person":
        self._people.append(Person(self.origin, username))
        return self._people[-1]

    def say_goodbye(self) -> None:
        for person in self._people:
            person.http.close()

    def processes(self, *words: str) -> list[psutil.Process]:
        """The demo's processes whose command holds every one of `words`."""
        found = []
        for process in psutil.Process(self._process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                command = " ".join(process.cmdline())
                if all(word in command for word in words):
                    found.append(process)
        return found

    def kill(self, *words: str) -> int:
        """SIGKILL them; returns how many there were."""
        found = self.processes(*words)
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        return len(found)

    def said(self) -> str:
        return self._log.read_text(errors="replace")


class Person:
    """Somebody at their browser: a session, CSRF, and retries of what was not answered."""

    def __init__(self, origin: str, username: str, password: str = "follow-the-object"):
        self.http = httpx.Client(base_url=origin, timeout=30, headers={"Origin": origin})
        session = self.get("/api/session/")
        assert session["user"] is None
        self.session = self.post("/api/session/", {"username": username, "password": password})
        self.project = next(p for p in self.get("/api/projects/")["results"] if p["name"] == "Demo")

    def get(self, path: str, **params: Any) -> Any:
        return self._said(self.http.get(path, params=params or None))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._said(self.raw_post(path, body, **headers))

    def raw_post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        csrf = {"X-CSRFToken": self.http.cookies.get("csrftoken") or ""}
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(path, json={} if body is None else body, headers=csrf | sent)

    def insist(self, path: str, body: Any, **headers: str) -> Any:
        """Post with one Idempotency-Key until it is answered, as the pages do."""
        headers["Idempotency_Key"] = str(uuid.uuid4())
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = self.raw_post(path, body, **headers)
                if answer.status_code < 500:
                    return self._said(answer)
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, f"{path} was not answered for a minute"
            time.sleep(0.1)

    def ready_video(self, name: str = "") -> dict[str, Any]:
        def look() -> Any:
            rows = self.get("/api/videos/", project=self.project["id"])["results"]
            # Without a name the oldest, which the demo came with: tests bring in others.
            in_order = rows if name else reversed(rows)
            return next((v for v in in_order if v["status"] == "ready" and name in v["name"]), None)

        return dict(until(look, within=120, what=f"a ready video {name}"))

    def run(self, run_id: int) -> dict[str, Any]:
        return dict(self.get(f"/api/runs/{run_id}/"))

    def finish(self, run_id: int, *, within: float = 120) -> dict[str, Any]:
        """Wait for the end of a run."""
        until(lambda: self.run(run_id)["status"] not in LIVE, within=within, what=f"the end of run {run_id}")
        return self.run(run_id)

    def _said(self, answer: httpx.Response) -> Any:
        asked = f"{answer.request.method} {answer.request.url}"
        assert answer.is_success, f"{asked}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None


@contextlib.contextmanager
def running_site(home: Path, **variables: str) -> Iterator[Site]:
    """`make demo` without make: start it, wait until it says that it is ready, stop it as Ctrl-C does."""
    web, streams = free_port(), free_port()
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
    environment |= {
        "MASKLOOP_HOME": str(home),
        "WEB_PORT": str(web),
        "STREAMS_PORT": str(streams),
        **variables,
    }
    log_path = home.parent / f"{home.name}.out"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "demo"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        site = Site(home, process, f"http://127.0.0.1:{web}", log_path)
        try:
            until(
                lambda: "Maskloop is ready" in site.said() or process.poll() is not None,
                within=READY_WITHIN,
                what="a ready demo",
            )
            assert process.poll() is None, f"The demo ended by itself:\n{site.said()}"
            yield site
        finally:
            site.say_goodbye()
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
