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


@pytest.fixture(params=["bubblewrap", "by hand"])
def walls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to wall the child in; without bubblewrap the first is skipped."""
    if request.param == "by hand":
        monkeypatch.setattr(sandbox, "bubblewrap", lambda: None)
    elif sandbox.bubblewrap() is None:
        pytest.skip("bubblewrap is not installed or does not work here")
    return str(request.param)


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
