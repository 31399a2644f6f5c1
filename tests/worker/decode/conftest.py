import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from tests.worker.decode.clips import clip
from worker.decode import sandbox


@pytest.fixture(autouse=True, scope="session")
def _quiet_codecs() -> None:
    av.logging.set_level(None)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 frames at 24 per second, with the index at the end, so that boxes can be patched in place."""
    return clip(tmp_path_factory.mktemp("clips") / "plain.mp4", frames=24)


@pytest.fixture(params=["bubblewrap", "kernel"])
def walls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> sandbox.Level:
    """Both levels that hold; one that does not work here is skipped."""
    level: sandbox.Level = request.param
    if level == "bubblewrap" and sandbox.level() != "bubblewrap":
        pytest.skip("bubblewrap is not installed or does not work here")
    monkeypatch.setattr(sandbox, "level", lambda: level)
    return level


class Canary:
    """A listener on loopback that counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            self.calls += 1
            caller.close()

    def close(self) -> None:
        # Closing alone does not wake the thread that waits in accept().
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)


@pytest.fixture
def canary() -> Iterator[Canary]:
    listener = Canary()
    yield listener
    listener.close()
