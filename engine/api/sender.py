"""Where a request comes from. Alone here, because signing in is asked for before any view is."""

from django.conf import settings
from rest_framework.request import Request


def sender(request: Request) -> str:
    """The address that sent it: the one that the outermost of our own proxies saw."""
    forwarded = [
        part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()
    ]
    if settings.PROXIES and len(forwarded) >= settings.PROXIES:
        return forwarded[-settings.PROXIES][:64]
    return str(request.META.get("REMOTE_ADDR", ""))
