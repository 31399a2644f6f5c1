"""A real worker, killed for real."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import storage
from engine.models import MaskletStatus, Run, RunFrame, RunStatus
from engine.services import retraining
from tests import factories
from tests.app import App

FRAMES = 60


@pytest.fixture
def app(
    transactional_db: None, tiny_checkpoint_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[App]:
    monkeypatch.setenv("MASKLOOP_CHECKPOINT", str(tiny_checkpoint_folder))
    monkeypatch.setenv("MASKLOOP_DEVICE", "cpu")
    app = App(tmp_path)
    yield app
    app.stop()


def until(true: Callable[[], Any], *, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def test_a_run_whose_worker_is_killed_resumes_and_loses_nothing(
    app: App, team: factories.Team, masks_of: Callable[..., Any], told: Callable[..., Any]
) -> None:
    video = factories.ready_video(team.project, team.owner, frames=FRAMES)
    masklet = factories.masklet(video, team.annotator, status=MaskletStatus.ANNOTATING)
    factories.click(masklet, team.annotator)
    app.start("gpu")
    run = factories.propagate_run(masklet, team.annotator, direction="both", from_frame=FRAMES // 2)

    until(lambda: run.frames.count() >= 5)  # type: ignore[attr-defined]
    app.kill("gpu")
    run.refresh_from_db()
    persisted = dict(RunFrame.objects.values_list("frame_idx", "counts"))
    shown = {event["frame_idx"]: event["counts"] for event in told(run, "mask")}
    assert run.status == RunStatus.RUNNING
    assert 5 <= len(persisted) < FRAMES
    assert shown.items() <= persisted.items(), "a frame is shown only after it is persisted"

    app.start("gpu")  # which gives back what its predecessor held
    until(lambda: Run.objects.filter(pk=run.pk, status=RunStatus.SUCCEEDED).exists())

    run.refresh_from_db()
    assert (run.attempt, run.result) == (2, {"revision": 1, "frames": FRAMES, "kept": 0})
    frames = masks_of(masklet)
    assert sorted(map(int, frames)) == list(range(FRAMES))
    assert {idx: frames[str(idx)]["counts"] for idx in persisted} == persisted
    told_once = [event["frame_idx"] for event in told(run, "mask")]
    assert len(told_once) == len(set(told_once)) >= FRAMES - 1, "only one frame can be persisted but untold"
    assert not RunFrame.objects.exists()


@pytest.mark.timeout(600)
def test_a_retraining_whose_worker_is_killed_goes_on_after_its_last_kept_step(
    app: App, team: factories.Team
) -> None:
    for _ in range(2):
        factories.accepted_masklet(factories.ready_video(team.project, team.owner, frames=8), team)
    app.start("train")
    run = factories.retraining(team, steps=4, rendered_share=0.0)

    until(lambda: storage.size_of(f"{run.prefix}/last.pt") and validated(run), seconds=240)
    app.kill("train")
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    assert run.progress_done < 4, "the training was over before the worker was killed"
    kept = validated(run)
    assert kept

    app.start("train")  # which gives back what its predecessor held
    until(lambda: len(validated(run)) > len(kept), seconds=240)

    run.refresh_from_db()
    assert run.attempt == 2
    assert validated(run)[: len(kept)] == kept, "what was kept is not trained again"
    steps = [entry["step"] for entry in validated(run)]
    assert steps == list(range(1, len(steps) + 1))


def validated(run: Run) -> list[dict[str, Any]]:
    """The kept steps of a retraining; each was measured."""
    return [entry for entry in retraining.log(run) if "validation" in entry]
