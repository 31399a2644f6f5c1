import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from vos import metrics, rle
from vos.corruptions import CORRUPTIONS, WITH_NEIGHBOUR, CannotCorrupt, Corruption, changed, corrupt
from vos.rle import Rle

HEIGHT, WIDTH, FRAMES = 48, 64, 18


def moving(left: int, *, step: float = 2.0, top: int = 12, gone: range = range(0)) -> list[Rle]:
    """An ellipse on its way from `left` to the right; absent on the frames `gone`."""
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    masks = []
    for i in range(FRAMES):
        mask = ((rows - top - 4) / 7) ** 2 + ((columns - left - step * i) / 6) ** 2 <= 1
        masks.append(rle.encode(mask & (i not in gone)))
    return masks


ONE = moving(10, gone=range(14, 16))
OTHER = moving(54, step=-2.0, top=16)


def made(kind: Corruption, severity: float, seed: int = 0) -> list[Rle]:
    return corrupt(ONE, kind, severity=severity, seed=seed, neighbour=OTHER)


def agreement(masks: list[Rle]) -> float:
    pairs = zip(masks, ONE, strict=True)
    return float(np.mean([metrics.iou(rle.decode(one), rle.decode(other)) for one, other in pairs]))


@pytest.mark.parametrize("kind", CORRUPTIONS)
@given(severity=st.floats(0, 1), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25, deadline=None)
def test_a_corruption_is_seen_and_can_be_made_again(kind: Corruption, severity: float, seed: int) -> None:
    masks = made(kind, severity, seed)
    assert changed(ONE, masks)
    assert masks == made(kind, severity, seed)
    for mask in masks:
        rle.check(mask, height=HEIGHT, width=WIDTH)


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_what_is_grosser_agrees_less(kind: Corruption) -> None:
    mild, gross = (
        np.mean([agreement(made(kind, severity, seed)) for seed in range(8)]) for severity in (0, 1)
    )
    assert gross < mild < 1


@pytest.mark.parametrize("kind", ["eroded", "dilated", "shifted", "leaked", "holes"])
@given(seed=st.integers(0, 2**16), y=st.integers(0, HEIGHT - 1), x=st.integers(0, WIDTH - 1))
@settings(max_examples=15, deadline=None)
def test_the_smallest_object_keeps_a_pixel_or_cannot_be_corrupted(
    kind: Corruption, seed: int, y: int, x: int
) -> None:
    dot = np.zeros((HEIGHT, WIDTH), dtype=bool)
    dot[y, x] = True
    try:
        masks = corrupt([rle.encode(dot)] * 3, kind, severity=1, seed=seed)
    except CannotCorrupt:
        return
    assert kind == "shifted" or all(rle.area(mask) for mask in masks)


def test_holes_and_erosion_take_away_while_leaks_and_dilation_add() -> None:
    for kind, sign in (("holes", -1), ("eroded", -1), ("leaked", 1), ("dilated", 1), ("merged", 1)):
        masks = made(kind, 0.5)  # type: ignore[arg-type]
        for i in changed(ONE, masks):
            before, after = rle.decode(ONE[i]), rle.decode(masks[i])
            inside = after <= before if sign < 0 else before <= after
            assert inside.all(), kind


def test_swapping_begins_where_the_two_meet_and_does_not_end() -> None:
    masks = made("swapped", 1)
    first = changed(ONE, masks)[0]
    assert first == 11  # centres: 10 + 2 i and 54 - 2 i
    assert masks[first:] == OTHER[first:]


def test_a_lost_object_never_comes_back() -> None:
    masks = made("lost", 0.5)
    first = changed(ONE, masks)[0]
    assert not any(rle.area(mask) for mask in masks[first:])


@pytest.mark.parametrize("kind", sorted(WITH_NEIGHBOUR))
def test_some_corruptions_take_a_neighbour(kind: Corruption) -> None:
    with pytest.raises(CannotCorrupt, match="only with a neighbour"):
        corrupt(ONE, kind, severity=0.5, seed=0)
    never = [rle.empty(height=HEIGHT, width=WIDTH)] * FRAMES
    with pytest.raises(CannotCorrupt, match="never shown together"):
        corrupt(ONE, kind, severity=0.5, seed=0, neighbour=never)


def test_what_cannot_be_wrong_says_so() -> None:
    with pytest.raises(CannotCorrupt, match="every frame"):
        corrupt(OTHER, "present_when_absent", severity=1, seed=0)
    with pytest.raises(CannotCorrupt, match="looks the same"):
        corrupt([OTHER[0]] * 9, "slipped", severity=1, seed=0)
    with pytest.raises(CannotCorrupt, match="no frame"):
        corrupt([rle.empty(height=4, width=4)] * 3, "lost", severity=1, seed=0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        corrupt(ONE, "lost", severity=1.1, seed=0)
    with pytest.raises(ValueError, match="same frames"):
        corrupt(ONE, "merged", severity=1, seed=0, neighbour=OTHER[:-1])
