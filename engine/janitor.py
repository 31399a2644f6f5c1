"""The janitor: small duties that make lost messages, dead workers and closed laptops harmless.

It asks PostgreSQL, not the broker: what watches over the doorbell must not depend on it. Rooms upstairs
register their own duties when Django starts, so that this room need not know them.
"""

import functools
import logging
import time
from collections.abc import Callable, Mapping
from threading import Event, Thread

from django.db import close_old_connections, connection

from engine import pulse

logger = logging.getLogger(__name__)

Duty = Callable[[], int]
ROUND_EVERY = 1.0  #: seconds; somebody waits for a run that lost its worker or its message
HOUSEWORK_EVERY = 60.0  #: seconds between what nobody waits for
CHECK_EVERY = 300.0  #: seconds between pieces of what is only looked at again, to be sure
DUTIES: dict[str, Duty] = {}
#: Bounded, but not short: done in a thread of their own, so that nobody waits for them.
SLOW_DUTIES: dict[str, Duty] = {}


def register(sentence: str, duty: Duty, *, every: float = 0.0, slow: bool = False) -> None:
    """Add a duty; it returns how many rows it set right. `sentence` is what the log says, after that number.

    It is done in each round, or `every` so many seconds; `slow` ones beside the others.
    """
    duties = SLOW_DUTIES if slow else DUTIES
    duties[sentence] = _seldom(duty, every) if every else duty


def _seldom(duty: Duty, every: float) -> Duty:
    due = 0.0

    @functools.wraps(duty)
    def when_due() -> int:
        nonlocal due
        if time.monotonic() < due:
            return 0
        due = time.monotonic() + every
        return duty()

    return when_due


def make_round(duties: Mapping[str, Duty] | None = None) -> dict[str, int]:
    """Do every duty (or those of `duties`) once. One that fails is logged and keeps no other from being done."""
    done: dict[str, int] = {}
    for sentence, duty in (DUTIES if duties is None else duties).items():
        try:
            done[sentence] = duty()
        except Exception:
            logger.exception("A duty failed: %s", sentence)
            continue
        if done[sentence]:
            logger.info("%d %s", done[sentence], sentence)
    return done


def run_forever(stop: Event) -> None:
    """Make rounds until `stop` is set."""
    Thread(target=_keep_slowly, args=(stop,), name="slow duties", daemon=True).start()
    while not stop.is_set():
        began = time.monotonic()
        close_old_connections()
        make_round()
        pulse.beat()
        stop.wait(max(0.0, ROUND_EVERY - (time.monotonic() - began)))


def _keep_slowly(stop: Event) -> None:
    while not stop.wait(ROUND_EVERY):
        close_old_connections()
        make_round(SLOW_DUTIES)
    connection.close()
