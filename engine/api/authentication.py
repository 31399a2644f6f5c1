from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session cookie with CSRF checks; a missing sign-in is a 401, not a 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"
