import io
import json
import zipfile
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from django.db import connection
from PIL import Image

from engine import storage
from engine.models import (
    AuditEntry,
    CandidatePolicy,
    DatasetImport,
    Export,
    Label,
    Masklet,
    MaskletStatus,
    Run,
    RunKind,
    RunStatus,
    Video,
    VideoStatus,
)
from engine.services import candidates, exports, imports, ingest, revisions
from tests import factories
from tests.http import Caller, refusal
from vos import rle
from vos.dataset import Stretch
from worker.datasets.export import export
from worker.datasets.take_in import take_in
from worker.runs import perform
from worker.videos.ingest import ingest as read_video


def brought(team: factories.Team, archive: bytes, **told: Any) -> DatasetImport:
    """Announced, uploaded and read."""
    told = {"name": "theirs.zip", "format": "", "policy": "verify"} | told
    upload = imports.begin(actor=team.owner, project=team.project, size=len(archive), **told)
    row = upload.dataset_import
    assert row is not None
    storage.put(row.source_key, archive, content_type="application/zip")
    ingest.complete_upload(actor=team.owner, upload=upload, parts=[])
    read(row)
    return row


def read(row: DatasetImport) -> Run:
    run = Run.objects.filter(dataset_import=row).latest("id")
    perform(run.pk, take_in)
    run.refresh_from_db()
    row.refresh_from_db()
    return run


