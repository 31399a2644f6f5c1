import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from pycocotools import mask as coco

from engine import lifecycle, storage
from engine.models import (
    ExportFile,
    Masklet,
    MaskletStatus,
    Release,
    ReleaseStatus,
    Run,
    RunKind,
    RunStatus,
    Source,
    Video,
)
from engine.services import releases, runs
from tests import factories
from worker.datasets.export import export, video_id
from worker.runs import Work, perform


@pytest.fixture
def video(team: factories.Team) -> Video:
    return factories.ready_video(team.project, team.owner, frames=5, proxy=True)


@pytest.fixture
def release(video: Video, team: factories.Team) -> Release:
    """Two masklets, of which the second is absent but on frames 1 to 3."""
    factories.accepted_masklet(video, team)
    absent = np.zeros_like(factories.disc_mask(0))
    seen = {j: factories.disc_mask(j) if j in (1, 2, 3) else absent for j in range(5)}
    factories.accepted_masklet(video, team, seen)
    return factories.frozen_release(team, "first of all")


def write(release: Release, team: factories.Team) -> Run:
    run = releases.export(actor=team.owner, release=release, format="sa-v")
    perform(run.pk, export)
    run.refresh_from_db()
    release.refresh_from_db()
    return run


def content(release: Release) -> dict[str, bytes]:
    return {file.name: storage.get(file.key) for file in ExportFile.objects.filter(release=release)}


def rows(release: Release) -> list[tuple[str, str, int, str]]:
    return [(f.name, f.key, f.size, f.sha256) for f in ExportFile.objects.filter(release=release)]


def decoded(rle: dict[str, Any]) -> np.ndarray:
    return coco.decode({"size": rle["size"], "counts": rle["counts"].encode()}).astype(bool)


def test_a_release_becomes_sa_v_files_in_s3(release: Release, video: Video, team: factories.Team) -> None:
    run = write(release, team)
    assert (run.status, run.result) == (RunStatus.SUCCEEDED, {"files": 3})
    assert (run.progress_done, run.progress_total) == (1, 1)
    assert release.status == ReleaseStatus.EXPORTED
    name = video_id(video)
    files = content(release)
    assert sorted(files) == ["first-of-all-sa-v.zip", f"{name}.mp4", f"{name}_manual.json"]
    for file in ExportFile.objects.all():
        assert file.key == f"{release.prefix}/sa-v/{file.name}"
        assert file.size == len(files[file.name])


def test_frames_that_nobody_annotated_are_not_exported_as_absences(
    video: Video, team: factories.Team
) -> None:
    factories.accepted_masklet(video, team, {j: factories.disc_mask(j) for j in (1, 2, 3)})
    release = factories.frozen_release(team)
    run = write(release, team)
    assert run.status == RunStatus.FAILED
    assert "has 2 of 5 frames that were never annotated" in run.error_message
    assert not content(release)


def test_the_masks_are_those_that_were_accepted(release: Release, video: Video, team: factories.Team) -> None:
    write(release, team)
    written = json.loads(content(release)[f"{video_id(video)}_manual.json"])
    assert written["masklet_num"] == 2
    assert (written["video_frame_count"], written["video_duration"]) == (17.0, 17 / 24)
    for j, (whole, part) in enumerate(written["masklet"]):
        np.testing.assert_array_equal(decoded(whole), factories.disc_mask(j))
        expected = factories.disc_mask(j) if j in (1, 2, 3) else np.zeros_like(decoded(part))
        np.testing.assert_array_equal(decoded(part), expected)
    assert written["masklet_frame_count"] == [5, 5]
    assert written["masklet_first_appeared_frame"] == [0.0, 1.0]
    assert written["masklet_edited_frame_count"] == [1, 1]


def test_frame_4j_of_the_mp4_is_annotated_frame_j(
    release: Release, video: Video, team: factories.Team
) -> None:
    write(release, team)
    with av.open(io.BytesIO(content(release)[f"{video_id(video)}.mp4"]), format="mp4") as container:
        played = [frame.to_ndarray(format="rgb24").astype(int) for frame in container.decode(video=0)]
    assert len(played) == 17
    for j in range(5):
        assert np.abs(played[4 * j] - factories.disc_frame(j)).mean() < 20


