"""Temporary folders that do not outlive their worker, even one that was killed."""

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.errors import MaskloopError

_PREFIX = "maskloop-work-"


class DiskFull(MaskloopError):
    status = 507
    code = "disk_full"
    message = "The worker's disk is too full for this. Free some space there and start it again."


@contextlib.contextmanager
def folder(*, needs: int = 0) -> Iterator[Path]:
    """A folder on a disk with `needs` free bytes; raises `DiskFull` where there are fewer.

    A lock that the kernel drops with the process says whose folder is in use; the others go.
    """
    sweep()
    if shutil.disk_usage(tempfile.gettempdir()).free < needs:
        raise DiskFull(f"This needs {needs / 1e9:.1f} GB of free space on the worker's disk, which has less.")
    path = Path(tempfile.mkdtemp(prefix=_PREFIX))
    with (path / ".alive").open("w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)


def sweep() -> None:
    """Remove the folders of workers that are gone."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError), (path / ".alive").open("r+") as alive:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
