"""What holds for every address of the API, before a view is chosen and after it has answered."""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.http import HttpRequest, HttpResponse, JsonResponse

Answer = Callable[[HttpRequest], HttpResponse]


def api_manners(get_response: Answer) -> Answer:
    """Refuse a NUL in an address, which PostgreSQL would; keep answers out of every cache."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return get_response(request)
        nul = "\0" in request.path or b"\0" in unquote_to_bytes(request.META.get("QUERY_STRING", ""))
        response = _refusal() if nul else get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def _refusal() -> JsonResponse:
    sentence = "The address holds a NUL character, which no text here may have."
    return JsonResponse({"code": "invalid", "message": sentence, "details": {}}, status=400)
