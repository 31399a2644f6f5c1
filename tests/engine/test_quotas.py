"""What one project may take: refused at the door, and exact when many come at once."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from engine.errors import NoRoomLeft, TooManyRuns, TooManyVideos
from engine.models import AuditEntry, Checkpoint, Export, ExportFile, Project, Run, RunKind, Video
from engine.services import exports, ingest, quotas, runs
from tests import factories
from tests.http import at_once, granted, refusal

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], APIClient]


def allow(project: Project, **values: int | None) -> None:
    quotas.allow(project, actor="operator", **values)


def test_a_video_that_does_not_fit_is_refused_with_the_figures(
    team: factories.Team, signed_in: SignIn
) -> None:
    allow(team.project, bytes_allowed=10_000_000)
    uploads = f"/api/projects/{team.project.pk}/uploads/"
    owner = signed_in(team.owner)
    assert owner.post(uploads, {"name": "a.mp4", "size": 6_000_000}).status_code == 201
    second = owner.post(uploads, {"name": "b.mp4", "size": 6_000_000})
    assert refusal(second) == (413, "no_room_left")
    assert "holds 6.0 MB of 10.0 MB; 6.0 MB more do not fit" in second.data["message"]
    assert Video.objects.filter(project=team.project).count() == 1
    assert owner.post(uploads, {"name": "c.mp4", "size": 4_000_000}).status_code == 201


def test_so_is_one_too_many(team: factories.Team, signed_in: SignIn) -> None:
    allow(team.project, videos_allowed=1)
    factories.video(team.project, team.owner)
    answer = signed_in(team.owner).post(
        f"/api/projects/{team.project.pk}/uploads/", {"name": "a.mp4", "size": 5}
    )
    assert refusal(answer) == (409, "too_many_videos")


def test_what_an_upload_reserved_is_free_again_when_it_is_given_up(team: factories.Team) -> None:
    allow(team.project, bytes_allowed=10)
    upload = ingest.begin_upload(actor=team.owner, project=team.project, name="a.mp4", size=10)
    assert quotas.stored(team.project).used == 10
    ingest.abort_upload(actor=team.owner, upload=upload)
    assert quotas.stored(team.project).used == 0
    ingest.begin_upload(actor=team.owner, project=team.project, name="b.mp4", size=10)


@pytest.mark.django_db(transaction=True)
def test_of_many_uploads_at_once_no_more_get_in_than_fit(team: factories.Team) -> None:
    allow(team.project, bytes_allowed=25)
    begin = [
        lambda n=n: ingest.begin_upload(actor=team.owner, project=team.project, name=f"{n}.mp4", size=10)
        for n in range(5)
    ]
    results = at_once(*begin)
    assert len(granted(results)) == 2
    assert {type(r) for r in results if r not in granted(results)} == {NoRoomLeft}


def test_more_runs_than_allowed_wait_at_the_door(team: factories.Team) -> None:
    allow(team.project, runs_allowed=1)
    video = factories.ready_video(team.project, team.owner, stored=False)
    first, second = (factories.masklet(video, team.annotator) for _ in range(2))
    run = factories.predict_run(first, team.annotator)
    with pytest.raises(TooManyRuns, match="has 1 runs under way and may have 1") as refused:
        factories.predict_run(second, team.annotator)
    assert refused.value.retry_after == 10
    runs.cancel(run, actor=team.annotator)
    factories.predict_run(second, team.annotator)


def test_a_video_whose_bytes_have_come_is_read_all_the_same(team: factories.Team) -> None:
    allow(team.project, runs_allowed=0)
    video = factories.video(team.project, team.owner)
    asked = runs.request(kind=RunKind.INGEST, actor=team.owner, project_id=team.project.pk, video=video)
    assert asked.is_live


@pytest.mark.django_db(transaction=True)
def test_of_many_runs_at_once_no_more_are_made_than_allowed(team: factories.Team) -> None:
    allow(team.project, runs_allowed=2)
    video = factories.ready_video(team.project, team.owner, stored=False)
    masklets = [factories.masklet(video, team.annotator) for _ in range(6)]
    results = at_once(*[lambda m=m: factories.predict_run(m, team.annotator) for m in masklets])
    assert len(granted(results)) == Run.objects.filter(project=team.project).count() == 2


def test_exports_and_checkpoints_count_and_nothing_more_is_written_without_room(team: factories.Team) -> None:
    factories.accepted_masklet(factories.ready_video(team.project, team.owner, stored=False), team)
    release = factories.frozen_release(team)
    export = Export.objects.create(release=release, format="mose", created_by=team.owner)
    for name, own in {"a.json": True, "frame.jpg": False}.items():  # which is the video's, and counted there
        ExportFile.objects.create(export=export, name=name, key="k", size=700, sha256="0" * 64, own=own)
    Checkpoint.objects.filter(project=team.project).update(bytes=300)
    Video.objects.filter(project=team.project).update(bytes=24)
    assert quotas.stored(team.project).used == 1024
    allow(team.project, bytes_allowed=1024)
    with pytest.raises(NoRoomLeft, match=r"holds 1\.0 kB and may hold 1\.0 kB"):
        exports.request(actor=team.owner, release=release, format="sav")
    with pytest.raises(NoRoomLeft):
        factories.retraining(team, release)
    allow(team.project, bytes_allowed=2048)
    exports.request(actor=team.owner, release=release, format="sav")


def test_owners_see_the_shares(team: factories.Team, signed_in: SignIn, settings: Any) -> None:
    settings.PROJECT_VIDEOS = 7
    factories.video(team.project, team.owner, bytes=12)
    address = f"/api/projects/{team.project.pk}/usage/"
    assert signed_in(team.owner).get(address).data == {
        "bytes": {"used": 12, "allowed": 500 * 10**9},
        "videos": {"used": 1, "allowed": 7},
        "runs": {"used": 0, "allowed": 500},
    }
    assert signed_in(team.annotator).get(address).status_code == 403


def test_the_operator_sets_them_and_that_is_told(team: factories.Team) -> None:
    said = io.StringIO()
    call_command("set_quota", team.project.pk, "--bytes", "2TB", "--videos", "10", stdout=said)
    assert "0 bytes of 2.0 TB" in said.getvalue()
    entry = AuditEntry.objects.filter(project=team.project)[0]
    assert (entry.actor_name, entry.after) == (
        "operator",
        {"bytes_allowed": 2 * 10**12, "videos_allowed": 10},
    )
    call_command("set_quota", team.project.pk, "--bytes", "default", stdout=said)
    assert "of 500 GB" in said.getvalue()
    for wrong in (["--bytes", "much"], ["--videos", "99999999999"], ["--runs", "-1"]):
        with pytest.raises(CommandError):
            call_command("set_quota", team.project.pk, *wrong, stdout=said)


def test_a_file_of_the_servers_is_refused_in_a_sentence(team: factories.Team, tmp_path: Path) -> None:
    allow(team.project, videos_allowed=0)
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x")
    with pytest.raises(TooManyVideos):
        ingest.ingest_file(actor=team.owner, project=team.project, path=path)
    with pytest.raises(CommandError, match="may have 0"):
        call_command("ingest", path, project=str(team.project.pk))
