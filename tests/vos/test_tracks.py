"""Tracks measured without decoding a mask say what the pixels say."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from vos import rle
from vos.tracks import coverage, iou

SIZE = (5, 7)
FRAMES = 4

masks = arrays(np.bool_, SIZE)
tracks = st.dictionaries(st.integers(0, FRAMES - 1), masks, max_size=FRAMES)
Track = dict[int, np.ndarray]


def counts(track: Track) -> dict[int, str]:
    return {idx: rle.encode(mask)["counts"] for idx, mask in track.items()}


def volume(track: Track) -> np.ndarray:
    """Bool [FRAMES, H, W]; a frame without a mask shows nothing."""
    empty = np.zeros(SIZE, dtype=bool)
    return np.array([track.get(idx, empty) for idx in range(FRAMES)])


@settings(max_examples=150, deadline=None)
@given(tracks, tracks)
def test_the_overlap_of_two_tracks_is_that_of_their_pixels(a: Track, b: Track) -> None:
    shared, either = (volume(a) & volume(b)).sum(), (volume(a) | volume(b)).sum()
    told = iou(counts(a), counts(b), size=SIZE)
    assert told == pytest.approx(shared / either if either else 0.0)
    assert told == iou(counts(b), counts(a), size=SIZE)
    assert iou(counts(a), counts(a), size=SIZE) == (1.0 if volume(a).any() else 0.0)


@settings(max_examples=100, deadline=None)
@given(st.lists(tracks, max_size=4))
def test_what_tracks_explain_of_a_frame_is_counted_once(several: list[Track]) -> None:
    seen = np.any([volume(track) for track in several], axis=0) if several else np.zeros((FRAMES, *SIZE))
    told = coverage(map(counts, several), size=SIZE, frame_count=FRAMES)
    assert told == pytest.approx(seen.reshape(FRAMES, -1).mean(1).tolist(), abs=1e-4)


def test_masks_beyond_the_clip_explain_nothing() -> None:
    full = rle.encode(np.ones(SIZE, dtype=bool))["counts"]
    assert coverage([{-1: full, 0: full, 2: full}], size=SIZE, frame_count=2) == [1.0, 0.0]
    assert coverage([], size=SIZE, frame_count=0) == []
