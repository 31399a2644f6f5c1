import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine.mask_quality import MOST, REASONS, MaskQuality, mask_quality
from vos import rle
from vos.rle import MaskFrame

HEIGHT, WIDTH = 60, 100
SIZE = [HEIGHT, WIDTH]


def disc(x: float = 50, y: float = 30, radius: float = 12) -> np.ndarray:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return (columns - x) ** 2 + (rows - y) ** 2 < radius**2


NOTHING = np.zeros((HEIGHT, WIDTH), dtype=bool)


def frame(mask: np.ndarray, predicted_iou: float = 0.93, stability: float = 0.97) -> MaskFrame:
    return {
        "counts": rle.encode(mask)["counts"],
        "predicted_iou": predicted_iou,
        "object_score": 6.0 if mask.any() else -6.0,
        "stability": stability,
    }


def masklet(changed: Mapping[int, MaskFrame], count: int = 30) -> dict[int, MaskFrame]:
    """A disc that moves to and fro, sure of itself, but for the frames that are `changed`."""
    return {i: frame(disc(40 + abs(i % 40 - 20))) for i in range(count)} | dict(changed)


def look(frames: Mapping[int, MaskFrame], *prompted: int) -> MaskQuality:
    return mask_quality(frames, size=SIZE, prompted=prompted)


BAD = frame(disc(), predicted_iou=0.3, stability=0.5)


def test_a_masklet_without_masks_is_not_doubted() -> None:
    assert look({}) == MaskQuality([], 0.0)


def test_a_masklet_that_is_sure_of_itself_is_not_doubted() -> None:
    doubts, doubt = look(masklet({}), 0)
    assert doubts == []
    assert doubt < 0.1


def test_a_stretch_of_bad_masks_is_one_doubt_at_the_worst_of_them() -> None:
    worst = frame(disc(), predicted_iou=0.05, stability=0.4)
    doubts, doubt = look(masklet(dict.fromkeys(range(10, 16), BAD) | {12: worst}), 0)
    assert [(d.frame_idx, d.first_frame, d.last_frame) for d in doubts] == [(12, 10, 15)]
    assert doubts[0].score > 0.4
    assert 0.05 < doubt < 0.3


def test_a_few_trusted_masks_do_not_part_a_stretch() -> None:
    frames = masklet(dict.fromkeys((10, 11, 14, 15, 25), BAD))
    spans = [(d.first_frame, d.last_frame) for d in look(frames, 0).suggested_frames]
    assert spans == [(10, 15), (25, 25)]


def test_a_prompted_frame_is_never_doubted_and_parts_a_stretch() -> None:
    frames = masklet(dict.fromkeys(range(10, 16), BAD))
    assert [(d.first_frame, d.last_frame) for d in look(frames, 0, 13).suggested_frames] == [
        (10, 12),
        (14, 15),
    ]
    assert look({0: BAD}, 0).suggested_frames == []


def test_the_stretch_with_most_wrong_masks_comes_first() -> None:
    frames = masklet({3: BAD} | dict.fromkeys(range(20, 26), BAD))
    assert [d.first_frame for d in look(frames, 0).suggested_frames] == [20, 3]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (frame(disc(), predicted_iou=0.02, stability=0.85), "low_predicted_iou"),
        (frame(disc(), stability=0.5), "unstable_edge"),
        (frame(disc(radius=2), predicted_iou=0.8, stability=0.8), "size_changed"),
        (frame(disc() & (np.arange(HEIGHT)[:, None] % 4 < 2), stability=0.8), "shape_changed"),
        (frame(NOTHING) | {"object_score": -0.2}, "object_lost"),
    ],
)
def test_a_doubt_says_what_speaks_for_it(bad: MaskFrame, reason: str) -> None:
    doubts = look(masklet(dict.fromkeys(range(20, 25), bad)), 0).suggested_frames
    assert [d.reason for d in doubts] == [reason]


def test_an_object_that_comes_back_unsure_says_so() -> None:
    left = {7: frame(disc(x=5))} | {i: frame(NOTHING) for i in range(8, 20)}
    doubts = look(masklet(left | dict.fromkeys(range(20, 24), BAD)), 0).suggested_frames
    assert [(d.first_frame, d.reason) for d in doubts] == [(20, "object_back")]


def test_an_object_that_left_over_the_border_is_doubted_less_than_one_that_vanished() -> None:
    def gone_after(last: np.ndarray) -> float:
        return look({0: frame(disc()), 1: frame(last)} | {i: frame(NOTHING) for i in range(2, 8)}, 0).doubt

    assert gone_after(disc(x=5)) < gone_after(disc(x=50))


def test_a_long_list_of_doubts_is_cut() -> None:
    frames = masklet(dict.fromkeys(range(4, 500, 4), BAD), count=500)
    assert len(look(frames, 0).suggested_frames) == MOST


SCORES = st.floats(allow_nan=True, allow_infinity=True)


@given(
    st.dictionaries(
        st.integers(0, 300), st.tuples(st.sampled_from([NOTHING, disc(), disc(2, 2)]), SCORES, SCORES, SCORES)
    ),
    st.sets(st.integers(0, 300)),
)
@settings(max_examples=80, deadline=None)
def test_whatever_the_scores_say_doubts_are_chances_of_known_frames(
    drawn: dict[int, tuple[np.ndarray, float, float, float]], prompted: set[int]
) -> None:
    frames: dict[int, MaskFrame] = {
        i: {
            "counts": rle.encode(mask)["counts"],
            "predicted_iou": predicted_iou,
            "object_score": object_score,
            "stability": stability,
        }
        for i, (mask, predicted_iou, object_score, stability) in drawn.items()
    }
    doubts, doubt = look(frames, *prompted)
    assert 0 <= doubt <= 1
    assert not math.isnan(doubt)
    assert {d.frame_idx for d in doubts} <= set(frames) - prompted
    for d in doubts:
        assert 0.4 <= d.score <= 1
        assert d.reason in REASONS
        assert d.first_frame <= d.frame_idx <= d.last_frame
