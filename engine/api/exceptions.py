"""One handler turns every expected failure into `{code, message, details}`; views contain no `try`."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError, connection
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from engine.errors import DatabaseUnavailable, MaskloopError, NotFound, ObjectDamaged
from engine.services import store

logger = logging.getLogger(__name__)

_SENTENCES = {
    exceptions.NotAuthenticated: ("not_signed_in", "Sign in to go on."),
    exceptions.AuthenticationFailed: ("not_signed_in", "Sign in to go on."),
    exceptions.MethodNotAllowed: (
        "method_not_allowed",
        "This address does not answer that method.",
    ),
    exceptions.UnsupportedMediaType: (
        "unsupported_media_type",
        "Send JSON with Content-Type: application/json.",
    ),
    exceptions.NotAcceptable: ("not_acceptable", "This address answers in JSON only."),
}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception hook: None (a 500) only for what nobody expected."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, RequestDataTooBig):
        return _answer(413, "too_large", "The request is too large. Videos go to the upload's own links.", {})
    if isinstance(error, OperationalError):
        logger.error("The database failed a request", exc_info=error)
        error = DatabaseUnavailable()
    if isinstance(error, MaskloopError):
        _roll_back()
        if isinstance(error, ObjectDamaged):
            store.note(error)
        response = _answer(error.status, error.code, error.message, error.details)
        if error.retry_after:
            response["Retry-After"] = str(error.retry_after)
        return response
    if not isinstance(error, exceptions.APIException):
        return None
    _roll_back()
    response = _describe(error)
    if auth_header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = auth_header
    return response


def _describe(error: exceptions.APIException) -> Response:
    if isinstance(error, exceptions.ValidationError):
        details = error.detail if isinstance(error.detail, dict) else {"body": error.detail}
        return _answer(400, "invalid", _first_sentence(details), details)
    for kind, (code, sentence) in _SENTENCES.items():
        if isinstance(error, kind):
            return _answer(error.status_code, code, sentence, {})
    return _answer(error.status_code, str(error.default_code), str(error.detail), {})


def _first_sentence(details: Any, field: str = "") -> str:
    """The first message in DRF's nested errors, with the field it speaks of."""
    if isinstance(details, dict):
        name, inner = next(iter(details.items()), ("", "Something in the request is not valid."))
        return _first_sentence(inner, field if name in {"non_field_errors", "body"} else str(name))
    if isinstance(details, list):
        return _first_sentence(details[0], field) if details else "Something in the request is not valid."
    return f"{field}: {details}" if field else str(details)


def _answer(status: int, code: str, message: str, details: Any) -> Response:
    return Response({"code": code, "message": message, "details": details}, status=status)


def _roll_back() -> None:
    if connection.in_atomic_block:
        set_rollback()
