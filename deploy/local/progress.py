"""Steps told as they happen: what is going on, and for how long already.

Standard library only: the first steps run before anything is installed.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

_HEARTBEAT = 30.0


def say(sentence: str = "") -> None:
    print(sentence, flush=True)


class Step:
    """What `step` hands out: a place for a note on what is being done right now."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.note = ""
        self._begin = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begin

    def line(self) -> str:
        return f"  {self.title} … {self.seconds:.0f} s" + (f"  {self.note}" if self.note else "")


@contextlib.contextmanager
def step(title: str) -> Iterator[Step]:
    """Show `title` with a running clock while the block works, and its time afterwards."""
    current, over = Step(title), threading.Event()
    ticker = threading.Thread(target=_tick, args=(current, over), daemon=True)
    ticker.start()
    try:
        yield current
    except BaseException:
        _close(over, ticker, f"  {title} … not done")
        raise
    done = f"{current.seconds:.1f} s" + (f"  {current.note}" if current.note else "")
    _close(over, ticker, f"  {title} … {done}")


def _tick(current: Step, over: threading.Event) -> None:
    terminal = sys.stdout.isatty()
    if not terminal:
        say(f"  {current.title} …")
    while not over.wait(0.5 if terminal else _HEARTBEAT):
        if terminal:
            print(f"\r\033[K{current.line()[:100]}", end="", flush=True)
        else:
            say(current.line())


def _close(over: threading.Event, ticker: threading.Thread, line: str) -> None:
    over.set()
    ticker.join()
    say(f"\r\033[K{line}" if sys.stdout.isatty() else line)
