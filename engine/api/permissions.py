"""Who may call a route at all. What a member may do inside a project is decided by the services (engine.access)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission

if TYPE_CHECKING:  # rest_framework.views reads this module while it is itself being imported
    from rest_framework.request import Request
    from rest_framework.views import APIView


class Nobody(BasePermission):
    """The default: a route that does not say who may is closed."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return False


class Anyone(BasePermission):
    """Open to the world: signing in, and nothing that shows data."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return True


class InPerson(BasePermission):
    """Any person who signed in themselves: a token makes no tokens, and changes nothing about people."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user and request.user.is_authenticated and request.auth is None)


class SignedIn(BasePermission):
    """Any signed-in person, or a token of theirs; ids of projects they are no member of do not exist for them."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user and request.user.is_authenticated)
