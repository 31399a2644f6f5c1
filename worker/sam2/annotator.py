"""A simulated person who annotates one object: clicks, looks, clicks on the worst frame, until it is good (the offline
protocol of the SAM 2 paper, §6.1). What it costs is `vos.effort`'s."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vos import metrics
from vos.effort import T_CLICK, T_EXAM, T_LOC
from worker.sam2 import simulate
from worker.sam2.prompt import FramePrompt
from worker.sam2.tracker import FrameSource, Tracker

TARGET = 0.8  #: J&F from which nobody corrects
ROUNDS = 3  #: corrected frames at most
CLICKS, GOOD = 3, 0.85  #: on a frame at most; IoU from which nobody clicks on


@dataclass(frozen=True)
class Effort:
    """clicks, seconds of the person, the J&F that came of them in 0..1, and whether it is TARGET."""

    clicks: int
    seconds: float
    jf: float

    @property
    def reached(self) -> bool:
        return self.jf >= TARGET


def annotate(
    tracker: Tracker, video: FrameSource, truth: np.ndarray, first: FramePrompt, masks: Sequence[np.ndarray]
) -> Effort:
    """Goes on from the masks [H, W] of each frame that `first`, clicks on frame 0, led to; truth bool [T, H, W]."""
    shown, prompts = list(masks), {0: first}
    clicks, seconds = len(first.points), T_LOC + T_CLICK * len(first.points) + T_EXAM * len(truth)
    for _ in range(ROUNDS):
        jf = sum(metrics.j_and_f(shown, truth)) / 2
        left = [frame for frame in range(len(truth)) if frame not in prompts and truth[frame].any()]
        if jf >= TARGET or not left:
            break
        worst = min(left, key=lambda frame: metrics.iou(shown[frame], truth[frame]))
        prompts[worst] = _refined(tracker, video, worst, truth[worst])
        clicks += len(prompts[worst].points)
        seconds += T_LOC + T_CLICK * len(prompts[worst].points) + T_EXAM * len(truth)
        order = range(len(truth))
        shown = [mask.mask for mask in tracker.propagate(video, list(prompts.values()), order=order)]
    return Effort(clicks, seconds, sum(metrics.j_and_f(shown, truth)) / 2)


def _refined(tracker: Tracker, video: FrameSource, frame: int, truth: np.ndarray) -> FramePrompt:
    """Clicks that name the object on a frame."""
    points: list[tuple[float, float]] = []
    labels: list[int] = []
    mask = np.zeros_like(truth)
    while len(points) < CLICKS and metrics.iou(mask, truth) < GOOD:
        click = simulate.centre_click(truth, mask)
        if click is None:
            break
        points, labels = [*points, click[:2]], [*labels, click[2]]
        mask = tracker.predict(
            video, FramePrompt(frame, points, labels), mask if len(points) > 1 else None
        ).mask
    return FramePrompt(frame, points, labels)
