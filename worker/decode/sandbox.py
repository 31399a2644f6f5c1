"""Starting the child where it can reach one file to read, one folder to write, and nothing else.

With bubblewrap it gets namespaces of its own: no network, no other processes, and of the file
system only the interpreter, this package, the source (read-only) and the output folder. Without it
(not installed, or user namespaces switched off) the child still limits itself and leaves the
network where the kernel allows it.
"""

import functools
import json
import logging
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import IO

from worker.decode.limits import Limits

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


def spawn(
    source: Path,
    out_dir: Path,
    *,
    fps: Fraction,
    annotate_every: int,
    limits: Limits,
    errors: IO[bytes],
) -> "subprocess.Popen[bytes]":
    """Start the child on `source`; its messages come from `stdout`, its complaints go to `errors`."""
    walled = bubblewrap() is not None
    job = {
        "source": "/in/source" if walled else str(source),
        "out_dir": "/out" if walled else str(out_dir),
        "fps": str(fps),
        "annotate_every": annotate_every,
        "limits": asdict(limits),
        "parent_pid": None if walled else os.getpid(),
    }
    walls = []
    if walled:
        walls = [*prison(), "--ro-bind", str(source), "/in/source"]
        walls += ["--bind", str(out_dir), "/out", "--"]
    root = "/code" if walled else str(PACKAGE.parent.parent)
    return subprocess.Popen(
        [*walls, sys.executable, "-I", "-B", "-c", BOOT, root, json.dumps(job)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )


@functools.cache
def bubblewrap() -> str | None:
    """The path of a bubblewrap that works here, tried once per process by loading the decoder
    inside it.
    """
    path = shutil.which("bwrap")
    if path is None:
        log.warning("bubblewrap is not installed: video is decoded behind fewer walls")
        return None
    trial = subprocess.run(
        [*prison(path), "--", sys.executable, "-I", "-B", "-c", "import av, simplejpeg"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=ENVIRONMENT,
        timeout=60,
        check=False,
    )
    if trial.returncode != 0:
        reason = trial.stderr.decode(errors="replace").strip()[-300:]
        log.warning("bubblewrap does not work here (%s): video is decoded behind fewer walls", reason)
        return None
    return path


def prison(path: str | None = None) -> list[str]:
    """The bubblewrap command up to what one job adds."""
    command = [path or bubblewrap() or "bwrap"]
    command += ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    command += ["--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - its own, empty one
    for folder in map(Path, SYSTEM_FOLDERS):
        if folder.is_symlink():
            command += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            command += ["--ro-bind", str(folder), str(folder)]
    prefixes = {Path(prefix) for prefix in (sys.base_prefix, sys.prefix)}
    for prefix in sorted(prefixes | {prefix.resolve() for prefix in prefixes}):
        if not prefix.is_relative_to("/usr"):
            command += ["--ro-bind", str(prefix), str(prefix)]
    return [*command, "--ro-bind", str(PACKAGE), "/code/worker/decode", "--chdir", "/"]
