"""What is under way, so that the next start can go on with it: a small JSON beside the credentials."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from maskloop import credentials

MOST = 1000  #: that are remembered; the oldest go


def read(key: str) -> Any:
    return _load().get(key)


def write(key: str, value: Any) -> None:
    kept = _load()
    kept.pop(key, None)
    kept[key] = value
    _save(dict(list(kept.items())[-MOST:]))


def forget(key: str) -> None:
    kept = _load()
    if kept.pop(key, None) is not None:
        _save(kept)


def _file() -> Path:
    return credentials.file().with_name("under-way.json")


def _load() -> dict[str, Any]:
    try:
        found = json.loads(_file().read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _save(kept: dict[str, Any]) -> None:
    path = _file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = path.with_name(f".{path.name}.new")
    made.write_text(json.dumps(kept))
    made.replace(path)
