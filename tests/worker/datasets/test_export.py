import gzip
import hashlib
import io
import itertools
import json
import random
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from pycocotools import mask as coco
from rest_framework.test import APIClient

from engine import lifecycle, packs, storage
from engine.errors import ObjectDamaged
from engine.models import (
    Export,
    ExportFile,
    ExportPart,
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
from engine.services import exports, runs
from tests import factories
from vos.formats import FORMATS, open_files
from worker.datasets import children, part, recorder
from worker.datasets.export import export
from worker.datasets.jobs import video_id
from worker.datasets.measure import measure
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
    run = exports.request(actor=team.owner, release=release, format="sav")
    perform(run.pk, export)
    run.refresh_from_db()
    release.refresh_from_db()
    return run


def content(release: Release) -> dict[str, bytes]:
    return {file.name: storage.get(file.key) for file in ExportFile.objects.filter(export__release=release)}


def rows(release: Release) -> list[tuple[str, str, int, str]]:
    return [(f.name, f.key, f.size, f.sha256) for f in ExportFile.objects.filter(export__release=release)]


def decoded(rle: dict[str, Any]) -> np.ndarray:
    return coco.decode({"size": rle["size"], "counts": rle["counts"].encode()}).astype(bool)


def test_a_release_becomes_sa_v_files_in_s3(release: Release, video: Video, team: factories.Team) -> None:
    run = write(release, team)
    assert (run.error_message, run.status, run.result) == (
        "",
        RunStatus.SUCCEEDED,
        {"files": 5, "format": "sav"},
    )
    assert (run.progress_done, run.progress_total) == (1, 1)
    assert release.status == ReleaseStatus.EXPORTED
    name = video_id(video)
    files = content(release)
    beside = ["DATASHEET.md", "SHA256SUMS", "maskloop_index.json"]
    assert sorted(files) == sorted([f"{name}.mp4", f"{name}_manual.json", *beside])
    made = Export.objects.get()
    assert (made.status, made.file_count, made.bytes) == ("written", 5, sum(map(len, files.values())))
    assert made.sha256 == hashlib.sha256(files["SHA256SUMS"]).hexdigest()
    for file in ExportFile.objects.all():
        assert file.size == len(files[file.name])
        assert file.sha256 == hashlib.sha256(files[file.name]).hexdigest()
    film = ExportFile.objects.get(name=f"{name}.mp4")
    assert (film.key, film.own) == (video.proxy_key, False), "what the store has already is not copied"


def test_the_sums_are_those_of_the_files(release: Release, team: factories.Team) -> None:
    write(release, team)
    files = content(release)
    lines = files.pop("SHA256SUMS").decode().splitlines()
    told = {name: sha256 for sha256, name in (line.split("  ", 1) for line in lines)}
    assert told == {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}


def test_what_accepted_each_masklet_stands_beside_the_files(video: Video, team: factories.Team) -> None:
    for passed_by in ("", "preverifier", "sampling", "sampling"):
        made = factories.accepted_masklet(video, team)
        Masklet.objects.filter(pk=made.pk).update(passed_by=passed_by)
    release = factories.frozen_release(team)
    # What becomes of a masklet later is no part of the release's evidence.
    Masklet.objects.filter(project=team.project).update(passed_by="")
    write(release, team)
    files = content(release)
    (told,) = json.loads(files["maskloop_index.json"])["videos"]
    wanted = ["person", "preverifier", "sampling", "sampling"]
    assert [each["passed_by"] for each in told["objects"]] == wanted
    assert release.lineage.verification.passed_by == {"person": 1, "preverifier": 1, "sampling": 2}
    datasheet = files["DATASHEET.md"].decode()
    assert "1 of 4 masklets were watched and found satisfactory" in datasheet
    assert "2 without a person's look: left out of the verification by a random draw" in datasheet
    assert "1 without a person's look: passed by a model" in datasheet


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
    for j, (whole, seen) in enumerate(written["masklet"]):
        np.testing.assert_array_equal(decoded(whole), factories.disc_mask(j))
        expected = factories.disc_mask(j) if j in (1, 2, 3) else np.zeros_like(decoded(seen))
        np.testing.assert_array_equal(decoded(seen), expected)
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


def test_a_candidate_that_a_reviewer_accepted_is_exported_as_automatic(
    video: Video, team: factories.Team
) -> None:
    candidate = factories.proposed(factories.generation(team, video))
    lifecycle.change(candidate.masklet, MaskletStatus.ACCEPTED, actor=team.reviewer)
    release = factories.frozen_release(team)
    assert write(release, team).status == RunStatus.SUCCEEDED
    files = content(release)
    assert f"{video_id(video)}_manual.json" not in files
    auto = json.loads(files[f"{video_id(video)}_auto.json"])
    assert (auto["masklet_type"], auto["masklet_edited_frame_count"]) == (["auto"], [0])
    for j, (rle,) in enumerate(auto["masklet"]):
        assert (decoded(rle) == factories.disc_mask(j)).all()


def downloaded(team: factories.Team, pk: int) -> tuple[str, bytes]:
    client = APIClient()
    client.force_login(team.owner)
    answer = client.get(f"/api/exports/{pk}/zip/")
    assert answer.status_code == 200
    return answer["Content-Disposition"], b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_the_zip_holds_the_same_files_and_is_the_same_each_time(
    release: Release, team: factories.Team
) -> None:
    write(release, team)
    called, body = downloaded(team, Export.objects.get().pk)
    assert called == 'attachment; filename="first-of-all-sav.zip"'
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == content(release)
    assert downloaded(team, Export.objects.get().pk)[1] == body


def test_a_zip_is_sent_from_any_byte_on(release: Release, team: factories.Team) -> None:
    write(release, team)
    pk = Export.objects.get().pk
    _, body = downloaded(team, pk)
    client = APIClient()
    client.force_login(team.owner)

    def part(asked: str, **more: str) -> tuple[int, str, bytes]:
        answer = client.get(f"/api/exports/{pk}/zip/", HTTP_RANGE=asked, **more)
        sent = b"".join(answer.streaming_content) if answer.streaming else b""
        assert not answer.streaming or int(answer["Content-Length"]) == len(sent)
        return answer.status_code, answer.get("Content-Range", ""), sent

    size = len(body)
    draw = random.Random(0)
    places = [0, 1, 29, 30, 31, size - 1, size - 22, *(draw.randrange(size) for _ in range(40))]
    for first in places:
        last = draw.randrange(first, size)
        told = f"bytes {first}-{last}/{size}"
        assert part(f"bytes={first}-{last}") == (206, told, body[first : last + 1])
        assert part(f"bytes={first}-") == (206, f"bytes {first}-{size - 1}/{size}", body[first:])
    assert part("bytes=-100") == (206, f"bytes {size - 100}-{size - 1}/{size}", body[-100:])
    assert part(f"bytes=0-{10 * size}")[1:] == (f"bytes 0-{size - 1}/{size}", body)
    assert part(f"bytes={size}-") == (416, f"bytes */{size}", b"")
    for not_one in ("bytes=0-1,5-6", "bytes=-", "bytes=5-2", "lines=1-2", "bytes=a-b"):
        assert part(not_one) == (200, "", body), not_one
    assert part("bytes=5-", HTTP_IF_RANGE='"what was begun"') == (200, "", body)


@pytest.mark.skipif(shutil.which("unzip") is None, reason="there is no unzip on this machine")
def test_a_zip_opens_with_other_tools(release: Release, team: factories.Team, tmp_path: Path) -> None:
    write(release, team)
    path = tmp_path / "all.zip"
    path.write_bytes(downloaded(team, Export.objects.get().pk)[1])
    said = subprocess.run(["unzip", "-t", path], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, ""), said.stdout


def test_a_zip_stops_where_a_file_is_not_what_was_written(release: Release, team: factories.Team) -> None:
    write(release, team)
    made = Export.objects.get()
    row = made.files.get(name="maskloop_index.json")  # type: ignore[attr-defined]
    whole = storage.get(row.key)
    for damaged in (whole[:-1], whole[:-1] + b"X"):
        storage.put(row.key, damaged, content_type="application/json")
        with pytest.raises(ObjectDamaged):
            downloaded(team, made.pk)
    storage.put(row.key, whole, content_type="application/json")
    assert downloaded(team, made.pk)
    made.files.filter(pk=row.pk).update(crc32=None)  # type: ignore[attr-defined]
    client = APIClient()
    client.force_login(team.owner)
    answer = client.get(f"/api/exports/{made.pk}/zip/")
    assert (answer.status_code, "older version" in answer.json()["message"]) == (409, True)


def test_a_name_in_any_script_is_a_file_name(video: Video, team: factories.Team) -> None:
    factories.accepted_masklet(video, team)
    release = factories.frozen_release(team, "第一版 v1")
    write(release, team)
    called, _ = downloaded(team, Export.objects.get().pk)
    assert called == "attachment; filename*=utf-8''%E7%AC%AC%E4%B8%80%E7%89%88-v1-sav.zip"


def test_an_object_keeps_its_id_in_every_release(video: Video, team: factories.Team) -> None:
    first, second = (factories.accepted_masklet(video, team) for _ in range(2))
    Masklet.objects.filter(pk=second.pk).update(label="dog", attributes={"wet": True})
    Masklet.objects.filter(pk=first.pk).update(status=MaskletStatus.NEEDS_REFINEMENT)
    later = factories.frozen_release(team)
    Masklet.objects.filter(pk=first.pk).update(status=MaskletStatus.ACCEPTED)
    both = factories.frozen_release(team, "both")
    for release in (later, both):
        write(release, team)
        index = json.loads(content(release)["maskloop_index.json"])
        (told,) = index["videos"]
        objects = {each["id"]: each for each in told["objects"]}
        assert objects[second.object_id]["category"] == index["categories"][0]["id"] == 1
        assert objects[second.object_id]["attributes"] == {"wet": True}
        assert (told["source_name"], told["source_sha256"]) == (video.name, video.source_sha256)
        assert [frame["timeline_idx"] for frame in told["frames"]] == [0, 4, 8, 12, 16]


def test_what_was_said_of_an_object_is_as_it_was_when_it_was_frozen(
    release: Release, video: Video, team: factories.Team
) -> None:
    write(release, team)
    before = rows(release)
    Masklet.objects.filter(project=team.project).update(label="cat", attributes={"age": 3})
    Video.objects.filter(pk=video.pk).update(split="test", environment="Outdoor", tags=["night"])
    write(release, team)
    assert rows(release) == before


def test_every_format_is_exported_and_read_back(
    release: Release, video: Video, team: factories.Team, tmp_path: Path
) -> None:
    """The same object on the same frames, by the reader of that format."""
    for name, title in exports.formats().items():
        run = exports.request(actor=team.owner, release=release, format=name)
        perform(run.pk, export)
        run.refresh_from_db()
        assert run.status == RunStatus.SUCCEEDED, (title, run.error_message)
        made = Export.objects.get(release=release, format=name)
        folder = tmp_path / name
        with zipfile.ZipFile(io.BytesIO(downloaded(team, made.pk)[1])) as archive:
            archive.extractall(folder)
        dataset = FORMATS[name].read(open_files(str(folder)))
        (item,) = dataset.videos
        tracks = {track.id: track for track in item.tracks}
        for idx in range(5) if FORMATS[name].holds.overlaps else (0, 4):  # where the second is not before it
            if idx in tracks[1].masks:
                np.testing.assert_array_equal(decoded(dict(tracks[1].masks[idx])), factories.disc_mask(idx))
        assert len(tracks[1].masks) == 5, title
    assert Export.objects.filter(release=release).count() == len(exports.formats())


def many(team: factories.Team, count: int) -> Release:
    for _ in range(count):
        video = factories.ready_video(team.project, team.owner, frames=2, proxy=True)
        factories.accepted_masklet(video, team)
    return factories.frozen_release(team, "many")


def test_many_videos_are_written_by_children_and_are_the_same(
    team: factories.Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = many(team, 6)
    assert write(release, team).status == RunStatus.SUCCEEDED
    by_children = rows(release)
    monkeypatch.setattr(children, "FEW", 99)
    assert write(release, team).status == RunStatus.SUCCEEDED
    assert rows(release) == by_children
    assert len(by_children) == 6 * 2 + 3


def test_a_child_tells_what_is_wrong(team: factories.Team) -> None:
    release = many(team, 6)
    victim = Video.objects.filter(project=team.project).latest("id")
    storage.delete(victim.proxy_key)
    run = write(release, team)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "object_damaged")
    assert victim.name in run.error_message


def test_a_killed_export_goes_on_after_what_is_written(
    team: factories.Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = many(team, 3)
    run = exports.request(actor=team.owner, release=release, format="sav")
    monkeypatch.setattr(recorder, "EVERY", 0.0)
    writing, written = part.write, []

    def twice(job: Any, moved: Any = None) -> Any:
        if len(written) == 2 and run.attempt == 0:
            raise ZeroDivisionError
        written.append(job["video"]["id"])
        return writing(job)

    with monkeypatch.context() as patch:
        patch.setattr(part, "write", twice)
        perform(run.pk, export)
        assert ExportPart.objects.count() == 2
        run.refresh_from_db()
        perform(run.pk, export)
    run.refresh_from_db()
    assert (run.status, run.attempt) == (RunStatus.SUCCEEDED, 2)
    assert len(written) == len(set(written)) == 3
    resumed = rows(release)
    write(release, team)
    assert rows(release) == resumed


def test_what_was_not_noted_is_written_again(team: factories.Team, monkeypatch: pytest.MonkeyPatch) -> None:
    release = many(team, 3)
    run = exports.request(actor=team.owner, release=release, format="sav")
    monkeypatch.setattr(recorder, "EVERY", 3600.0)
    with monkeypatch.context() as patch:
        patch.setattr(recorder.Recorder, "note", break_down)
        perform(run.pk, export)
    assert not ExportPart.objects.exists()
    perform(run.pk, export)
    run.refresh_from_db()
    assert (run.status, run.attempt, run.progress_done) == (RunStatus.SUCCEEDED, 2, 3)
    assert ExportPart.objects.values("key").distinct().count() == 1, "noted together"
    resumed = rows(release)
    write(release, team)
    assert rows(release) == resumed


def test_a_part_that_rotted_is_told_and_written_again(
    team: factories.Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = many(team, 2)
    run = exports.request(actor=team.owner, release=release, format="sav")
    with monkeypatch.context() as patch:
        patch.setattr(exports, "finish", break_down)
        perform(run.pk, export)
    victim = ExportPart.objects.earliest("video_id")
    storage.put(victim.key, gzip.compress(b"{}"), content_type="application/gzip")
    perform(run.pk, export)
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "object_damaged")
    assert "Write it again" in run.error_message
    assert not ExportPart.objects.exists(), "those that lay with it neither"
    run = write(release, team)
    assert run.status == RunStatus.SUCCEEDED, run.error_message


def measured(release: Release) -> None:
    perform(Run.objects.get(release=release, kind=RunKind.MEASURE).pk, measure)


def test_masks_that_were_packed_together_give_the_same_bytes(
    release: Release, video: Video, team: factories.Team
) -> None:
    write(release, team)
    by_themselves = rows(release)
    measured(release)
    pack = packs.get(release.pack_key(video.pk))
    keys = [item.revision.key for item in release.items.all()]  # type: ignore[attr-defined]
    assert {storage.masks_sha256(key) for key in keys} == set(pack.lines)
    for key in [*keys, video.manifest_key]:  # the pack alone is read
        storage.delete(key)
    assert write(release, team).status == RunStatus.SUCCEEDED
    assert rows(release) == by_themselves


@pytest.mark.parametrize("rot", ["changed", "cut", "gone"])
def test_a_pack_that_rotted_is_done_without(
    release: Release, video: Video, team: factories.Team, rot: str
) -> None:
    measured(release)
    write(release, team)
    before, key = rows(release), release.pack_key(video.pk)
    if rot == "gone":
        storage.delete(key)
    elif rot == "cut":
        storage.put(key, storage.get(key)[:-9], content_type="application/gzip")
    else:
        lines = [line.replace(b"1", b"2") for line in packs.get(key).lines.values()]
        packs.put(key, lines)
    assert write(release, team).status == RunStatus.SUCCEEDED
    assert rows(release) == before


def test_a_retry_and_a_second_export_write_the_same_bytes(
    release: Release, team: factories.Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = exports.request(actor=team.owner, release=release, format="sav")
    with monkeypatch.context() as patch:
        patch.setattr(runs, "succeed", break_down)
        perform(run.pk, export)
    assert Export.objects.get().status == "writing"
    perform(run.pk, export)
    run.refresh_from_db()
    assert (run.status, run.attempt) == (RunStatus.SUCCEEDED, 2)
    first = rows(release)
    assert len(first) == 5

    assert write(release, team).status == RunStatus.SUCCEEDED
    assert rows(release) == first


def break_down(*_: Any, **__: Any) -> None:
    raise ZeroDivisionError


def test_a_cancelled_export_leaves_nothing(
    release: Release, video: Video, team: factories.Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.ready_video(team.project, team.owner, frames=2, proxy=True)
    factories.accepted_masklet(other, team, {0: factories.disc_mask(0)})
    both = factories.frozen_release(team, "both")
    cancelled = itertools.chain([False, False], itertools.repeat(True))
    monkeypatch.setattr(Work, "cancelled", property(lambda work: next(cancelled)))
    run = write(both, team)
    assert (run.status, both.status) == (RunStatus.CANCELLED, ReleaseStatus.FROZEN)
    assert list(storage.listing(f"{both.prefix}/")) == []
    assert not ExportFile.objects.exists()


def test_a_proxy_that_is_missing_is_told(release: Release, video: Video, team: factories.Team) -> None:
    storage.delete_prefix(video.proxy_key)
    run = write(release, team)
    assert run.status == RunStatus.FAILED
    assert "proxy" in run.error_message
    assert release.status == ReleaseStatus.FROZEN


def test_a_proxy_that_changed_is_told(release: Release, video: Video, team: factories.Team) -> None:
    storage.put(video.proxy_key, storage.get(video.proxy_key) + b"more", content_type="video/mp4")
    run = write(release, team)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "object_damaged")


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
