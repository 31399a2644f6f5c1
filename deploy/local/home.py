"""The one folder that holds the stack's data, logs, secrets and lock."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.errors import StackError, explain_os_error

_ROOM = 1024**3
_SECRETS = (
    "secret_key",
    "postgres_password",
    "postgres_app_password",
    "redis_password",
    "s3_access_key",
    "s3_secret_key",
)


@dataclass(frozen=True)
class Home:
    """Everything is below `root`; remove it and the stack was never there."""

    root: Path

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def prepare(self, *, room: int = _ROOM) -> None:
        """Make the folder, and refuse one that cannot be written or has less than `room` bytes."""
        try:
            # Root's PostgreSQL runs as nobody and must pass through; it may not look around.
            self.root.mkdir(parents=True, exist_ok=True, mode=0o711)
            self.logs.mkdir(exist_ok=True, mode=0o700)
            probe = self.root / ".probe"
            probe.write_text("a")
            probe.unlink()
            free = shutil.disk_usage(self.root).free
        except OSError as error:
            raise explain_os_error(error) from error
        if free < room:
            raise StackError(
                f"Only {free / 2**20:.0f} MiB are free on the disk of {self.root} and "
                f"{room / 2**20:.0f} MiB are needed: free some space, "
                "or set MASKLOOP_HOME to a folder on another disk."
            )

    def secrets(self) -> dict[str, str]:
        """Passwords and keys, made once, readable by their owner only."""
        path = self.root / "secrets.json"
        kept = self.read(path.name)
        missing = {name: secrets.token_urlsafe(32) for name in _SECRETS if name not in kept}
        if missing:
            self.write(path.name, {**kept, **missing})
        return {**kept, **missing}

    def read(self, name: str) -> dict[str, Any]:
        """A JSON file of ours; empty when it was never written or is damaged."""
        try:
            value = json.loads((self.root / name).read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def write(self, name: str, value: dict[str, Any]) -> None:
        """Replace a JSON file of ours in one step, readable by its owner only."""
        draft = self.root / f"{name}.new"
        draft.touch(mode=0o600)
        with draft.open("w") as file:
            json.dump(value, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.root / name)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for this process; the kernel lets go of it when the process dies."""
        with (self.root / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                owner = file.read().strip() or "unknown"
                raise StackError(
                    f"Maskloop already runs on {self.root} (process {owner}): stop that one with "
                    "Ctrl-C, or set MASKLOOP_HOME to another folder for a second one."
                ) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            try:
                yield
            finally:
                file.truncate(0)
