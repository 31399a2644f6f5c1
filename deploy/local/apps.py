"""The app's own processes: web, streams, workers, janitor, and commands that end by themselves."""

import contextlib
import hashlib
import http.client
import signal
import socket
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path

from deploy.local.errors import StackError, explain
from deploy.local.ports import LOOPBACK
from deploy.local.service import Service, open_log, spawn

ROOT = Path(__file__).resolve().parents[2]
_BIN = Path(sys.executable).parent


class App(Service):
    """A process of the app, in the repository's root, with the environment it is given."""

    def __init__(self, *, logs: Path, environment: dict[str, str]):
        super().__init__(logs=logs)
        self._environment = environment

    def environment(self) -> dict[str, str]:
        return self._environment

    def folder(self) -> Path:
        return ROOT


class _Granian(App):
    ready_within = 60.0
    interface = ""
    target = ""
    options: tuple[str, ...] = ()

    def __init__(self, *, logs: Path, environment: dict[str, str], port: int):
        super().__init__(logs=logs, environment=environment)
        self.port = port

    def command(self) -> list[str]:
        return [
            str(_BIN / "granian"),
            *("--interface", self.interface),
            *("--host", LOOPBACK),
            *("--port", str(self.port)),
            *("--workers-kill-timeout", "3"),
            *self.options,
            "--no-ws",
            self.target,
        ]

    def answers(self) -> bool:
        """Any answer to a request that is not a failure of the server."""
        return self._status() < HTTPStatus.INTERNAL_SERVER_ERROR

    def probe(self) -> bool:
        """Also an answer that says that something else is away, which a restart would not bring back."""
        status = self._status()
        return status < HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.SERVICE_UNAVAILABLE

    def _status(self) -> int:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=5)
        with contextlib.closing(connection):
            try:
                connection.request("GET", "/api/session/")
                return connection.getresponse().status
            except (OSError, http.client.HTTPException):
                return HTTPStatus.GATEWAY_TIMEOUT


class Web(_Granian):
    name = "web"
    interface = "wsgi"
    target = "engine.wsgi:application"
    #: Most of them only wait for their client's turn (engine.turns); each may keep a database connection.
    options = ("--blocking-threads", "32")


class Streams(_Granian):
    name = "streams"
    interface = "asgi"
    target = "engine.asgi:application"


class Pulsing(App):
    """A process that answers no requests and instead touches a file while it moves (see engine/pulse.py)."""

    silent_after = 30.0

    def __init__(self, *, logs: Path, environment: dict[str, str]):
        super().__init__(logs=logs, environment=environment)
        self._pulse = logs / f"{self.name}.pulse"

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "MASKLOOP_PULSE": str(self._pulse), "MASKLOOP_SLOT": self._slot()}

    def prepare(self) -> None:
        self._pulse.unlink(missing_ok=True)

    def probe(self) -> bool:
        """Whether it beat lately. Before its first beat it may take its time: a checkpoint may be on its way."""
        try:
            return time.time() - self._pulse.stat().st_mtime < self.silent_after
        except FileNotFoundError:
            return True

    def _slot(self) -> str:
        """The one place that this process fills, on this machine and for these data."""
        place = hashlib.sha256(str(self.log_path.parent.resolve()).encode()).hexdigest()[:8]
        return f"{socket.gethostname()[:60]}-{place}-{self.name}"


class Worker(Pulsing):
    """A Celery worker on one queue. One that holds a model (all but ingest and export) runs in a single process."""

    ready_within = 120.0
    # Finish the task, then drop it (its run is taken up again from what was stored), then die.
    stop_plan = ((signal.SIGTERM, 8.0), (signal.SIGQUIT, 2.0))
    # Asked to stop without its servers, it would wait for them to come back.
    death_signal = signal.SIGKILL

    def __init__(self, queue: str, *, logs: Path, environment: dict[str, str]):
        self.name = f"worker-{queue}"
        self._queue = queue
        super().__init__(logs=logs, environment=environment)

    def command(self) -> list[str]:
        pool = ["-P", "prefork", "-c", "1"] if self._queue in {"ingest", "export"} else ["-P", "solo"]
        return [
            *(sys.executable, "-m", "celery", "-A", "engine.celery", "worker"),
            *("-Q", self._queue, "-n", f"{self._queue}@maskloop", "-l", "INFO", *pool),
            *("--without-gossip", "--without-mingle"),
        ]

    def answers(self) -> bool:
        return f"{self._queue}@maskloop ready" in self.log_tail()


class Janitor(Pulsing):
    name = "janitor"
    silent_after = 120.0  # a round may have much to do

    def command(self) -> list[str]:
        return [sys.executable, "manage.py", "janitor"]


def manage(*arguments: str, logs: Path, environment: dict[str, str], timeout: float = 600.0) -> str:
    """Run `manage.py` with `arguments` to its end and return what it printed."""
    name = arguments[0]
    log_path = logs / f"{name}.log"
    with open_log(log_path) as log:
        begin = log.tell()
        process = spawn(
            [sys.executable, "manage.py", *arguments],
            env=environment,
            cwd=ROOT,
            log=log,
            stdout=subprocess.PIPE,
        )
        with process:
            try:
                output, _ = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired as error:
                raise StackError(f"manage.py {name} took over {timeout:.0f} s: {log_path}") from error
            finally:
                process.kill()
    if process.returncode != 0:
        said = log_path.read_bytes()[begin:].decode(errors="replace")
        raise explain(name=f"manage.py {name}", log=said, log_path=log_path, status=process.returncode)
    return output.decode(errors="replace")
