from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

_NOT_BUILT = "The pages are not built yet. Run `make demo`, or `npm run build` in frontend/."


def app(request: HttpRequest, path: str = "") -> HttpResponse:
    """Every address that is not the API's is a page of the single-page app, which routes for itself."""
    index = settings.WHITENOISE_ROOT / "index.html"
    if not index.is_file():
        return HttpResponse(_NOT_BUILT, status=503, content_type="text/plain")
    return HttpResponse(index.read_bytes(), content_type="text/html", headers={"Cache-Control": "no-cache"})


def no_such_api(request: HttpRequest, path: str = "") -> JsonResponse:
    return JsonResponse(
        {"code": "not_found", "message": "There is no such address in the API.", "details": {}},
        status=404,
    )


def healthy(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok", "version": settings.VERSION})
