"""What every route has in common: bounds, refusals and headers."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from rest_framework.test import APIClient

from engine import access
from tests import factories
from tests.http import refusal
from tests.test_house_rules import api_views

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], APIClient]


def lists() -> list[str]:
    """Routes whose answers come in cursor pages."""
    return [f"/{route}" for route, view in api_views() if getattr(view, "pagination_class", None)]


@pytest.mark.parametrize("position", ["abc", "1;2", "\u0664", "9" * 30, "-1"])
def test_a_cursor_that_no_page_gave_out_is_refused(
    team: factories.Team, signed_in: SignIn, position: str
) -> None:
    client = signed_in(team.owner)
    cursor = base64.b64encode(f"p={position}".encode()).decode()
    asked = [path for path in lists() if "<" not in path]
    assert len(asked) >= 4
    for path in asked:
        answer = client.get(path, {"cursor": cursor, "project": team.project.pk})
        assert answer.status_code in {400, 404}, path


def test_a_cursor_that_a_page_gave_out_works(team: factories.Team, signed_in: SignIn) -> None:
    for _ in range(3):
        factories.video(team.project, team.owner)
    first = signed_in(team.owner).get("/api/videos/", {"project": team.project.pk, "page_size": 2})
    second = signed_in(team.owner).get(first.data["next"])
    assert len(first.data["results"]) + len(second.data["results"]) == 3


@pytest.mark.parametrize("query", ["person=%00", "a%00b=1", "by=video&person=x%00y"])
def test_nul_in_an_address_is_refused(team: factories.Team, signed_in: SignIn, query: str) -> None:
    answer = signed_in(team.owner).get(f"/api/projects/{team.project.pk}/effort/?{query}")
    assert refusal(answer) == (400, "invalid")


@pytest.mark.parametrize(
    "body", ['{"entries": [' + ",".join(["{}"] * 200_000) + "]}", "[" + '"a",' * 30_000 + '"a"]'], ids=len
)
def test_a_body_of_too_many_values_is_refused_before_it_is_read(
    team: factories.Team, signed_in: SignIn, body: str
) -> None:
    client = signed_in(team.owner)
    for path in ("assignments/1/effort", "uploads/1/complete", f"projects/{team.project.pk}/phase"):
        answer = client.post(f"/api/{path}/", body, content_type="application/json")
        assert refusal(answer) == (413, "too_large")
        assert len(answer.content) < 1000


def test_what_the_api_says_stays_in_no_cache(team: factories.Team, signed_in: SignIn) -> None:
    for client in (signed_in(team.owner), APIClient()):
        for path in ("/api/session/", "/api/projects/", "/api/nothing/"):
            assert client.get(path).headers["Cache-Control"] == "no-store"


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
