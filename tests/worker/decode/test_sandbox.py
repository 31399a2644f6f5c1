import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from worker.decode import sandbox

ROOT = Path(__file__).resolve().parents[3]


def test_the_prison_holds(tmp_path, canary):
    """What an attacker could do who runs code inside the decoder."""
    if sandbox.bubblewrap() is None:
        pytest.skip("bubblewrap is not installed or does not work here")
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    attack = textwrap.dedent(
        f"""
        import os, socket
        done = []
        def attempt(name, what):
            try:
                what()
                done.append(name)
            except OSError:
                pass
        attempt("network", lambda: socket.create_connection(("127.0.0.1", {canary.port}), 2))
        attempt("neighbour", lambda: open({str(secret)!r}).read())
        attempt("passwd", lambda: open("/etc/passwd").read())
        attempt("home", lambda: os.listdir({str(ROOT / "worker" / "sam2")!r}))
        attempt("write code", lambda: open("/code/worker/decode/child.py", "a"))
        attempt("write system", lambda: open("/usr/x", "w"))
        attempt("processes", lambda: os.kill({os.getpid()}, 0))
        attempt("proc", lambda: os.listdir("/proc"))
        attempt("mount", lambda: os.chroot("/tmp"))
        print(done)
        """
    )
    result = subprocess.run(
        [*sandbox.prison(), "--", sys.executable, "-I", "-c", attack],
        capture_output=True,
        text=True,
        env=sandbox.ENVIRONMENT,
        check=False,
        timeout=30,
    )
    assert (result.stdout, result.stderr) == ("[]\n", "")
    assert canary.calls == 0


def test_without_bubblewrap_the_child_still_has_no_network_and_its_limits(canary):
    script = textwrap.dedent(
        f"""
        import ctypes, os, resource, socket, sys
        sys.path.insert(0, {str(ROOT)!r})
        from worker.decode.lockdown import lock_down
        lock_down(memory_mb=512, cpu_seconds=9, file_bytes=1000, parent_pid=os.getppid())
        try:
            socket.create_connection(("127.0.0.1", {canary.port}), 2)
            print("connected")
        except OSError:
            print("alone")
        print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU))
        """
    )
    if subprocess.run(["unshare", "--user", "--net", "true"], check=False, capture_output=True).returncode:
        pytest.skip("the kernel gives no namespaces to ordinary users here")
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    assert result.stdout.split("\n")[:2] == ["alone", f"{512 * 1024**2} (4, 9)"]
    assert canary.calls == 0


def test_the_child_dies_with_its_parent(walls, tmp_path):
    (tmp_path / "source").write_bytes(b"x")
    parent = textwrap.dedent(
        f"""
        import sys, time
        sys.path.insert(0, {str(ROOT)!r})
        from fractions import Fraction
        from pathlib import Path
        from worker.decode import Limits, sandbox
        if {walls!r} == "by hand":
            sandbox.bubblewrap = lambda: None
        boot = "import sys; sys.path.insert(0, sys.argv[1]); import json, os, socket, time; "
        boot += "from worker.decode.lockdown import lock_down; job = json.loads(sys.argv[2]); "
        boot += "lock_down(memory_mb=512, cpu_seconds=60, file_bytes=1000, parent_pid=job['parent_pid']); "
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
