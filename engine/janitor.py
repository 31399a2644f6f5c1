"""The janitor: small duties that make lost messages, dead workers and closed laptops harmless.

It asks PostgreSQL, not the broker: what watches over the doorbell must not depend on it. Rooms upstairs
register their own duties when Django starts, so that this room need not know them.
"""

import logging
import time
from collections.abc import Callable
from threading import Event

from django.db import close_old_connections

logger = logging.getLogger(__name__)

Duty = Callable[[], int]
ROUND_EVERY = 3.0  #: seconds
DUTIES: dict[str, Duty] = {}


def register(sentence: str, duty: Duty) -> None:
    """Add a duty; it returns how many rows it set right. `sentence` is what the log says, after that number."""
    DUTIES[sentence] = duty


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
        stop.wait(max(0.0, ROUND_EVERY - (time.monotonic() - began)))
