import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from worker import scratch

HOLD = """
import tempfile, sys
tempfile.tempdir = sys.argv[1]
from worker import scratch
with scratch.folder() as path:
    print(path, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_is_gone_afterwards_also_after_an_error(place: Path) -> None:
    with contextlib.suppress(ZeroDivisionError), scratch.folder() as path:
        (path / "frames").mkdir()
        raise ZeroDivisionError
    assert list(place.iterdir()) == []


def test_a_killed_workers_folder_goes_and_a_living_ones_stays(place: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        path = Path(other.stdout.readline().strip())
        scratch.sweep()
        assert path.exists()
        other.kill()
        other.wait()
        scratch.sweep()
        assert not path.exists()


def test_too_little_space_is_told() -> None:
    with pytest.raises(scratch.DiskFull, match="free space"), scratch.folder(needs=10**18):
        pass
