"""Starting the child where it can reach one file to read, one folder to write, and nothing else.

There are two levels that hold: bubblewrap, and what the kernel alone gives to any process (Landlock, seccomp,
namespaces; `lockdown`). Where neither works nothing is decoded, unless whoever runs the installation says that it may
be. What each level holds: SECURITY.md.
"""

import functools
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, Literal, cast

from worker.decode.limits import Limits
from worker.decode.lockdown import NOBODY

log = logging.getLogger(__name__)

PACKAGE = Path(__file__).resolve().parent
BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from worker.decode.child import main; main()"
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    # Each of these would take address space for threads that have nothing to do.
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
}
SYSTEM_FOLDERS = ("/usr", "/lib", "/lib64", "/bin")
TMP_BYTES = 16 * 2**20

Level = Literal["bubblewrap", "kernel", "none"]


class NoSandbox(Exception):
    """Untrusted video cannot be walled in on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "Videos are not decoded on this machine because nothing walls the decoder in. Install bubblewrap, or use a "
            "kernel with Landlock and seccomp (Linux 5.13). To decode trusted videos without, set "
            "MASKLOOP_UNSANDBOXED_VIDEO=1."
        )


def spawn(
    source: Path,
    out_dir: Path,
    *,
    fps: Fraction,
    annotate_every: int,
    limits: Limits,
    errors: IO[bytes],
    unsandboxed: bool = False,
) -> "subprocess.Popen[bytes]":
    """Start the child on `source`; its messages come from `stdout`, its complaints go to `errors`.

    Raises NoSandbox when no wall stands here and `unsandboxed` does not allow that.
    """
    level_ = level()
    if level_ == "none" and not unsandboxed:
        raise NoSandbox
    inside = level_ == "bubblewrap"
    job = {
        "source": "/in/source" if inside else str(source),
        "out_dir": "/out" if inside else str(out_dir),
        "fps": str(fps),
        "annotate_every": annotate_every,
    }
    walls = bwrap_command(source, out_dir) if inside else []
    return subprocess.Popen(
        [*walls, *child(level_, job, limits, readable=[source])],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )


def child(
    level_: Level,
    job: dict[str, Any],
    limits: Limits,
    *,
    readable: Sequence[Path] = (),
    boot: str | None = None,
) -> list[str]:
    """The command of a child that walls itself in for a level, with its job."""
    root = "/code" if level_ == "bubblewrap" else str(PACKAGE.parent.parent)
    job = job | {
        "level": level_,
        "limits": asdict(limits),
        "parent_pid": os.getpid(),
        "readable": [*map(str, readable), *SYSTEM_FOLDERS, *prefixes(), str(PACKAGE), "/etc/ld.so.cache"],
    }
    return [sys.executable, "-I", "-B", "-c", boot or BOOT, root, json.dumps(job)]


@functools.cache
def level() -> Level:
    """The strongest level that works here, tried once per process by loading the decoder behind its walls."""
    reasons = []
    for candidate, walls in (("bubblewrap", bwrap_command()), ("kernel", [])):
        if candidate == "bubblewrap" and shutil.which("bwrap") is None:
            reasons.append("bubblewrap is not installed")
            continue
        trial = subprocess.run(
            [*walls, *child(cast(Level, candidate), {"out_dir": None}, Limits())],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=ENVIRONMENT,
            cwd="/",
            timeout=60,
            check=False,
        )
        if trial.returncode == 0:
            return cast(Level, candidate)
        reasons.append(f"{candidate}: {trial.stderr.decode(errors='replace').strip()[-300:]}")
    log.warning("Nothing walls the decoder in here (%s).", "; ".join(reasons))
    return "none"


def bwrap_command(source: Path | None = None, out_dir: Path | None = None) -> list[str]:
    """The bubblewrap command up to the child's own: it sees the source at /in/source, the output folder at /out, and
    can write into that and a small /tmp alone."""
    command = [shutil.which("bwrap") or "bwrap"]
    command += ["--unshare-all", "--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    command += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    command += ["--dev", "/dev", "--size", str(TMP_BYTES), "--tmpfs", "/tmp"]  # noqa: S108 - its own, empty one
    for folder in map(Path, SYSTEM_FOLDERS):
        if folder.is_symlink():
            command += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            command += ["--ro-bind", str(folder), str(folder)]
    for prefix in prefixes():
        command += ["--ro-bind", prefix, prefix]
    command += ["--ro-bind", str(PACKAGE), "/code/worker/decode"]
    if source and out_dir:
        command += ["--ro-bind", str(source), "/in/source", "--bind", str(out_dir), "/out"]
    # The root and /dev are in memory and have no limit of their own.
    return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--"]


def prefixes() -> list[str]:
    """Where Python is, if not below /usr."""
    found = {Path(prefix) for prefix in (sys.base_prefix, sys.prefix)}
    found |= {prefix.resolve() for prefix in found}
    return sorted(str(prefix) for prefix in found if not prefix.is_relative_to("/usr"))
