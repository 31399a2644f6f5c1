import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import storage
from engine.models import Run, RunStatus, Video, VideoStatus
from engine.services import ingest as asking, runs
from tests import factories
from worker import scratch
from worker.inference.frames import VideoFrames
from worker.render import write_mp4
from worker.runs import Work, perform
from worker.videos.ingest import ingest


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two thirds of a second of the disc, at the project's 24 frames a second."""
    path = tmp_path / "disc.mp4"
    write_mp4(path, np.stack([factories.disc_frame(i) for i in range(16)]), 24.0)
    return path


@pytest.fixture(autouse=True)
def scratch_is_left_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


def asked(team: factories.Team, path: Path) -> tuple[Run, Video]:
    run = asking.ingest_file(actor=team.owner, project=team.project, path=path)
    assert run.video is not None
    return run, run.video


def take_in(run: Run, video: Video) -> None:
    perform(run.pk, ingest)
    run.refresh_from_db()
    video.refresh_from_db()


def test_a_source_becomes_a_ready_video(team: factories.Team, clip: Path) -> None:
    run, video = asked(team, clip)
    take_in(run, video)
    assert (run.status, run.result, run.error_message) == (RunStatus.SUCCEEDED, {"frames": 4}, "")
    assert (run.progress_done, run.progress_total) == (100, 100)
    assert video.status == VideoStatus.READY
    assert (video.width, video.height) == (factories.WIDTH, factories.HEIGHT)
    assert (video.timeline_frame_count, video.frame_count) == (16, 4)
    assert video.duration == pytest.approx(16 / 24)
    assert video.bytes == sum(storage.size_of(key) or 0 for key, _ in storage.listing(f"{video.prefix}/"))

    header, *lines = map(json.loads, storage.get(video.manifest_key).splitlines())
    assert header["source_sha256"] == video.source_sha256
    assert [line["timeline_idx"] for line in lines] == [0, 4, 8, 12]
    assert storage.get(video.thumbnail_key)[:2] == b"\xff\xd8"
    assert storage.get(video.proxy_key)[4:8] == b"ftyp"
    for j, frame in enumerate(VideoFrames(video)[j] for j in range(4)):
        assert np.abs(frame.astype(int) - factories.disc_frame(4 * j)).mean() < 20


def test_what_is_no_video_fails_with_a_sentence_for_the_user(team: factories.Team, tmp_path: Path) -> None:
    path = tmp_path / "holiday.mp4"
    path.write_text("Dear diary, ...")
    run, video = asked(team, path)
    take_in(run, video)
    assert (run.status, video.status) == (RunStatus.FAILED, VideoStatus.FAILED)
    assert run.error_code == video.failure_code != "unexpected"
    assert run.error_message == video.failure_message != ""
    assert storage.size_of(video.frame_key(0)) is None


def test_a_retry_writes_over_what_was_left(
    team: factories.Team, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, video = asked(team, clip)

    def break_down(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(runs, "succeed", break_down)
        take_in(run, video)
    assert (run.status, video.status) == (RunStatus.QUEUED, VideoStatus.EXTRACTING)
    take_in(run, video)
    assert (run.status, run.attempt, video.status) == (RunStatus.SUCCEEDED, 2, VideoStatus.READY)


def test_a_cancelled_ingest_leaves_a_video_that_says_so(
    team: factories.Team, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, video = asked(team, clip)
    monkeypatch.setattr(Work, "cancelled", property(lambda work: True))
    take_in(run, video)
    assert (run.status, video.status) == (RunStatus.CANCELLED, VideoStatus.FAILED)
    assert video.failure_code == "cancelled"


def test_a_source_that_is_gone_is_told(team: factories.Team, clip: Path) -> None:
    run, video = asked(team, clip)
    storage.delete_prefix(video.source_key)
    take_in(run, video)
    assert (run.status, video.status) == (RunStatus.FAILED, VideoStatus.FAILED)
    assert "Upload it again" in video.failure_message
