"""Processes of an earlier run that was killed so hard that some of its children survived."""

import contextlib
import os
import secrets
from collections.abc import Iterable

import psutil

from deploy.local.home import Home
from deploy.local.service import descendants, kill_all

# In the environment of every process of one run; PostgreSQL and Valkey overwrite theirs.
MARK = "MASKLOOP_RUN"
_FILE = "processes.json"


def new_mark() -> str:
    return secrets.token_hex(16)


def record(home: Home, *, mark: str, pids: Iterable[int]) -> None:
    """Note down our processes, each by number and start time (numbers are given out again)."""
    known = []
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            known.append([pid, psutil.Process(pid).create_time()])
    home.write(_FILE, {"mark": mark, "processes": known})


def clean(home: Home) -> int:
    """End what the last run on `home` left running; how many processes that were."""
    noted = home.read(_FILE)
    found = _by_number(noted.get("processes", [])) | _by_mark(noted.get("mark"))
    found |= {child for process in found for child in descendants(process.pid)}
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(found, timeout=3)
    kill_all(alive)
    return len(found)


def _by_number(processes: list[list[float]]) -> set[psutil.Process]:
    found = set()
    for pid, created in processes:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(int(pid))
            if process.create_time() == created and process.status() != psutil.STATUS_ZOMBIE:
                found.add(process)
    return found


def _by_mark(mark: str | None) -> set[psutil.Process]:
    found = set()
    for process in psutil.process_iter() if mark else ():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == mark and process.pid != os.getpid():
                found.add(process)
    return found
