"""The pulse of a process that answers no requests: a file whose age tells whoever supervises it that it still moves.

The main loop of a worker or of the janitor beats, and while a worker's loop is busy with a run, the run's own
heartbeat does. Without MASKLOOP_PULSE nobody watches and nothing is written.
"""

import os
from contextlib import suppress
from pathlib import Path

VARIABLE = "MASKLOOP_PULSE"


def beat() -> None:
    """Touch the file that says that this process lives, where there is one."""
    path = os.environ.get(VARIABLE)
    if path:
        with suppress(OSError):  # a full disk is no reason to stop the work
            Path(path).touch()
