"""A real worker, killed for real."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import storage
from engine.models import Candidate, Masklet, MaskletStatus, Revision, Run, RunFrame, RunStatus, Video
from engine.services import checkpoints, generation, retraining
from tests import factories
from tests.app import App
from worker.render import render_clip

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
def test_a_generation_whose_worker_is_killed_at_two_stages_finds_the_same_and_stores_nothing_twice(
    app: App, team: factories.Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While its first candidates are followed and none is stored, and after some are."""
    app.stop()
    monkeypatch.setenv("MASKLOOP_CHECKPOINT", checkpoints.BUNDLED)  # random weights find nothing that passes
    app = App(app.logs)
    crowd = render_clip(3, width=192, height=128, frames=16, objects=4, split="test").frames
    calm, killed = (factories.ready_video(team.project, team.owner, frames=crowd) for _ in range(2))
    try:
        app.start("gpu")
        whole = generated(team, calm)
        until(lambda: ended(whole), seconds=240)

        run = generated(team, killed)
        until(lambda: Run.objects.get(pk=run.pk).progress_done > 0, seconds=120)
        app.kill("gpu")
        assert not Candidate.objects.filter(run=run).exists(), "a candidate was stored before the kill"
        app.start("gpu")
        until(lambda: Candidate.objects.filter(run=run).count() >= 2, seconds=180)
        app.kill("gpu")
        run.refresh_from_db()
        assert run.status == RunStatus.RUNNING, "it was over before the kill"
        kept = found(run)
        app.start("gpu")
        until(lambda: ended(run), seconds=240)
    finally:
        app.stop()
    run.refresh_from_db()
    whole.refresh_from_db()
    assert (run.status, run.attempt) == (RunStatus.SUCCEEDED, 3)
    assert len(kept) >= 2
    assert {pk: found(run)[pk] for pk in kept} == kept, "what was stored stays as it was"
    assert sorted(found(run).values()) == sorted(found(whole).values())
    assert run.result["fates"] == whole.result["fates"]
    assert Masklet.objects.filter(video=killed).count() == len(found(run))
    assert Revision.objects.filter(run=run).count() == len(found(run)), "masks were stored twice"
    for name, shares in whole.result["coverage"].items():
        assert run.result["coverage"][name] == pytest.approx(shares, abs=0.01)


def generated(team: factories.Team, video: Video) -> Run:
    (run,) = generation.start(actor=team.owner, project=team.project, videos=[video.pk])
    return run


def ended(run: Run) -> bool:
    return not Run.objects.live().filter(pk=run.pk).exists()


def found(run: Run) -> dict[int, tuple[Any, ...]]:
    """What each candidate is, by its masklet."""
    rows = Candidate.objects.filter(run=run).values_list("masklet", "source", "first_frame", "point", "fate")
    return {pk: (source, frame, tuple(point), fate) for pk, source, frame, point, fate in rows}


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
