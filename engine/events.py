"""What a run tells those who watch it: a Redis Stream per run, so that a reader resumes without a gap.

Redis holds nothing that cannot be rebuilt: the masks are in PostgreSQL before they are told.
"""

import functools
import json
from typing import Any

import redis
from django.conf import settings

MAX_EVENTS = 20_000
LIFETIME = 3600  #: seconds after the last event


@functools.cache
def store() -> "redis.Redis":
    """A client of the server that holds events, with five seconds of patience."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5)


def stream_key(run_id: int) -> str:
    """Where the events of a run stand."""
    return f"run:{run_id}:events"


def publish(run_id: int, kind: str, data: dict[str, Any]) -> None:
    """Append one event: `mask`, `progress` or `status`."""
    key = stream_key(run_id)
    pipe = store().pipeline(transaction=False)
    pipe.xadd(key, {"kind": kind, "data": json.dumps(data)}, maxlen=MAX_EVENTS, approximate=True)
    pipe.expire(key, LIFETIME)
    pipe.execute()
