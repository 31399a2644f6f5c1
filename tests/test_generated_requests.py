"""Requests that a machine makes up from the schema, to every operation, by one tenant, with ids of two.

Whatever is sent: no 5xx, an answer as the schema says, and nothing of the other tenant.
"""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings as bounded, strategies as st
from schemathesis import GenerationMode, checks

from engine.api.idempotency import HEADER
from engine.wsgi import application
from tests import factories
from tests.test_tenancy import ids as _rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
EXAMPLES = 4  #: an operation, half of them valid by the schema
MARK = "belongs-to-the-other-tenant"
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


def tenant(name: str) -> tuple[factories.Team, dict[str, int]]:
    team = factories.team(name=name)
    return team, _rows_of.__wrapped__(team)  # type: ignore[attr-defined]


def signed_in(person: User) -> Any:
    """The application as `person`'s browser reaches it; each request with a session of its own, since some end it."""

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        client, token = Client(), secrets.token_hex(16)
        client.force_login(person)
        session = client.cookies["sessionid"].value
        environ["HTTP_COOKIE"] = f"sessionid={session}; csrftoken={token}"
        environ["HTTP_X_CSRFTOKEN"] = token
        return application(environ, start_response)

    return app


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Django closes old connections around each request; the test's transaction lives in one."""
    ends = (request_started, request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


def test_whatever_is_sent_is_answered_as_the_schema_says_and_nothing_leaks() -> None:
    ours, own_ids = tenant("Ours")
    _, their_ids = tenant(MARK)
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", signed_in(ours.owner))
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 50
    answered = set()
    for operation in operations:
        noun = operation.path.split("/")[2]

        @bounded(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(data=st.data())
        def send(operation: Any, noun: str, data: Any) -> None:
            modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
            mode = data.draw(st.sampled_from(modes if operation.body or operation.query else modes[:1]))
            case = data.draw(operation.as_strategy(generation_mode=mode))
            if "id" in case.path_parameters:
                theirs = data.draw(st.booleans())
                case.path_parameters["id"] = (their_ids if theirs else own_ids).get(noun, 1)
            case.headers.pop(HEADER.name, None)
            response = case.call()
            case.validate_response(response, checks=CHECKS)
            assert MARK not in response.text
            answered.add((operation.label, response.status_code))

        send(operation, noun)
    assert {label for label, _ in answered} == {operation.label for operation in operations}
    assert len({label for label, status in answered if status < 300}) > 20, (
        "most were refused: nothing was tried"
    )
