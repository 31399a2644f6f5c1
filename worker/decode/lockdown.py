"""What the child gives up before it looks at the file. Standard library only: it runs before FFmpeg
is loaded.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000


def lock_down(*, memory_mb: int, cpu_seconds: int, file_bytes: int, parent_pid: int | None = None) -> None:
    """Set the process's limits; with `parent_pid`, also do by hand what bubblewrap does otherwise.

    By hand means: die with the parent, gain no privileges, and enter a network namespace that has
    no network, as far as the kernel lets us (unprivileged user namespaces may be switched off).
    """
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_NOFILE, 64)
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform != "linux":  # the rest does not exist elsewhere
        return
    _limit(resource.RLIMIT_AS, memory_mb * 1024**2)
    if parent_pid is None:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:  # it died before we asked to be told
        os._exit(1)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWNET)


def _limit(kind: int, value: int) -> None:
    """Lower a limit, never raise it: the ceiling we started under may be lower than what we ask
    for.
    """
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    # Past the soft limit of CPU time comes SIGXCPU, which says what happened; past the hard one a
    # bare SIGKILL.
    soft = max(1, value - 5) if kind == resource.RLIMIT_CPU else value
    resource.setrlimit(kind, (soft, value))
