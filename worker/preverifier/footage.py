"""Rendered footage with known truth, for the prior and its figures: what the bundled tracker makes of it by itself,
what a person would have made of that, and copies that were corrupted on purpose.

Kept on disk, a file a clip: tracking takes seconds, reading none.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from vos import metrics, rle
from vos.corruptions import CORRUPTIONS, CannotCorrupt, Corruption, corrupt
from vos.rle import MaskFrame, Rle
from worker.preverifier.rerun import mask_frame, rerun
from worker.render.clips import Clip, render_clip
from worker.render.textures import Split
from worker.sam2 import simulate
from worker.sam2.frames import KeyedFrames
from worker.sam2.prompt import FramePrompt
from worker.sam2.tracker import FrameMask, Tracker, mask_as_given

KEPT = Path(".maskloop/preverifier")
VERSION = 1  #: of what the files hold
RIGHT = 0.75  #: IoU with the truth
REFINED = 0.85  #: IoU below which the person who refines paints the frame
FIRST_SEED = 20_000  #: apart from the seeds that choose and judge checkpoints
LENGTHS = (24, 30, 36)  #: annotated frames, at 6 a second
LEAST_AREA = 0.003  #: of the frame, where an object is prompted
COPIES = 2  #: corrupted copies of each object
COPIED = 20  #: clips below this number have copies too; of the others there is what the tracker made alone
#: What the prior is fitted on, and judged by: eight clips with copies, a hundred without.
CLIPS = (*range(8), *range(COPIED, 120))
FEW_CLIPS = (*range(3), *range(COPIED, 30))  #: for a look


@dataclass(frozen=True)
class Case:
    """One masklet with its truth, as a pre-verifier would meet it.

    `way` is "natural" (the tracker's own), "refined" (a person painted what was wrong) or a corruption of the refined.
    """

    clip: str  #: split and seed
    number: int  #: of the object in its clip
    way: str
    size: list[int]
    frames: list[MaskFrame]
    prompted: list[int]
    again: dict[int, MaskFrame]  #: by frame_idx, what another run made of it
    truth: list[str]  #: counts

    def masks(self) -> list[Rle]:
        return [{"size": self.size, "counts": frame["counts"]} for frame in self.frames]

    def iou(self) -> np.ndarray:
        """[T], with the truth."""
        pairs = zip(self.masks(), self.truth, strict=True)
        return np.array(
            [
                metrics.iou(rle.decode(mask), rle.decode({"size": self.size, "counts": true}))
                for mask, true in pairs
            ]
        )


def clip_of(split: Split, number: int) -> Clip:
    return render_clip(
        FIRST_SEED + number,
        frames=LENGTHS[number % len(LENGTHS)],
        fps=6.0,
        split=split,
        difficulty=0.2 + 0.06 * ((number * 7) % 11),
    )


def cases(tracker: Tracker, split: Split, number: int) -> list[Case]:
    """All masklets of one clip, from disk where they were made before."""
    path = KEPT / f"{split}-{number}.v{VERSION}.json.gz"
    if path.is_file():
        return [_read(each) for each in json.loads(gzip.decompress(path.read_bytes()))]
    made = list(_make(tracker, split, number))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(gzip.compress(json.dumps([asdict(case) for case in made]).encode()))
    part.replace(path)
    return made


def _read(stored: dict[str, Any]) -> Case:
    return Case(**{**stored, "again": {int(idx): frame for idx, frame in stored["again"].items()}})


def _make(tracker: Tracker, split: Split, number: int) -> Iterator[Case]:
    clip, key = clip_of(split, number), f"{split}-{number}"
    footage = KeyedFrames(clip.frames, key)
    truths = [
        [rle.encode(mask) for mask in masks] for masks in np.moveaxis(clip.masks, 1, 0)
    ]  # of each object, of each frame
    for n, truth in enumerate(truths):
        at = len(footage) // 2 if (number + n) % 4 == 3 else 0
        if rle.area(truth[at]) < LEAST_AREA * clip.masks.shape[2] * clip.masks.shape[3]:
            continue
        natural = _tracked(tracker, footage, clip.masks[:, n], at, clicks=bool((number // 3 + n) % 2))
        case = Case(key, n, "natural", truth[0]["size"], natural, [at], {}, [t["counts"] for t in truth])
        case = _with_rerun(tracker, footage, case)
        yield case
        if number >= COPIED:
            continue
        refined = _refined(case)
        if refined.prompted != case.prompted:
            refined = _with_rerun(tracker, footage, refined)
        yield refined
        neighbour = truths[(n + 1) % len(truths)] if len(truths) > 1 else None
        for copy in _corrupted(refined, neighbour, seed=number * 100 + n):
            yield _with_rerun(tracker, footage, copy)


def _tracked(
    tracker: Tracker, footage: KeyedFrames, truth: np.ndarray, at: int, *, clicks: bool
) -> list[MaskFrame]:
    prompt, first = (
        _clicked(tracker, footage, truth[at], at)
        if clicks
        else (FramePrompt(at, mask=truth[at]), mask_as_given(at, truth[at]))
    )
    found = {at: first}
    for order in (range(at, len(footage)), range(at, -1, -1)):
        if len(order) > 1:
            masks = tracker.propagate(footage, [prompt], order=order, known={at: first.mask})
            found |= {mask.frame_idx: mask for mask in masks if mask.frame_idx != at}
    return [mask_frame(found[i]) for i in range(len(footage))]


def _clicked(
    tracker: Tracker, footage: KeyedFrames, true: np.ndarray, at: int
) -> tuple[FramePrompt, FrameMask]:
    """Up to three clicks, until the mask is right."""
    points: list[tuple[float, float]] = []
    labels: list[int] = []
    shown: FrameMask | None = None
    while len(points) < 3 and (shown is None or metrics.iou(shown.mask, true) < REFINED):
        click = simulate.centre_click(true, shown.mask if shown else None)
        if click is None:
            break
        points, labels = [*points, (click[0], click[1])], [*labels, click[2]]
        previous = shown.mask if shown is not None and shown.mask.any() else None
        shown = tracker.predict(footage, FramePrompt(at, points, labels), previous)
    assert shown is not None
    return FramePrompt(at, points, labels), shown


def _refined(case: Case) -> Case:
    """What a careful person makes of it: frames that are not right are painted."""
    bad = [i for i, iou in enumerate(case.iou()) if iou < REFINED]
    frames = list(case.frames)
    for i in bad:
        mask = rle.decode({"size": case.size, "counts": case.truth[i]})
        frames[i] = mask_frame(mask_as_given(i, mask))
    return replace(case, way="refined", frames=frames, prompted=sorted({*case.prompted, *bad}))


def _corrupted(case: Case, neighbour: list[Rle] | None, *, seed: int) -> Iterator[Case]:
    """Copies that keep the scores of what they were made of, as gold masklets do."""
    rng = np.random.default_rng(seed)
    made = 0
    for kind in rng.permutation(CORRUPTIONS):
        if made == COPIES:
            return
        name: Corruption = str(kind)  # type: ignore[assignment]
        try:
            masks = corrupt(
                case.masks(), name, severity=float(rng.uniform(0.2, 1)), seed=seed, neighbour=neighbour
            )
        except CannotCorrupt:
            continue
        made += 1
        frames: list[MaskFrame] = [
            {**frame, "counts": mask["counts"]} for frame, mask in zip(case.frames, masks, strict=True)
        ]
        yield replace(case, way=name, frames=frames)


def _with_rerun(tracker: Tracker, footage: KeyedFrames, case: Case) -> Case:
    return replace(case, again=dict(rerun(tracker, footage, case.masks(), case.prompted)))
