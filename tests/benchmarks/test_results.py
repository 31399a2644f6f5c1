from collections import Counter

import numpy as np
import pytest

from benchmarks.effort import results as r
from benchmarks.effort.annotator import Moment
from benchmarks.effort.clock import Effort
from benchmarks.effort.results import Result
from vos import rle

SIZE = (120, 160)


def square(side: int, *, shift: int = 0) -> str:
    mask = np.zeros(SIZE, bool)
    mask[:side, shift : shift + side] = True
    return rle.encode(mask)["counts"]


def result(
    strategy: str, counts: list[str], *, number: int = 0, moments: list[Moment] | None = None
) -> Result:
    return Result(strategy, number, list(SIZE), Effort(), moments or [], [], counts)


def moments(*points: tuple[float, float]) -> list[Moment]:
    return [Moment(n, seconds, jf) for n, (seconds, jf) in enumerate(points, 1)]


def test_a_mask_is_aligned_above_an_iou_of_three_quarters():
    reference = result("phase_1", [square(40)] * 4)
    ours = result("phase_3", [square(40), square(40, shift=4), square(40, shift=8), square(0)])
    aligned = r.alignment([ours], [reference])  # 1, 9/11, 2/3, 0
    assert aligned == {"all": 0.5, "small": None, "medium": 0.5, "large": None}


def test_frames_that_are_absent_in_both_agree_only_if_asked_for():
    reference = result("phase_1", [square(20), square(0), square(0)])
    ours = result("phase_3", [square(20), square(0), square(20)])
    assert r.alignment([ours], [reference])["small"] == 0.5
    assert r.alignment([ours], [reference], absent=True)["small"] == pytest.approx(2 / 3)


def test_sizes_are_the_references_on_the_first_frame():
    sides = {0: 31, 1: 32, 2: 95, 3: 96}
    buckets = [result("phase_1", [square(side)], number=n).bucket for n, side in sides.items()]
    assert buckets == ["small", "medium", "medium", "large"]


def test_clicks_are_counted_over_clicked_frames_of_all_objects():
    one, other = result("phase_3", [square(9)] * 4), result("phase_3", [square(9)] * 4)
    one.effort.clicks.update({0: 3, 2: 1})
    other.effort.clicks.update({0: 2})
    other.effort.absent.update({1: 1})
    assert r.clicks_per_clicked_frame([one, other]) == 2
    assert r.edited_share([one, other]) == 0.5


def test_seconds_are_those_of_the_time_model_over_all_frames():
    one = result("phase_3", [square(9)] * 4)
    one.effort.looked, one.effort.visits, one.effort.strokes = 10, 1, Counter({0: 1})
    assert r.seconds_per_frame([one]) == pytest.approx((1 + 1 + 3) / 4)
    assert r.seconds_per_frame([one], stroke=1.5) == pytest.approx((1 + 1 + 1.5) / 4)


def test_an_object_that_is_done_stays_at_its_last_value():
    some = [
        result("offline", [], moments=moments((10, 0.5))),
        result("offline", [], moments=moments((10, 0.6), (20, 0.8))),
    ]
    assert r.curve(some, lambda m: m.jf) == pytest.approx([0.55, 0.65])
    assert r.curve(some, lambda m: m.seconds) == pytest.approx([10, 15])


def test_a_curve_reaches_a_value_between_its_points():
    assert r.time_to([5, 15], [0.6, 0.8], 0.7) == pytest.approx(10)
    assert r.time_to([5, 15], [0.6, 0.8], 0.5) == 5
    assert r.time_to([5, 15], [0.6, 0.8], 0.9) is None


def test_two_ways_are_compared_where_both_come():
    slow = [result("phase_3", [], moments=moments((10, 0.6), (30, 0.9)))]
    quick = [result("look_here", [], moments=moments((10, 0.6), (16, 0.8)))]
    assert r.time_ratio(quick, slow) == pytest.approx(16 / (10 + 20 * 2 / 3))
