"""What happens before anything is installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import setup
from deploy.local.progress import step


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MASKLOOP_HOME", str(tmp_path))
    return tmp_path / "logs" / "setup.log"


def run(lines: str) -> None:
    with step("Trying") as current:
        setup._run([sys.executable, "-c", lines], current)


def test_a_step_is_quiet_when_it_works_and_its_words_are_in_the_log(
    log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run("print('many words')")
    assert "many words" in log.read_text()
    said = capfd.readouterr().out
    assert "Trying … 0." in said
    assert "many words" not in said


def test_a_step_that_fails_shows_the_end_of_its_log(log: Path) -> None:
    with pytest.raises(setup.SetupError) as caught:
        run("print('\\n'.join(map(str, range(100)))); raise SystemExit(1)")
    assert "    99\n" in str(caught.value)
    assert "    50\n" not in str(caught.value)
    assert str(log) in str(caught.value)


def test_a_full_disk_is_told_in_one_sentence() -> None:
    with pytest.raises(setup.SetupError, match=r"^The disk is full: free about 3 GiB[^\n]*$"):
        run("raise SystemExit('OSError: [Errno 28] No space left on device')")


def test_what_pip_fetches_is_added_up() -> None:
    note = setup._Downloads()
    assert note("Collecting torch") is None
    assert note("  Downloading torch-2.whl (526.6 MB)") == "(527 MB fetched)"
    assert note("Downloading six-1.whl (400 kB)") == "(527 MB fetched)"


def fake_python(folder: Path, version: str, *, venv: bool = True) -> Path:
    """A `python3` that knows its version and whether it has venv."""
    path = folder / "python3"
    answer = f'case "$2" in *version*) echo {version} ;; *) exit {0 if venv else 1} ;; esac'
    path.write_text(f"#!/bin/sh\n{answer}\n")
    path.chmod(0o755)
    return path


def choose(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "deploy/local/python.sh"],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
    )


def test_a_python_that_fits_is_chosen(tmp_path: Path) -> None:
    path = fake_python(tmp_path, "3.12")
    assert choose(tmp_path).stdout.strip() == str(path)


def test_a_python_that_is_too_old_is_told(tmp_path: Path) -> None:
    fake_python(tmp_path, "3.9")
    assert "needs Python 3.11, 3.12 or 3.13, and this machine has 3.9" in choose(tmp_path).stderr


def test_a_python_without_venv_is_told(tmp_path: Path) -> None:
    fake_python(tmp_path, "3.12", venv=False)
    assert "apt install python3.12-venv" in choose(tmp_path).stderr


def test_no_python_at_all_is_told(tmp_path: Path) -> None:
    assert "none was found" in choose(tmp_path).stderr
