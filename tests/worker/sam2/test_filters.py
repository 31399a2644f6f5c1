from dataclasses import replace

import numpy as np
import pytest
from rlemasklib import RLEMask

from worker.sam2.filters import (
    Fate,
    FilterSettings,
    Scores,
    Seen,
    disagreement,
    fate_of,
    flicker,
    flooded,
    greatest_iou,
    iou_over_time,
    scores_of,
    spread_out,
)

SHAPE = (90, 120)
NOTHING = RLEMask.zeros(SHAPE)
RULES = FilterSettings()
GOOD = Scores(stability=0.97, confidence=0.95, trial=0.95, life=20)


def box(left: float = 0, top: float = 0, width: float = 30, height: float = 30) -> RLEMask:
    return RLEMask.from_bbox([left, top, width, height], imshape=SHAPE)


def seen(mask: RLEMask, *, iou: float = 0.9, estranged: float = -1.0) -> Seen:
    present = mask.any()
    return Seen(mask, iou, 10.0 if present else -10.0, 0.95, estranged)


def test_a_good_candidate_passes():
    assert fate_of(GOOD, 24, RULES) == Fate.PASSED


@pytest.mark.parametrize(
    ("worse", "fate"),
    [
        ({"existing": 0.9}, Fate.EXISTING),
        ({"trial": 0.1}, Fate.TRIAL),
        ({"life": 2}, Fate.SHORT),
        ({"flood": 9.0}, Fate.FLOOD),
        ({"flicker": 0.9}, Fate.FLICKER),
        ({"drift": 0.9}, Fate.DRIFT),
        ({"stability": 0.2}, Fate.UNSTABLE),
        ({"confidence": 0.2}, Fate.UNSURE),
        ({"duplicate": 0.9}, Fate.DUPLICATE),
    ],
)
def test_each_filter_has_a_fate_of_its_own(worse, fate):
    assert fate_of(replace(GOOD, **worse), 24, RULES) == fate


def test_in_a_clip_of_three_frames_a_life_of_three_is_long_enough():
    assert fate_of(replace(GOOD, life=3), 3, RULES) == Fate.PASSED
    assert fate_of(replace(GOOD, life=2), 3, RULES) == Fate.SHORT


def test_scores_of_a_track_that_stays_what_it_was():
    track = {idx: seen(box(idx)) for idx in range(10)}
    scores = scores_of(track, 0, RULES)

    assert scores.life == 10
    assert scores.stability == pytest.approx(0.95)
    assert scores.confidence == pytest.approx(0.9, abs=1e-3)
    assert (scores.flicker, scores.flood, scores.drift) == (0.0, 0.0, 0.0)
    assert scores.area == pytest.approx(900 / (90 * 120))


def test_an_object_that_leaves_after_its_trial_keeps_its_scores():
    track = {idx: seen(box(idx) if idx < 15 else NOTHING) for idx in range(24)}
    scores = scores_of(track, 0, RULES)

    assert scores.trial > 0.85
    assert scores.life == 15
    assert scores.confidence > 0.89  # the model is sure of its absence too


def test_the_trial_counts_an_absent_object_as_not_held():
    track = {idx: seen(box() if idx < 3 else NOTHING) for idx in range(15)}

    assert scores_of(track, 0, RULES).trial == pytest.approx(0.9 * 3 / 15, abs=1e-3)


def test_what_was_seen_before_the_seed_does_not_count_for_the_trial():
    track = {idx: seen(NOTHING if idx < 5 else box()) for idx in range(10)}

    assert scores_of(track, 5, RULES).trial == pytest.approx(0.9, abs=1e-3)


def test_a_candidate_that_was_never_seen_has_nothing():
    assert scores_of({0: seen(NOTHING)}, 0, RULES) == Scores()
    assert scores_of({}, 0, RULES) == Scores()


def test_flicker_counts_coming_going_and_jumping():
    steady, half = box(), box(width=10)

    assert flicker({0: steady, 1: steady, 2: steady}) == 0.0
    assert flicker({0: steady, 1: NOTHING, 2: steady, 3: half, 4: half}) == 3 / 4
    assert flicker({0: steady}) == 0.0


def test_growing_is_no_flood_until_it_covers_much_of_the_frame():
    small, large = box(width=5, height=5), box(width=120, height=60)

    assert not flooded(box(width=20, height=20), small, RULES)  # sixteenfold, but small
    assert flooded(large, small, RULES)
    assert not flooded(large, box(width=100, height=50), RULES)
    assert scores_of({0: seen(small), 1: seen(large)}, 0, RULES).flood > RULES.flood


def test_drift_is_the_share_of_frames_that_look_like_the_ground():
    track = {idx: seen(box(), estranged=0.2 if idx >= 6 else -0.5) for idx in range(10)}

    assert scores_of(track, 0, RULES).drift == pytest.approx(0.4)


def test_iou_over_time_is_shared_over_joined_pixels():
    one = {0: box(), 1: box()}
    half = {0: box(), 1: NOTHING}

    assert iou_over_time(one, one) == 1.0
    assert iou_over_time(one, half) == 0.5
    assert iou_over_time(one, {0: box()}) == 0.5  # a frame that is not known is an empty one
    assert iou_over_time({0: NOTHING}, {0: NOTHING}) == 0.0
    assert greatest_iou(one, [half, one]) == 1.0
    assert greatest_iou(one, []) == 0.0


def test_iou_over_time_of_long_masklets_looks_at_some_frames_of_all_of_the_way():
    one = {idx: box() for idx in range(1000)}
    other = {idx: box() if idx < 500 else NOTHING for idx in range(1000)}

    assert iou_over_time(one, other) == pytest.approx(0.5, abs=0.05)


def test_two_ways_disagree_where_their_masks_differ():
    forward = {0: box(), 1: box(), 2: NOTHING, 3: box()}
    backward = {0: box(), 1: box(left=15), 2: NOTHING}

    found = disagreement(forward, backward)

    assert found == {0: 0.0, 1: pytest.approx(1 - 15 / 45), 2: 0.0}


def test_the_beginning_of_the_order_is_spread_over_places_and_sizes():
    crowd = [box(left=x, top=2, width=6, height=6) for x in range(0, 24, 6)]
    others = [box(left=80, top=60, width=8, height=8), box(left=40, top=30, width=40, height=40)]
    masks, scores = [*crowd, *others], [0.9, 0.91, 0.92, 0.93, 0.5, 0.4]

    order = spread_out(masks, scores)

    assert sorted(order) == list(range(6))
    assert set(order[:3]) == {3, 4, 5}  # the best of the crowd, and both that are elsewhere
    assert spread_out([], []) == []


def test_fates_are_words_that_can_be_stored():
    assert {str(fate) for fate in Fate} >= {"passed", "trial", "duplicate", "surplus"}
    assert np.unique([fate.value for fate in Fate]).size == len(Fate)
