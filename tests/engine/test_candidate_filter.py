"""Where a threshold cuts, told from verdicts."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.candidate_filter import ENOUGH, Learned, curve, fit, same_rank, score

shares = st.floats(0, 1, allow_nan=False)
judged = st.lists(st.tuples(shares, st.booleans()), min_size=ENOUGH, max_size=120)


def test_before_enough_verdicts_nothing_is_fitted() -> None:
    assert fit([0.9] * (ENOUGH - 1), [True] * (ENOUGH - 1), precision=0.5) is None


def test_the_threshold_is_the_lowest_that_holds_the_wanted_precision() -> None:
    scores = [i / 100 for i in range(100)]
    right = [s >= 0.6 for s in scores]
    # 40 right ones: 10 wrong ones below them leave 40 of 50.
    assert fit(scores, right, precision=0.8) == pytest.approx(0.5)
    assert fit(scores, right, precision=1.0) == pytest.approx(0.6)
    assert fit(scores, right, precision=0.0) == 0.0


def test_where_nothing_holds_the_precision_nothing_passes() -> None:
    assert fit([0.2, 0.4] * ENOUGH, [False, True] * ENOUGH, precision=0.99) == 0.4
    assert fit([0.4] * ENOUGH, [False] * ENOUGH, precision=0.5) == 1.0


def test_a_lucky_few_at_the_top_are_no_evidence() -> None:
    scores = [0.99, *np.linspace(0, 0.9, 60)]
    assert fit(scores, [True] + [False] * 60, precision=0.9) == 1.0


@given(judged, shares)
def test_what_lies_above_the_fitted_threshold_holds_the_precision(
    verdicts: list[tuple[float, bool]], wanted: float
) -> None:
    scores, right = [s for s, _ in verdicts], [r for _, r in verdicts]
    threshold = fit(scores, right, precision=wanted)
    assert threshold is not None
    above = [r for s, r in verdicts if s >= threshold]
    if threshold < 1.0:
        assert sum(above) / len(above) >= wanted


@given(judged, st.lists(shares, max_size=200))
def test_a_curve_is_short_and_lets_less_through_the_higher_it_cuts(
    verdicts: list[tuple[float, bool]], every: list[float]
) -> None:
    points = curve([s for s, _ in verdicts], [r for _, r in verdicts], every)
    assert len(points) <= 60
    assert [p.threshold for p in points] == sorted(p.threshold for p in points)
    assert [p.passes for p in points] == sorted((p.passes for p in points), reverse=True)
    assert points[0].passes == len(every)
    for point in points:
        if point.precision is not None and point.at_least is not None:
            assert 0 <= point.at_least <= point.precision + 1e-9


def test_a_curve_of_nothing_has_one_point() -> None:
    (point,) = curve([], [], [])
    assert (point.threshold, point.judged, point.precision, point.passes) == (0.0, 0, None, 0)


def test_a_score_is_how_sure_and_stable_less_what_drifts_and_flickers() -> None:
    good = {"confidence": 0.9, "stability": 1.0}
    assert score(good) == pytest.approx(0.9)
    assert score(good | {"drift": 0.5}) == pytest.approx(0.45)
    assert score({}) == 0.0


def test_what_was_learned_is_a_chance() -> None:
    learned = Learned(["confidence"], [4.0], -2.0, 40)
    assert score({"confidence": 0.5}, learned) == pytest.approx(0.5)
    assert score({"confidence": 1e9}, learned) <= 1.0


@given(st.lists(shares, min_size=1, max_size=50), shares)
def test_as_many_pass_a_threshold_that_moved_with_the_scores(before: list[float], threshold: float) -> None:
    after = [s * s / 2 for s in before]  # another scale, the same order
    moved = same_rank(threshold, before, after)
    passing = sum(s >= threshold for s in before)
    assert sum(s >= moved for s in after) >= passing
