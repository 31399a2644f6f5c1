"""Nobody becomes a member unasked, and nobody learns who exists."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from engine.models import AuditEntry, Invitation, Membership, Role
from engine.services import invitations, projects
from tests import factories
from tests.http import at_once, granted, refusal

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], APIClient]


def invite(client: APIClient, team: factories.Team, user: str, role: str = "annotator") -> Any:
    return client.post(f"/api/projects/{team.project.pk}/invitations/", {"user": user, "role": role})


def test_the_invited_sees_it_accepts_it_and_only_then_is_a_member(
    team: factories.Team, signed_in: SignIn
) -> None:
    owner, guest = signed_in(team.owner), signed_in(team.stranger)
    assert invite(owner, team, team.stranger.username).status_code == 201
    project = f"/api/projects/{team.project.pk}/"
    assert guest.get(project).status_code == 404
    (mine,) = guest.get("/api/invitations/").data
    assert (mine["project_name"], mine["role"], mine["invited_by"]) == (
        team.project.name,
        "annotator",
        team.owner.username,
    )
    accepted = guest.post(f"/api/invitations/{mine['id']}/accept/")
    assert (accepted.status_code, accepted.data["role"]) == (201, "annotator")
    assert guest.get(project).data["roles"] == ["annotator"]
    assert guest.get("/api/invitations/").data == owner.get(f"{project}invitations/").data == []
    added, invited, *_ = AuditEntry.objects.filter(project=team.project)
    assert (invited.kind, invited.actor, invited.subject) == (
        "member_invited",
        team.owner,
        team.stranger.username,
    )
    assert (added.kind, added.actor, added.after["invited_by"]) == (
        "member_added",
        team.stranger,
        team.owner.username,
    )


def test_the_answer_does_not_tell_whether_a_name_exists(team: factories.Team, signed_in: SignIn) -> None:
    owner = signed_in(team.owner)
    told = [invite(owner, team, name) for name in (team.stranger.username, "nobody-of-that-name")]
    assert [answer.status_code for answer in told] == [201, 201]
    real, unreal = (answer.data | {"id": 0, "user": "", "created_at": ""} for answer in told)
    assert real == unreal


def test_who_declines_is_no_member_and_may_be_asked_again(team: factories.Team, signed_in: SignIn) -> None:
    owner, guest = signed_in(team.owner), signed_in(team.stranger)
    pk = invite(owner, team, team.stranger.username).data["id"]
    assert guest.post(f"/api/invitations/{pk}/decline/").status_code == 204
    assert guest.post(f"/api/invitations/{pk}/accept/").status_code == 404
    assert not Membership.objects.filter(user=team.stranger).exists()
    assert AuditEntry.objects.filter(project=team.project)[0].kind == "invitation_declined"
    assert invite(owner, team, team.stranger.username).status_code == 201


def test_owners_withdraw_and_nobody_answers_for_another(team: factories.Team, signed_in: SignIn) -> None:
    owner = signed_in(team.owner)
    pk = invite(owner, team, team.stranger.username).data["id"]
    for verb in ("accept", "decline"):
        assert signed_in(team.reviewer).post(f"/api/invitations/{pk}/{verb}/").status_code == 404
    pending = f"/api/projects/{team.project.pk}/invitations/"
    assert signed_in(team.reviewer).get(pending).status_code == 403
    assert signed_in(team.reviewer).delete(f"{pending}{pk}/").status_code == 403
    assert invite(signed_in(team.reviewer), team, "x").status_code == 403
    assert signed_in(factories.team().owner).delete(f"{pending}{pk}/").status_code == 404
    assert owner.delete(f"{pending}{pk}/").status_code == 204
    assert signed_in(team.stranger).post(f"/api/invitations/{pk}/accept/").status_code == 404


def test_who_is_invited_or_has_the_role_is_not_invited_again(team: factories.Team, signed_in: SignIn) -> None:
    owner = signed_in(team.owner)
    first = invite(owner, team, team.stranger.username).data
    assert invite(owner, team, team.stranger.username).data["id"] == first["id"]
    answer = invite(owner, team, team.reviewer.username, "reviewer")
    assert refusal(answer) == (400, "invalid")
    assert invite(owner, team, team.reviewer.username, "annotator").status_code == 201


def test_not_endlessly_many_wait(
    team: factories.Team, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MOST", 2)
    owner = signed_in(team.owner)
    assert [invite(owner, team, name).status_code for name in ("a", "b", "c")] == [201, 201, 409]


def test_what_an_owner_sent_goes_with_their_ownership(team: factories.Team) -> None:
    projects.add_member(
        actor=team.owner, project=team.project, username=team.reviewer.username, role=Role.OWNER
    )
    for actor, name in ((team.owner, "a"), (team.reviewer, "b")):
        invitations.invite(actor=actor, project=team.project, username=name, role=Role.OWNER)
    theirs = Membership.objects.get(project=team.project, user=team.reviewer, role=Role.OWNER)
    projects.remove_member(actor=team.owner, project=team.project, membership_id=theirs.pk)
    assert [waiting.username for waiting in Invitation.objects.all()] == ["a"]


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_counts(team: factories.Team) -> None:
    made = invitations.invite(
        actor=team.owner, project=team.project, username=team.stranger.username, role=Role.REVIEWER
    )
    results = at_once(
        lambda: invitations.accept(actor=team.stranger, invitation_id=made.pk),
        lambda: invitations.withdraw(actor=team.owner, project=team.project, invitation_id=made.pk),
    )
    assert len(granted(results)) == 1
    is_member = Membership.objects.filter(project=team.project, user=team.stranger).exists()
    assert is_member == isinstance(results[0], Membership)
