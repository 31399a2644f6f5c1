"""`GET /api/runs/{id}/events/`: a run's masks, progress and status as server-sent events.

The reader resumes with `Last-Event-ID`, which is the entry's id in the run's Redis Stream. Everything in the
stream is in PostgreSQL first, so where the stream is gone the run's row tells how things stand.
"""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import redis.asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.db import close_old_connections
from django.utils.crypto import constant_time_compare
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from engine import access
from engine.errors import NotFound
from engine.events import stream_key
from engine.models import Run
from engine.models.run import LIVE
from engine.services import runs
from engine.sessions import SessionStore

BLOCK_MS = 5_000
BATCH = 200
LOOK_AGAIN = 30.0  #: seconds between two looks at whether the reader may still read
FIRST = "0-0"


def _person(session_key: str | None) -> User | None:
    """Whose session this is, checked as Django's own login check does; None for a stale or forged one."""
    session = SessionStore(session_key)
    user = User.objects.filter(pk=session.get(SESSION_KEY) or 0, is_active=True).first()
    if user is None or session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    return user


def _find(session_key: str | None, run_id: int) -> Run | Response:
    close_old_connections()
    try:
        user = _person(session_key)
        if user is None:
            return _refuse(401, "not_signed_in", "Sign in to go on.")
        return access.find_run(user, run_id)
    except NotFound as error:
        return _refuse(error.status, error.code, error.message)
    finally:
        close_old_connections()


def _status_of(run_id: int) -> dict[str, Any]:
    close_old_connections()
    return runs.summary(Run.objects.get(pk=run_id))


def _refuse(status: int, code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message, "details": {}}, status_code=status)


async def run_events(request: Request) -> Response:
    session_key = request.cookies.get(settings.SESSION_COOKIE_NAME)
    found = await sync_to_async(_find)(session_key, request.path_params["run_id"])
    if isinstance(found, Response):
        return found
    # A browser that opens a stream anew cannot set the header, so the address may say it too.
    after = request.headers.get("last-event-id") or request.query_params.get("last_event_id") or FIRST
    events = _follow(found.pk, after, session_key)
    return EventSourceResponse(events, ping=15, headers={"Cache-Control": "no-store"})


async def _follow(run_id: int, after: str, session_key: str | None) -> AsyncIterator[dict[str, Any]]:
    """The stream's entries after `after`, then those that come, until the run has ended or the reader
    may no longer see it (signed out, deactivated, removed from the project).

    When nothing comes for a while the row is asked: a run that ended, or whose worker or stream was lost,
    is told from there, so a reader never waits for an event that nobody will write.
    """
    # A connection for each reader: it is blocked in XREAD for most of its life.
    async with redis.asyncio.Redis.from_url(settings.REDIS_URL) as store:
        looked = time.monotonic()
        while True:
            if time.monotonic() - looked > LOOK_AGAIN:
                looked = time.monotonic()
                if isinstance(await sync_to_async(_find)(session_key, run_id), Response):
                    return
            entries = await _read(store, run_id, after)
            for entry_id, fields in entries:
                after = entry_id.decode()
                kind, data = fields[b"kind"].decode(), fields[b"data"].decode()
                yield {"id": after, "event": kind, "data": data}
                if kind == "status" and json.loads(data)["status"] not in LIVE:
                    return
            if not entries:
                summary = await sync_to_async(_status_of)(run_id)
                if summary["status"] not in LIVE:
                    yield {"event": "status", "data": json.dumps(summary)}
                    return


async def _read(
    store: "redis.asyncio.Redis", run_id: int, after: str
) -> list[tuple[bytes, dict[bytes, bytes]]]:
    key = stream_key(run_id)
    try:
        # A run that ended long ago has no stream: do not block for one.
        block = BLOCK_MS if await store.exists(key) else 500
        answer = await store.xread({key: after}, count=BATCH, block=block)
    except redis.exceptions.ResponseError:
        # A Last-Event-ID that Redis cannot read: from the beginning, since nothing may be missed.
        answer = await store.xread({key: FIRST}, count=BATCH, block=500)
    return list(_entries(answer))


def _entries(answer: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """redis-py answers with a dict or a list by protocol version."""
    streams = answer.values() if isinstance(answer, dict) else [entries for _, entries in answer or []]
    found: list[tuple[bytes, dict[bytes, bytes]]] = []
    for entries in streams:
        for entry in entries:
            found.extend(entry if isinstance(entry, list) else [entry])
    return found


application = Starlette(
    routes=[Route("/api/runs/{run_id:int}/events/", run_events)],
    middleware=[
        Middleware(
            CORSMiddleware,
            allow_origins=[settings.WEB_ORIGIN],
            allow_credentials=True,
            allow_methods=["GET"],
            allow_headers=["Last-Event-ID", "Cache-Control"],
        )
    ],
)
