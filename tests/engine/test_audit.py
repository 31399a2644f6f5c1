"""The audit ledger: who changed what, in one chain that only grows."""

import io
import json
from collections.abc import Callable
from types import NoneType
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from rest_framework.test import APIClient

from engine import database
from engine.api import spreadsheet
from engine.errors import NotFound
from engine.models import AuditEntry, AuditKind, Checkpoint, Project, Role
from engine.services import audit, checkpoints, ingest, people, projects, runs
from tests import factories
from tests.conftest import unguarded
from tests.factories import PASSWORD
from tests.http import at_once

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], APIClient]


def last(project: Project | None) -> AuditEntry:
    entry = AuditEntry.objects.filter(project=project).first()
    assert entry is not None
    return entry


def test_a_setting_turned_off_and_on_again_leaves_two_entries(
    team: factories.Team, signed_in: SignIn
) -> None:
    begin = AuditEntry.objects.filter(project=team.project).count()
    owner = signed_in(team.owner)
    for value in (False, True, True):  # the third changes nothing
        change = {"separate_verification": value, "phase": 3}
        assert owner.patch(f"/api/projects/{team.project.pk}/", change).status_code == 200
    on, off = AuditEntry.objects.filter(project=team.project)[:2]
    assert AuditEntry.objects.filter(project=team.project).count() == begin + 2
    assert (off.actor, off.kind, off.before, off.after) == (
        team.owner,
        AuditKind.PROJECT_CHANGED,
        {"separate_verification": True},
        {"separate_verification": False},
    )
    assert on.after == {"separate_verification": True}
    assert on.previous == off.sha256


def test_members_come_are_trained_and_go_in_the_ledger(team: factories.Team) -> None:
    person = factories.user("newcomer")
    member = projects.add_member(
        actor=team.owner, project=team.project, username=person.username, role=Role.ANNOTATOR
    )
    added = last(team.project)
    assert (added.kind, added.subject, added.after) == (
        "member_added",
        person.username,
        {"role": "annotator"},
    )
    projects.change_member(actor=team.owner, project=team.project, membership_id=member.pk, phases=[2, 1])
    trained = last(team.project)
    assert (trained.before, trained.after) == ({"phases": [1, 2, 3]}, {"phases": [1, 2]})
    projects.remove_member(actor=team.owner, project=team.project, membership_id=member.pk)
    removed = last(team.project)
    assert (removed.kind, removed.subject_id, removed.before) == (
        "member_removed",
        person.pk,
        {"role": "annotator"},
    )
    assert audit.verify(team.project.pk).whole


def test_phases_of_videos_are_one_entry(team: factories.Team) -> None:
    first, second = (factories.video(team.project, team.owner) for _ in range(2))
    projects.set_batch_phase(actor=team.owner, project=team.project, videos=[first.pk], phase=1)
    projects.set_batch_phase(actor=team.owner, project=team.project, videos=[first.pk, second.pk], phase=2)
    entry = last(team.project)
    assert entry.before == {"phase 1": [first.pk], "the project's phase": [second.pk]}
    assert entry.after == {"phase 2": [first.pk, second.pk]}


def test_runs_releases_checkpoints_and_uploads_are_in_it(team: factories.Team) -> None:
    video = factories.ready_video(team.project, team.owner, stored=False)
    run = factories.propagate_run(factories.masklet(video, team.annotator), team.annotator)
    runs.cancel(run, actor=team.owner)
    assert (last(team.project).kind, last(team.project).subject_id) == ("run_cancelled", run.pk)
    factories.accepted_masklet(video, team)
    release = factories.frozen_release(team)
    assert (last(team.project).subject, last(team.project).after) == (
        release.name,
        {"masklets": 1, "videos": 1},
    )
    made = factories.candidate(team, factories.retraining(team, release))
    former = Checkpoint.objects.get(project=team.project, status="active")
    checkpoints.promote(actor=team.owner, checkpoint=made, reason="better")
    promoted = last(team.project)
    assert (promoted.before, promoted.after, promoted.reason) == (
        {"checkpoint": former.name},
        {"checkpoint": made.name},
        "better",
    )
    upload = ingest.begin_upload(actor=team.owner, project=team.project, name="a.mp4", size=5)
    ingest.abort_upload(actor=team.owner, upload=upload)
    assert (last(team.project).kind, last(team.project).subject) == ("upload_aborted", "a.mp4")
    assert audit.verify(team.project.pk).whole


def test_what_is_swept_and_typed_on_the_servers_names_no_person(team: factories.Team) -> None:
    upload = ingest.begin_upload(actor=team.owner, project=team.project, name="a.mp4", size=5)
    type(upload).objects.update(expires_at="2000-01-01T00:00:00Z")
    assert ingest.sweep_abandoned_uploads() == 1
    swept = last(team.project)
    assert (swept.kind, swept.actor, swept.actor_name) == ("upload_swept", None, "janitor")
    people.deactivate(team.annotator)
    people.deactivate(team.annotator)  # who is out already
    out = AuditEntry.objects.filter(kind=AuditKind.PERSON_DEACTIVATED)
    assert [(e.project, e.actor_name, e.subject) for e in out] == [
        (None, "operator", team.annotator.username)
    ]


def test_of_another_password_the_fact_is_kept_and_no_word(team: factories.Team) -> None:
    people.change_password(team.owner, current=PASSWORD, password="another horse battery staple")
    entry = last(None)
    assert (entry.kind, entry.actor, entry.before, entry.after) == ("password_changed", team.owner, {}, {})


