"""A list asks the database as many questions for many rows as for few."""

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from annotation.services import queue
from engine.models import (
    Checkpoint,
    CheckpointStatus,
    DatasetImport,
    Export,
    ExportFile,
    Masklet,
    MaskletStatus,
    Release,
    Role,
    RunKind,
    Video,
)
from engine.services import invitations, labels, projects, removals, runs, tokens
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
    "projects/{project}/labels/",
    "projects/{project}/tokens/",
    "projects/{project}/imports/",
    "projects/{project}/bin/",
    "bin/",
    "projects/{project}/queue/annotation/",
    "projects/{project}/effort/",
    "projects/{project}/effort/?by=video",
    "exports/{export}/files/",
    "candidates/?project={project}",
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
    export = Export.objects.get(release__project=team.project).pk
    paths = [path.format(project=team.project.pk, masklet=masklet, export=export) for path in LISTS]
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
    assert mine["counts"] == {"videos": 2, "to_annotate": 4, "to_verify": 2, "accepted": 2}
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
    of_datasets(team, video, accepted)
    to_the_bin(team)
    factories.proposed(factories.generation(team, video))
    revised = held if masklet is None else type(held).objects.get(pk=masklet)
    factories.revision(revised, owner)
    assert accepted.revision_id
    return revised.pk


def of_datasets(team: Team, video: Video, masklet: Masklet) -> None:
    """A label, an attribute, what is said with them, a token, an import, an export with a file more in the first."""
    owner, project, word = team.owner, team.project, f"word {video.pk}"
    labels.add_label(actor=owner, project=project, name=word)
    labels.add_attribute(actor=owner, project=project, name=word, kind="tick")
    said = [{"name": word, "first": 0, "last": 1}]
    stretches = [{**said[0], "value": True}]
    labels.describe(
        actor=owner, masklet_id=masklet.pk, label=word, attributes={word: True}, frame_attributes=stretches
    )
    labels.tag(actor=owner, video_id=video.pk, tags=[word], frame_tags=said)
    tokens.create(actor=owner, project=project, name=word, role="owner", days=1)
    row = DatasetImport.objects.create(
        project=project, name=word, bytes=1, status="reading", created_by=owner
    )
    run = runs.request(kind=RunKind.IMPORT, actor=owner, project_id=project.pk, dataset_import=row)
    release = Release.objects.get(project=project, name=f"release {video.pk}")
    export = {"format": "sav", "status": "written", "written_at": Now(), "run": run}
    Export.objects.create(release=release, created_by=owner, **export)
    first = Export.objects.filter(release__project=project).earliest("pk")
    ExportFile.objects.create(export=first, name=word, key="k", size=7, sha256="0" * 64, crc32=0)


def to_the_bin(team: Team) -> None:
    """A video and a project."""
    video = factories.ready_video(team.project, team.owner, stored=False)
    removals.remove_video(actor=team.owner, video=video)
    project = projects.create_project(actor=team.owner, name="gone")
    removals.remove_project(actor=team.owner, project=project)
