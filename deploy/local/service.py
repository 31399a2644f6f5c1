"""A long-running child process: start it, wait until it answers, stop it. It dies with us."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import psutil

from deploy.local.account import Account
from deploy.local.errors import StackError, explain

_PR_SET_PDEATHSIG = 1
_LOG_LIMIT = 20 * 1024 * 1024

StopPlan = Sequence[tuple[signal.Signals, float]]


class Service(ABC):
    """A server or a process of the app. Subclasses say what to run and when it is ready.

    Start it from the main thread: Linux ends a child when the *thread* that started it ends.
    """

    name = "service"
    ready_within = 30.0
    # Signals to try in order, each with the seconds to wait for it; SIGKILL comes after the last.
    stop_plan: StopPlan = ((signal.SIGTERM, 5.0),)
    # What the kernel sends to the child when we die without having stopped it.
    death_signal = signal.SIGTERM
    # Seconds between two probes, and how long they may fail before a living process counts as useless.
    probe_every = 2.0
    useless_after = 15.0

    def __init__(self, *, logs: Path) -> None:
        self.log_path = logs / f"{self.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    # What subclasses fill in.

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments."""

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def folder(self) -> Path:
        return Path("/")

    def account(self) -> Account | None:
        return None

    def prepare(self) -> None:  # noqa: B027  most services need nothing
        """What must be there before the process starts (also before a restart)."""

    def answers(self) -> bool:
        """Whether it is ready now; must return within about a second."""
        return True

    def probe(self) -> bool:
        """Whether it does now what it is there for. Asked again and again on another thread; may take seconds."""
        return True

    def disk(self) -> Path | None:
        """The folder that it writes to: while that disk is full, a restart would not help."""
        return None

    # What they all do.

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def status(self) -> int | None:
        """Exit status of the process, None while it runs."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        self._clear_away()
        self.prepare()
        with open_log(self.log_path) as log:
            self._log_start = log.tell()
            self._process = spawn(
                self.command(),
                env=self.environment(),
                cwd=self.folder(),
                log=log,
                account=self.account(),
                death_signal=self.death_signal,
            )

    def wait_ready(self) -> None:
        """Return when it answers; raise StackError when it dies or takes too long."""
        deadline = time.monotonic() + self.ready_within
        while time.monotonic() < deadline:
            if self.status() is not None:
                # A child's last words may still be on their way into the file.
                time.sleep(0.05)
                raise self.failure()
            if self.answers():
                return
            time.sleep(0.05)
        raise self.failure()

    def failure(self) -> StackError:
        return explain(name=self.name, log=self.log_tail(), log_path=self.log_path, status=self.status())

    def log_tail(self, size: int = 4000) -> str:
        """The end of what it has written since its last start."""
        with contextlib.suppress(OSError), self.log_path.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, end - size))
            return log.read().decode(errors="replace")
        return ""

    def kill(self) -> None:
        """SIGKILL and no waiting; a `stop` that is under way then ends quickly."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def stop(self, *, at_once: bool = False) -> None:
        """Ask by the stop plan (unless `at_once`), then kill; nothing of its tree is left."""
        process = self._process
        if process is None:
            return
        family = descendants(process.pid)
        for signal_, seconds in () if at_once else self.stop_plan:
            if process.poll() is not None:
                break
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal_)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=seconds)
        if process.poll() is None:
            family += descendants(process.pid)
            process.kill()
            process.wait()
        self._clear_away()
        kill_all(family)

    def _clear_away(self) -> None:
        """End the children of a process that died without them; they share its process group."""
        if self._process is not None and self._process.poll() is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process = None


def spawn(
    command: list[str],
    *,
    env: dict[str, str],
    cwd: Path,
    log: IO[bytes],
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    stdout: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in its own session (a Ctrl-C reaches us alone), tied to our life."""
    try:
        return subprocess.Popen(
            command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=log if stdout is None else stdout,
            stderr=log,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            # Takes no lock, so that threads of ours (the progress clock) cannot block it.
            preexec_fn=_die_with_parent(death_signal),  # noqa: PLW1509
        )
    except FileNotFoundError as error:
        raise StackError(f"{command[0]} is missing: remove the .venv folder and run make again.") from error


def _die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None  # leftovers are then found and ended by the next start (see leftovers.py)
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    # Runs after the change of user, which would clear the setting.
    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def open_log(path: Path) -> IO[bytes]:
    """Open a log to append to, its older part moved aside when it has grown large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".old.log"))
    log = path.open("ab")
    log.seek(0, os.SEEK_END)
    return log


def descendants(pid: int) -> list[psutil.Process]:
    """Its children, their children and so on."""
    found: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        found += psutil.Process(pid).children(recursive=True)
    return found


def kill_all(processes: list[psutil.Process]) -> None:
    """SIGKILL those of `processes` that still run (psutil checks that a pid is still theirs)."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=5)
