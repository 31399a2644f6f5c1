"""`Idempotency-Key`: a write that is sent again gets its first answer again and changes nothing."""

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from engine.api.requests import person
from engine.errors import InvalidInput, KeyReused
from engine.models import IdempotencyRecord

HEADER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="One for each action; kept over retries of it.",
)
Handler = Callable[..., Response]


def idempotent(handler: Handler) -> Handler:
    """Keep the answer of a creating view under its key, in the transaction that creates.

    1. Without a key: just run, in a transaction.
    2. Claim (user, key). A twin that is under way makes this wait until it commits or fails.
    3. Known already: the same request gets the kept answer, another one is refused (`KeyReused`).
    4. Run and keep the answer. A failure rolls the claim back, so a retry is free to succeed.
    """

    @functools.wraps(handler)
    def run(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        with transaction.atomic():
            if not key:
                return handler(view, request, *args, **kwargs)
            if len(key) > 64:
                raise InvalidInput("An Idempotency-Key has at most 64 characters.")
            fingerprint = _fingerprint(request)
            try:
                with transaction.atomic():
                    record = IdempotencyRecord.objects.create(
                        user=person(request), key=key, request_sha256=fingerprint
                    )
            except IntegrityError:
                return _again(IdempotencyRecord.objects.get(user=person(request), key=key), fingerprint)
            response = handler(view, request, *args, **kwargs)
            record.status = response.status_code
            record.body = None if response.data is None else json.loads(JSONRenderer().render(response.data))
            record.save(update_fields=["status", "body"])
            return response

    return run


def _again(record: IdempotencyRecord, fingerprint: str) -> Response:
    if record.request_sha256 != fingerprint:
        raise KeyReused
    return Response(record.body, status=record.status, headers={"Idempotent-Replay": "true"})


def _fingerprint(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True, default=str)
    # What was answered to the person is not told to a token of theirs.
    token = f" {request.auth.pk}" if request.auth else ""
    return hashlib.sha256(f"{request.method} {request.path}{token}\n{body}".encode()).hexdigest()
