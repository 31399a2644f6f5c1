from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from engine.models import Masklet, MaskletStatus, Revision, RevisionKind, Run, RunFrame, RunStatus
from engine.models.run import MAX_ATTEMPTS
from engine.services import revisions, runs
from tests import factories
from vos import rle
from worker.inference import fold
from worker.inference.predict import predict
from worker.inference.propagate import propagate
from worker.runs import Work, perform

pytestmark = pytest.mark.usefixtures("tiny_checkpoint")


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours may catch it. (test_kill.py has the real one.)"""


def carry(run: Run) -> Run:
    perform(run.pk, propagate)
    run.refresh_from_db()
    return run


def die_after(frames: int, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the run on a worker that dies when it has persisted `frames` more frames; its lease runs out."""
    tell = Work.tell

    def tell_and_die(work: Work, kind: str, data: dict[str, Any]) -> None:
        nonlocal frames
        tell(work, kind, data)
        frames -= kind == "mask"
        if not frames:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Work, "tell", tell_and_die)
        with pytest.raises(Killed):
            perform(run.pk, propagate)
    Run.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))
    runs.requeue_abandoned()
    run.refresh_from_db()


def test_every_frame_is_told_in_order_and_kept_in_one_revision(
    masklet: Masklet, team: factories.Team, told: Callable[..., Any], masks_of: Callable[..., Any]
) -> None:
    factories.click(masklet, team.annotator, frame_idx=5)
    run = carry(factories.propagate_run(masklet, team.annotator, direction="both", from_frame=5))
    assert (run.status, run.result) == (RunStatus.SUCCEEDED, {"revision": 1, "frames": 12, "kept": 0})
    assert (run.progress_done, run.progress_total) == (12, 12)
    events = told(run, "mask")
    assert [e["frame_idx"] for e in events] == [0, 1, 2, *range(5, 12), 4, 3]
    frames = masks_of(masklet)
    assert {str(e["frame_idx"]): e["counts"] for e in events} == {i: f["counts"] for i, f in frames.items()}
    assert [e["done"] for e in told(run, "progress")] == list(range(13))
    revision = masklet.revision
    assert revision is not None
    assert (revision.kind, revision.run_id, revision.edited_frames) == (
        RevisionKind.PROPAGATE,
        run.pk,
        [0, 5],
    )
    assert not RunFrame.objects.exists()


def test_frames_outside_the_span_keep_their_masks(
    masklet: Masklet, team: factories.Team, masks_of: Callable[..., Any]
) -> None:
    factories.revision(masklet, team.annotator)
    before = masks_of(masklet)
    carry(factories.propagate_run(masklet, team.annotator, direction="backward", from_frame=3))
    after = masks_of(masklet)
    assert [after[str(i)] for i in range(4, 12)] == [before[str(i)] for i in range(4, 12)]
    assert after["1"] != before["1"]


def test_a_correction_on_a_tracked_frame_survives_repropagation(
    masklet: Masklet, team: factories.Team, masks_of: Callable[..., Any]
) -> None:
    carry(factories.propagate_run(masklet, team.annotator))
    factories.paint(masklet, team.annotator, factories.disc_mask(6), frame_idx=6)
    asked = factories.predict_run(masklet, team.annotator, frame_idx=6)
    perform(asked.pk, predict)
    corrected = masks_of(masklet)["6"]["counts"]
    assert corrected == factories.mask_frame(factories.disc_mask(6))["counts"]
    carry(factories.propagate_run(masklet, team.annotator, from_frame=0))
    assert masks_of(masklet)["6"]["counts"] == corrected


