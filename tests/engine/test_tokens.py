import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from rest_framework.test import APIClient

from engine.models import ApiToken, AuditEntry, IdempotencyRecord, Membership, Project
from engine.services import projects, tokens
from tests import factories
from tests.http import Caller

pytestmark = pytest.mark.django_db


def program(secret: str) -> APIClient:
    """Without a cookie, with CSRF checks on: as a script calls."""
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def made(team: factories.Team, person: Any = None, role: str = "owner", **told: Any) -> tuple[ApiToken, str]:
    told = {"name": f"t{ApiToken.objects.count()}", "days": 30} | told
    return tokens.create(actor=person or team.owner, project=team.project, role=role, **told)


def test_a_token_is_shown_once_and_stored_as_a_hash(team: factories.Team) -> None:
    caller, path = Caller(team.owner), f"projects/{team.project.pk}/tokens/"
    answer = caller.post(path, {"name": "ci", "role": "owner"}, idempotency_key="k")
    secret = answer.json()["secret"]
    assert (answer.status_code, secret[:4]) == (201, "mlp_")
    token = ApiToken.objects.get()
    assert token.sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert secret.startswith(token.begins)
    assert not IdempotencyRecord.objects.exists()
    (row,) = caller.get(path).json()
    assert "secret" not in row
    assert (row["name"], row["person"], row["used_at"]) == ("ci", team.owner.username, None)
    again = caller.post(path, {"name": "ci", "role": "owner"})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    entry = AuditEntry.objects.get(kind="token_created")
    assert (entry.subject, entry.after) == ("ci", {"role": "owner", "days": 90})


def test_a_token_sees_its_project_alone_and_acts_in_its_role(team: factories.Team) -> None:
    other = projects.create_project(actor=team.owner, name="other")
    owners, annotators = program(made(team)[1]), program(made(team, role="annotator")[1])
    listed = owners.get("/api/projects/").data["results"]
    assert [row["id"] for row in listed] == [team.project.pk]
    for path in (f"projects/{other.pk}/", f"projects/{other.pk}/releases/"):
        assert owners.get(f"/api/{path}").status_code == 404
    assert owners.get(f"/api/videos/?project={other.pk}").data["results"] == []
    assert owners.post(f"/api/projects/{team.project.pk}/releases/", {"name": "r"}).status_code == 201
    refused = annotators.post(f"/api/projects/{team.project.pk}/releases/", {"name": "s"})
    assert (refused.status_code, refused.data["code"]) == (403, "not_allowed")
    assert owners.post("/api/projects/", {"name": "third"}).status_code == 403
    assert Project.objects.count() == 2


def test_what_a_token_did_is_told_so(team: factories.Team) -> None:
    client = program(made(team, name="nightly")[1])
    assert client.patch(f"/api/projects/{team.project.pk}/", {"phase": 1}).status_code == 200
    entry = AuditEntry.objects.filter(kind="project_changed").latest("id")
    assert (entry.actor, entry.actor_name) == (team.owner, f"{team.owner.username} by token nightly")


def test_a_token_makes_no_tokens_and_changes_no_people(team: factories.Team) -> None:
    client, at = program(made(team)[1]), f"/api/projects/{team.project.pk}"
    member = Membership.objects.filter(project=team.project, user=team.annotator).get()
    for method, path, body in [
        ("post", f"{at}/tokens/", {"name": "x", "role": "owner"}),
        ("get", f"{at}/tokens/", None),
        ("delete", f"{at}/tokens/1/", None),
        ("delete", f"{at}/members/{member.pk}/", None),
        ("patch", f"{at}/members/{member.pk}/", {"phases": [1]}),
        ("post", f"{at}/invitations/", {"user": "x", "role": "owner"}),
        ("post", "/api/session/password/", {"current": factories.PASSWORD, "password": "another 1 here"}),
        ("delete", "/api/session/others/", None),
    ]:
        assert getattr(client, method)(path, body).status_code == 403, path
    assert Membership.objects.filter(pk=member.pk).exists()


@pytest.mark.parametrize("end", ["revoked", "run out", "role lost", "shut out"])
def test_a_token_that_ended_opens_nothing(team: factories.Team, end: str) -> None:
    token, secret = made(team, team.annotator, role="annotator")
    client = program(secret)
    assert client.get("/api/videos/").status_code == 200
    token.refresh_from_db()
    assert token.used_at is not None
    if end == "revoked":
        assert Caller(team.owner).delete(f"projects/{team.project.pk}/tokens/{token.pk}/").status_code == 204
    elif end == "run out":
        past = Now() - timedelta(days=2)
        ApiToken.objects.update(created_at=past, expires_at=past + timedelta(days=1))
    elif end == "role lost":
        Membership.objects.filter(user=team.annotator).delete()
    else:
        type(team.annotator).objects.filter(pk=team.annotator.pk).update(is_active=False)
    answer = client.get("/api/videos/")
    assert (answer.status_code, answer.data["code"]) == (401, "not_signed_in")


def test_whoever_asks_too_much_by_a_token_waits(team: factories.Team, settings: Any) -> None:
    settings.TOKEN_REQUESTS_PER_MINUTE = 3
    client = program(made(team)[1])
    answers = [client.get("/api/videos/") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


def test_nobody_gives_a_program_more_than_they_have(team: factories.Team) -> None:
    path = f"projects/{team.project.pk}/tokens/"
    assert Caller(team.annotator).post(path, {"name": "x", "role": "owner"}).status_code == 403
    token, _ = made(team)
    assert Caller(team.annotator).get(path).json() == []
    assert Caller(team.annotator).delete(f"{path}{token.pk}/").status_code == 404
    assert Caller(team.stranger).get(path).status_code == 404
    assert Caller(team.owner).post(path, {"name": "x", "role": "owner", "days": 4000}).status_code == 400
