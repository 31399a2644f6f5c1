"""What every request meets before a view, and every answer after it."""

from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

from engine.errors import DatabaseUnavailable, InvalidInput, MaskloopError

Answer = Callable[[HttpRequest], HttpResponse]


class ApiManners:
    """No NUL in an address (PostgreSQL takes none), nothing of the API in a browser's cache, and 503 where the
    database is away before a view could say so."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or any("\x00" in text for pair in _pairs(request) for text in pair):
            return refuse(InvalidInput("An address has no NUL characters. Leave them out."))
        response = self.get_response(request)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django's hook: what came out of a page that is no view of the API."""
        return refuse(DatabaseUnavailable()) if isinstance(error, OperationalError) else None


def refuse(error: MaskloopError) -> JsonResponse:
    """`error` as the API tells it."""
    body = {"code": error.code, "message": error.message, "details": error.details}
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return JsonResponse(body, status=error.status, headers=headers)


def _pairs(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.GET.lists() for value in values]
