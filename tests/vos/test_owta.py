import math

import numpy as np
import pytest
from rlemasklib import RLEMask

from vos.owta import THRESHOLDS, owta

FRAMES = range(4)


def box(left: int, width: int = 10) -> RLEMask:
    return RLEMask.from_bbox([left, 5, width, 10], imshape=(20, 60))


A = {idx: box(0) for idx in FRAMES}
B = {idx: box(30) for idx in FRAMES}


def test_the_truth_itself_is_perfect():
    found = owta([([A, B], [B, A])])

    assert (found.owta, found.detection_recall, found.association) == (1.0, 1.0, 1.0)


def test_tracks_of_what_nobody_annotated_cost_nothing():
    assert owta([([A], [A, B])]).owta == 1.0


def test_half_of_the_objects_is_half_of_the_recall():
    found = owta([([A, B], [A])])

    assert found.detection_recall == 0.5
    assert found.association == 1.0
    assert found.owta == pytest.approx(math.sqrt(0.5))


def test_a_track_that_changes_to_another_object_halfway_loses_association():
    swapped = [
        {idx: (A if idx < 2 else B)[idx] for idx in FRAMES},
        {idx: (B if idx < 2 else A)[idx] for idx in FRAMES},
    ]
    found = owta([([A, B], swapped)])

    assert found.detection_recall == 1.0
    # Each pair matches on 2 frames of the 6 on which either is there.
    assert found.association == pytest.approx(2 / 6)


def test_a_mask_counts_at_the_thresholds_that_its_iou_reaches():
    shifted = {idx: box(2) for idx in FRAMES}  # 8 of 12 columns are shared

    found = owta([([A], [shifted])])

    assert found.detection_recall == pytest.approx(np.mean(THRESHOLDS <= 8 / 12))


def test_an_absent_object_is_not_to_be_found_and_an_empty_mask_is_no_track():
    leaving = {idx: box(0) if idx < 2 else RLEMask.zeros((20, 60)) for idx in FRAMES}

    assert owta([([leaving], [leaving])]).owta == 1.0
    with pytest.raises(ValueError, match="no object"):
        owta([([{0: RLEMask.zeros((20, 60))}], [A])])


def test_frames_of_several_videos_are_added():
    found = owta([([A], [A]), ([B], [])])

    assert found.detection_recall == 0.5
