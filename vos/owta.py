"""OWTA, open-world tracking accuracy: how well tracks find objects and stay on them, whatever else they find.

As "Opening up Open-World Tracking" (Liu et al., CVPR 2022) defines it and BURST uses it: at each of the thresholds
0.05, 0.10 … 0.95 of the IoU, √(detection recall · association accuracy), and the mean of these. Tracks of what nobody
annotated cost nothing, since in an open world they may be right. Matches are HOTA's (Luiten et al., IJCV 2020): one to
one in each frame, so that the IoU is greatest, towards the track that fits best over the whole video.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rlemasklib import RLEMask
from scipy.optimize import linear_sum_assignment

THRESHOLDS = np.arange(1, 20) / 20

Tracks = Sequence[Mapping[int, RLEMask]]  #: masks by frame_idx of each; an empty one or none: not there


@dataclass(frozen=True)
class Owta:
    """owta, detection_recall and association: 0..1, means over the thresholds."""

    owta: float
    detection_recall: float
    association: float


def owta(videos: Iterable[tuple[Tracks, Tracks]]) -> Owta:
    """Of (true tracks, found tracks) of each video. Raises ValueError when no object is there to be found."""
    found = np.zeros(len(THRESHOLDS))
    associated = np.zeros(len(THRESHOLDS))
    objects = 0
    for truth, tracks in videos:
        frames = [_similarities(truth, tracks, idx) for idx in _frames_of(truth)]
        objects += sum(len(frame.true) for frame in frames)
        matched, counts = _matches(frames, len(truth), len(tracks))
        found += matched.sum((1, 2))
        associated += (matched * matched / np.maximum(counts - matched, 1)).sum((1, 2))
    if not objects:
        raise ValueError("There is no object to be found.")
    recall = found / objects
    association = np.divide(associated, found, out=np.zeros_like(found), where=found > 0)
    return Owta(*(float(values.mean()) for values in (np.sqrt(recall * association), recall, association)))


@dataclass(frozen=True)
class _Frame:
    """Which objects and tracks are there, and the IoU of each two [true, found]."""

    true: list[int]
    found: list[int]
    ious: np.ndarray


def _frames_of(truth: Tracks) -> list[int]:
    return sorted({idx for masks in truth for idx in masks})


def _similarities(truth: Tracks, tracks: Tracks, idx: int) -> _Frame:
    true, found = (
        [row for row, masks in enumerate(group) if idx in masks and masks[idx].any()]
        for group in (truth, tracks)
    )
    if not true or not found:
        return _Frame(true, found, np.zeros((len(true), len(found))))
    ious = RLEMask.iou_matrix([truth[row][idx] for row in true], [tracks[row][idx] for row in found])
    return _Frame(true, found, np.asarray(ious))


def _matches(frames: Sequence[_Frame], true: int, found: int) -> tuple[np.ndarray, np.ndarray]:
    """On how many frames each two match at each threshold [thresholds, true, found], and on how many the one and on how
    many the other is there, added [true, found]."""
    likely = np.zeros((true, found))
    true_frames, found_frames = np.zeros((true, 1)), np.zeros((1, found))
    for frame in frames:
        joined = frame.ious.sum(1, keepdims=True) + frame.ious.sum(0, keepdims=True) - frame.ious
        shares = np.divide(frame.ious, joined, out=np.zeros_like(frame.ious), where=joined > 0)
        likely[np.ix_(frame.true, frame.found)] += shares
        true_frames[frame.true] += 1
        found_frames[:, frame.found] += 1
    counts = true_frames + found_frames
    fit = likely / np.maximum(counts - likely, np.finfo(float).tiny)
    matched = np.zeros((len(THRESHOLDS), true, found))
    for frame in frames:
        places = np.ix_(frame.true, frame.found)
        rows, columns = linear_sum_assignment(fit[places] * frame.ious, maximize=True)
        for row, column in zip(rows, columns, strict=True):
            reached = frame.ious[row, column] >= THRESHOLDS
            matched[reached, frame.true[row], frame.found[column]] += 1
    return matched, counts
