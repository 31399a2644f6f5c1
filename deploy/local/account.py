"""Whom PostgreSQL runs as: ourselves, or `nobody` when we are root (it refuses root)."""

import contextlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import StackError


@dataclass(frozen=True)
class Account:
    """A user that a child process is started as."""

    uid: int
    gid: int


def unprivileged(data: Path) -> Account | None:
    """None (stay who we are) for an ordinary user; for root the owner of `data`, or `nobody`."""
    if os.geteuid() != 0:
        _require_name(os.geteuid())
        return None
    with contextlib.suppress(FileNotFoundError):
        owner = data.stat()
        if owner.st_uid != 0:
            return Account(uid=owner.st_uid, gid=owner.st_gid)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Account(uid=65534, gid=65534)
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def _require_name(uid: int) -> None:
    """Containers may run as a bare number; PostgreSQL refuses that."""
    try:
        pwd.getpwuid(uid)
    except KeyError as error:
        raise StackError(
            f"PostgreSQL needs a user with a name, and this machine has none for number {uid}: "
            "run make as another user, or set DATABASE_URL to a PostgreSQL of yours."
        ) from error


def can(account: Account, command: list[str]) -> bool:
    """Whether `command` succeeds as `account`: asking beats reading mode bits."""
    try:
        done = subprocess.run(
            command,
            check=False,
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=30,
        )
    except OSError:
        return False
    return done.returncode == 0


def can_enter(account: Account, folder: Path) -> bool:
    """Whether `account` may pass through every parent of `folder` and enter it."""
    return can(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)])
