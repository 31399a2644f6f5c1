"""Processes that crash, hang, leave children behind, and a supervisor that is killed itself."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local import health, leftovers, supervisor as supervisor_module
from deploy.local.errors import StackError
from deploy.local.home import Home
from deploy.local.service import Service
from deploy.local.supervisor import Supervisor


class Script(Service):
    """A few lines of Python as a service."""

    ready_within = 5.0
    stop_plan = ((signal.SIGTERM, 1.0),)

    def __init__(self, lines: str, *, logs: Path, name: str = "script"):
        self.name = name
        super().__init__(logs=logs)
        self.lines = lines

    def command(self) -> list[str]:
        return [sys.executable, "-u", "-c", self.lines]

    def answers(self) -> bool:
        return "ready" in self.log_tail()


SLEEP = "import time; print('ready'); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); {SLEEP}"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    keeper = Supervisor(say=said.append)
    yield keeper
    keeper.stop(at_once=True)


def eventually(condition: Callable[[], object], *, within: float = 10.0) -> None:
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_crashed_service_is_told_in_one_line_and_started_again(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    service = Script(SLEEP, logs=tmp_path)
    supervisor.start([service])
    service.wait_ready()
    first = service.pid
    assert first
    os.kill(first, signal.SIGKILL)
    eventually(lambda: service.status() is not None)
    supervisor.watch(seconds=1.6)
    service.wait_ready()
    assert service.pid != first
    assert len(said) == 1
    assert "script was killed by signal 9; starting it again in 1 s" in said[0]


def test_the_waits_before_restarts_double(supervisor: Supervisor, said: list[str], tmp_path: Path) -> None:
    supervisor.start([Script("raise SystemExit(3)", logs=tmp_path)])
    supervisor.watch(seconds=4.5)
    assert [line.partition("again in ")[2][:3] for line in said] == ["1 s", "2 s", "4 s"]
    assert "stopped with status 3" in said[0]


def test_what_had_run_for_long_is_started_again_at_once_and_then_with_patience(
    supervisor: Supervisor, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Script("raise SystemExit(3)", logs=tmp_path)
    monkeypatch.setattr(supervisor_module, "_SETTLED", -1.0)
    supervisor.start([service])
    eventually(lambda: supervisor.check() or said)
    monkeypatch.setattr(supervisor_module, "_SETTLED", 30.0)
    eventually(lambda: supervisor.check() or len(said) == 3)
    assert [line.partition("again in ")[2].split(" s")[0] for line in said] == ["0.25", "1", "2"]


def test_a_service_that_dies_at_its_start_is_explained(supervisor: Supervisor, tmp_path: Path) -> None:
    service = Script("raise SystemExit('no such luck')", logs=tmp_path)
    supervisor.start([service])
    with pytest.raises(StackError, match=r"script stopped with status 1.*no such luck"):
        service.wait_ready()


def test_a_service_that_never_answers_is_told(tmp_path: Path, supervisor: Supervisor) -> None:
    service = Script("import time; time.sleep(600)", logs=tmp_path)
    service.ready_within = 0.5
    supervisor.start([service])
    with pytest.raises(StackError, match="script did not become ready in time"):
        service.wait_ready()


def test_a_service_that_does_not_want_to_stop_is_killed(tmp_path: Path) -> None:
    service = Script(STUBBORN, logs=tmp_path)
    service.start()
    service.wait_ready()
    pid = service.pid
    assert pid
    service.stop()
    assert gone(pid)


def test_children_of_a_service_end_with_it(tmp_path: Path) -> None:
    service = Script(PARENT, logs=tmp_path)
    service.start()
    service.wait_ready()
    assert service.pid
    eventually(lambda: psutil.Process(service.pid).children())
    (child,) = psutil.Process(service.pid).children()
    service.stop()
    assert gone(child.pid)


def test_groups_stop_in_the_reverse_order_of_their_start(supervisor: Supervisor, tmp_path: Path) -> None:
    order: list[str] = []

    class Noted(Script):
        def stop(self, *, at_once: bool = False) -> None:
            super().stop(at_once=at_once)
            order.append(self.name)

    for name in ("servers", "web", "workers"):
        supervisor.start([Noted(SLEEP, logs=tmp_path, name=name)])
    supervisor.stop()
    assert order == ["workers", "web", "servers"]


KILLED_SUPERVISOR = """
import os, sys, pathlib
from deploy.local import leftovers
from deploy.local.home import Home
from deploy.local.supervisor import Supervisor
from tests.deploy.test_supervisor import PARENT, Script
home = Home(pathlib.Path(sys.argv[1]))
home.prepare()
os.environ[leftovers.MARK] = mark = leftovers.new_mark()
supervisor = Supervisor(say=print)
service = Script(PARENT, logs=home.logs)
supervisor.start([service])
service.wait_ready()
leftovers.record(home, mark=mark, pids=[service.pid])
print(service.pid, flush=True)
supervisor.watch()
"""


@pytest.fixture
def killed(tmp_path: Path) -> tuple[Home, int, list[psutil.Process]]:
    """A home whose supervisor was killed, its service's number and that one's children."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED_SUPERVISOR, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path.cwd(),
    )
    with process:
        assert process.stdout
        pid = int(process.stdout.readline())
        eventually(lambda: psutil.Process(pid).children())
        children = psutil.Process(pid).children()
        process.kill()
    return Home(tmp_path), pid, children


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_a_killed_supervisor_takes_its_services_with_it(
    killed: tuple[Home, int, list[psutil.Process]],
) -> None:
    home, pid, _ = killed
    eventually(lambda: gone(pid))
    leftovers.clean(home)


