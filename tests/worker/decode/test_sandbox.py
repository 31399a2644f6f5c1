import os
import platform
import re
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

from worker.decode import Limits, NoSandbox, ingest, lockdown, sandbox

ROOT = Path(__file__).resolve().parents[3]


ATTACK = """
import ctypes, os, resource, socket, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
held = []

def attempt(name, what):
    try:
        result = what()
    except (OSError, RuntimeError):
        held.append(name)
    else:
        if result is False:
            held.append(name)

def called(number, *arguments):
    return libc.syscall(number, *arguments) >= 0

def forked():
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)

def filled(folder):
    with open(folder + "/full", "wb") as file:
        for _ in range(64):
            file.write(bytes(2**20))
    os.unlink(folder + "/full")

def any_of(*deeds):
    # Whether one of them is done; the walls held if none is.
    for deed in deeds:
        try:
            if deed() is not False:
                return True
        except (OSError, RuntimeError):
            pass
    return False

attempt("a secrets file", lambda: open(SECRET).read())
attempt("passwords", lambda: open("/etc/passwd").read())
attempt("our code", lambda: os.listdir(CODE))
attempt("a file outside", lambda: open(OUTSIDE, "w"))
attempt("a file of the system", lambda: open("/usr/x", "w"))
attempt("64 MB in /tmp", lambda: filled("/tmp"))
attempt("64 MB in another place", lambda: any_of(*(lambda place=place: filled(place) for place in PLACES)))
attempt("memory beside its own", lambda: any_of(lambda: os.memfd_create("x"), lambda: called(SHMGET, 0, 2**26, 0o1600)))
attempt("the network", lambda: socket.create_connection(("127.0.0.1", PORT), 2))
attempt("a socket", lambda: socket.socket(socket.AF_UNIX))
attempt("a process", forked)
attempt("four hundred processes", lambda: any_of(*[forked] * 400))
attempt("a process by clone", lambda: any_of(lambda: called(CLONE, 17, 0, 0, 0), lambda: called(CLONE3, bytes(88), 88)))
attempt("a program", lambda: os.execv("/bin/true", ["true"]))
attempt("a user namespace", lambda: libc.unshare(0x10000000) == 0)
attempt("a look into the parent", lambda: libc.ptrace(16, PARENT, 0, 0) == 0)
attempt("a signal to the parent", lambda: os.kill(PARENT, 0))
attempt("the parent's limits", lambda: resource.prlimit(PARENT, resource.RLIMIT_NOFILE, (1, 1)))
attempt("a new root", lambda: os.chroot("/tmp"))
attempt("uid 0", lambda: os.getuid() == 0)
attempt("capabilities", lambda: libc.setgroups(0, None) == 0)
thread = threading.Thread(target=lambda: None)
thread.start()
thread.join()
open(os.path.join(OUT, "written"), "w").write("x")
open(SOURCE).read()
print("\\n".join(held))
"""
EVERYTHING = re.findall(r'attempt\("([^"]+)"', ATTACK)


def attacked(walls: sandbox.Level, folder: Path, port: int) -> list[str]:
    """Which of the attacks the walls held, against somebody who runs code inside the decoder."""
    source, out, secret = folder / "source", folder / "out", folder / "secret"
    out.mkdir()
    for path in (source, secret):
        path.write_text("x")
    inside, machine = walls == "bubblewrap", lockdown.MACHINES[platform.machine()]
    names = {
        "SECRET": str(secret),
        "CODE": str(ROOT / "worker" / "sam2"),
        "OUTSIDE": str(folder / "new"),
        "PORT": port,
        "CLONE": machine["clone"],
        "CLONE3": machine["clone3"],
        "SHMGET": lockdown.DENIED["shmget"][machine["column"]],
        "PLACES": [
            "",
            "/dev",
            "/dev/shm",
            "/in",
            "/code",
            "/var/tmp",
            "/usr",
            os.environ.get("HOME", "/root"),
        ],
        "PARENT": os.getpid(),
        "OUT": "/out" if inside else str(out),
        "SOURCE": "/in/source" if inside else str(source),
    }
    boot = (
        "import sys; sys.path.insert(0, sys.argv[1]); import json; from worker.decode.child import lock; "
        "from worker.decode.limits import Limits; job = json.loads(sys.argv[2]); lock(job, Limits(**job['limits'])); "
        f"globals().update({names!r}); exec({ATTACK!r})"
    )
    command = sandbox.child(walls, {"out_dir": names["OUT"]}, Limits(), readable=[source], boot=boot)
    if inside:
        command = [*sandbox.bwrap_command(source, out), *command]
    result = subprocess.run(
        command, capture_output=True, text=True, env=sandbox.ENVIRONMENT, cwd="/", check=False, timeout=30
    )
    assert result.stderr == ""
    assert (out / "written").exists()
    return result.stdout.split("\n")[:-1]


def test_the_walls_hold(walls, tmp_path, canary):
    with tempfile.TemporaryDirectory() as folder:  # /tmp itself is the sandbox's own
        held = attacked(walls, Path(folder), canary.port)
    assert held == EVERYTHING
    assert canary.calls == 0


def test_without_walls_nothing_is_decoded_unless_the_operator_says_so(plain, tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "level", lambda: "none")
    with pytest.raises(NoSandbox, match="MASKLOOP_UNSANDBOXED_VIDEO"):
        ingest(plain, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert ingest(plain, tmp_path / "out", unsandboxed=True).frame_count == 6


def test_where_bubblewrap_is_missing_the_kernel_serves(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    sandbox.level.cache_clear()
    try:
        assert sandbox.level() == "kernel"
    finally:
        sandbox.level.cache_clear()


def test_a_walled_child_has_its_limits():
    script = textwrap.dedent(
        f"""
        import resource, sys
        sys.path.insert(0, {str(ROOT)!r})
        from worker.decode.lockdown import limit
        limit(memory_mb=512, cpu_seconds=9, file_bytes=1000)
        print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU))
        """
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    assert result.stdout == f"{512 * 1024**2} (4, 9)\n"


def test_the_child_dies_with_its_parent(walls, tmp_path):
    (tmp_path / "source").write_bytes(b"x")
    parent = textwrap.dedent(
        f"""
        import sys, time
        sys.path.insert(0, {str(ROOT)!r})
        from fractions import Fraction
        from pathlib import Path
        from worker.decode import Limits, sandbox
        sandbox.level = lambda: {walls!r}
        boot = "import sys; sys.path.insert(0, sys.argv[1]); import json, time; "
        boot += "from worker.decode.child import lock; from worker.decode.limits import Limits; "
        boot += "job = json.loads(sys.argv[2]); lock(job, Limits(**job['limits'])); "
        boot += "print('up', flush=True); time.sleep(60)"
        sandbox.BOOT = boot
        here = Path({str(tmp_path)!r})
        child = sandbox.spawn(here / "source", here, fps=Fraction(24), annotate_every=4, limits=Limits(), errors=None)
        child.stdout.readline()
        print(child.pid, flush=True)
        time.sleep(60)
        """
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        pid = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    deadline = time.monotonic() + 10
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(pid)


def running(pid: int) -> bool:
    """Whether the process lives; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_canary_hears(canary):
    socket.create_connection(("127.0.0.1", canary.port)).close()
    deadline = time.monotonic() + 5
    while canary.calls == 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert canary.calls == 1
