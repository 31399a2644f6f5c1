"""Requests to a server: a token, retries of what was not answered, refusals as sentences."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx

TRIES = 5
AGAIN = {429, 502, 503, 504}
LONGEST_WAIT = 30.0  #: seconds


class Refused(Exception):
    """The server said no. `status` and `code` are for programs, the message is for people."""

    def __init__(self, status: int, code: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.details = status, code, details or {}


class Http:
    """One server. Writes that create carry an Idempotency-Key, so that a retry makes nothing twice."""

    def __init__(self, url: str, token: str | None, *, timeout: float = 60.0) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.api = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=timeout)
        # Links to the object store carry their own right; our token is none of its business.
        self.store = httpx.Client(timeout=timeout)

    def close(self) -> None:
        self.api.close()
        self.store.close()

    def get(self, path: str, **params: Any) -> Any:
        return self._ask("GET", path, params=params or None)

    def post(self, path: str, body: Any = None) -> Any:
        return self._ask("POST", path, json={} if body is None else body)

    def patch(self, path: str, body: Any) -> Any:
        return self._ask("PATCH", path, json=body)

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path)

    def pages(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """The rows of a list, page after page."""
        page = self.get(path, **params)
        while True:
            yield from page["results"]
            if not page["next"]:
                return
            # The server's address may be another one behind a proxy: only its query matters.
            page = self.get(path, **dict(httpx.URL(page["next"]).params))

    def _ask(self, method: str, path: str, **how: Any) -> Any:
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        answer = with_tries(lambda: self.api.request(method, path, headers=headers, **how))
        if not answer.is_success:
            raise _refusal(answer)
        return answer.json() if answer.content else None


def with_tries(ask: Any) -> httpx.Response:
    """Ask again after what passes: no connection, a busy or restarting server. Raises the last httpx error."""
    wait = 0.5
    for tried in range(1, TRIES + 1):
        try:
            answer: httpx.Response = ask()
        except httpx.TransportError:
            if tried == TRIES:
                raise
        else:
            if answer.status_code not in AGAIN or tried == TRIES:
                return answer
            said = answer.headers.get("Retry-After", "")
            wait = min(float(said), LONGEST_WAIT) if said.isdigit() else wait
        time.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
    raise AssertionError("unreachable")


def _refusal(answer: httpx.Response) -> Refused:
    try:
        body = answer.json()
        return Refused(answer.status_code, body["code"], body["message"], body.get("details"))
    except (ValueError, KeyError, TypeError):
        asked = f"{answer.request.method} {answer.request.url}"
        return Refused(answer.status_code, "http", f"{asked} was answered with {answer.status_code}.")
