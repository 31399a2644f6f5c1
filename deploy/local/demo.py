"""`make demo`: everything on this machine, from nothing to a page that answers, until Ctrl-C."""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from deploy.local import leftovers, postgres
from deploy.local.apps import ROOT, Janitor, Streams, Web, Worker, manage
from deploy.local.errors import StackError
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK, require_free
from deploy.local.progress import say, step
from deploy.local.servers import Servers
from deploy.local.supervisor import Supervisor

PROJECT = "demo"
QUEUES = ("ingest", "export", "gpu", "live")
LATER = "train"  #: nobody waits for a retraining in the first seconds, so its worker starts last
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SAME_WISH = 1.0


@dataclass(frozen=True)
class DemoOptions:
    """What the user asked for. `video` is ingested; `checkpoint` is a folder or a hub name."""

    web_port: int = 8000
    streams_port: int = 8001
    video: Path | None = None
    checkpoint: str | None = None

    @property
    def web_origin(self) -> str:
        return f"http://{LOOPBACK}:{self.web_port}"

    @property
    def streams_origin(self) -> str:
        return f"http://{LOOPBACK}:{self.streams_port}"


def home() -> Home:
    """The folder that MASKLOOP_HOME names, else `.maskloop` in the project."""
    return Home(Path(os.environ.get("MASKLOOP_HOME") or ROOT / ".maskloop").expanduser().resolve())


def run(options: DemoOptions) -> None:
    """Start everything, say where it is, and keep it running until a signal comes."""
    _check_video(options.video)
    with _signals_interrupt():
        place = home()
        place.prepare()
        with place.lock():
            if count := leftovers.clean(place):
                say(f"  Ended {count} processes that an earlier, killed run had left behind.")
            require_free(options.web_port, variable="WEB_PORT")
            require_free(options.streams_port, variable="STREAMS_PORT")
            _Demo(place, options).run()


def model_sentence(checkpoint: str) -> str:
    """What finds the masks, and what would find better ones."""
    if checkpoint not in ("", "bundled"):
        return f"Model: {checkpoint}."
    return (
        "Model: the small one that comes with Maskloop, for trying things out.\n"
        "For your own videos: MASKLOOP_CHECKPOINT=facebook/sam2.1-hiera-tiny make demo"
    )


class _Demo:
    def __init__(self, place: Home, options: DemoOptions):
        self._home = place
        self._options = options
        self._mark = os.environ[leftovers.MARK] = leftovers.new_mark()
        self._servers = Servers(place, external=os.environ)
        self._environment = app_environment(place, self._servers, options)
        self._supervisor = Supervisor(say=self._tell, changed=self._record)

    def run(self) -> None:
        try:
            self._start_servers()
            self._start_app()
            accounts = self._fill()
            self._wait_for_workers()
            self._supervisor.start([self._worker(LATER)])
            self._announce(accounts)
            self._supervisor.watch()
        except KeyboardInterrupt:
            say()
        finally:
            self._stop()

    def _start_servers(self) -> None:
        names = ", ".join(service.name for service in self._servers.services)
        if names:
            with step(f"Starting {names}"):
                self._supervisor.start(self._servers.services)
                for service in self._servers.services:
                    service.wait_ready()
        with step("Bringing the database up to date"):
            self._manage("migrate", "--noinput", **self._servers.migration_environment())
            self._manage("prepare_bucket")

    def _start_app(self) -> None:
        self._web = Web(logs=self._home.logs, environment=self._environment, port=self._options.web_port)
        self._streams = Streams(
            logs=self._home.logs, environment=self._environment, port=self._options.streams_port
        )
        self._workers = [self._worker(queue) for queue in QUEUES]
        janitor = Janitor(logs=self._home.logs, environment=self._environment)
        with step("Starting web and streams"):
            self._supervisor.start([self._web, self._streams])
            self._web.wait_ready()
            self._streams.wait_ready()
        # A group of their own: last to start, first to stop.
        self._supervisor.start([*self._workers, janitor])

    def _worker(self, queue: str) -> Worker:
        return Worker(queue, logs=self._home.logs, environment=self._environment)

    def _fill(self) -> str:
        """Seed the demo project, ingest the user's video; returns the sentence with the log-ins."""
        with step("Making the demo project"):
            accounts = self._manage("seed_demo")
        if self._options.video:
            with step(f"Bringing in {self._options.video.name}"):
                self._manage("ingest", "--project", PROJECT, str(self._options.video))
        return accounts

    def _wait_for_workers(self) -> None:
        """Not fatal: a worker that cannot start is told about by the watch."""
        with step("Starting the workers"):
            for worker in self._workers:
                with contextlib.suppress(StackError):
                    worker.wait_ready()

    def _announce(self, accounts: str) -> None:
        say(f"\nMaskloop is ready: {self._options.web_origin}\n")
        say(accounts.strip())
        say(f"\n{model_sentence(self._environment.get('MASKLOOP_CHECKPOINT', ''))}")
        say(f"\nData and logs: {self._home.root}")
        if postgres.away(self._home.root).exists():
            say(f"The database:  {postgres.away(self._home.root)}")
        say("Ctrl-C stops everything; the data stays for the next time.")

    def _manage(self, *arguments: str, **variables: str) -> str:
        return manage(*arguments, logs=self._home.logs, environment=self._environment | variables)

    def _stop(self) -> None:
        began = time.monotonic()

        def hurry(*_: object) -> None:
            # make, timeout and a terminal may pass one and the same wish on several times.
            if time.monotonic() - began > _SAME_WISH:
                for service in self._supervisor.services:
                    service.kill()

        _on_signals(hurry)
        with step("Stopping"):
            self._supervisor.stop()

    def _record(self) -> None:
        pids = [service.pid for service in self._supervisor.services if service.pid]
        leftovers.record(self._home, mark=self._mark, pids=pids)

    @staticmethod
    def _tell(line: str) -> None:
        say(f"  {line}")