def test_what_a_killed_supervisor_left_behind_is_ended_by_the_next_start(
    killed: tuple[Home, int, list[psutil.Process]],
) -> None:
    home, _, children = killed
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        assert leftovers.clean(home) >= 1
        eventually(lambda: all(gone(child.pid) for child in children))
        assert bystander.poll() is None
        assert leftovers.clean(home) == 0
    finally:
        bystander.kill()
        bystander.wait()


def test_children_that_outlive_a_crash_are_ended_before_the_restart(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    service = Script(PARENT, logs=tmp_path)
    supervisor.start([service])
    service.wait_ready()
    assert service.pid
    eventually(lambda: psutil.Process(service.pid).children())
    (child,) = psutil.Process(service.pid).children()
    os.kill(service.pid, signal.SIGKILL)
    supervisor.watch(seconds=1.6)
    assert gone(child.pid)


class Probed(Script):
    """Says whether it is of use in a file."""

    probe_every = 0.05
    useless_after = 0.2

    def __init__(self, lines: str, *, logs: Path, name: str = "script"):
        super().__init__(lines, logs=logs, name=name)
        self.well = logs / "well"
        self.well.touch()
        self.full: Path | None = None

    def probe(self) -> bool:
        if not self.well.exists():
            raise ConnectionError("no answer")
        return True

    def disk(self) -> Path | None:
        return self.full


def test_a_process_that_lives_but_is_of_no_use_is_killed_and_started_again(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    service = Probed(STUBBORN, logs=tmp_path)
    supervisor.start([service])
    service.wait_ready()
    first = service.pid
    assert first
    supervisor.watch(seconds=0.6)
    assert service.pid == first, "what does its work is left alone"
    service.well.unlink()
    eventually(lambda: supervisor.check() or said)
    assert gone(first)
    assert "script has not done its work for" in said[0]
    service.well.touch()
    eventually(lambda: supervisor.check() or service.pid)
    assert service.pid != first


def test_restarts_of_what_stays_useless_are_further_and_further_apart(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    service = Probed(SLEEP, logs=tmp_path)
    service.ready_within = 0.3
    supervisor.start([service])
    service.well.unlink()
    eventually(lambda: supervisor.check() or len(said) >= 3, within=20)
    assert [line.partition("again in ")[2][:3] for line in said[:3]] == ["1 s", "2 s", "4 s"]


def test_a_process_that_hangs_by_a_signal_is_found_though_its_probe_says_nothing(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    service = Script(PARENT, logs=tmp_path)
    supervisor.start([service])
    service.wait_ready()
    first = service.pid
    assert first
    eventually(lambda: psutil.Process(first).children())
    (child,) = psutil.Process(first).children()
    child.suspend()
    eventually(lambda: supervisor.check() or said)
    assert "was stopped by a signal" in said[0]
    assert gone(first)
    assert gone(child.pid)


def test_a_probe_that_never_comes_back_has_failed(
    supervisor: Supervisor, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    class Silent(Probed):
        def probe(self) -> bool:
            return over.wait(60)

    monkeypatch.setattr(health, "LONGEST_PROBE", 0.2)
    service = Silent(SLEEP, logs=tmp_path)
    service.ready_within = 0.1
    supervisor.start([service])
    try:
        eventually(lambda: supervisor.check() or said)
    finally:
        over.set()
    assert "has not done its work" in said[0]


def test_on_a_full_disk_it_is_left_alone_and_said_once(
    supervisor: Supervisor, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Probed(SLEEP, logs=tmp_path)
    service.full = tmp_path
    supervisor.start([service])
    service.wait_ready()
    supervisor.watch(seconds=0.3)
    first = service.pid
    monkeypatch.setattr(health, "FULL", 2**80)
    service.well.unlink()
    eventually(lambda: supervisor.check() or said)
    supervisor.watch(seconds=0.5)
    assert len(said) == 1
    assert "disk is full" in said[0]
    assert service.pid == first
    monkeypatch.setattr(health, "FULL", 0)
    eventually(lambda: supervisor.check() or len(said) > 1)
    assert "starting it again" in said[1], "freed, and still of no use"
