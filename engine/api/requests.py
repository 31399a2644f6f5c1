"""Reading a request: who sent it, and what it says in the form that a service takes."""

from typing import Any, cast

from django.contrib.auth.models import User
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from engine import limits
from engine.api.serializers import InputSerializer
from engine.errors import InvalidInput

LEASE_TOKEN = OpenApiParameter(
    "Lease-Token", str, OpenApiParameter.HEADER, required=True, description="As the claim gave it."
)


def person(request: Request) -> User:
    """Who sent it. Only for routes that a signed-in person reaches."""
    return cast(User, request.user)


def valid(serializer: type[InputSerializer], request: Request) -> dict[str, Any]:
    """The body as `serializer` understands it; a 400 with every field's sentence otherwise."""
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def sender(request: Request) -> str:
    """The address that sent it."""
    return limits.address(request.META)


def whole(request: Request, name: str, default: int) -> int:
    """A query parameter that is a whole number, 0 or more."""
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidInput(f"{name} must be a whole number, 0 or more.")
    return int(text)


def lease_token(request: Request) -> str:
    """The token of the lease that the sender holds; none is like a wrong one."""
    return request.headers.get("Lease-Token", "")
