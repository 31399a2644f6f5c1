import numpy as np
import pytest

from vos import metrics


def square(x: int, y: int, side: int, size: int = 40) -> np.ndarray:
    mask = np.zeros((size, size), bool)
    mask[y : y + side, x : x + side] = True
    return mask


NOTHING = np.zeros((40, 40), bool)


def test_iou_is_one_for_equal_masks_and_zero_for_disjoint_ones() -> None:
    assert metrics.iou(square(3, 3, 10), square(3, 3, 10)) == 1.0
    assert metrics.iou(square(0, 0, 10), square(20, 20, 10)) == 0.0


def test_iou_counts_the_overlap() -> None:
    assert metrics.iou(square(0, 0, 10), square(5, 0, 10)) == pytest.approx(50 / 150)


def test_two_empty_masks_agree() -> None:
    assert metrics.iou(NOTHING, NOTHING) == 1.0
    assert metrics.boundary_f(NOTHING, NOTHING) == 1.0


def test_an_object_where_there_is_none_scores_nothing() -> None:
    assert metrics.iou(square(3, 3, 10), NOTHING) == 0.0
    assert metrics.boundary_f(square(3, 3, 10), NOTHING) == 0.0


def test_a_boundary_is_one_pixel_wide() -> None:
    edge = metrics.boundary(square(10, 10, 10))

    assert edge.sum() == 4 * 10
    assert not edge[14, 14]
    assert edge[9, 14]


def test_a_boundary_within_the_tolerance_is_right_and_beyond_it_is_wrong() -> None:
    truth = square(10, 10, 10)  # tolerance: 0.008 of the diagonal of 57 pixels, so 1 pixel

    assert metrics.boundary_f(square(11, 10, 10), truth) == pytest.approx(1.0)
    assert metrics.boundary_f(square(13, 10, 10), truth) < 0.8


def test_the_first_and_last_frames_are_not_scored() -> None:
    right, wrong = square(5, 5, 10), square(25, 25, 10)

    assert metrics.j_and_f([wrong, right, wrong], [right] * 3) == (1.0, 1.0)
    assert metrics.j_and_f([wrong, right], [right] * 2, skip_ends=False) == (0.5, 0.5)


def test_frames_before_the_object_occurs_are_not_scored() -> None:
    right = square(5, 5, 10)

    j, f = metrics.j_and_f([NOTHING, NOTHING, NOTHING], [NOTHING, NOTHING, right], skip_ends=False)

    assert (j, f) == (0.0, 0.0)


def test_an_object_that_never_occurs_cannot_be_scored() -> None:
    with pytest.raises(ValueError, match="none of the frames"):
        metrics.j_and_f([NOTHING] * 3, [NOTHING] * 3)


def test_predictions_that_hold_are_calibrated() -> None:
    error, bins = metrics.reliability([0.25, 0.25, 0.25, 0.25, 1.0], [1, 0, 0, 0, 1])

    assert error == 0
    assert [(bar.low, bar.count) for bar in bins] == [(0.2, 4), (0.9, 1)]


def test_the_calibration_error_weighs_a_bin_by_how_many_fall_in_it() -> None:
    error, _ = metrics.reliability([0.9, 0.9, 0.9, 0.1], [0, 0, 0, 0.1])

    assert error == pytest.approx(0.75 * 0.9)


def test_no_prediction_has_no_error() -> None:
    assert metrics.reliability([], []) == (0.0, [])