def app_environment(place: Home, servers: Servers, options: DemoOptions) -> dict[str, str]:
    """The environment of every process of the app (see engine/settings/base.py)."""
    environment = {
        **os.environ,
        **servers.environment(),
        "DJANGO_SETTINGS_MODULE": "engine.settings.development",
        "SECRET_KEY": place.secrets()["secret_key"],
        "ALLOWED_HOSTS": f"{LOOPBACK},localhost",
        "WEB_ORIGIN": options.web_origin,
        "STREAMS_ORIGIN": options.streams_origin,
        "MASKLOOP_CACHE": str(place.root / "cache"),
        "PYTHONUNBUFFERED": "1",
    }
    environment.pop("MIGRATION_DATABASE_URL", None)  # only migrations are the owner's
    if options.checkpoint:
        folder = Path(options.checkpoint).expanduser()
        environment["MASKLOOP_CHECKPOINT"] = str(folder.resolve()) if folder.is_dir() else options.checkpoint
    return environment


def reset(*, sure: bool) -> None:
    """Remove the demo's data, logs and secrets, and nothing else that lies in its folder."""
    place = home()
    if not place.root.exists():
        say(f"There is nothing to remove: {place.root} does not exist.")
        return
    if not (sure or _confirmed(f"Remove all data of Maskloop in {place.root}?")):
        raise StackError("Nothing was removed.")
    with place.lock():
        leftovers.clean(place)
        names = ["postgres", "postgres.new", "valkey", "seaweedfs", "logs", "cache"]
        for folder in [*(place.root / name for name in names), postgres.away(place.root)]:
            if folder.exists():
                shutil.rmtree(folder)
        for file in place.root.glob("*.json*"):
            file.unlink()
    (place.root / "lock").unlink()
    with contextlib.suppress(OSError):  # something of the user's own is in it
        place.root.rmdir()
    say("Removed. The next make demo starts anew.")


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise StackError(f"{question} Say so with YES=1, as there is no terminal to ask on.")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def _check_video(video: Path | None) -> None:
    if video is None:
        return
    if not video.is_file():
        raise StackError(f"VIDEO={video} is no file: give the path of a video.")
    if not os.access(video, os.R_OK):
        raise StackError(f"VIDEO={video} cannot be read by this user.")


@contextlib.contextmanager
def _signals_interrupt() -> Iterator[None]:
    """SIGTERM and a closed terminal end us the way Ctrl-C does."""

    def interrupt(*_: object) -> None:
        _on_signals(signal.SIG_IGN)  # until the stopping itself listens, so that it surely begins
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    _on_signals(interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for number in _SIGNALS:
        signal.signal(number, handler)


def ports_from(environment: Mapping[str, str]) -> dict[str, int]:
    """WEB_PORT and STREAMS_PORT as numbers."""
    found = {}
    for field, variable in (("web_port", "WEB_PORT"), ("streams_port", "STREAMS_PORT")):
        if text := environment.get(variable):
            if not text.isdigit():
                raise StackError(f"{variable}={text} is no port: choose a number from 1 to 65535.")
            found[field] = int(text)
    return found
