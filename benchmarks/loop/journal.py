"""What the loop has done so far, on disk after every step, so that a killed one goes on where it was."""

import json
from pathlib import Path
from typing import Any


class Journal:
    """A JSON object in a file, replaced whole at each change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.said: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def __contains__(self, name: str) -> bool:
        return name in self.said

    def __getitem__(self, name: str) -> Any:
        return self.said[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.said.get(name, default)

    def note(self, **facts: Any) -> None:
        self.said |= facts
        draft = self._path.with_suffix(".part")
        draft.write_text(json.dumps(self.said))
        draft.replace(self._path)