def exported(team: factories.Team, format: str) -> bytes:
    """A release of the project in a format, as its ZIP."""
    release = factories.frozen_release(team, f"as {format}")
    perform(exports.request(actor=team.owner, release=release, format=format).pk, export)
    files = Export.objects.get(release=release).files.all()  # type: ignore[attr-defined]
    return zipped({file.name: storage.get(file.key) for file in files})


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def png(mask: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(mask.astype(np.uint8))
    picture.putpalette([0, 0, 0, 255, 0, 0] + [0] * 762)
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def video(team: factories.Team) -> Video:
    return factories.ready_video(team.project, team.owner, frames=5, proxy=True)


def test_what_was_exported_comes_back_with_all_that_was_said(team: factories.Team, video: Video) -> None:
    masklet = factories.accepted_masklet(video, team)
    Masklet.objects.filter(pk=masklet.pk).update(
        label="dog",
        attributes={"wet": True},
        frame_attributes=[{"name": "far", "first": 1, "last": 2, "value": 3.5}],
    )
    archive = exported(team, "sav")
    row = brought(team, archive)
    assert (row.status, row.problems, row.taken) == ("done", [], [f"maskloop_{video.pk:06d}"])
    assert (row.masklet_count, Label.objects.get().name) == (1, "dog")
    made = Masklet.objects.latest("id")
    assert (made.status, made.source, made.label) == (MaskletStatus.IN_VERIFICATION, "manual", "dog")
    assert (made.attributes, made.provenance) == ({"wet": True}, "import of theirs.zip")
    assert made.frame_attributes == [Stretch("far", 1, 2, 3.5)]
    assert made.revision is not None
    assert (made.revision.kind, made.revision.edited_frames) == ("import", [0])
    stored = revisions.load(made.revision, video=video)
    for idx in range(5):
        mask = rle.decode({"size": stored["size"], "counts": stored["frames"][str(idx)]["counts"]})
        np.testing.assert_array_equal(mask, factories.disc_mask(idx))
    assert AuditEntry.objects.get(kind="dataset_imported").after["masklets"] == 1


def test_by_policy_they_count_as_accepted(team: factories.Team, video: Video) -> None:
    factories.accepted_masklet(video, team)
    row = brought(team, exported(team, "mose"), policy="accept")
    assert row.status == "done", row.problems
    assert Masklet.objects.latest("id").status == MaskletStatus.ACCEPTED


def test_what_does_not_fit_is_refused_with_a_list_and_nothing_is_taken(
    team: factories.Team, video: Video
) -> None:
    mask = png(factories.disc_mask(0)[:32])
    stem = video.name.removesuffix(".mp4")
    files = {f"Annotations/480p/{stem}/{j:05d}.png": mask for j in range(3)}
    files["Annotations/480p/unknown/00000.png"] = mask
    files["ImageSets/2017/train.txt"] = f"{stem}\nunknown\n".encode()
    row = brought(team, zipped(files), format="davis")
    run = Run.objects.get(kind=RunKind.IMPORT)
    assert (row.status, run.status, run.error_code) == ("refused", RunStatus.FAILED, "dataset_refused")
    assert row.problem_count == len(row.problems) == 3, row.problems
    assert any("96 × 32" in problem and "96 × 64" in problem for problem in row.problems)
    assert any("3 annotated frames" in problem and "has 5" in problem for problem in row.problems)
    assert any("unknown is no video of this project" in problem for problem in row.problems)
    assert not Masklet.objects.exists()


@pytest.mark.parametrize(
    ("archive", "sentence"),
    [
        (b"this is no archive", "no ZIP"),
        (zipped({"../up.json": b"{}"}), "leads out of it"),
        (zipped({"readme.txt": b"hello"}), "none of the formats"),
        (zipped({"a_manual.json": b'{"video_height": NaN}'}), "NaN"),
    ],
)
def test_what_is_no_dataset_is_refused(team: factories.Team, archive: bytes, sentence: str) -> None:
    row = brought(team, archive)
    assert row.status == "refused"
    assert sentence in row.problems[0]


def ingesting() -> Thread:
    """The ingest worker of this test: reads what is asked for, once."""

    def work() -> None:
        try:
            while not (run := Run.objects.queued().filter(kind=RunKind.INGEST).first()):
                pass
            perform(run.pk, read_video)
        finally:
            connection.close()

    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def jpeg(frame: np.ndarray) -> bytes:
    return factories.jpeg(frame)


def test_numbered_pictures_become_a_video_with_one_annotated_frame_each(team: factories.Team) -> None:
    files = {f"walk/{j:05d}.jpg": jpeg(factories.disc_frame(j)) for j in range(7)}
    thread = ingesting()
    row = brought(team, zipped(files), format="image_sequence")
    thread.join(timeout=30)
    assert (row.status, row.problems) == ("done", [])
    video = Video.objects.get(project=team.project)
    assert (video.status, video.frame_count, video.annotate_every) == (VideoStatus.READY, 7, 1)
    assert (video.timeline_frame_count, video.width, video.height) == (7, factories.WIDTH, factories.HEIGHT)
    for j in range(7):
        stored = np.asarray(Image.open(io.BytesIO(storage.get(video.frame_key(j)))))
        assert np.abs(stored.astype(int) - factories.disc_frame(j)).mean() < 12


def test_a_dataset_with_its_pictures_brings_video_and_masks(team: factories.Team) -> None:
    files = {f"JPEGImages/480p/bear/{j:05d}.jpg": jpeg(factories.disc_frame(j)) for j in range(4)}
    files |= {f"Annotations/480p/bear/{j:05d}.png": png(factories.disc_mask(j)) for j in range(4)}
    files["ImageSets/2017/train.txt"] = b"bear\n"
    thread = ingesting()
    row = brought(team, zipped(files), format="davis")
    thread.join(timeout=30)
    assert (row.status, row.problems, row.masklet_count) == ("done", [], 1)
    made = Masklet.objects.get()
    stored = revisions.load(made.revision, video=made.video)
    mask = rle.decode({"size": stored["size"], "counts": stored["frames"]["2"]["counts"]})
    np.testing.assert_array_equal(mask, factories.disc_mask(2))


def test_another_attempt_takes_each_video_once(
    team: factories.Team, video: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.accepted_masklet(video, team)
    archive = exported(team, "sav")
    with monkeypatch.context() as patch:
        patch.setattr(imports, "finish", lambda row: 1 / 0)
        row = brought(team, archive)
        assert row.status == "reading"
    assert read(row).status == RunStatus.SUCCEEDED
    assert Masklet.objects.count() == 2
    assert (row.status, row.masklet_count) == ("done", 1)


def predicted(idx: int, **other: Any) -> dict[str, Any]:
    mask = rle.encode(factories.disc_mask(idx))
    return {"frame_idx": idx, "size": mask["size"], "counts": mask["counts"]} | other


def test_masks_of_another_model_become_candidates(team: factories.Team, video: Video) -> None:
    tracks = [{"label": "disc", "score": 0.9, "masks": [predicted(j) for j in range(3)]}]
    path, told = f"videos/{video.pk}/predictions/", {"model": "cutie", "tracks": tracks}
    answer = Caller(team.owner).post(path, told, idempotency_key="k")
    assert answer.status_code == 201, answer.json()
    (made,) = answer.json()
    assert (made["status"], made["source"], made["label"], made["revision"]) == (
        "in_verification",
        "auto",
        "disc",
        1,
    )
    assert Caller(team.owner).post(path, told, idempotency_key="k").json() == [made]
    row = Masklet.objects.get()
    assert (row.provenance, row.created_by) == ("predictions of cutie", None)
    assert refusal(Caller(team.annotator).post(path, told)) == (403, "not_allowed")


def test_the_gallery_shows_what_another_model_made(team: factories.Team, video: Video) -> None:
    unsure = {"label": "disc", "score": 0.1, "masks": [predicted(j) for j in (2, 3)]}
    caller, path = Caller(team.owner), f"videos/{video.pk}/predictions/"
    (fell,) = caller.post(path, {"model": "m", "tracks": [unsure]}).json()
    (kept,) = caller.post(path, {"model": "m", "tracks": [unsure], "verify": True}).json()
    (sure,) = caller.post(path, {"model": "m", "tracks": [{"masks": [predicted(0)]}]}).json()
    found = {row["id"]: row for row in caller.get(f"candidates/?video={video.pk}").json()["results"]}
    told = {pk: (row["status"], row["fate"], row["score"]) for pk, row in found.items()}
    assert told == {
        fell["id"]: ("filtered", "below", 0.1),
        kept["id"]: ("in_verification", "kept", 0.1),
        sure["id"]: ("in_verification", "passed", 1.0),
    }
    area = int(factories.disc_mask(2).sum())
    row = found[fell["id"]]
    assert (row["source"], row["run"], row["first_frame"], row["label"]) == ("upload", None, 2, "disc")
    assert (row["areas"][1], row["areas"][2]) == (0, area)
    back = caller.post(
        f"projects/{team.project.pk}/candidates/bring-back/", {"masklets": [fell["id"]]}, idempotency_key="b"
    )
    assert [each["status"] for each in back.json()] == ["in_verification"]
    # What an owner wants verified is refined when it is not satisfactory, whatever share of candidates is.
    CandidatePolicy.objects.create(project=team.project, refine_share=0.0)
    for pk, after in ((kept["id"], "needs_refinement"), (sure["id"], "filtered")):
        assert candidates.after_unsatisfactory(Masklet.objects.get(pk=pk)) == after


@pytest.mark.parametrize(
    ("mask", "sentence"),
    [
        (predicted(9), "5 annotated frames"),
        (predicted(1, size=[10, 10]), "10 × 10"),
        (predicted(1, counts="PPY0"), "pixels"),
        (predicted(0), "twice"),
    ],
)
def test_a_prediction_that_does_not_fit_is_refused_with_its_place(
    team: factories.Team, video: Video, mask: dict[str, Any], sentence: str
) -> None:
    good = {"masks": [predicted(0)]}
    tracks = [good, {"masks": [predicted(0), mask]}]
    answer = Caller(team.owner).post(f"videos/{video.pk}/predictions/", {"model": "x", "tracks": tracks})
    assert refusal(answer) == (400, "invalid")
    assert "Track 1, frame" in answer.json()["message"]
    assert sentence in answer.json()["message"]
    assert not Masklet.objects.exists()


def test_an_archive_goes_the_way_of_a_videos_upload(team: factories.Team, tmp_path: Path) -> None:
    archive = zipped({"readme.txt": b"hello"})
    caller, path = Caller(team.owner), f"projects/{team.project.pk}/imports/"
    upload = caller.post(path, {"name": "a.zip", "size": len(archive)}).json()
    assert (upload["video"], upload["part_count"]) == (None, 1)
    storage.put(DatasetImport.objects.get().source_key, archive, content_type="application/zip")
    refused = caller.post(f"uploads/{upload['id']}/complete/", {"parts": []})
    assert refusal(refused) == (409, "wrong_state")
    done = caller.post(f"imports/{upload['dataset_import']}/complete/", {"parts": []})
    assert (done.status_code, done.json()["status"], done.json()["run"]["kind"]) == (200, "reading", "import")
    (listed,) = caller.get(path).json()["results"]
    assert listed["name"] == "a.zip"
    assert json.dumps(listed)
