"""Who asks too much waits, and nobody else does: signing in, and what is dear to compute."""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zlib import crc32

import redis
from django.conf import settings
from django.db import connection, transaction

from engine.errors import TooMany
from engine.events import store

logger = logging.getLogger(__name__)

# One password is hashed at a time in a process, one more may wait: argon2 takes a core and 46 MB.
_hashing = threading.Lock()
_at_the_door = threading.BoundedSemaphore(2)


def address(environ: Mapping[str, Any]) -> str:
    """Where a request comes from: the address that the outermost of our own proxies saw."""
    forwarded = [part.strip() for part in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.PROXIES and len(forwarded) >= settings.PROXIES:
        return str(forwarded[-settings.PROXIES][:64])
    return str(environ.get("REMOTE_ADDR", ""))


@contextmanager
def signing_in(username: str, address: str) -> Iterator[None]:
    """Refuse before any password is hashed: whom too many wrong ones were tried for, or from where.

    The attempt is counted before it is made, so that many at once count as many.
    """
    for name, most in _counters(username, address):
        _count(name, most)
    if not _at_the_door.acquire(blocking=False):
        raise TooMany("Many people are signing in. Try again in a second.")
    try:
        with _hashing:
            yield
    finally:
        _at_the_door.release()


def signed_in(username: str) -> None:
    """A right password clears what was counted against the account; not against the address."""
    try:
        store().delete(_account(username))
    except redis.RedisError:
        logger.warning("Attempts to sign in cannot be forgotten: Redis does not answer")


def _account(username: str) -> str:
    return f"sign-in:account:{username.casefold()}"


def _counters(username: str, address: str) -> list[tuple[str, int]]:
    return [
        (_account(username), settings.SIGN_IN_ATTEMPTS_PER_ACCOUNT),
        (f"sign-in:address:{address}", settings.SIGN_IN_ATTEMPTS_PER_ADDRESS),
    ]


def by_token(token_id: int) -> None:
    """Refuse what a token asks beyond its share of a minute. Raises `TooMany`."""
    sentence = "This token has asked too much in a minute. Wait a moment, then go on."
    _count(f"token:{token_id}", settings.TOKEN_REQUESTS_PER_MINUTE, window=60, sentence=sentence)


def wrong_token(address: str) -> None:
    """Count a token that opens nothing against the address that showed it. Raises `TooMany`."""
    _count(f"token:address:{address}", settings.SIGN_IN_ATTEMPTS_PER_ADDRESS)


def _count(
    name: str,
    most: int,
    *,
    window: int | None = None,
    sentence: str = "Too many attempts to sign in. Wait some minutes, then try again.",
) -> None:
    try:
        pipe = store().pipeline()
        pipe.incr(name)
        pipe.expire(name, window or settings.SIGN_IN_WINDOW, nx=True)
        pipe.ttl(name)
        count, _, left = pipe.execute()
    except redis.RedisError:  # people must be able to work; hashing stays bounded
        logger.warning("Attempts are not counted: Redis does not answer")
        return
    if count > most:
        raise TooMany(sentence, retry_after=max(left, 1))


@contextmanager
def one_at_a_time(what: str, pk: int) -> Iterator[None]:
    """Only one such computation for `pk` at once; a second one is refused instead of taking another thread."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(%s, %s)", [crc32(what.encode()) % 2**31, pk % 2**31]
            )
            (free,) = cursor.fetchone() or (False,)
        if not free:
            raise TooMany(
                "This is being computed for your project already. Try again in a moment.", retry_after=2
            )
        yield