def test_automatic_masklets_have_a_file_of_their_own(
    release: Release, video: Video, team: factories.Team
) -> None:
    Masklet.objects.filter(object_id=2).update(source=Source.AUTO)
    write(release, team)
    name = video_id(video)
    files = content(release)
    manual, auto = (json.loads(files[f"{name}_{source}.json"]) for source in ("manual", "auto"))
    assert (manual["masklet_id"], auto["masklet_id"]) == ([0], [0])
    assert auto["masklet_type"] == ["auto"]
    assert auto["masklet_stability_score"] == [[1.0]] * 5


def test_the_zip_holds_the_same_files(release: Release, team: factories.Team) -> None:
    write(release, team)
    files = content(release)
    with zipfile.ZipFile(io.BytesIO(files.pop("first-of-all-sa-v.zip"))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_a_retry_and_a_second_export_write_the_same_bytes(
    release: Release, team: factories.Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = releases.export(actor=team.owner, release=release, format="sa-v")
    with monkeypatch.context() as patch:
        patch.setattr(runs, "succeed", break_down)
        perform(run.pk, export)
    assert not ExportFile.objects.exists()
    perform(run.pk, export)
    run.refresh_from_db()
    assert (run.status, run.attempt) == (RunStatus.SUCCEEDED, 2)
    first = rows(release)
    assert len(first) == 3

    assert write(release, team).status == RunStatus.SUCCEEDED
    assert rows(release) == first


def break_down(*_: Any) -> None:
    raise ZeroDivisionError


def test_a_cancelled_export_leaves_nothing(
    release: Release, video: Video, team: factories.Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.ready_video(team.project, team.owner, frames=2, proxy=True)
    factories.accepted_masklet(other, team, {0: factories.disc_mask(0)})
    both = factories.frozen_release(team, "both")
    cancelled = iter([False, True])
    monkeypatch.setattr(Work, "cancelled", property(lambda work: next(cancelled)))
    run = write(both, team)
    assert (run.status, both.status) == (RunStatus.CANCELLED, ReleaseStatus.FROZEN)
    assert storage.size_of(f"{both.prefix}/sa-v/{video_id(video)}.mp4") is None
    assert not ExportFile.objects.exists()


def test_a_proxy_that_is_missing_is_told(release: Release, video: Video, team: factories.Team) -> None:
    storage.delete_prefix(video.proxy_key)
    run = write(release, team)
    assert run.status == RunStatus.FAILED
    assert "proxy" in run.error_message
    assert release.status == ReleaseStatus.FROZEN


def test_a_full_disk_is_told_before_anything_is_written(
    release: Release, team: factories.Team, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from worker import scratch

    usage = scratch.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(scratch.shutil, "disk_usage", lambda path: usage._replace(free=1000))
    run = write(release, team)
    assert (run.kind, run.error_code) == (RunKind.EXPORT, "disk_full")


def test_what_was_rejected_after_the_freeze_is_not_exported(release: Release, team: factories.Team) -> None:
    masklet = Masklet.objects.filter(project=team.project).latest("id")
    lifecycle.change(masklet, MaskletStatus.IN_VERIFICATION, actor=team.owner, reason="Looks wrong.")
    lifecycle.change(masklet, MaskletStatus.REJECTED, actor=team.reviewer)
    run = write(release, team)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "wrong_state")
    assert "was rejected after this release was frozen" in run.error_message
    assert release.status == ReleaseStatus.FROZEN
    assert not ExportFile.objects.exists()


@pytest.mark.parametrize("rot", ["changed", "cut", "gone"])
def test_masks_that_rotted_in_the_store_are_not_exported(
    release: Release, team: factories.Team, rot: str
) -> None:
    key = release.items.first().revision.key  # type: ignore[attr-defined]
    if rot == "gone":
        storage.delete_prefix(key)
    elif rot == "cut":
        storage.put(key, storage.get(key)[:-9], content_type="application/gzip")
    else:
        other = {"size": [64, 96], "frames": {}}
        storage.put(key, gzip.compress(json.dumps(other).encode()), content_type="application/gzip")
    run = write(release, team)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "object_damaged")
