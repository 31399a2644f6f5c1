"""A list asks the database as many questions for many rows as for few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.services import queue
from engine.models import Checkpoint, CheckpointStatus, MaskletStatus, Role, RunKind
from engine.services import invitations, projects, runs
from tests import factories
from tests.factories import Team
from tests.http import Caller

LISTS = [
    "projects/",
    "projects/{project}/",
    "projects/{project}/members/",
    "projects/{project}/invitations/",
    "projects/{project}/usage/",
    "projects/{project}/audit/",
    "projects/{project}/audit/check/",
    "projects/{project}/releases/",
    "projects/{project}/queue/annotation/",
    "projects/{project}/effort/",
    "projects/{project}/effort/?by=video",
    "videos/?project={project}",
    "masklets/?project={project}",
    "masklets/{masklet}/revisions/",
    "runs/?project={project}",
    "checkpoints/?project={project}",
]


@pytest.mark.django_db
def test_every_list_asks_as_much_for_many_rows_as_for_few() -> None:
    team = factories.team()
    caller = Caller(team.owner)
    masklet = more_of_everything(team)
    paths = [path.format(project=team.project.pk, masklet=masklet) for path in LISTS]
    few = {path: asked(caller, path) for path in paths}
    for _ in range(3):
        more_of_everything(team, masklet)
    assert {path: asked(caller, path) for path in paths} == few


@pytest.mark.django_db
def test_a_release_and_a_list_of_projects_count_right() -> None:
    team = factories.team()
    more_of_everything(team)
    more_of_everything(team)
    caller = Caller(team.owner)
    newest, first = caller.get(f"projects/{team.project.pk}/releases/").json()["results"]
    assert [(r["masklet_count"], r["video_count"]) for r in (newest, first)] == [(2, 2), (1, 1)]
    own = caller.get("projects/").json()["results"]
    mine = next(row for row in own if row["id"] == team.project.pk)
    assert mine["counts"] == {"videos": 2, "to_annotate": 4, "to_verify": 0, "accepted": 2}
    assert mine["roles"] == ["annotator", "owner", "reviewer"]
    assert caller.get(f"projects/{team.project.pk}/").json() == mine
    empty = next(row for row in own if row["id"] != team.project.pk)
    assert set(empty["counts"].values()) == {0}


def asked(caller: Caller, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = caller.get(path)
    assert response.status_code == 200, (path, response.json())
    return len(queries)


def more_of_everything(team: Team, masklet: int | None = None) -> int:
    """A project, a member, a video with masklets in several hands, a release, runs, a checkpoint; the masklet that gets
    a revision more."""
    owner = team.owner
    projects.create_project(actor=owner, name="another")
    person = factories.user("more")
    projects.add_member(actor=owner, project=team.project, username=person.username, role=Role.ANNOTATOR)
    invitations.invite(actor=owner, project=team.project, username=f"other-{person}", role=Role.REVIEWER)
    video = factories.ready_video(team.project, owner, stored=False)
    accepted = factories.accepted_masklet(video, team)
    factories.masklet(video, owner, status=MaskletStatus.NEEDS_REFINEMENT)
    factories.masklet(video, owner)
    held = factories.masklet(video, owner)
    queue.claim(actor=person, masklet_id=held.pk)
    factories.frozen_release(team, f"release {video.pk}")
    runs.request(kind=RunKind.INGEST, actor=owner, project_id=team.project.pk, video=video)
    factories.predict_run(held, owner)
    Checkpoint.objects.create(
        project=team.project, name=f"of {video.pk}", location="", status=CheckpointStatus.RETIRED
    )
    revised = held if masklet is None else type(held).objects.get(pk=masklet)
    factories.revision(revised, owner)
    assert accepted.revision_id
    return revised.pk
