"""What drf-spectacular cannot guess about our API."""

from typing import Any

from drf_spectacular import openapi
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import serializers


class ErrorSerializer(serializers.Serializer[Any]):
    """How every refusal is told."""

    code = serializers.CharField(help_text="stable; for programs")
    message = serializers.CharField(help_text="a sentence that says what to do; for people")
    details = serializers.DictField()


REFUSALS = {
    400: "Something in the request is not valid.",
    401: "Nobody is signed in.",
    403: "The role in the project does not allow it.",
    404: "It does not exist, or not for this person.",
    405: "The address does not answer that method.",
    406: "The address answers in JSON only.",
    409: "Not possible in the present state.",
    412: "It changed since it was looked at.",
    413: "The request is too large.",
    415: "The body is not JSON.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too many requests at once; Retry-After says when to try again.",
    503: "A server that this needs does not answer; nothing was lost.",
}


class AutoSchema(openapi.AutoSchema):
    """Every operation also says how it refuses."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, sentence in REFUSALS.items():
            if str(status) not in bodies:
                body = self._get_response_for_code(ErrorSerializer, str(status), ["application/json"])  # type: ignore[no-untyped-call]
                bodies[str(status)] = body | {"description": sentence}
        return bodies


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "engine.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "engine.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
