"""Which video of a project each video of an archive is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from engine.models import DatasetImport, Video, VideoStatus
from tests import factories
from tests.factories import Team
from vos.dataset import file_name
from worker.datasets.matching import match

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(team: Team) -> DatasetImport:
    return DatasetImport.objects.create(
        project=team.project, name="archive.zip", bytes=1, created_by=team.owner
    )


def ready(team: Team, name: str, **fields: Any) -> Video:
    return factories.ready_video(team.project, team.owner, stored=False, name=name, **fields)


def told(name: str, video: Video | None = None, **said: Any) -> dict[str, Any]:
    """What an archive says of a video that fits `video`, or any of our factories'."""
    size = (video.width, video.height) if video else (factories.WIDTH, factories.HEIGHT)
    frames = video.frame_count if video else 12
    plain = {"name": name, "source_name": "", "source_sha256": "", "width": size[0], "height": size[1]}
    return plain | {"steps": list(range(frames or 0)), "pictures": False, "film": False} | said


def found(row: DatasetImport, *videos: dict[str, Any]) -> list[Video | None]:
    matched, problems = match(row, videos)
    assert problems == []
    return [each.video for each in matched]


@pytest.mark.parametrize(
    "name",
    [
        "clip.mp4",
        "(take 2) clip.mp4",
        "dräußen im Regen.mov",
        "cafe\u0301.mp4",
        "街.mp4",
        ".hidden",
        "a.b.c.mkv",
    ],
)
def test_a_video_is_found_by_its_file_name_its_stem_and_as_formats_write_them(
    team: Team, row: DatasetImport, name: str
) -> None:
    video = ready(team, name)
    ready(team, "another.mp4")
    stem = name.rpartition(".")[0] or name
    for called in (name, stem, file_name(name), file_name(stem)):
        assert found(row, told(called)) == [video], called


def test_a_name_that_several_have_is_refused_with_their_ids(team: Team, row: DatasetImport) -> None:
    first, second = ready(team, "clip.mp4"), ready(team, "clip.mov")
    _, problems = match(row, [told("clip")])
    assert problems == [
        f"clip could be several videos of this project: clip.mp4 ({first.pk}), clip.mov ({second.pk})."
    ]
    assert found(row, told("clip.mov")) == [second]


def test_the_source_tells_more_than_the_name(team: Team, row: DatasetImport) -> None:
    named, same = ready(team, "clip.mp4"), ready(team, "renamed.mp4", source_sha256="a" * 64)
    assert found(row, told("clip", source_sha256="a" * 64)) == [same]
    assert named.source_sha256 is not None
    assert found(row, told("renamed", source_sha256=named.source_sha256)) == [named]
    assert found(row, told("clip", source_sha256="b" * 64, pictures=True)) == [None], (
        "the name alone is no proof"
    )


def test_our_own_export_finds_its_video_among_copies_of_one_source(team: Team, row: DatasetImport) -> None:
    copies = [ready(team, f"copy {n}.mp4", source_sha256="a" * 64) for n in range(2)]
    for copy in copies:
        assert found(row, told(f"maskloop_{copy.pk:06d}", source_sha256="a" * 64)) == [copy]
    _, problems = match(row, [told("maskloop_999999", source_sha256="a" * 64)])
    assert "could be several videos" in problems[0]


def test_two_of_an_archive_cannot_be_one_video(team: Team, row: DatasetImport) -> None:
    ready(team, "clip.mp4")
    _, problems = match(row, [told("clip"), told("clip.mp4")])
    assert problems == ["clip and clip.mp4 are both clip.mp4 of this project."]


@pytest.mark.parametrize("has", ["pictures", "film"])
def test_what_is_no_video_here_is_made_of_its_pictures_or_its_film(row: DatasetImport, has: str) -> None:
    assert found(row, told("new", **{has: True})) == [None]


def test_what_is_no_video_here_and_brings_none_is_refused(row: DatasetImport) -> None:
    _, problems = match(row, [told("new")])
    assert problems == ["new is no video of this project, and the archive has no pictures of it."]


def test_what_does_not_fit_the_video_is_told_with_both_sizes(team: Team, row: DatasetImport) -> None:
    video = ready(team, "clip.mp4")
    _, problems = match(row, [told("clip", video, width=7, steps=[0, 4])])
    assert problems == [
        f"clip: its frames are 7 × {video.height} (width × height), but clip.mp4 is {video.width} × {video.height}.",
        f"clip: it has 2 annotated frames, but clip.mp4 has {video.frame_count}.",
    ]


def test_only_what_is_there_and_ready_in_this_project_is_matched(team: Team, row: DatasetImport) -> None:
    binned, failed = ready(team, "binned.mp4", source_sha256="a" * 64), ready(team, "failed.mp4")
    Video.objects.filter(pk=binned.pk).update(removed_at=timezone.now())
    Video.objects.filter(pk=failed.pk).update(
        status=VideoStatus.FAILED, failure_code="x", failure_message="It broke."
    )
    other = factories.team()
    theirs = ready(other, "theirs.mp4", source_sha256="b" * 64)
    archive = [
        told("binned", pictures=True),
        told("anything", source_sha256="a" * 64, pictures=True),
        told(f"maskloop_{binned.pk:06d}", source_sha256="a" * 64, pictures=True),
        told("failed", pictures=True),
        told("theirs", pictures=True),
        told(f"maskloop_{theirs.pk:06d}", source_sha256="b" * 64, pictures=True),
    ]
    assert found(row, *archive) == [None] * len(archive)


def test_what_an_attempt_before_made_is_taken_on_whatever_it_is_called(
    team: Team, row: DatasetImport
) -> None:
    made = ready(team, "clip.mp4")
    row.videos = {"clip": made.pk}
    assert found(row, told("clip", width=1, steps=[])) == [None], "it is made already; nothing is compared"


def test_the_projects_names_are_read_once_for_the_whole_archive(team: Team, row: DatasetImport) -> None:
    videos = [ready(team, f"clip {n}.mp4") for n in range(4)]
    with CaptureQueriesContext(connection) as queries:
        assert found(row, *(told(f"clip-{n}") for n in range(4))) == videos
    assert len(queries) == len(videos) + 1
