import numpy as np
import pytest

from vos import rle
from vos.alignment import Agreement, agreement, alignment, size_of_masklet

SIZE = [120, 160]


def square(side: int, *, at: int = 0) -> str:
    mask = np.zeros(SIZE, bool)
    mask[:side, at : at + side] = True
    return rle.encode(mask)["counts"]


NOTHING = square(0)


@pytest.mark.parametrize(("side", "size"), [(31, "small"), (32, "medium"), (95, "medium"), (96, "large")])
def test_the_size_is_that_of_the_first_frame_that_shows_the_object(side: int, size: str) -> None:
    assert size_of_masklet({2: square(100), 0: NOTHING, 1: square(side)}, size=SIZE) == size


def test_masks_agree_above_three_quarters() -> None:
    # Squares of 40 that are shifted by n share (40 - n) / (40 + n).
    close, apart = square(40, at=5), square(40, at=6)
    found = agreement({0: close, 1: apart}, {0: square(40), 1: square(40)}, size=SIZE)
    assert found == Agreement("medium", aligned=1, masks=2)


def test_frames_on_which_both_say_absent_are_no_masks() -> None:
    found = agreement({0: square(40), 1: NOTHING}, {0: square(40), 1: NOTHING}, size=SIZE)
    assert found == Agreement("medium", aligned=1, masks=1)


def test_a_mask_where_the_other_has_none_does_not_agree() -> None:
    found = agreement({0: square(40), 1: square(9)}, {0: square(40), 1: NOTHING, 2: square(9)}, size=SIZE)
    assert found == Agreement("medium", aligned=1, masks=3)


def test_every_mask_weighs_the_same_and_sizes_without_any_say_nothing() -> None:
    found = [Agreement("small", 1, 4), Agreement("small", 0, 1), Agreement("large", 5, 5)]
    assert alignment(found) == {"all": 0.6, "small": 0.2, "medium": None, "large": 1.0, "masks": 10}
    assert alignment([]) is None
