"""Other files of strangers than videos, read behind the decoder's walls: a child sees one file and one folder to write,
and leaves what it found there. Who calls believes what lies there no more than the stranger."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.decode import sandbox
from worker.decode.limits import Limits

ROOT = Path(__file__).resolve().parent.parent.parent
LOOK_EVERY = 0.2  #: seconds


@dataclass(frozen=True)
class Ended:
    code: int
    said: str  #: the last of what it complained

    @property
    def out_of_memory(self) -> bool:
        return "MemoryError" in self.said or "memory" in self.said.lower() or self.code in (-9, 137)


class TooLong(Exception):
    """It was still at it when its time was over."""


def run(
    module: str, job: dict[str, Any], source: Path, out: Path, *, packages: Sequence[str], limits: Limits,
    moved: Callable[[], object], unsandboxed: bool, also: Sequence[str] = (),
) -> Ended:  # fmt: skip
    """Call `main` of `module` in a child, with `job` and where its `source` and its `out_dir` are.

    `packages` are the files and folders of ours that the child imports, `also` others that it may read; `moved` is
    called while it works, and may raise. Raises `sandbox.NoSandbox`, and `TooLong` after `limits.wall_seconds`.
    """
    level = sandbox.level()
    if level == "none" and not unsandboxed:
        raise sandbox.NoSandbox
    inside = level == "bubblewrap"
    told = job | {
        "source": "/in/source" if inside else str(source),
        "out_dir": "/out" if inside else str(out),
    }
    boot = f"import sys; sys.path.insert(0, sys.argv.pop(1)); from {module} import main; main()"
    readable = [source, *(ROOT / name for name in packages), *map(Path, also)]
    command = [
        *(_bubblewrap(source, out, packages, also) if inside else []),
        *sandbox.child(level, told, limits, readable=readable, boot=boot),
    ]
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, env=sandbox.ENVIRONMENT, cwd="/",
            start_new_session=True,
        )  # fmt: skip
        try:
            _wait(child, limits.wall_seconds, moved)
        finally:
            child.kill()
            child.wait()
        errors.seek(0)
        return Ended(child.returncode, errors.read()[-2000:].decode(errors="replace"))


def _bubblewrap(source: Path, out: Path, packages: Sequence[str], also: Sequence[str]) -> list[str]:
    walls = sandbox.bwrap_command(source, out)
    place = walls.index("--remount-ro")
    binds = [part for name in packages for part in ("--ro-bind", str(ROOT / name), f"/code/{name}")]
    binds += [part for path in also for part in ("--ro-bind-try", path, path)]
    return [*walls[:place], *binds, *walls[place:]]


def _wait(child: subprocess.Popen[bytes], seconds: float, moved: Callable[[], object]) -> None:
    deadline = time.monotonic() + seconds
    while child.poll() is None:
        moved()
        if time.monotonic() > deadline:
            raise TooLong
        time.sleep(LOOK_EVERY)
