import numpy as np
import pytest

from vos import rle
from vos.statistics import Summary, VideoSummary, measure

BLANK = np.zeros((20, 30), bool)


def masks(*areas: int | None) -> dict[int, rle.Rle]:
    """A mask of so many pixels on each frame; None where nobody looked."""
    made = {}
    for j, area in enumerate(areas):
        if area is not None:
            mask = BLANK.copy()
            mask.flat[:area] = True
            made[j] = rle.encode(mask)
    return made


@pytest.mark.parametrize(
    ("areas", "changes", "reappears"),
    [
        ((0, 0, 5, 5), 0, False),
        ((5, 0), 1, False),
        ((0, 5, 0, 5), 2, True),
        ((5, 0, 5, 0, 0), 3, True),
        ((5, None, 5), 0, False),
        ((0, 0), 0, False),
        ((), 0, False),
    ],
)
def test_it_vanishes_and_comes_back_only_after_it_has_appeared(
    areas: tuple[int | None, ...], changes: int, reappears: bool
) -> None:
    seen = measure(masks(*areas), height=20, width=30, edited=[])
    assert (seen.changes, seen.reappears) == (changes, reappears)


def test_area_is_the_mean_of_where_it_is_seen() -> None:
    seen = measure(masks(0, 10, 20, None), height=20, width=30, edited=[1])
    assert (seen.frames, seen.visible, seen.area, seen.share, seen.size) == (3, 2, 15.0, 15 / 600, "small")
    assert measure(masks(0), height=20, width=30, edited=[]).size == "never visible"


def test_a_summary_adds_up() -> None:
    summary, films = Summary(), VideoSummary()
    for areas, source, label in [
        ((5, 0, 5), "manual", "dog"),
        ((5, 5, 5), "auto", ""),
        ((0, 5, 5), "manual", "dog"),
    ]:
        seen = measure(masks(*areas), height=20, width=30, edited=[0] if source == "manual" else [])
        summary.add(seen, source=source, phase=3, label=label)
    films.add(seconds=12.0, frames=3, split="val", environment="")
    told = summary.told(films)
    assert (told.masklets, told.masks, told.annotated) == (3, 7, 9)
    assert told.disappearance_rate == pytest.approx(1 / 3)
    assert told.edited_share == pytest.approx(1 / 3)
    assert told.by_label == {"dog": 2, "": 1}
    assert told.changes[:3] == [2, 0, 1]
    assert sum(told.areas) == 3
    assert told.areas[2] == 3, "5 of 600 pixels lie between 0.3 % and 1 %"
    assert told.durations == [0, 0, 0, 1, 0, 0, 0, 0]
