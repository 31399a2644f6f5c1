"""Signing in is counted and bounded before a password is hashed; dear computations go one at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from annotation import metrics
from engine import events, limits
from engine.api.views import sessions
from engine.errors import TooMany
from tests import factories


@pytest.fixture(autouse=True)
def nothing_counted() -> Iterator[None]:
    events.store().flushdb()
    yield
    events.store().flushdb()


def sign_in(username: str, password: str = "wrong", address: str = "10.0.0.1") -> Any:
    body = {"username": username, "password": password}
    return APIClient().post("/api/session/", body, format="json", REMOTE_ADDR=address)


@pytest.mark.django_db
def test_an_account_is_closed_to_guessing_and_hashes_nothing_then(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SIGN_IN_ATTEMPTS_PER_ACCOUNT = 3
    person = factories.user()
    answers = [sign_in(person.username, address=f"10.0.0.{n}") for n in range(3)]
    assert [a.status_code for a in answers] == [401] * 3
    monkeypatch.setattr(sessions, "authenticate", lambda *_, **__: pytest.fail("hashed"))
    refused = sign_in(person.username.upper(), factories.PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= settings.SIGN_IN_WINDOW


@pytest.mark.django_db
def test_an_address_is_closed_whatever_names_it_tries(settings: Any) -> None:
    settings.SIGN_IN_ATTEMPTS_PER_ADDRESS = 3
    assert [sign_in(f"guess-{n}").status_code for n in range(4)] == [401, 401, 401, 429]
    person = factories.user()
    assert sign_in(person.username, factories.PASSWORD, address="10.0.0.2").status_code == 200


@pytest.mark.django_db
def test_the_header_of_a_proxy_is_believed_only_where_there_is_one(settings: Any) -> None:
    settings.SIGN_IN_ATTEMPTS_PER_ADDRESS = 1
    client = APIClient()

    def attempt(forwarded: str) -> int:
        body = {"username": f"guess-{forwarded}", "password": "wrong"}
        return client.post("/api/session/", body, format="json", HTTP_X_FORWARDED_FOR=forwarded).status_code

    assert [attempt("1.1.1.1"), attempt("2.2.2.2")] == [401, 429]
    settings.PROXIES = 1
    assert [attempt("9.9.9.9, 3.3.3.3"), attempt("8.8.8.8, 3.3.3.3"), attempt("4.4.4.4")] == [401, 429, 401]


@pytest.mark.django_db
def test_a_right_password_clears_the_account(settings: Any) -> None:
    settings.SIGN_IN_ATTEMPTS_PER_ACCOUNT = 2
    person = factories.user()
    for _ in range(3):
        assert sign_in(person.username).status_code == 401
        assert sign_in(person.username, factories.PASSWORD).status_code == 200


@pytest.mark.django_db
def test_who_is_unknown_and_who_may_not_sign_in_get_the_same_answer_and_the_same_hashing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *a, **k: hashed.append("") or encode(self, *a, **k)
    )
    known, gone = factories.user(), factories.user()
    gone.is_active = False
    gone.save()
    told = []
    for username in (known.username, gone.username, "nobody-at-all"):
        hashed.clear()
        answer = sign_in(username)
        told.append((answer.status_code, answer.json(), len(hashed)))
    assert told[0] == told[1] == told[2]


def test_one_password_is_hashed_at_a_time_and_one_more_waits() -> None:
    start, hold, inside = Barrier(6), Barrier(2), []

    def attempt(n: int) -> str:
        start.wait(10)
        try:
            with limits.signing_in(f"person-{n}", f"10.0.1.{n}"):
                inside.append(n)
                if len(inside) == 1:
                    hold.wait(10)
                return "hashed"
        except TooMany:
            return "refused"

    with ThreadPoolExecutor(6) as pool:
        attempts = [pool.submit(attempt, n) for n in range(6)]
        while sum(a.done() for a in attempts) < 4:
            pass
        assert len(inside) == 1
        hold.wait(10)
        assert sorted(a.result() for a in attempts) == ["hashed"] * 2 + ["refused"] * 4


@pytest.mark.django_db(transaction=True)
def test_a_second_table_of_the_same_project_is_refused_while_the_first_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    team = factories.team()
    client = APIClient()
    client.force_login(team.owner)
    address = f"/api/projects/{team.project.pk}/effort/"
    table, second = metrics.table, []

    def ask() -> Any:
        try:
            return client.get(address)
        finally:
            connection.close()

    def slowly(**arguments: Any) -> Any:
        if not second:
            with ThreadPoolExecutor(1) as pool:
                second.append(pool.submit(ask).result(30))
        return table(**arguments)

    monkeypatch.setattr(metrics, "table", slowly)
    assert client.get(address).status_code == 200
    assert (second[0].status_code, second[0]["Retry-After"]) == (429, "2")
    assert client.get(address).status_code == 200
