"""Requests that a machine makes up from the schema, to every operation, by one tenant, with ids of two.

Whatever is sent: no 5xx, an answer as the schema says, and nothing of the other tenant.
"""

import secrets
from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings as bounded, strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import checks

from engine.api.idempotency import HEADER
from engine.wsgi import application
from tests import factories
from tests.test_tenancy import ids as _rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
EXAMPLES = 8  #: an operation, half of them valid by the schema
MARK = "belongs-to-the-other-tenant"
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


def tenant(name: str) -> tuple[factories.Team, dict[str, int]]:
    team = factories.team(name=name)
    return team, _rows_of.__wrapped__(team)  # type: ignore[attr-defined]


def cookies(person: Any) -> dict[str, str]:
    client, token = Client(), secrets.token_hex(16)
    client.force_login(person)
    session = client.cookies["sessionid"].value
    return {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}


def test_whatever_is_sent_is_answered_as_the_schema_says_and_nothing_leaks() -> None:
    ours, own_ids = tenant("Ours")
    _, their_ids = tenant(MARK)
    schema = schemathesis.openapi.from_wsgi(
        "/api/schema/?format=json", application, headers=cookies(ours.owner)
    )
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
        def send(data: Any, operation: Any = operation, noun: str = noun) -> None:
            modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
            mode = data.draw(st.sampled_from(modes if operation.body or operation.query else modes[:1]))
            case = data.draw(operation.as_strategy(generation_mode=mode))
            if "id" in case.path_parameters:
                theirs = data.draw(st.booleans())
                case.path_parameters["id"] = (their_ids if theirs else own_ids).get(noun, 1)
            case.headers.pop(HEADER.name, None)
            response = case.call(headers=cookies(ours.owner))
            case.validate_response(response, checks=CHECKS)
            assert MARK not in response.text
            answered.add((operation.label, response.status_code))

        send()
    assert {label for label, _ in answered} == {operation.label for operation in operations}
    assert len({label for label, status in answered if status < 300}) > 20, (
        "most were refused: nothing was tried"
    )
