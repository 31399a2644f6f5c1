"""A checkpoint's figures on annotated clips, through the tracker that people use (SAM 2 paper §6, appendix E).

Each object stands alone. It starts on the first frame that shows it, once from its mask and once from a click
in its middle, and is tracked to the end of the clip. J&F as the SA-V evaluator counts it (`metrics.j_and_f`).
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vos import metrics
from vos.metrics import Bin
from worker.render.clips import Clip
from worker.sam2 import checkpoint, simulate
from worker.sam2.annotator import annotate
from worker.sam2.prompt import FramePrompt
from worker.sam2.tracker import FrameMask, Tracker

CLICKS = 3
SHORTEST = 3  # frames; the first and the last are not scored


@dataclass(frozen=True)
class Evaluation:
    """What a checkpoint can do. Figures are means over objects or frames, in 0-1; None where nothing was measured.

    jf_mask, jf_1_click          J&F when tracked from a first mask, from one click; j_* and f_* its halves
    iou_1_click … iou_3_clicks   on the first frame alone, clicks in the middle of the larger error
    present_recall               frames with the object (after the first) that are called present
    absent_recall                frames without it that are called absent
    iou_calibration_error        expected distance of predicted and true IoU on tracked frames with the object
    score_calibration_error      the same of the object score, as a probability, and the object's presence
    fps                          tracked frames a second, one object, image encoder included
    """

    objects: int
    frames: int
    jf_mask: float | None
    j_mask: float | None
    f_mask: float | None
    jf_1_click: float | None
    j_1_click: float | None
    f_1_click: float | None
    iou_1_click: float | None
    iou_2_clicks: float | None
    iou_3_clicks: float | None
    present_recall: float | None
    absent_recall: float | None
    iou_calibration_error: float | None
    score_calibration_error: float | None
    fps: float | None
    iou_bins: list[Bin]
    score_bins: list[Bin]

    def as_dict(self) -> dict[str, Any]:
        """The figures as JSON has them, to four digits."""
        return {name: _rounded(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class ObjectFigures:
    """What was measured of one object.

    size                    COCO's word for its area on its first frame
    jf_mask, jf_1_click, jf_3_clicks   J&F when tracked from them
    present, absent         frames with and without it after the first, and how many of them were called so
                            (both trackings counted); `leaves`: it is gone after it was there, `returns`: and comes back
    clicks, seconds         that a simulated annotator needed, `reached`: whether J&F 0.8 came of them
    """

    frames: int
    size: str
    jf_mask: float
    jf_1_click: float
    jf_3_clicks: float | None
    present: int
    present_called: int
    absent: int
    absent_called: int
    leaves: bool
    returns: bool
    clicks: int | None = None
    seconds: float | None = None
    reached: bool | None = None


def evaluate(
    location: str | Path,
    clips: Iterable[Clip],
    *,
    device: str = "auto",
    official_size: int | None = None,
    on_progress: Callable[[int], None] = lambda clips_done: None,
    on_object: Callable[[int, int, ObjectFigures], None] = lambda clip, number, found: None,
    closely: bool = False,
    cancelled: Callable[[], bool] = lambda: False,
) -> Evaluation:
    """Tracks every object of the clips; stops early, with the figures so far, once `cancelled` says so.

    `official_size` is `checkpoint.load`'s: figures are of the size at which people run the checkpoint.
    Objects that are never shown, or so late that no frame is left to score, are left out. `on_object` is told
    (clip, object, figures) of each of the others; `closely` also measures three clicks and the effort of each.
    """
    tracker = Tracker(checkpoint.load(location, device, official_size=official_size))
    tally = Tally()
    for done, clip in enumerate(clips, 1):
        for number, truth in enumerate(np.moveaxis(clip.masks, 1, 0)):
            if cancelled():
                return tally.figures()
            found = _follow(tracker, clip.frames, truth, tally, closely=closely)
            if found is not None:
                on_object(done - 1, number, found)
        on_progress(done)
    return tally.figures()


@dataclass
class Tally:
    """What was measured so far."""

    objects: int = 0
    frames: int = 0
    means: dict[str, list[float]] = field(default_factory=dict)
    ious: list[tuple[float, float]] = field(default_factory=list)  # predicted, true
    scores: list[tuple[float, float]] = field(default_factory=list)  # probability, presence
    tracked: int = 0
    seconds: float = 0.0

    def add(self, name: str, value: float) -> None:
        """One more measurement of a figure."""
        self.means.setdefault(name, []).append(value)

    def figures(self) -> Evaluation:
        """The means."""
        measured: dict[str, Any] = {name: float(np.mean(values)) for name, values in self.means.items()}
        for name, pairs in (("iou", self.ious), ("score", self.scores)):
            error, bins = metrics.reliability(*np.reshape(pairs, (-1, 2)).T)
            measured |= {f"{name}_bins": bins, f"{name}_calibration_error": error if bins else None}
        measured["fps"] = self.tracked / self.seconds if self.seconds else None
        measured |= {"objects": self.objects, "frames": self.frames}
        named: dict[str, Any] = {figure.name: measured.get(figure.name) for figure in fields(Evaluation)}
        return Evaluation(**named)


class _Video:
    """Frames under a key, so that features are computed once for all objects."""

    keys = itertools.count()

    def __init__(self, frames: np.ndarray) -> None:
        self.frames, self.key = frames, next(self.keys)

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, idx: int, /) -> np.ndarray:
        return np.asarray(self.frames[idx])


def _follow(
    tracker: Tracker, frames: np.ndarray, truth: np.ndarray, tally: Tally, *, closely: bool
) -> ObjectFigures | None:
    """One object, bool [T, H, W], from its first frame on."""
    present = truth.any((1, 2))
    if not present.any():
        return None
    start = int(present.argmax())
    truth, frames = truth[start:], frames[start:]
    if len(truth) < SHORTEST or not truth[1:-1].any():
        return None
    video = _Video(frames)
    tally.objects += 1
    tally.frames += len(truth)
    three = _click(tracker, video, truth[0], tally)
    first = simulate.centre_click(truth[0])
    assert first is not None, "an object that is there can be clicked"
    starts = {"mask": FramePrompt(0, mask=truth[0]), "1_click": FramePrompt(0, [first[:2]], [first[2]])}
    scores, called = {}, np.zeros(2, int)
    for name, prompt in starts.items():
        masks = list(_timed(tracker.propagate(video, [prompt], order=range(len(truth))), tally, name))
        j, f = metrics.j_and_f([mask.mask for mask in masks], truth)
        scores[name] = (j + f) / 2
        for figure, value in (("jf", (j + f) / 2), ("j", j), ("f", f)):
            tally.add(f"{figure}_{name}", value)
        called += _judge(masks[1:], truth[1:], tally)
    there: np.ndarray = np.asarray(truth[1:].any((1, 2)))
    figures = ObjectFigures(
        frames=len(truth),
        size=metrics.size_of(float(truth[0].sum())),
        jf_mask=scores["mask"],
        jf_1_click=scores["1_click"],
        jf_3_clicks=None,
        present=2 * int(there.sum()),
        present_called=int(called[0]),
        absent=2 * int((~there).sum()),
        absent_called=int(called[1]),
        leaves=bool((~there).any()),
        returns=bool((there[1:] & ~there[:-1]).any()),
    )
    return _closely(tracker, video, truth, three, figures) if closely else figures


def _closely(
    tracker: Tracker, video: _Video, truth: np.ndarray, three: FramePrompt, figures: ObjectFigures
) -> ObjectFigures:
    """The same with what takes longer: tracking from three clicks, and the effort of a simulated annotator."""
    masks = [mask.mask for mask in tracker.propagate(video, [three], order=range(len(truth)))]
    effort = annotate(tracker, video, truth, three, masks)
    return replace(
        figures,
        jf_3_clicks=sum(metrics.j_and_f(masks, truth)) / 2,
        clicks=effort.clicks,
        seconds=effort.seconds,
        reached=effort.reached,
    )


def _click(tracker: Tracker, video: _Video, truth: np.ndarray, tally: Tally) -> FramePrompt:
    """IoU after each of three clicks on one frame, and these clicks."""
    points: list[tuple[float, float]] = []
    labels: list[int] = []
    shown: np.ndarray | None = None
    for turn in range(1, CLICKS + 1):
        click = simulate.centre_click(truth, shown)
        if click is not None:
            points, labels = [*points, click[:2]], [*labels, click[2]]
            shown = tracker.predict(video, FramePrompt(0, points, labels), shown).mask
        assert shown is not None, "the first click always has something to correct"
        tally.add(f"iou_{turn}_click{'s' * (turn > 1)}", metrics.iou(shown, truth))
    return FramePrompt(0, points, labels)


def _timed(masks: Iterator[FrameMask], tally: Tally, name: str) -> Iterator[FrameMask]:
    """The same masks; the first tracking of a video, which computes its features, is the one that is timed."""
    begin, count = time.perf_counter(), 0
    for mask in masks:
        count += 1
        yield mask
    if name == "mask":
        tally.tracked += count
        tally.seconds += time.perf_counter() - begin


def _judge(masks: list[FrameMask], truth: np.ndarray, tally: Tally) -> np.ndarray:
    """What the model said of its own masks, against what was so; the frames with and without the object that it got
    right."""
    right = np.zeros(2, int)
    for mask, true in zip(masks, truth, strict=True):
        there, called = bool(true.any()), mask.object_score > 0
        right[0 if there else 1] += there == called
        tally.add("present_recall" if there else "absent_recall", float(called == there))
        tally.scores.append((float(torch.tensor(mask.object_score).sigmoid()), float(there)))
        if there and called:
            tally.ious.append((min(max(mask.predicted_iou, 0.0), 1.0), metrics.iou(mask.mask, true)))
    return right


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return value
