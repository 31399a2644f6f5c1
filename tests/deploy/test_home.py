import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.errors import StackError
from deploy.local.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    place = Home(tmp_path / "home")
    place.prepare()
    return place


def test_secrets_are_made_once_and_readable_by_their_owner_only(home: Home) -> None:
    first = home.secrets()
    assert home.secrets() == first
    assert len(set(first.values())) == len(first)
    assert stat.S_IMODE((home.root / "secrets.json").stat().st_mode) == 0o600


def test_a_second_start_on_the_same_folder_is_refused_with_the_owner(home: Home) -> None:
    with home.lock(), pytest.raises(StackError, match=f"already runs.*process {os.getpid()}"), home.lock():
        pass


def test_the_lock_of_a_dead_process_is_taken_over(home: Home) -> None:
    script = (
        "import os, pathlib, sys; from deploy.local.home import Home\n"
        "with Home(pathlib.Path(sys.argv[1])).lock(): os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(home.root)], cwd=Path.cwd())
    assert (home.root / "lock").read_text().isdigit()
    with home.lock():
        assert (home.root / "lock").read_text() == str(os.getpid())


def test_too_little_room_is_told_with_the_numbers(home: Home) -> None:
    with pytest.raises(StackError, match=r"MiB are free on the disk .* MASKLOOP_HOME"):
        home.prepare(room=2**60)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StackError, match="Not a directory"):
        Home(tmp_path / "file" / "home").prepare()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StackError, match="cannot be written by this user"):
        Home(tmp_path / "home").prepare()


def test_a_damaged_file_of_ours_counts_as_not_written(home: Home) -> None:
    (home.root / "ports.json").write_text("{")
    assert home.read("ports.json") == {}
