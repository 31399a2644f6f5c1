"""What every route has in common: bounds, refusals and headers."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from rest_framework.test import APIClient

from engine import access
from tests import factories
from tests.http import refusal

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], APIClient]


def test_a_cursor_that_a_page_gave_out_works(team: factories.Team, signed_in: SignIn) -> None:
    for _ in range(3):
        factories.video(team.project, team.owner)
    first = signed_in(team.owner).get("/api/videos/", {"project": team.project.pk, "page_size": 2})
    second = signed_in(team.owner).get(first.data["next"])
    assert len(first.data["results"]) + len(second.data["results"]) == 3


def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(
    team: factories.Team, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(access, "find_project", away)
    answer = signed_in(team.owner).get(f"/api/projects/{team.project.pk}/")
    assert refusal(answer) == (503, "database_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "closed" not in json.dumps(answer.json())
