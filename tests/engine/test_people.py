import io

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


def add(username: str, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("add_person", username, "Ada Lovelace", stdout=io.StringIO())


def sign_in(username: str, password: str) -> int:
    body = {"username": username, "password": password}
    return int(APIClient().post("/api/session/", body).status_code)


def test_a_person_who_was_added_can_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    add("ada", "analytical engine no 1", monkeypatch)
    assert sign_in("ada", "analytical engine no 1") == 200
    assert sign_in("ada", "difference engine no 1") == 401
    assert sign_in("charles", "analytical engine no 1") == 401


@pytest.mark.parametrize("password", ["", "short", "password123", "ada-lovelace"])
def test_a_weak_password_is_refused(password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="password"):
        add("ada-lovelace", password, monkeypatch)
    assert sign_in("ada-lovelace", password) in {400, 401}


def test_a_name_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    add("ada", "analytical engine no 1", monkeypatch)
    with pytest.raises(CommandError, match="already"):
        add("ada", "analytical engine no 2", monkeypatch)
