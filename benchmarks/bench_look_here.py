"""Does `mask_quality` find the masks that are wrong? Rendered clips through the bundled tracker, against the true
masks.

    python -m benchmarks.bench_look_here                  figures on the test split (minutes)
    python -m benchmarks.bench_look_here --fit            fit on the validation split, print the table for
                                                          engine/mask_quality.py, and report with that table
    python -m benchmarks.bench_look_here --correct 12     also correct 12 objects where it says

The last line is one JSON object. What its keys mean: docs/look-here.md.
"""

import argparse
import json
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from engine import mask_quality as table
from engine.mask_quality import EMPTY, SHOWN, Doubt, Signal, mask_quality, signals
from vos import metrics, rle
from vos.rle import MaskFrame
from worker.render.clips import render_clip
from worker.render.textures import Split
from worker.sam2 import checkpoint, simulate
from worker.sam2.frames import KeyedFrames
from worker.sam2.prompt import FramePrompt
from worker.sam2.tracker import FrameMask, Tracker

CLIPS: dict[Split, int] = {"validation": 45, "test": 30}
FIRST_SEED = 1000  # apart from the seeds that choose and judge checkpoints
LENGTHS = (24, 36, 48)  # annotated frames, at 6 a second
LEAST_AREA = 0.003  # of the frame, where an object is prompted
RIGHT = 0.75  # IoU with the truth
LOOK_BACK = 8  # frames just passed whose masks are known; no checkpoint remembers more


@dataclass
class Tracked:
    """One object on its way through a clip: its true masks, its prompts and what the tracker made of them."""

    footage: KeyedFrames
    truth: np.ndarray
    prompts: dict[int, FramePrompt]
    prompted: dict[int, np.ndarray]  # masks of the prompted frames
    found: dict[int, FrameMask]

    @property
    def size(self) -> list[int]:
        return list(self.truth.shape[1:])

    def iou(self) -> np.ndarray:
        return np.array([metrics.iou(self.found[i].mask, true) for i, true in enumerate(self.truth)])

    def frames(self) -> dict[int, MaskFrame]:
        return {i: mask_frame(found) for i, found in self.found.items()}


def mask_frame(found: FrameMask) -> MaskFrame:
    return {
        "counts": rle.encode(found.mask)["counts"],
        "predicted_iou": found.predicted_iou,
        "object_score": found.object_score,
        "stability": found.stability,
    }


# --- Tracking --------------------------------------------------------------------------------


def objects(tracker: Tracker, split: Split, clips: int) -> Iterator[Tracked]:
    """Objects of 480x270 clips of difficulty 0.3 to 0.8. Half begin with a mask, half with clicks (up to three,
    until the mask is right); three of four begin on the first frame, the others in the middle."""
    for seed in range(clips):
        clip = render_clip(
            FIRST_SEED + seed,
            frames=LENGTHS[seed % 3],
            fps=6.0,
            split=split,
            difficulty=0.3 + 0.05 * ((seed * 7) % 11),
        )
        footage = KeyedFrames(clip.frames, (split, seed))
        for number, truth in enumerate(np.moveaxis(clip.masks, 1, 0)):
            at = len(footage) // 2 if (seed + number) % 4 == 3 else 0
            if truth[at].mean() < LEAST_AREA:
                continue
            tracked = Tracked(footage, truth, {}, {}, {})
            if (seed // 3 + number) % 2:
                correct(tracker, tracked, at)
            else:
                tracked.prompts[at], tracked.prompted[at] = FramePrompt(at, mask=truth[at]), truth[at]
            propagate(tracker, tracked, at)
            yield tracked


def correct(tracker: Tracker, tracked: Tracked, at: int) -> None:
    """Prompt a frame as a person would: up to three clicks, or the word that the object is not there."""
    true = tracked.truth[at]
    shown = tracked.found[at].mask if at in tracked.found else None
    points: list[tuple[float, float]] = []
    labels: list[int] = []
    while true.any() and len(points) < 3 and (shown is None or metrics.iou(shown, true) < RIGHT):
        x, y, label = simulate.centre_click(true, shown) or (0, 0, 1)
        points, labels = [*points, (x, y)], [*labels, label]
        previous = shown if shown is not None and shown.any() else None
        shown = tracker.predict(tracked.footage, FramePrompt(at, points, labels), previous).mask
    if points and shown is not None:
        tracked.prompts[at], tracked.prompted[at] = FramePrompt(at, points, labels), shown
    else:
        tracked.prompts[at], tracked.prompted[at] = FramePrompt(at, mask=true), true


def propagate(tracker: Tracker, tracked: Tracked, at: int) -> None:
    """Both ways from frame `at`, as the worker does."""
    count, prompts = len(tracked.footage), list(tracked.prompts.values())
    tracked.found = {}
    for order in (range(at, count), range(at - 1, -1, -1)):
        passed = range(at, min(count, at + LOOK_BACK))
        known = tracked.prompted | {i: tracked.found[i].mask for i in passed if i in tracked.found}
        if order:
            masks_found = tracker.propagate(tracked.footage, prompts, order=order, known=known)
            tracked.found |= {found.frame_idx: found for found in masks_found}


# --- The table -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    """An object's frames without the prompted ones: signal values [N, S], whether the mask is wrong [N]."""

    values: np.ndarray
    wrong: np.ndarray
    frames: dict[int, MaskFrame]
    prompted: list[int]
    size: list[int]
    iou: np.ndarray


def sample(tracked: Tracked) -> Sample:
    frames, prompted = tracked.frames(), list(tracked.prompts)
    idx = np.arange(len(frames))
    given = np.isin(idx, prompted)
    values = signals([frames[i] for i in idx.tolist()], idx=idx, is_prompted=given, size=tracked.size)
    iou = tracked.iou()
    return Sample(values[~given], (iou < RIGHT)[~given], frames, prompted, tracked.size, iou)


def fit(values: np.ndarray, wrong: np.ndarray, *, ridge: float = 1.0) -> tuple[float, np.ndarray]:
    """Bias and weights of a logistic regression, by Newton's method on standardised values."""
    mean, spread = values.mean(0), values.std(0) + 1e-9
    x = np.column_stack([np.ones(len(values)), (values - mean) / spread])
    penalty = ridge * np.eye(x.shape[1])
    penalty[0, 0] = 0
    w = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ w))
        w -= np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + penalty, x.T @ (p - wrong) + penalty @ w)
    weights = w[1:] / spread
    return float(w[0] - weights @ mean), weights


