"""Access can be taken away: from a project, from a session, from the installation, and from guessers."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from engine.models import AuditEntry, Masklet, Membership, Role, Session
from engine.services import people, projects
from tests import factories
from tests.factories import PASSWORD
from tests.http import at_once, refusal

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], APIClient]
NEW = "another horse battery staple"


def membership(team: factories.Team, person: Any, role: Role) -> Membership:
    return Membership.objects.get(project=team.project, user=person, role=role)


def path(team: factories.Team, member: Membership) -> str:
    return f"/api/projects/{team.project.pk}/members/{member.pk}/"


def sign_in(username: str, password: str = PASSWORD, address: str = "127.0.0.1") -> Any:
    client = APIClient(REMOTE_ADDR=address)
    return client, client.post("/api/session/", {"username": username, "password": password})


def test_whoever_is_removed_sees_nothing_of_the_project(team: factories.Team, signed_in: SignIn) -> None:
    gone = signed_in(team.annotator)
    video = factories.ready_video(team.project, team.owner, stored=False)
    kept = factories.masklet(video, team.owner, assigned_to=team.annotator)
    assert gone.get(f"/api/projects/{team.project.pk}/").status_code == 200
    member = membership(team, team.annotator, Role.ANNOTATOR)
    assert signed_in(team.owner).delete(path(team, member)).status_code == 204
    assert gone.get(f"/api/projects/{team.project.pk}/").status_code == 404
    assert gone.get(f"/api/masklets/{kept.pk}/").status_code == 404
    assert Masklet.objects.get(pk=kept.pk).assigned_to is None


def test_only_owners_remove_members(team: factories.Team, signed_in: SignIn) -> None:
    member = membership(team, team.annotator, Role.ANNOTATOR)
    for person, status in ((team.reviewer, 403), (team.annotator, 403), (team.stranger, 404)):
        assert signed_in(person).delete(path(team, member)).status_code == status
    other = factories.team()
    theirs = membership(other, other.annotator, Role.ANNOTATOR)
    assert signed_in(team.owner).delete(path(team, theirs)).status_code == 404
    assert Membership.objects.filter(pk__in=[member.pk, theirs.pk]).count() == 2


def test_the_last_owner_stays(team: factories.Team, signed_in: SignIn) -> None:
    member = membership(team, team.owner, Role.OWNER)
    assert refusal(signed_in(team.owner).delete(path(team, member))) == (409, "wrong_state")
    projects.add_member(
        actor=team.owner, project=team.project, username=team.reviewer.username, role=Role.OWNER
    )
    assert signed_in(team.owner).delete(path(team, member)).status_code == 204


@pytest.mark.django_db(transaction=True)
def test_two_owners_do_not_remove_each_other(team: factories.Team) -> None:
    projects.add_member(
        actor=team.owner, project=team.project, username=team.reviewer.username, role=Role.OWNER
    )

    def remove(actor: Any, other: Any) -> None:
        member = membership(team, other, Role.OWNER)
        projects.remove_member(actor=actor, project=team.project, membership_id=member.pk)

    at_once(lambda: remove(team.owner, team.reviewer), lambda: remove(team.reviewer, team.owner))
    assert Membership.objects.filter(project=team.project, role=Role.OWNER).count() == 1


def test_another_password_ends_every_other_session(team: factories.Team) -> None:
    here, answer = sign_in(team.owner.username)
    assert answer.status_code == 200
    there, _ = sign_in(team.owner.username)
    wrong = here.post("/api/session/password/", {"current": "no", "password": NEW})
    assert refusal(wrong) == (400, "invalid")
    weak = here.post("/api/session/password/", {"current": PASSWORD, "password": "password"})
    assert refusal(weak) == (400, "invalid")
    assert there.get("/api/projects/").status_code == 200
    done = here.post("/api/session/password/", {"current": PASSWORD, "password": NEW})
    assert done.status_code == 204
    assert here.get("/api/projects/").status_code == 200
    assert there.get("/api/projects/").status_code == 401
    assert sign_in(team.owner.username)[1].status_code == 401
    assert sign_in(team.owner.username, NEW)[1].status_code == 200


def test_one_sees_how_many_sessions_one_has_and_ends_all_others(team: factories.Team) -> None:
    here, _ = sign_in(team.owner.username)
    there, _ = sign_in(team.owner.username)
    somebody, _ = sign_in(team.reviewer.username)
    assert here.get("/api/session/others/").data == {"count": 1}
    assert here.delete("/api/session/others/").status_code == 204
    assert here.get("/api/session/others/").data == {"count": 0}
    assert there.get("/api/projects/").status_code == 401
    assert here.get("/api/projects/").status_code == somebody.get("/api/projects/").status_code == 200
    ended = AuditEntry.objects.filter(kind="sessions_ended").get()
    assert (ended.actor, ended.before) == (team.owner, {"sessions": 1})


def test_who_signs_out_or_whose_session_ran_out_is_not_counted(team: factories.Team) -> None:
    here, _ = sign_in(team.owner.username)
    there, _ = sign_in(team.owner.username)
    sign_in(team.owner.username)
    there.delete("/api/session/")
    assert here.get("/api/session/others/").data == {"count": 1}
    mine = here.cookies["sessionid"].value
    Session.objects.exclude(pk=mine).update(expire_date="2000-01-01T00:00:00Z")
    assert here.get("/api/session/others/").data == {"count": 0}
    people.drop_expired_sessions()
    assert [session.pk for session in Session.objects.all()] == [mine]


def test_whoever_is_deactivated_is_out_at_once(team: factories.Team) -> None:
    client, _ = sign_in(team.annotator.username)
    call_command("deactivate_person", team.annotator.username, stdout=io.StringIO())
    assert client.get("/api/projects/").status_code == 401
    assert sign_in(team.annotator.username)[1].status_code == 401
    call_command("deactivate_person", team.annotator.username, undo=True, stdout=io.StringIO())
    assert sign_in(team.annotator.username)[1].status_code == 200
    with pytest.raises(CommandError, match="Nobody"):
        call_command("deactivate_person", "nobody-at-all")
