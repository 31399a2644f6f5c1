import numpy as np
import pytest

from worker.sam2.spans import AGREEING_FRAMES, Span, agree, confidence_of


def mask(left: int, width: int = 40) -> np.ndarray:
    made = np.zeros((60, 100), bool)
    made[10:50, left : left + width] = True
    return made


def walk(span: Span, order: range, new: dict[int, np.ndarray]) -> list[int]:
    """The frames that are computed, when the model says `new` and else what was before."""
    computed = []
    for idx in order:
        if span.reaches(idx):
            computed.append(idx)
            span.passed(idx, new.get(idx, span.before.get(idx, mask(0))))
    return computed


BEFORE = {idx: mask(5) for idx in range(30)}


def test_masks_agree_when_people_would_not_see_a_difference() -> None:
    assert agree(mask(5), mask(5))
    assert agree(mask(5, 39), mask(5))
    assert not agree(mask(5, 30), mask(5))
    assert agree(np.zeros((4, 4), bool), np.zeros((4, 4), bool))
    assert not agree(np.zeros((4, 4), bool), np.ones((4, 4), bool))


def test_a_correction_is_carried_until_the_masks_agree_again() -> None:
    span = Span(range(4, 30), BEFORE, frozenset({4}))
    assert walk(span, range(4, 30), {idx: mask(20) for idx in range(4, 9)}) == list(
        range(4, 9 + AGREEING_FRAMES)
    )
    assert span.joined
    assert span.kept(20) is not None
    assert span.kept(9) is None


def test_agreeing_for_a_moment_is_not_enough() -> None:
    span = Span(range(30), BEFORE, frozenset())
    changes = {idx: mask(20) for idx in range(0, 30, AGREEING_FRAMES)}
    assert walk(span, range(30), changes) == list(range(30))


def test_it_goes_on_at_the_next_frame_that_was_prompted() -> None:
    order = range(29, -1, -1)
    span = Span(order, BEFORE, frozenset({29, 12}))
    computed = walk(span, order, {12: mask(20), 11: mask(20)})
    assert computed == [29, 28, 27, 26, 12, 11, 10, 9, 8]


def test_frames_without_a_mask_are_always_computed() -> None:
    span = Span(range(30), {idx: mask(5) for idx in range(10)}, frozenset())
    assert walk(span, range(30), {}) == [0, 1, 2, *range(10, 30)]
    assert walk(Span(range(5), {}, frozenset()), range(5), {}) == list(range(5))


def test_toward_another_prompted_frame_the_surer_masks_stay_and_then_the_rest() -> None:
    confidence = {idx: 0.9 if idx < 15 else 0.2 for idx in range(30)}
    span = Span(range(20, -1, -1), BEFORE, frozenset({20}), confidence=confidence, prompted={0, 20})
    computed = []
    taken = []
    for idx in range(20, -1, -1):
        if span.reaches(idx):
            computed.append(idx)
            if span.passed(idx, mask(30), 0.5):
                taken.append(idx)
    assert taken == [20, 19, 18, 17, 16, 15]
    assert computed == [*taken, 14, 13, 12]
    assert span.kept(14) is not None


def test_away_from_all_prompted_frames_new_masks_are_taken_however_sure_the_old_ones_were() -> None:
    span = Span(
        range(20, 30), BEFORE, frozenset({20}), confidence=dict.fromkeys(range(30), 1.0), prompted={0, 20}
    )
    assert all(span.reaches(idx) and span.passed(idx, mask(30), 0.1) for idx in range(20, 30))


def test_between_two_corrections_neither_speaks_for_the_old_masks() -> None:
    changed = frozenset({20, 4})
    span = Span(
        range(20, -1, -1), BEFORE, changed, confidence=dict.fromkeys(range(30), 1.0), prompted=changed
    )
    assert all(span.reaches(idx) and span.passed(idx, mask(30), 0.1) for idx in range(20, -1, -1))


def test_how_sure_the_model_is_of_a_mask_and_of_none() -> None:
    assert confidence_of(shown=True, predicted_iou=0.8, object_score=0.0) == pytest.approx(0.4)
    assert confidence_of(shown=False, predicted_iou=0.8, object_score=-10.0) == pytest.approx(1.0, abs=1e-4)
    assert confidence_of(shown=True, predicted_iou=0.8, object_score=1e9) == pytest.approx(0.8)
