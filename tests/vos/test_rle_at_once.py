"""Many masks at once are judged and counted as each alone is."""

import numpy as np
from hypothesis import given, strategies as st

from vos import rle

HEIGHT, WIDTH = 7, 11


def alone(counts: str) -> bool:
    try:
        rle.check({"size": [HEIGHT, WIDTH], "counts": counts}, height=HEIGHT, width=WIDTH)
    except rle.InvalidMask:
        return False
    return True


def noise(seed: int) -> rle.Rle:
    rng = np.random.default_rng(seed)
    return rle.encode(rng.random((HEIGHT, WIDTH)) < rng.random())


@given(
    st.lists(st.integers(0, 10_000), max_size=5),
    st.integers(0, 10_000),
    st.integers(0, 200),
    st.sampled_from([chr(n) for n in range(40, 120)] + ["é", ""]),
)
def test_one_that_lies_is_found_among_others(others: list[int], seed: int, at: int, char: str) -> None:
    good = [noise(n)["counts"] for n in others]
    counts = noise(seed)["counts"]
    at %= len(counts)
    changed = counts[:at] + char + counts[at + 1 :]
    assert rle.are_masks(good, height=HEIGHT, width=WIDTH)
    assert rle.are_masks([*good, changed, *good], height=HEIGHT, width=WIDTH) == alone(changed)


def test_areas_of_many_are_those_of_each() -> None:
    masks = [noise(n) for n in range(700)]
    assert rle.areas(masks) == [rle.area(mask) for mask in masks]
    assert rle.areas([]) == []