def test_after_a_correction_only_what_it_changes_is_done_again(
    masklet: Masklet, team: factories.Team, masks_of: Callable[..., Any], told: Callable[..., Any]
) -> None:
    """The correction is what the frame shows already, so that the new masks agree with the old ones at once."""
    carry(factories.propagate_run(masklet, team.annotator))
    before = masks_of(masklet)
    size = masklet.video.height, masklet.video.width
    seen = rle.decode({"size": list(size), "counts": before["4"]["counts"]})
    factories.paint(masklet, team.annotator, seen, frame_idx=4)
    perform(factories.predict_run(masklet, team.annotator, frame_idx=4).pk, predict)
    run = carry(factories.propagate_run(masklet, team.annotator, direction="both", from_frame=4))
    assert (run.status, run.progress_done, run.progress_total) == (RunStatus.SUCCEEDED, 12, 12)
    assert 7 <= run.result["frames"] < 12, "three that agree on each side, at least"
    assert run.result["kept"] == 12 - run.result["frames"]
    again = {str(event["frame_idx"]) for event in told(run, "mask")}
    assert "4" in again
    assert {idx: frame for idx, frame in masks_of(masklet).items() if idx not in again} == {
        idx: frame for idx, frame in before.items() if idx not in again
    }

    whole = carry(
        factories.propagate_run(masklet, team.annotator, direction="both", from_frame=4, whole=True)
    )
    assert whole.result["frames"] == 12


