from django.contrib.auth.models import User
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from engine import limits
from engine.models import ApiToken
from engine.services import tokens


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session cookie with CSRF checks; a missing sign-in is a 401, not a 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer mlp_…`: no cookie, so no CSRF. `request.auth` is the token."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.casefold() != "bearer":
            return None
        person = tokens.bearer(secret.strip())
        if person is None:
            limits.wrong_token(limits.address(request.META))
            raise exceptions.AuthenticationFailed
        token: ApiToken = person.scope  # type: ignore[attr-defined]
        limits.by_token(token.pk)
        return person, token
