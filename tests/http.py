"""How tests talk to the API, and how they let people act at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from rest_framework.response import Response
from rest_framework.test import APIClient

from engine.errors import MaskloopError


class Caller:
    """One person's browser: signed in, speaks JSON."""

    def __init__(self, user: User | None) -> None:
        self._client = APIClient()
        if user is not None:
            self._client.force_login(user)

    def get(self, path: str) -> Response:
        return self._client.get(f"/api/{path}")

    def patch(self, path: str, body: Any) -> Response:
        return self._client.patch(f"/api/{path}", body, format="json")

    def delete(self, path: str) -> Response:
        return self._client.delete(f"/api/{path}")

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        """`headers` as keywords: lease_token, idempotency_key, if_match."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.post(f"/api/{path}", {} if body is None else body, format="json", headers=sent)


def refusal(response: Response) -> tuple[int, str]:
    """(status, code) of a refused request; every refusal has the same shape."""
    body = response.json()
    assert set(body) == {"code", "message", "details"}, body
    assert body["message"]
    return response.status_code, body["code"]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all `acts` at the same moment, each on its own connection; their results, or the refusals they met."""
    gate = Barrier(len(acts), timeout=10)

    def run(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            gate.wait()
            return act()
        except MaskloopError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def granted(results: Sequence[Any]) -> list[Any]:
    return [result for result in results if not isinstance(result, MaskloopError)]
