"""What the child gives up before it looks at the file. Standard library only: it runs before FFmpeg is loaded.

Three walls of the kernel, each of which any process may put up around itself: limits, a seccomp filter (no new
processes, programs, sockets or namespaces, no look at other processes, no memory beside its own) and, where bubblewrap
has not done it already, Landlock (some folders to read, one to write) with namespaces of its own.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 22, 24, 38
CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = 0x04000000, 0x08000000, 0x10000000, 0x40000000
CLONE_THREAD = 0x00010000
NOBODY = 65534

DENIED = {
    # name: number on x86-64, on arm64 (None: there is none)
    "socket": (41, 198),
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "personality": (135, 92),
    "quotactl": (179, 60),
    "acct": (163, 89),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
}
# How each machine calls itself to a filter, and the numbers of what is looked at more closely.
MACHINES = {
    "x86_64": {"column": 0, "audit": 0xC000003E, "clone": 56, "clone3": 435, "tgkill": 234, "prlimit64": 302},
    "aarch64": {
        "column": 1,
        "audit": 0xC00000B7,
        "clone": 220,
        "clone3": 435,
        "tgkill": 131,
        "prlimit64": 261,
    },
}
X32 = 0x40000000  # numbers of x86-64's other calling convention begin here

LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
READ = 1 << 2 | 1 << 3  # a file, a folder
WRITE = 1 << 1 | READ | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8  # and: remove either, make folders and files
# What each version of Landlock can forbid of the file system.
HANDLED = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
TRUNCATE = {3: 1 << 14}


def limit(*, memory_mb: int, cpu_seconds: int, file_bytes: int) -> None:
    """Limits of what this process may use."""
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_NOFILE, 64)
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, memory_mb * 1024**2)


def live_with(parent_pid: int) -> None:
    """Die with the parent."""
    _libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:  # it died before we asked to be told
        os._exit(1)


def leave(*, read: Iterable[str], write: str | None) -> None:
    """Namespaces of its own with nobody in them, no capabilities, and of the file system what is named.

    Raises OSError where the kernel has no Landlock; namespaces are taken where they are given.
    """
    libc = _libc()
    user, group = os.getuid(), os.getgid()
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{NOBODY} {user} 1"),
            ("gid_map", f"{NOBODY} {group} 1"),
        ):
            Path(f"/proc/self/{name}").write_text(text)
    else:
        libc.unshare(CLONE_NEWNET)
    _fence(libc, read, write)
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header, none = struct.pack("=Ii", 0x20080522, 0), bytes(24)
    libc.capset(header, none)


def _fence(libc: ctypes.CDLL, read: Iterable[str], write: str | None) -> None:
    version = libc.syscall(LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        raise OSError(ctypes.get_errno(), "the kernel has no Landlock")
    handled = HANDLED[min(version, max(HANDLED))]
    truncate = TRUNCATE.get(min(version, max(HANDLED)), 0)
    ruleset = libc.syscall(LANDLOCK_CREATE, struct.pack("=Q", handled), 8, 0)
    rules = [(path, READ) for path in read] + ([(write, WRITE | truncate)] if write else [])
    rules += [("/dev/null", READ & 1 << 2 | 1 << 1 | truncate), ("/dev/urandom", READ & 1 << 2)]
    for path, rights in rules:
        if not Path(path).exists():
            continue
        of_files = handled if Path(path).is_dir() else 1 << 1 | 1 << 2 | truncate
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", rights & handled & of_files, opened)
        if libc.syscall(LANDLOCK_ADD, ruleset, 1, rule, 0) != 0:
            raise OSError(ctypes.get_errno(), f"Landlock does not take {path}")
        os.close(opened)
    if libc.syscall(LANDLOCK_RESTRICT, ruleset, 0) != 0:
        raise OSError(ctypes.get_errno(), "Landlock does not hold")
    os.close(ruleset)


def filter_calls() -> None:
    """From here on the calls of `DENIED` answer EPERM, and clone makes threads alone. Raises OSError where the kernel
    or the machine is not known."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        raise OSError(f"no filter of system calls is known for {platform.machine()}")
    numbers = [row[machine["column"]] for row in DENIED.values()]
    own = os.getpid()
    allow, deny, absent = 0x7FFF0000, 0x00050001, 0x00050026  # let pass; EPERM; ENOSYS
    load_number, load_machine, first = 0, 4, 16  # offsets in what a filter sees
    lines: list[tuple[int, int, int, int]] = [
        (0x20, 0, 0, load_machine),
        (0x15, 1, 0, machine["audit"]),
        (0x06, 0, 0, deny),
        (0x20, 0, 0, load_number),
        (0x35, 0, 1, X32),
        (0x06, 0, 0, deny),
    ]
    for number in numbers:
        if number is not None:
            lines += [(0x15, 0, 1, number), (0x06, 0, 0, deny)]
    # The C library falls back on clone, whose flags a filter can read.
    lines += [(0x15, 0, 1, machine["clone3"]), (0x06, 0, 0, absent)]
    lines += [
        (0x15, 0, 4, machine["clone"]),
        (0x20, 0, 0, first),
        (0x45, 0, 1, CLONE_THREAD),
        (0x06, 0, 0, allow),
        (0x06, 0, 0, deny),
    ]
    for name, others in (("tgkill", (own,)), ("prlimit64", (0, own))):
        # The process itself may be meant, nobody else.
        body: list[tuple[int, int, int, int]] = [(0x20, 0, 0, first)]
        for pid in others:
            body += [(0x15, 0, 1, pid), (0x06, 0, 0, allow)]
        body += [(0x06, 0, 0, deny)]
        lines += [(0x15, 0, len(body), machine[name]), *body]
    lines += [(0x06, 0, 0, allow)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
    program = struct.pack("@HP", len(lines), ctypes.addressof(code))
    libc = _libc()
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, 2, program, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


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
