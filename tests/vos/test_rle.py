import json

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from pycocotools import mask as coco

from vos import rle as masks
from vos.rle import InvalidMask


def random_mask(seed: int, height: int, width: int, density: float) -> np.ndarray:
    return np.random.default_rng(seed).random((height, width)) < density


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_a_mask_survives_the_way_there_and_back(seed: int, height: int, width: int, density: float) -> None:
    mask = random_mask(seed, height, width, density)
    rle = masks.check(json.loads(json.dumps(masks.encode(mask))), height=height, width=width)
    assert (masks.decode(rle) == mask).all()
    assert masks.area(rle) == mask.sum()


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_runs_are_those_of_pycocotools(seed: int, density: float) -> None:
    mask = random_mask(seed, 31, 53, density)
    rle = coco.encode(np.asfortranarray(mask, dtype=np.uint8))
    flat = mask.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    expected = np.diff([0, *edges, flat.size]).tolist()
    if flat[0]:
        expected = [0, *expected]
    assert masks.runs_of(rle["counts"].decode()) == expected


def test_an_absent_object_is_an_all_zero_mask() -> None:
    rle = masks.empty(height=4, width=6)
    assert masks.runs_of(rle["counts"]) == [24]
    assert not masks.decode(rle).any()


@pytest.mark.parametrize(
    ("rle", "sentence"),
    [
        (None, "an object with"),
        ([], "an object with"),
        ({"size": [4, 6]}, "an object with"),
        ({"size": [4, 6], "counts": "H0", "more": 1}, "an object with"),
        ({"size": [4, 6], "counts": [24]}, "must be a string"),
        ({"size": [4], "counts": "h0"}, r"must be \[height, width\]"),
        ({"size": [4.0, 6], "counts": "h0"}, r"must be \[height, width\]"),
        ({"size": [True, 6], "counts": "h0"}, r"must be \[height, width\]"),
        ({"size": [6, 4], "counts": "h0"}, "but the frame is 4 × 6"),
        ({"size": [30000, 30000], "counts": "PPPPd0"}, "but the frame is 4 × 6"),
        ({"size": [4, 6], "counts": ""}, "cover 0 pixels"),
        ({"size": [4, 6], "counts": "5"}, "cover 5 pixels"),
        ({"size": [4, 6], "counts": "P"}, "in the middle of a number"),
        ({"size": [4, 6], "counts": "PPPPPPPPPPPPP0"}, "in the middle of a number"),
        ({"size": [4, 6], "counts": " "}, "no COCO RLE has"),
        ({"size": [4, 6], "counts": "é"}, "no COCO RLE has"),
        ({"size": [4, 6], "counts": "O"}, "negative length"),
        ({"size": [4, 6], "counts": "0" * 10_000}, "longer than any mask"),
    ],
)
def test_what_is_no_mask_of_the_frame_is_refused_with_a_sentence(rle: object, sentence: str) -> None:
    with pytest.raises(InvalidMask, match=sentence):
        masks.check(rle, height=4, width=6)
