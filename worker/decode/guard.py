"""Watches the child's time and what it writes, and ends it when it goes too far."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from worker.decode.limits import Limits
from worker.decode.refusal import Refusal

LOOK_EVERY = 0.5  #: seconds


class Guard(threading.Thread):
    """Runs beside the child until `stop`; `refusal` says why it ended the child, if it did."""

    def __init__(self, child: "subprocess.Popen[bytes]", folder: Path, limits: Limits) -> None:
        super().__init__(daemon=True)
        self.refusal: Refusal | None = None
        self._child, self._folder, self._limits = child, folder, limits
        self._deadline = time.monotonic() + limits.wall_seconds
        self._done = threading.Event()

    def run(self) -> None:
        while self.refusal is None:
            left = self._deadline - time.monotonic()
            if self._done.wait(max(0.0, min(LOOK_EVERY, left))):
                return
            if time.monotonic() >= self._deadline:
                self.refusal = timeout()
            elif not fits(self._folder, self._limits):
                self.refusal = Refusal(
                    "too_much", "The video becomes too large when it is converted. Cut it into shorter clips."
                )
        kill(self._child)

    def stop(self) -> None:
        self._done.set()
        self.join()


def fits(folder: Path, limits: Limits) -> bool:
    """Whether what lies there is no more than one video may give, in bytes and in number."""
    room, count = limits.max_total_bytes, limits.max_timeline_frames + 10
    for size in _sizes(folder):
        room, count = room - size, count - 1
        if room < 0 or count < 0:
            return False
    return True


def _sizes(folder: Path) -> Iterator[int]:
    """Bytes on disk of everything below a folder, one after the other: there may be very many."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:  # it changes while it is read
        for entry in entries:
            with contextlib.suppress(OSError):
                yield 512 * entry.stat(follow_symlinks=False).st_blocks
            if entry.is_dir(follow_symlinks=False):
                yield from _sizes(Path(entry.path))


def kill(child: "subprocess.Popen[bytes]") -> None:
    """End the child and whatever it started; it leads its own process group."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def timeout() -> Refusal:
    return Refusal(
        "timeout",
        "The video took too long to decode. Shorten it or scale it down. Convert it to MP4 with H.264 and upload that.",
    )
