"""What people's work costs with automatic masklets and without, to the same coverage.

The time model is the effort benchmark's. Without: an annotator makes an object with up to three clicks on a frame and
propagation, corrects the first frame that is not right, up to five times, and a reviewer looks at what came of it. With
them: reviewers look at what passed the filters, what they accept is done, the rest is made as before. They see the
truth, the tracker is the real one, nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import bench_look_here
from benchmarks.auto.footage import LabelledClip
from benchmarks.auto.quality import RIGHT, Generated, satisfactory
from benchmarks.bench_look_here import Tracked
from benchmarks.effort.clock import T_CLICK, T_EXAM, T_LOC
from worker.sam2.frames import KeyedFrames
from worker.sam2.tracker import Tracker

CORRECTED = 5  # frames of an object, at most


@dataclass(frozen=True)
class Step:
    """seconds of work, and by how many object-frames with J >= 0.75 it brought the coverage up."""

    seconds: float
    covered: int


def minutes_saved(tracker: Tracker, clips: Sequence[Generated]) -> dict[str, float | None]:
    """Seconds with automatic masklets over seconds without, to the coverage that both reach."""
    rng = np.random.default_rng(1)
    without: list[Step] = []
    with_them: list[Step] = []
    total = 0
    for clip in clips:
        frames = len(clip.footage)
        wanted = sorted({*clip.footage.early, *clip.footage.late})
        total += sum(int(clip.footage.truth[row].any((1, 2)).sum()) for row in wanted)
        made = {row: annotated(tracker, clip.footage, row) for row in wanted}
        done: set[int] = set()
        for track in clip.passed:
            row = int(clip.j[track].argmax())
            accepted = satisfactory(rng, float(clip.j[track, row]))
            new = accepted and row in made and row not in done
            with_them.append(Step(review(frames), _covered(clip, track, row) if new else 0))
            done |= {row} if new else set()
        without += [step for row in wanted for step in made[row]]
        with_them += [step for row in wanted if row not in done for step in made[row]]
    reached = min(sum(step.covered for step in steps) for steps in (without, with_them))
    if not reached:
        return {"minutes_saved": None, "coverage": 0.0}
    ours, theirs = (seconds_to(reached, steps) for steps in (with_them, without))
    return {"minutes_saved": round(ours / theirs, 4), "coverage": round(reached / total, 4)}


def annotated(tracker: Tracker, footage: LabelledClip, row: int) -> list[Step]:
    """What it takes to make one object by hand: steps of work, each with what it added."""
    truth = footage.truth[row]
    there = truth.any((1, 2))
    source = KeyedFrames(footage.frames, ("auto", hash(footage.key)))
    tracked = Tracked(source, truth, {}, {}, {})
    at, steps, before = int(truth.sum((1, 2)).argmax()), [], 0
    for _ in range(CORRECTED):
        bench_look_here.correct(tracker, tracked, at)
        clicks = max(1, len(tracked.prompts[at].points))
        bench_look_here.propagate(tracker, tracked, 0 if 0 in tracked.prompts else at)
        ious = tracked.iou()
        covered = int((ious[there] >= RIGHT).sum())
        steps.append(Step(T_LOC + T_CLICK * clicks + T_EXAM * len(footage), covered - before))
        before = covered
        wrong = [idx for idx in np.flatnonzero(ious < RIGHT) if idx not in tracked.prompts]
        if not wrong:
            break
        at = int(wrong[0])
    return [*steps, Step(review(len(footage)), 0)]


def review(frames: int) -> float:
    """Seconds in which a reviewer looks at a masklet and gives a verdict."""
    return T_LOC + T_EXAM * frames + T_CLICK


def seconds_to(coverage: int, steps: Sequence[Step]) -> float:
    """Seconds until the steps have covered so many object-frames."""
    seconds, covered = 0.0, 0
    for step in steps:
        if covered >= coverage:
            break
        seconds += step.seconds
        covered += step.covered
    return seconds


def _covered(clip: Generated, track: int, row: int) -> int:
    masks, truth = clip.masks[track], clip.footage.tracks[row]
    return sum(true.any() and idx in masks and masks[idx].iou(true) >= RIGHT for idx, true in truth.items())
