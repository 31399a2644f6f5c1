"""Which server, and the token for it: from the environment, or from a file that only its owner can read."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

URL, TOKEN, CONFIG = "MASKLOOP_URL", "MASKLOOP_TOKEN", "MASKLOOP_CONFIG"


@dataclass(frozen=True)
class Credentials:
    url: str
    token: str


def file() -> Path:
    """`MASKLOOP_CONFIG`, else `maskloop/config.json` where this person's programs keep such things."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return Path(os.environ.get(CONFIG) or home / "maskloop" / "config.json")


def load(url: str | None = None) -> Credentials | None:
    """For `url`, or else for the server that was signed in to last; None where there are none."""
    kept = _read()
    url = url or os.environ.get(URL) or kept.get("last")
    if not url:
        return None
    token = os.environ.get(TOKEN) or kept.get("tokens", {}).get(url)
    return Credentials(url, token) if token else None


def keep(credentials: Credentials) -> Path:
    """Write them down, readable by their owner alone."""
    path, kept = file(), _read()
    kept["last"] = credentials.url
    kept.setdefault("tokens", {})[credentials.url] = credentials.token
    _write(path, kept)
    return path


def forget(url: str) -> bool:
    """Whether there was a token to forget."""
    kept = _read()
    had = kept.get("tokens", {}).pop(url, None) is not None
    if kept.get("last") == url:
        del kept["last"]
    _write(file(), kept)
    return had


def _read() -> dict[str, Any]:
    try:
        found = json.loads(file().read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, kept: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(kept, out, indent=2)
    made.replace(path)
