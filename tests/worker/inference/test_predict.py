from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

import numpy as np
import pytest
from django.db import connection

from engine import storage
from engine.models import Masklet, MaskletStatus, Prompt, Run, RunStatus
from engine.services import revisions
from tests import factories
from vos import rle
from worker.inference import trackers
from worker.inference.frames import VideoFrames
from worker.inference.predict import predict
from worker.inference.stored_masks import StoredMasks
from worker.runs import perform
from worker.sam2.prompt import FramePrompt

pytestmark = pytest.mark.usefixtures("tiny_checkpoint")


def elsewhere(write: Callable[[], Any]) -> None:
    """On a database connection of its own, as another process would."""

    def do() -> None:
        try:
            write()
        finally:
            connection.close()

    thread = Thread(target=do)
    thread.start()
    thread.join()


def fresh(masklet: Masklet) -> Masklet:
    return Masklet.objects.get(pk=masklet.pk)


def answer(run: Run) -> Run:
    perform(run.pk, predict)
    run.refresh_from_db()
    return run


def test_a_click_becomes_a_mask_on_its_frame(
    masklet: Masklet, team: factories.Team, told: Callable[..., Any], masks_of: Callable[..., Any]
) -> None:
    run = answer(factories.predict_run(masklet, team.annotator))
    assert (run.status, run.result) == (RunStatus.SUCCEEDED, {"revision": 1})
    frames = masks_of(masklet)
    assert list(frames) == ["0"]
    assert rle.check(
        {"size": [factories.HEIGHT, factories.WIDTH], "counts": frames["0"]["counts"]},
        height=factories.HEIGHT,
        width=factories.WIDTH,
    )
    (event,) = told(run, "mask")
    assert event == {"frame_idx": 0, "size": [factories.HEIGHT, factories.WIDTH], **frames["0"]}
    assert [e["status"] for e in told(run, "status")] == ["running", "succeeded"]


def test_a_revision_names_all_prompts_in_force_not_only_those_of_its_frame(
    masklet: Masklet, team: factories.Team
) -> None:
    other = factories.click(masklet, team.annotator, frame_idx=5)
    answer(factories.predict_run(masklet, team.annotator, frame_idx=5))
    masklet.refresh_from_db()
    assert masklet.revision is not None
    assert masklet.revision.prompt_ids == [*Prompt.objects.values_list("pk", flat=True)]
    assert masklet.revision.last_prompt_id == other.pk
    assert masklet.revision.edited_frames == [0, 5]


def test_masks_of_other_frames_stay(
    masklet: Masklet, team: factories.Team, masks_of: Callable[..., Any]
) -> None:
    factories.revision(masklet, team.annotator)
    before = masks_of(masklet)
    factories.click(masklet, team.annotator, frame_idx=3, x=2.0, y=2.0)
    answer(factories.predict_run(masklet, team.annotator, frame_idx=3))
    after = masks_of(masklet)
    assert masklet.revision_number == 2
    assert {k: v for k, v in after.items() if k != "3"} == {k: v for k, v in before.items() if k != "3"}
    assert after["3"] != before["3"]


def test_only_the_newest_of_several_clicks_is_answered(masklet: Masklet, team: factories.Team) -> None:
    first = factories.predict_run(masklet, team.annotator)
    factories.click(masklet, team.annotator, x=40.0)
    second = factories.predict_run(masklet, team.annotator)
    elsewhere = factories.predict_run(masklet, team.annotator, frame_idx=7)
    assert answer(first).result == {"superseded": True}
    assert answer(second).result == {"revision": 1}
    assert answer(elsewhere).result == {"superseded": True}, "no prompt is in force on that frame"


def test_a_painted_mask_is_its_frames_answer_unchanged(
    masklet: Masklet, team: factories.Team, masks_of: Callable[..., Any]
) -> None:
    painted = factories.disc_mask(4)
    factories.paint(masklet, team.annotator, painted, frame_idx=4)
    answer(factories.predict_run(masklet, team.annotator, frame_idx=4))
    size = [factories.HEIGHT, factories.WIDTH]
    stored = rle.decode({"size": size, "counts": masks_of(masklet)["4"]["counts"]})
    np.testing.assert_array_equal(stored, painted)


