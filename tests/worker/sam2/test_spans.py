import numpy as np

from worker.sam2.spans import AGREEING_FRAMES, Span, agree


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
