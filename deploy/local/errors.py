"""What can go wrong on somebody's machine, told in one sentence."""

import errno
import re
from pathlib import Path


class StackError(Exception):
    """The stack cannot go on; the message is one sentence that says what to do."""


_MISSING_LIBRARY = re.compile(r"(\S+\.so[.\d]*): cannot open shared object file")
_TAKEN = re.compile(r"address already in use|could not bind|bind: address", re.IGNORECASE)


def explain(*, name: str, log: str, log_path: Path, status: int | None) -> StackError:
    """Turn the end of a dead service's log into the sentence that its user needs."""
    if found := _MISSING_LIBRARY.search(log):
        return StackError(
            f"{name} needs the system library {found[1]}, which this machine lacks: "
            "install the package that holds it and try again."
        )
    if "No space left on device" in log or "no space left on device" in log:
        return StackError(f"The disk is full, so {name} cannot start: free some space and try again.")
    if _TAKEN.search(log):
        return StackError(f"{name} found its port taken just now: try again. Its log: {log_path}")
    last = next((line.strip() for line in reversed(log.splitlines()) if line.strip()), "")
    said = f', its last words were "{last[:200]}"' if last else ""
    return StackError(f"{name} {describe_status(status)}{said}. Its log: {log_path}")


def describe_status(status: int | None) -> str:
    """`status` as Popen gives it: None while running, negative when a signal ended it."""
    if status is None:
        return "did not become ready in time"
    if status < 0:
        return f"was killed by signal {-status}"
    return f"stopped with status {status}"


def explain_os_error(error: OSError) -> StackError:
    """A refusal of the file system in one sentence."""
    where = error.filename or "the data folder"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StackError(f"The disk is full while writing {where}: free some space and try again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StackError(
            f"{where} cannot be written by this user: change its owner, "
            "or set MASKLOOP_HOME to a folder of yours."
        )
    return StackError(f"The operating system refused: {error}.")
