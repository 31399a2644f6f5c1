"""How often somebody may try to sign in: by account and by address, counted in Redis before a password is hashed.

Hashing is dear on purpose, so attempts are refused before it, and few are hashed at a time.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

import redis
from django.conf import settings

from engine.errors import TooManySignIns
from engine.events import store

logger = logging.getLogger(__name__)

WINDOW = 60  #: seconds
BY_ACCOUNT = 10  #: wrong passwords for one user name in a window
BY_ADDRESS = 100  #: and from one address, where a whole team may sit
PATIENCE = 1.0  #: seconds that an attempt waits for its turn

_hashing = BoundedSemaphore(2)


def check(*, username: str, address: str) -> None:
    """Refuse when the account or the address has failed too often lately. Raises `TooManySignIns`."""
    try:
        failed = [int(n or 0) for n in store().mget(_keys(username, address))]
    except redis.RedisError:
        logger.warning("Sign-ins are not counted: Redis does not answer", exc_info=True)
        return
    if failed[0] >= BY_ACCOUNT or failed[1] >= BY_ADDRESS:
        raise TooManySignIns


def failed(*, username: str, address: str) -> None:
    """Count a wrong password."""
    try:
        with store().pipeline() as pipe:
            for key in _keys(username, address):
                pipe.incr(key)
                pipe.expire(key, WINDOW, nx=True)
            pipe.execute()
    except redis.RedisError:
        logger.warning("A failed sign-in was not counted: Redis does not answer", exc_info=True)


@contextmanager
def turn() -> Iterator[None]:
    """Room to hash a password in. Raises `TooManySignIns` when too many are at it."""
    if not _hashing.acquire(timeout=PATIENCE):
        raise TooManySignIns("Many people sign in at this moment. Try again in a few seconds.")
    try:
        yield
    finally:
        _hashing.release()


def address_of(meta: dict[str, str]) -> str:
    """Who sent a request: the peer, or what the trusted proxies in front of us say (`TRUSTED_PROXIES`)."""
    hops = [hop.strip() for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    count: int = settings.TRUSTED_PROXIES
    return hops[-count] if count and len(hops) >= count else meta.get("REMOTE_ADDR", "")


def _keys(username: str, address: str) -> list[str]:
    named = hashlib.sha256(username.casefold().encode()).hexdigest()[:32]
    return [f"sign-in:account:{named}", f"sign-in:address:{address}"]