def test_a_masklet_that_was_submitted_meanwhile_keeps_its_masks(
    masklet: Masklet, team: factories.Team
) -> None:
    run = factories.predict_run(masklet, team.annotator)
    factories.revision(masklet, team.annotator)
    Masklet.objects.filter(pk=masklet.pk).update(status=MaskletStatus.IN_VERIFICATION)
    run = answer(run)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "wrong_state")
    masklet.refresh_from_db()
    assert masklet.revision_number == 1


def test_a_revision_that_comes_in_between_is_not_overwritten(
    masklet: Masklet, team: factories.Team, monkeypatch: pytest.MonkeyPatch, masks_of: Callable[..., Any]
) -> None:
    """Another writer is first, once, between reading the masklet and writing to it."""
    in_between = iter([factories.disc_mask(9)])
    put = revisions.storage.put_masks

    def put_late(project_id: int, content: dict[str, Any]) -> tuple[str, str]:
        for mask in in_between:
            elsewhere(partial(factories.revision, fresh(masklet), team.annotator, {9: mask}))
        return put(project_id, content)

    monkeypatch.setattr(revisions.storage, "put_masks", put_late)
    run = answer(factories.predict_run(masklet, team.annotator))
    assert run.result == {"revision": 2}
    assert sorted(masks_of(masklet)) == ["0", "9"]


def test_a_checkpoint_that_cannot_be_loaded_is_told(
    masklet: Masklet, team: factories.Team, tmp_path: Any
) -> None:
    factories.champion(team, str(tmp_path / "nothing"))
    run = answer(factories.predict_run(masklet, team.annotator))
    assert (run.status, run.error_code) == (RunStatus.FAILED, "checkpoint_unusable")
    assert "cannot be loaded" in run.error_message


def test_a_frame_that_is_missing_is_told(masklet: Masklet, team: factories.Team) -> None:
    storage.delete_prefix(masklet.video.frame_key(2))
    factories.click(masklet, team.annotator, frame_idx=2)
    run = answer(factories.predict_run(masklet, team.annotator, frame_idx=2))
    assert (run.status, run.error_code) == (RunStatus.FAILED, "frame_missing")


@pytest.mark.parametrize("remembers", [True, False])
def test_a_click_on_a_tracked_frame_is_read_in_the_light_of_the_other_prompted_frames(
    masklet: Masklet, team: factories.Team, masks_of: Callable[..., Any], remembers: bool
) -> None:
    factories.revision(masklet, team.annotator)
    stored = {int(idx): frame["counts"] for idx, frame in masks_of(masklet).items()}
    click = factories.click(masklet, team.annotator, frame_idx=7, positive=False)
    run = factories.predict_run(masklet, team.annotator, frame_idx=7)
    Run.objects.filter(pk=run.pk).update(params=run.params | {"remembers": remembers})
    run.refresh_from_db()
    answer(run)
    tracker = trackers.of_project(masklet.project_id)
    known = StoredMasks(stored, video=masklet.video)
    prompt = FramePrompt(7, [(click.x or 0.0, click.y or 0.0)], [0])
    memory = {"conditioning": {0: known[0]}, "known": known} if remembers else {}
    expected = tracker.predict(VideoFrames(masklet.video), prompt, known[7], **memory)
    frame = masks_of(masklet)["7"]
    assert frame["counts"] == rle.encode(expected.mask)["counts"]
    assert frame["object_score"] == pytest.approx(expected.object_score, abs=1e-4)
    without = tracker.predict(VideoFrames(masklet.video), prompt, known[7])
    assert (abs(frame["object_score"] - without.object_score) > 1e-3) == remembers


def test_a_fresh_click_is_read_from_its_frame_alone(
    masklet: Masklet, team: factories.Team, masks_of: Callable[..., Any]
) -> None:
    factories.revision(masklet, team.annotator)
    click = factories.click(masklet, team.annotator, frame_idx=7)
    Prompt.objects.filter(pk=click.pk).update(fresh=True)
    answer(factories.predict_run(masklet, team.annotator, frame_idx=7))
    prompt = FramePrompt(7, [(click.x or 0.0, click.y or 0.0)], [1])
    alone = trackers.of_project(masklet.project_id).predict(VideoFrames(masklet.video), prompt)
    assert masks_of(masklet)["7"]["counts"] == rle.encode(alone.mask)["counts"]