def adopt(samples: Sequence[Sample]) -> None:
    """Fit the table, print it, and use it from here on."""
    values = np.concatenate([s.values for s in samples])
    wrong = np.concatenate([s.wrong for s in samples])
    bias, weights = fit(values, wrong)
    right = values[~wrong & (values[:, len(SHOWN)] == 0)].mean(0)
    table.BIAS = round(bias, 2)
    print(f"Fitted on {len(samples)} objects, {len(values)} masks, {wrong.mean():.0%} of them wrong.")
    print(f"BIAS = {bias:.2f}")
    for name, weight, usual in zip(SHOWN, weights, right, strict=False):
        SHOWN[name] = Signal(round(float(weight), 2), round(float(usual), 2))
        print(f'    "{name}": Signal({weight:.2f}, {usual:.2f}),')
    for empty, weight in zip(EMPTY, weights[len(SHOWN) :], strict=True):
        EMPTY[empty] = round(float(weight), 2)
        print(f'    "{empty}": {weight:.2f},')


# --- Figures ---------------------------------------------------------------------------------


def auc(scores: np.ndarray, wrong: np.ndarray) -> float:
    """Chance that a wrong mask scores above a right one."""
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    positives = wrong.sum()
    ranks = rank[wrong].sum() - positives * (positives + 1) / 2
    return float(ranks / (positives * (len(wrong) - positives)))


def average_precision(scores: np.ndarray, wrong: np.ndarray) -> float:
    found = wrong[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(found) / np.arange(1, len(found) + 1))[found].mean())


def chances(values: np.ndarray) -> np.ndarray:
    weights = np.array([*(signal.weight for signal in SHOWN.values()), *EMPTY.values()])
    return 1 / (1 + np.exp(-(table.BIAS + values @ weights)))


def report(samples: Sequence[Sample]) -> dict[str, float | int]:
    values = np.concatenate([s.values for s in samples])
    wrong = np.concatenate([s.wrong for s in samples])
    score = chances(values)
    doubted = score >= table.WRONG
    figures: dict[str, float | int] = {
        "objects": len(samples),
        "masks": len(wrong),
        "wrong": float(wrong.mean()),
        "auc": auc(score, wrong),
        "average_precision": average_precision(score, wrong),
        "doubted": float(doubted.mean()),
        "precision": float(wrong[doubted].mean()),
        "recall": float(doubted[wrong].mean()),
    }
    shown = values[:, len(SHOWN)] == 0
    figures |= {"auc_shown": auc(score[shown], wrong[shown]), "auc_empty": auc(score[~shown], wrong[~shown])}
    for i, name in enumerate(SHOWN):
        figures[f"auc_shown_{name}"] = auc(values[shown, i], wrong[shown])
    figures |= quarter(samples) | places(samples)
    doubt = [look(s).doubt for s in samples]
    figures["masklet_correlation"] = float(np.corrcoef(doubt, [s.wrong.mean() for s in samples])[0, 1])
    return figures


def look(s: Sample) -> table.MaskQuality:
    return mask_quality(s.frames, size=s.size, prompted=s.prompted)


def quarter(samples: Sequence[Sample]) -> dict[str, float]:
    """The share of all wrong masks that are among the quarter of each masklet that is doubted most."""
    found = total = 0
    for s in samples:
        most = np.argsort(-chances(s.values), kind="stable")[: round(len(s.wrong) / 4)]
        found, total = found + int(s.wrong[most].sum()), total + int(s.wrong.sum())
    return {"found_in_a_quarter": found / total}


