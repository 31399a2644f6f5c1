"""Access can be taken away: from a project, from a session, from the installation, and from guessers."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from engine import sign_in_limits
from engine.models import Masklet, Membership, Role
from engine.services import projects
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


def test_whoever_is_deactivated_is_out_at_once(team: factories.Team) -> None:
    client, _ = sign_in(team.annotator.username)
    call_command("deactivate_person", team.annotator.username, stdout=io.StringIO())
    assert client.get("/api/projects/").status_code == 401
    assert sign_in(team.annotator.username)[1].status_code == 401
    call_command("deactivate_person", team.annotator.username, undo=True, stdout=io.StringIO())
    assert sign_in(team.annotator.username)[1].status_code == 200
    with pytest.raises(CommandError, match="Nobody"):
        call_command("deactivate_person", "nobody-at-all")


def test_an_account_that_is_guessed_at_is_shut_for_a_while(team: factories.Team) -> None:
    name = team.owner.username
    for _ in range(sign_in_limits.BY_ACCOUNT):
        assert sign_in(name, "wrong", "192.0.2.1")[1].status_code == 401
    refused = sign_in(name, PASSWORD, "192.0.2.2")[1]
    assert refusal(refused) == (429, "too_many_sign_ins")
    assert int(refused.headers["Retry-After"]) > 0
    assert sign_in(team.reviewer.username, PASSWORD, "192.0.2.2")[1].status_code == 200


def test_an_address_that_guesses_at_many_accounts_is_shut_for_a_while(team: factories.Team) -> None:
    for n in range(sign_in_limits.BY_ADDRESS):
        sign_in_limits.failed(username=f"nobody-{n}-{team.owner.pk}", address="192.0.2.3")
    assert sign_in(team.owner.username, PASSWORD, "192.0.2.3")[1].status_code == 429
    assert sign_in(team.owner.username, PASSWORD, "192.0.2.4")[1].status_code == 200


def test_what_a_sender_says_of_its_address_counts_only_behind_our_proxies(settings: Any) -> None:
    meta = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7"}
    assert sign_in_limits.address_of(meta) == "10.0.0.1"
    settings.TRUSTED_PROXIES = 1
    assert sign_in_limits.address_of(meta) == "198.51.100.7"
    assert sign_in_limits.address_of({"REMOTE_ADDR": "10.0.0.1"}) == "10.0.0.1"
