from collections.abc import Mapping

import numpy as np
import pytest
from rlemasklib import RLEMask

from benchmarks.auto.desk import Desk
from benchmarks.auto.footage import LabelledClip, clips
from benchmarks.auto.people import (
    Work,
    assisted,
    by_hand,
    compared,
    refined,
    review,
    seconds_to,
    to_review,
)
from benchmarks.auto.quality import Generated
from benchmarks.effort.clock import T_CLICK, T_EXAM, T_LOC
from vos.rle import MaskFrame
from worker.sam2 import checkpoint
from worker.sam2.automatic import Fate, Track
from worker.sam2.checkpoint import BUNDLED
from worker.sam2.tracker import Tracker

FRAMES = 8
SURE = {"confidence": 0.9, "stability": 0.9}


@pytest.fixture(scope="module")
def tracker() -> Tracker:
    return Tracker(checkpoint.load(str(BUNDLED), "cpu"))


@pytest.fixture(scope="module")
def clip() -> LabelledClip:
    return next(clips(1, frames=FRAMES, split="validation"))


def of_truth(truth: np.ndarray, frames: range) -> dict[int, MaskFrame]:
    """Its masks on some frames, nothing on the others."""
    return {
        idx: MaskFrame(
            counts=RLEMask.from_array(mask if idx in frames else np.zeros_like(mask))
            .to_dict()["counts"]
            .decode("ascii"),
            predicted_iou=0.9,
            object_score=5.0,
            stability=0.9,
        )
        for idx, mask in enumerate(truth)
    }


def track(masks: Mapping[int, MaskFrame], **changes: float) -> Track:
    return Track(0, "grid", (1.0, 1.0), None, masks, SURE | changes, Fate.PASSED)


def easy(clip: LabelledClip) -> int:
    return max(clip.early, key=lambda row: int(clip.truth[row].sum()))


def test_an_object_made_by_hand_costs_looks_clicks_and_a_review(tracker: Tracker, clip: LabelledClip):
    work = by_hand(tracker, clip, easy(clip))
    assert work.kind == "made"
    assert work.seconds >= T_LOC + T_CLICK + T_EXAM * FRAMES + review(FRAMES)
    assert 0 < work.covered <= FRAMES


def test_a_candidate_is_refined_from_the_masks_that_are_there(tracker: Tracker, clip: LabelledClip):
    row = easy(clip)
    half = Generated(clip, [track(of_truth(clip.truth[row], range(FRAMES // 2)))])
    work = refined(tracker, half, 0, row)
    assert work.kind == "refined"
    # One look finds the frame, one more what came of it.
    assert work.seconds >= 2 * T_EXAM * FRAMES + T_LOC + T_CLICK + review(FRAMES)
    assert work.covered > FRAMES // 2
    whole = Generated(clip, [track(of_truth(clip.truth[row], range(FRAMES)))])
    assert refined(tracker, whole, 0, row) == Work(T_EXAM * FRAMES + review(FRAMES), FRAMES, "refined")


def test_a_click_changes_what_is_around_it_and_a_desk_keeps_the_rest(tracker: Tracker, clip: LabelledClip):
    truth = clip.truth[easy(clip)]
    desk = Desk(tracker, clip, of_truth(truth, range(FRAMES)), first_frame=0)
    desk.propagate("both", 0)
    assert all((desk.found[idx] == truth[idx]).all() for idx in range(FRAMES)), "nothing was asked"
    y, x = np.argwhere(truth[4])[len(np.argwhere(truth[4])) // 2]
    counts = desk.prompt(4, kind="click", x=float(x), y=float(y), positive=True)
    assert counts == desk.masks()["frames"]["4"]["counts"]
    desk.propagate("both", 4)
    assert (desk.found[0] == truth[0]).all(), "a prompted frame keeps its mask"


def test_reviewers_get_the_surest_first_and_nothing_below_the_threshold(clip: LabelledClip):
    masks = of_truth(clip.truth[easy(clip)], range(FRAMES))
    found = [track(masks, confidence=0.3), track(masks, confidence=0.6), track(masks)]
    assert to_review(Generated(clip, found)) == [2, 1]


def test_what_is_accepted_is_not_made_again(tracker: Tracker, clip: LabelledClip):
    wanted = clip.shown
    made = {row: Work(100.0, 5, "made") for row in wanted}
    right = [track(of_truth(clip.truth[row], range(FRAMES))) for row in wanted]
    careful = np.random.default_rng(3)  # no slip among these few
    work = assisted(tracker, Generated(clip, right), made, careful)
    assert [each.kind for each in work] == ["reviewed"] * len(wanted)
    assert [each.seconds for each in work] == [review(FRAMES)] * len(wanted)
    assert sum(each.covered for each in work) == clip.truth[wanted].any((2, 3)).sum()
    assert assisted(tracker, Generated(clip, []), made, careful) == list(made.values())


def test_the_same_coverage_is_what_both_ways_reach():
    without = [Work(10.0, 4, "made"), Work(10.0, 4, "made"), Work(10.0, 2, "made")]
    with_them = [Work(5.0, 4, "reviewed"), Work(5.0, 0, "reviewed"), Work(5.0, 4, "refined")]
    assert seconds_to(8, without) == 20.0
    figures = compared(without, with_them, total=10)
    assert (figures["minutes_saved"], figures["coverage"]) == (0.75, 0.8)
    assert (figures["seconds_reviewed"], figures["seconds_refined"], figures["seconds_made"]) == (10, 5, 0)
    assert compared([], with_them, total=10)["minutes_saved"] is None


def test_a_share_of_the_coverage_takes_its_share_of_the_work():
    without = [Work(40.0, 2, "made"), Work(10.0, 3, "made"), Work(10.0, 2, "made")]
    with_them = [Work(5.0, 0, "reviewed"), Work(5.0, 5, "reviewed"), Work(40.0, 2, "made")]
    figures = compared(without, with_them, total=10)
    assert (figures["minutes_saved_50"], figures["minutes_saved_50_cheapest"]) == (10 / 50, 5 / 20)
    assert figures["minutes_saved_70"] == figures["minutes_saved"]
    assert figures["minutes_saved_80"] is None, "neither way comes that far"
