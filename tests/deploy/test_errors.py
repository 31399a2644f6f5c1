import errno
from pathlib import Path

import pytest

from deploy.local.errors import explain, explain_os_error

LOG = Path("logs/postgres.log")


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        (
            "error while loading shared libraries: libz.so.1: cannot open shared object file: No",
            "postgres needs the system library libz.so.1, which this machine lacks",
        ),
        ("FATAL: could not write: No space left on device", "The disk is full, so postgres"),
        ("LOG: could not bind IPv4 address: Address already in use", "found its port taken"),
        ("one\n\nFATAL: out of luck\n", 'its last words were "FATAL: out of luck". Its log: logs/'),
        ("", "postgres was killed by signal 9. Its log: logs/postgres.log"),
    ],
)
def test_the_end_of_a_log_becomes_one_sentence(log: str, sentence: str) -> None:
    said = str(explain(name="postgres", log=log, log_path=LOG, status=-9))
    assert sentence in said
    assert "\n" not in said


def test_a_full_disk_and_a_closed_folder_have_sentences_of_their_own() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "data/x")
    assert "The disk is full while writing data/x" in str(explain_os_error(full))
    closed = PermissionError(errno.EACCES, "Permission denied", "data/x")
    assert "data/x cannot be written by this user" in str(explain_os_error(closed))