def test_what_a_cancelled_propagation_left_is_not_taken_for_done(
    masklet: Masklet, team: factories.Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = factories.propagate_run(masklet, team.annotator)
    die_after(3, run, monkeypatch)
    runs.cancel(run, actor=team.annotator)
    fold.fold_ended()
    masklet.refresh_from_db()
    assert masklet.revision is not None
    assert masklet.revision.carried_prompt_ids == []
    assert carry(factories.propagate_run(masklet, team.annotator)).result["frames"] == 12
    masklet.refresh_from_db()
    assert masklet.revision.carried_prompt_ids == [masklet.prompts.get().pk]  # type: ignore[attr-defined]


def test_a_prompt_that_was_undone_stays_undone_after_a_propagation(
    masklet: Masklet, team: factories.Team
) -> None:
    kept = masklet.prompts.get()  # type: ignore[attr-defined]
    factories.revision(masklet, team.annotator, {0: factories.disc_mask(0)})
    factories.click(masklet, team.annotator, frame_idx=3, positive=False)
    factories.revision(masklet, team.annotator, {0: factories.disc_mask(0)})
    revisions.restore(masklet=masklet, number=1, actor=team.annotator)
    assert carry(factories.propagate_run(masklet, team.annotator)).status == RunStatus.SUCCEEDED
    masklet.refresh_from_db()
    assert revisions.prompts_in_force(masklet) == [kept]


def test_a_run_resumes_after_the_last_frame_that_was_persisted(
    masklet: Masklet,
    team: factories.Team,
    monkeypatch: pytest.MonkeyPatch,
    told: Callable[..., Any],
    masks_of: Callable[..., Any],
) -> None:
    masklet.prompts.all().delete()  # type: ignore[attr-defined]
    factories.click(masklet, team.annotator, frame_idx=6)
    run = factories.propagate_run(masklet, team.annotator, direction="both", from_frame=6)
    die_after(8, run, monkeypatch)
    persisted = dict(RunFrame.objects.values_list("frame_idx", "counts"))
    assert sorted(persisted) == [4, 5, 6, 7, 8, 9, 10, 11]

    run = carry(run)
    assert (run.status, run.attempt, run.result["frames"]) == (RunStatus.SUCCEEDED, 2, 12)
    assert [e["frame_idx"] for e in told(run, "mask")] == [6, 7, 8, 9, 10, 11, 5, 4, 3, 2, 1, 0]
    frames = masks_of(masklet)
    assert len(frames) == 12
    assert {idx: frames[str(idx)]["counts"] for idx in persisted} == persisted


def test_what_was_done_stays_when_somebody_cancels(
    masklet: Masklet, team: factories.Team, monkeypatch: pytest.MonkeyPatch, masks_of: Callable[..., Any]
) -> None:
    run = factories.propagate_run(masklet, team.annotator)
    tell = Work.tell

    def tell_and_cancel(work: Work, kind: str, data: dict[str, Any]) -> None:
        tell(work, kind, data)
        if data.get("frame_idx") == 3:
            runs.cancel(Run.objects.get(pk=run.pk), actor=team.annotator)
            work.look()

    monkeypatch.setattr(Work, "tell", tell_and_cancel)
    run = carry(run)
    assert (run.status, run.result) == (RunStatus.CANCELLED, {"revision": 1, "frames": 4, "kept": 0})
    assert sorted(masks_of(masklet)) == ["0", "1", "2", "3"]
    assert not RunFrame.objects.exists()


def test_what_was_done_stays_when_the_worker_is_lost_for_good(
    masklet: Masklet, team: factories.Team, monkeypatch: pytest.MonkeyPatch, masks_of: Callable[..., Any]
) -> None:
    run = factories.propagate_run(masklet, team.annotator)
    for _ in range(MAX_ATTEMPTS):
        die_after(2, run, monkeypatch)
    assert (run.status, run.error_code) == (RunStatus.FAILED, "worker_lost")
    assert fold.fold_ended() == 1
    assert sorted(masks_of(masklet), key=int) == ["0", "1", "2", "3", "4", "5"]
    run.refresh_from_db()
    assert run.result == {"revision": 1, "frames": 6, "kept": 0}
    assert fold.fold_ended() == 0


def test_what_was_done_stays_when_a_run_is_cancelled_while_it_waits_for_another_worker(
    masklet: Masklet, team: factories.Team, monkeypatch: pytest.MonkeyPatch, masks_of: Callable[..., Any]
) -> None:
    run = factories.propagate_run(masklet, team.annotator)
    die_after(3, run, monkeypatch)
    runs.cancel(run, actor=team.annotator)
    factories.click(masklet, team.annotator, frame_idx=1)
    newer = factories.predict_run(masklet, team.annotator, frame_idx=1)
    perform(newer.pk, predict)
    newer.refresh_from_db()
    assert newer.result == {"revision": 2}, "the next run folds before it looks at the masklet"
    assert sorted(masks_of(masklet)) == ["0", "1", "2"]


def test_frames_of_a_lost_run_do_not_change_what_a_reviewer_looks_at(
    masklet: Masklet, team: factories.Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = factories.revision(masklet, team.annotator)
    run = factories.propagate_run(masklet, team.annotator)
    die_after(3, run, monkeypatch)
    runs.cancel(run, actor=team.annotator)
    Masklet.objects.filter(pk=masklet.pk).update(status=MaskletStatus.IN_VERIFICATION)
    fold.fold_ended()
    assert Revision.objects.get() == shown
    assert not RunFrame.objects.exists()


def test_prompts_that_do_not_fit_the_video_are_told(masklet: Masklet, team: factories.Team) -> None:
    factories.click(masklet, team.annotator, frame_idx=99)
    run = carry(factories.propagate_run(masklet, team.annotator))
    assert (run.status, run.error_code) == (RunStatus.FAILED, "invalid_prompt")
    assert "frame 99" in run.error_message


def test_phase_2_carries_the_masks_of_prompted_frames_and_leaves_them_as_they_are(
    masklet: Masklet, team: factories.Team, masks_of: Callable[..., Any]
) -> None:
    factories.click(masklet, team.annotator, frame_idx=6)
    discs = {0: factories.disc_mask(0), 6: factories.disc_mask(6)}
    factories.revision(masklet, team.annotator, discs)
    run = carry(factories.propagate_run(masklet, team.annotator, masks_only=True))
    assert (run.status, run.result["frames"]) == (RunStatus.SUCCEEDED, 12)
    frames = masks_of(masklet)
    size = [factories.HEIGHT, factories.WIDTH]
    for idx, disc in discs.items():
        assert (rle.decode({"size": size, "counts": frames[str(idx)]["counts"]}) == disc).all()


def test_phase_2_carries_nothing_from_a_frame_that_has_no_mask(
    masklet: Masklet, team: factories.Team
) -> None:
    run = carry(factories.propagate_run(masklet, team.annotator, masks_only=True))
    assert (run.status, run.error_code) == (RunStatus.FAILED, "invalid_prompt")
    assert "Frame 0 was prompted but has no mask yet" in run.error_message


@pytest.mark.parametrize("direction", ["forward", "both"])
def test_where_the_object_is_marked_absent_it_is_absent(
    masklet: Masklet, team: factories.Team, masks_of: Callable[..., Any], direction: str
) -> None:
    factories.paint(masklet, team.annotator, factories.disc_mask(0) & False, frame_idx=4)
    run = carry(factories.propagate_run(masklet, team.annotator, direction=direction))
    assert (run.status, run.result["frames"]) == (RunStatus.SUCCEEDED, 12)
    frame = masks_of(masklet)["4"]
    assert rle.area({"size": [factories.HEIGHT, factories.WIDTH], "counts": frame["counts"]}) == 0
    assert frame["object_score"] < 0


def test_an_absence_marked_before_the_object_was_named_does_not_begin_it(
    team: factories.Team, masklet: Masklet, masks_of: Callable[..., Any]
) -> None:
    masklet.prompts.all().delete()  # type: ignore[attr-defined]
    factories.paint(masklet, team.annotator, factories.disc_mask(0) & False, frame_idx=2)
    factories.click(masklet, team.annotator, frame_idx=7)
    run = carry(factories.propagate_run(masklet, team.annotator, direction="both", from_frame=0))
    assert run.status == RunStatus.SUCCEEDED
    assert len(masks_of(masklet)) == 12


def test_the_same_prompts_give_the_same_masks_wherever_one_looks(
    masklet: Masklet, team: factories.Team, masks_of: Callable[..., Any], told: Callable[..., Any]
) -> None:
    masklet.prompts.all().delete()  # type: ignore[attr-defined]
    factories.click(masklet, team.annotator, frame_idx=6)
    perform(factories.predict_run(masklet, team.annotator, frame_idx=6).pk, predict)
    found = []
    for at in (6, 0, 11):
        run = carry(
            factories.propagate_run(masklet, team.annotator, direction="both", from_frame=at, whole=True)
        )
        assert [e["frame_idx"] for e in told(run, "mask")] == [*range(6, 12), 5, 4, 3, 2, 1, 0]
        found.append({idx: frame["counts"] for idx, frame in masks_of(masklet).items()})
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("positive", [True, False])
def test_what_was_previewed_is_what_is_kept(
    masklet: Masklet, team: factories.Team, masks_of: Callable[..., Any], positive: bool
) -> None:
    """Also where the mask does not do what the click says."""
    carry(factories.propagate_run(masklet, team.annotator))
    factories.click(masklet, team.annotator, frame_idx=6, positive=positive, x=5.0, y=5.0)
    perform(factories.predict_run(masklet, team.annotator, frame_idx=6).pk, predict)
    previewed = masks_of(masklet)["6"]["counts"]
    carry(factories.propagate_run(masklet, team.annotator, direction="both"))
    assert masks_of(masklet)["6"]["counts"] == previewed


def test_a_click_that_is_not_answered_yet_is_not_passed_over(
    masklet: Masklet, team: factories.Team, masks_of: Callable[..., Any]
) -> None:
    """Its mask is the one that its own run shows."""
    carry(factories.propagate_run(masklet, team.annotator))
    stale = masks_of(masklet)["6"]["counts"]
    factories.click(masklet, team.annotator, frame_idx=6, x=70.0, y=50.0)
    waiting = factories.predict_run(masklet, team.annotator, frame_idx=6)
    Run.objects.filter(pk=waiting.pk).update(params=waiting.params | {"remembers": True})
    carry(factories.propagate_run(masklet, team.annotator, direction="both"))
    kept = masks_of(masklet)["6"]["counts"]
    assert kept != stale
    revisions.restore(masklet=masklet, number=1, actor=team.annotator)
    factories.click(masklet, team.annotator, frame_idx=6, x=70.0, y=50.0)
    perform(waiting.pk, predict)
    assert masks_of(masklet)["6"]["counts"] == kept


def test_ways_whose_prompts_have_not_changed_are_not_gone_again(
    masklet: Masklet, team: factories.Team, told: Callable[..., Any]
) -> None:
    for idx in (5, 9):
        factories.click(masklet, team.annotator, frame_idx=idx)
    assert carry(factories.propagate_run(masklet, team.annotator, direction="both")).result["kept"] == 0
    factories.paint(masklet, team.annotator, factories.disc_mask(0), frame_idx=0)
    perform(factories.predict_run(masklet, team.annotator, frame_idx=0).pk, predict)
    run = carry(factories.propagate_run(masklet, team.annotator, direction="both"))
    assert (run.status, run.progress_done, run.progress_total) == (RunStatus.SUCCEEDED, 12, 12)
    assert {e["frame_idx"] for e in told(run, "mask")} <= {0, 1, 2, 3, 4}
    nothing = carry(factories.propagate_run(masklet, team.annotator, direction="both"))
    assert nothing.result == {"revision": run.result["revision"], "frames": 0, "kept": 12}
