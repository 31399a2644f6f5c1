"""The janitor: small duties that make lost messages, dead workers and closed laptops harmless.

It asks PostgreSQL, not the broker: what watches over the doorbell must not depend on it. Rooms upstairs
register their own duties when Django starts, so that this room need not know them.
"""

import functools
import logging
import time
from collections.abc import Callable
from threading import Event

from django.db import close_old_connections

from engine import pulse

logger = logging.getLogger(__name__)

Duty = Callable[[], int]
ROUND_EVERY = 1.0  #: seconds; somebody waits for a run that lost its worker or its message
HOUSEWORK_EVERY = 60.0  #: seconds between what nobody waits for
DUTIES: dict[str, Duty] = {}


def register(sentence: str, duty: Duty, *, every: float = 0.0) -> None:
    """Add a duty; it returns how many rows it set right. `sentence` is what the log says, after that number.

    It is done in each round, or `every` so many seconds.
    """
    DUTIES[sentence] = _seldom(duty, every) if every else duty


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


def make_round() -> dict[str, int]:
    """Do every duty once. A duty that fails is logged and does not keep the others from being done."""
    done: dict[str, int] = {}
    for sentence, duty in DUTIES.items():
        try:
            done[sentence] = duty()
        except Exception:
            logger.exception("A duty failed: %s", sentence)
            continue
        if done[sentence]:
            logger.info("%d %s", done[sentence], sentence)
    return done


def keep_house(stop: Event) -> None:
    """Make rounds until `stop` is set."""
    while not stop.is_set():
        began = time.monotonic()
        close_old_connections()
        make_round()
        pulse.beat()
        stop.wait(max(0.0, ROUND_EVERY - (time.monotonic() - began)))