def test_an_entry_goes_when_its_change_does_not_happen(team: factories.Team) -> None:
    begin = AuditEntry.objects.count()
    with transaction.atomic():
        projects.change_project(actor=team.owner, project=team.project, phase=1)
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == begin


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_of_a_transaction(team: factories.Team) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        audit.record(AuditKind.PASSWORD_CHANGED, actor=team.owner)


@pytest.mark.django_db(transaction=True)
def test_a_video_that_goes_while_its_phase_is_set_stands_in_nobodys_way(team: factories.Team) -> None:
    for number in range(5):
        upload = ingest.begin_upload(actor=team.owner, project=team.project, name=f"{number}.mp4", size=5)
        results = at_once(
            lambda upload=upload: ingest.abort_upload(actor=team.owner, upload=upload),
            lambda pk=upload.video_id: projects.set_batch_phase(
                actor=team.owner, project=team.project, videos=[pk], phase=1
            ),
        )
        assert all(isinstance(result, NoneType | NotFound) for result in results)
    assert audit.verify(team.project.pk).whole


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain(team: factories.Team) -> None:
    def change(name: str) -> Callable[[], Any]:
        mine = Project.objects.get(pk=team.project.pk)
        return lambda: projects.change_project(actor=team.owner, project=mine, name=name)

    begin = audit.verify(team.project.pk).entries
    at_once(*[change(f"name {n}") for n in range(6)])
    chain = audit.verify(team.project.pk)
    assert (chain.whole, chain.entries) == (True, begin + 6)
    named = list(AuditEntry.objects.filter(project=team.project, kind="project_changed").order_by("number"))
    for earlier, later in zip(named[-6:], named[-5:], strict=False):
        assert later.before == earlier.after, "each says what the one before it left"


@pytest.mark.parametrize("table", database.LEDGERS)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_applications_role_may_not_touch_a_ledger(
    team: factories.Team, table: str, statement: str
) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))
    assert not database.may_rewrite_ledgers()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", database.LEDGERS)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_triggers_refuse_even_the_owner(table: str, statement: str) -> None:
    with database.as_owner(), connection.cursor() as cursor:
        assert database.may_rewrite_ledgers()
        for prelude in ("SELECT 1", "SET session_replication_role = replica"):
            cursor.execute(prelude)
            with pytest.raises(DatabaseError, match="only grows"):
                cursor.execute(statement.format(table))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE engine_auditentry SET actor_name = 'nobody' WHERE project_id = %s AND number = 2", 2),
        ("UPDATE engine_auditentry SET after = '{}' WHERE project_id = %s AND number = 2", 2),
        ("DELETE FROM engine_auditentry WHERE project_id = %s AND number = 3", 3),
    ],
)
def test_what_somebody_did_behind_the_triggers_shows(
    team: factories.Team, tampering: str, broken_at: int
) -> None:
    projects.change_project(actor=team.owner, project=team.project, phase=1)
    assert audit.verify(team.project.pk).whole
    with database.as_owner(), unguarded(), connection.cursor() as cursor:
        cursor.execute(tampering, [team.project.pk])
    assert audit.verify(team.project.pk).broken_at == broken_at
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", stdout=said)
    assert ended.value.code == 1
    assert f"project {team.project.pk}: " in said.getvalue()
    assert f"broken at entry {broken_at}" in said.getvalue()


def test_owners_read_filter_and_check_it_and_nobody_else(team: factories.Team, signed_in: SignIn) -> None:
    address = f"/api/projects/{team.project.pk}/audit/"
    projects.change_project(actor=team.owner, project=team.project, separate_verification=False)
    projects.change_project(actor=team.owner, project=team.project, name="=HYPERLINK(1)")
    owner = signed_in(team.owner)
    newest, change, *_ = owner.get(address).data["results"]
    assert newest["sentence"] == "changed the settings"
    assert (change["actor_name"], change["changes"]) == (
        team.owner.username,
        [{"what": "whoever worked on a masklet does not verify it", "before": "on", "after": "off"}],
    )
    found = owner.get(f"{address}?kind=member_added&person={team.owner.username}&since=2000-01-01").data
    assert {row["kind"] for row in found["results"]} == {"member_added"}
    assert owner.get(f"{address}?person=janitor").data["results"] == []
    assert owner.get(f"{address}?until=2000-01-01").data["results"] == []
    for nonsense in ("kind=x", "since=x", "who=x"):
        assert owner.get(f"{address}?{nonsense}").status_code == 400
    check = owner.get(f"{address}check/").data
    assert (check["whole"], check["broken_at"], check["head"]) == (True, None, newest["sha256"])
    assert check["people"] == [team.owner.username]
    sheet = owner.get(f"{address}csv/?kind=project_changed").content.decode().splitlines()
    assert len(sheet) == 1 + 3
    assert "name: Project" in sheet[-1]
    assert "does not verify it: on → off" in sheet[-2]
    for person, status in ((team.reviewer, 403), (team.stranger, 404)):
        for part in ("", "check/", "csv/"):
            assert signed_in(person).get(address + part).status_code == status


def test_a_cell_is_no_formula(team: factories.Team) -> None:
    assert spreadsheet.safe("=1+1") == "'=1+1"
    assert spreadsheet.safe("anna") == "anna"


def test_the_command_tells_every_chain(team: factories.Team) -> None:
    said = io.StringIO()
    people.deactivate(team.stranger)
    call_command("verify_audit", stdout=said)
    first, *_, end = said.getvalue().splitlines()
    assert first == f"installation: 1 entries, whole, last hash {last(None).sha256}"
    assert f"last hash {last(team.project).sha256}" in said.getvalue()
    assert json.loads(end)["broken"] == 0
    assert "MIGRATION_DATABASE_URL" not in said.getvalue()