def places(samples: Sequence[Sample], most: int = 3) -> dict[str, float]:
    """What the first places hold: of the first, whether its frame and its stretch are wrong; of the first three,
    the share of all wrong masks that are in their stretches, beside the share of all masks."""
    first, stretch, wrong, inside, masks_inside, total = [], [], 0, 0, 0, 0
    for s in samples:
        bad = s.iou < RIGHT
        doubts: list[Doubt] = look(s).suggested_frames[:most]
        if doubts:
            first.append(bad[doubts[0].frame_idx])
            stretch.append(bad[span(doubts[0])].any())
        covered = np.zeros(len(bad), dtype=bool)
        for doubt in doubts:
            covered[span(doubt)] = True
        wrong, inside = wrong + int(bad.sum()), inside + int((bad & covered).sum())
        total, masks_inside = total + len(bad), masks_inside + int(covered.sum())
    return {
        "first_frame_wrong": float(np.mean(first)),
        "first_place_wrong": float(np.mean(stretch)),
        f"found_in_{most}_places": inside / wrong,
        f"masks_in_{most}_places": masks_inside / total,
    }


def span(doubt: Doubt) -> slice:
    return slice(doubt.first_frame, doubt.last_frame + 1)


def milliseconds(frames: Mapping[int, MaskFrame], size: Sequence[int], count: int = 2000) -> float:
    """What a masklet of `count` frames costs."""
    many = {i: frames[i % len(frames)] for i in range(count)}
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        mask_quality(many, size=size, prompted=[0])
        times.append(time.perf_counter() - begin)
    return 1000 * min(times)


# --- Corrections -----------------------------------------------------------------------------


def corrections(tracker: Tracker, objects_wanted: int, looks: int = 3) -> dict[str, float | int]:
    """Mean IoU and share of wrong masks after each look, where every look goes to the first place not seen yet, and
    a frame that is wrong there is corrected and propagated both ways. `worst` looks at the most doubtful frame of a
    stretch, as `mask_quality` says, `begin` where it begins, coming from the nearest prompt. Objects that go wrong on a
    tenth of their frames or more."""
    history: dict[str, list[list[tuple[float, float]]]] = {"worst": [], "begin": []}
    fixes = dict.fromkeys(history, 0)
    for tracked in objects(tracker, "test", CLIPS["test"]):
        if len(history["worst"]) == objects_wanted:
            break
        if (tracked.iou() < RIGHT).mean() < 0.1:
            continue
        for way, done in history.items():
            copy = replace(tracked, prompts=dict(tracked.prompts), prompted=dict(tracked.prompted))
            steps, fixed = follow(tracker, copy, looks, worst=way == "worst")
            done.append(steps)
            fixes[way] += fixed
    figures: dict[str, float | int] = {"corrected_objects": len(history["worst"])}
    for way, done in history.items():
        means = np.array(done).mean(0)
        figures[f"fixes_{way}"] = fixes[way]
        for n, (iou, wrong) in enumerate(means):
            figures |= {f"iou_{way}_{n}": float(iou), f"wrong_{way}_{n}": float(wrong)}
    return figures


def follow(
    tracker: Tracker, tracked: Tracked, looks: int, *, worst: bool
) -> tuple[list[tuple[float, float]], int]:
    seen: set[int] = set()
    iou = tracked.iou()
    steps, fixed = [(float(iou.mean()), float((iou < RIGHT).mean()))], 0
    for _ in range(looks):
        at = next_place(tracked, seen, worst=worst)
        if at is not None:
            seen.add(at)
            if iou[at] < RIGHT:
                correct(tracker, tracked, at)
                propagate(tracker, tracked, at)
                iou, fixed = tracked.iou(), fixed + 1
        steps.append((float(iou.mean()), float((iou < RIGHT).mean())))
    return steps, fixed


def next_place(tracked: Tracked, seen: Collection[int], *, worst: bool) -> int | None:
    prompted = list(tracked.prompts)
    for doubt in mask_quality(tracked.frames(), size=tracked.size, prompted=prompted).suggested_frames:
        first, last = doubt.first_frame, doubt.last_frame
        if any(first <= i <= last for i in seen):
            continue
        return (
            doubt.frame_idx if worst else min((first, last), key=lambda i: min(abs(i - p) for p in prompted))
        )
    return None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fit", action="store_true", help="fit on the validation split first")
    parser.add_argument("--correct", type=int, default=0, metavar="OBJECTS", help="simulate corrections too")
    parser.add_argument("--checkpoint", type=Path, default=checkpoint.BUNDLED)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    tracker = Tracker(checkpoint.load(options.checkpoint, "cpu"))
    begin = time.perf_counter()
    if options.fit:
        adopt([sample(tracked) for tracked in objects(tracker, "validation", CLIPS["validation"])])
    samples = [sample(tracked) for tracked in objects(tracker, "test", CLIPS["test"])]
    figures = report(samples)
    figures["ms_2000_frames"] = milliseconds(samples[0].frames, samples[0].size)
    if options.correct:
        figures |= corrections(tracker, options.correct)
    figures["seconds"] = time.perf_counter() - begin
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
