"""What people's work costs with automatic masklets and without, to the same coverage.

People and their time are the effort benchmark's: they work as in its third phase, with clicks and strokes, and see the
truth; nobody waits for the tracker, which is the real one. Without automatic masklets an annotator makes each object
from its largest frame on, and a reviewer looks at what came of it. With them reviewers look at what passed the filters
and the threshold, the surest first. What they accept is done; what they find unsatisfactory an annotator refines from
the masks that are there, and a reviewer looks again; what is missing then is made by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.auto.desk import Desk
from benchmarks.auto.footage import LabelledClip
from benchmarks.auto.quality import FOUND, SATISFACTORY, Generated, satisfactory
from benchmarks.effort.annotator import GOOD, Annotator
from benchmarks.effort.clock import T_CLICK, T_EXAM, T_LOC
from benchmarks.effort.strategies import ROUNDS, everywhere
from engine.candidate_filter import USUAL, score
from worker.sam2.tracker import Tracker

KINDS = ("reviewed", "refined", "made")  #: of work, in the order in which it is done with automatic masklets
SHARES = (50, 70, 80)  #: percent of all object-frames


@dataclass(frozen=True)
class Work:
    """seconds of somebody, and the object-frames with J >= 0.75 that there are more for it."""

    seconds: float
    covered: int
    kind: str  #: of KINDS


def minutes_saved(tracker: Tracker, clips: Sequence[Generated]) -> dict[str, float | None]:
    """Seconds with automatic masklets over seconds without, to the same coverage: see `compared`."""
    rng = np.random.default_rng(1)
    without: list[Work] = []
    with_them: list[Work] = []
    total = 0
    for clip in clips:
        wanted = clip.footage.shown
        total += int(clip.footage.truth[wanted].any((2, 3)).sum())
        made = {row: by_hand(tracker, clip.footage, row) for row in wanted}
        without += made.values()
        with_them += assisted(tracker, clip, made, rng)
    return compared(without, sorted(with_them, key=lambda work: KINDS.index(work.kind)), total)


def compared(without: Sequence[Work], with_them: Sequence[Work], total: int) -> dict[str, float | None]:
    """Seconds of one way over seconds of the other to the coverage that both reach, and to some shares of all `total`
    object-frames; `_cheapest` where either way begins with what covers the most in a second, which nobody can know
    beforehand. What the seconds of either way were, all of them."""
    reached = min(sum(work.covered for work in way) for way in (without, with_them))
    figures = {"minutes_saved": ratio(reached, with_them, without), "coverage": _rounded(reached / total)}
    for percent in SHARES:
        goal = percent * total / 100
        known = goal <= reached
        figures[f"minutes_saved_{percent}"] = ratio(goal, with_them, without) if known else None
        figures[f"minutes_saved_{percent}_cheapest"] = (
            ratio(goal, cheapest(with_them), cheapest(without)) if known else None
        )
    for kind in KINDS:
        figures[f"seconds_{kind}"] = round(sum(work.seconds for work in with_them if work.kind == kind), 1)
    return figures | {"seconds_without": round(sum(work.seconds for work in without), 1)}


def ratio(coverage: float, ours: Sequence[Work], theirs: Sequence[Work]) -> float | None:
    """Seconds of our way over seconds of theirs until either covers so many object-frames; None for no coverage."""
    return _rounded(seconds_to(coverage, ours) / seconds_to(coverage, theirs)) if coverage else None


def cheapest(way: Sequence[Work]) -> list[Work]:
    """The work in the order of what it covers in a second."""
    return sorted(way, key=lambda work: -work.covered / work.seconds)


def assisted(
    tracker: Tracker, clip: Generated, made: dict[int, Work], rng: np.random.Generator
) -> list[Work]:
    """A clip with its candidates; `made` is what each of the wanted objects takes by hand."""
    found: list[Work] = []
    done: set[int] = set()
    for track in to_review(clip):
        row = int(clip.j[track].argmax())
        j = float(clip.j[track, row])
        new = row in made and row not in done
        accepted = satisfactory(rng, j)
        found.append(
            Work(review(len(clip.footage)), covered(clip, track, row) if new and accepted else 0, "reviewed")
        )
        if new and not accepted and j >= FOUND:
            found.append(refined(tracker, clip, track, row))
        if new and (accepted or j >= FOUND):
            done.add(row)
    return [*found, *(work for row, work in made.items() if row not in done)]


def to_review(clip: Generated) -> list[int]:
    """The tracks that reach reviewers in a project without verdicts yet, the surest first."""
    scores = {track: score(clip.tracks[track].scores) for track in clip.passed}
    return sorted((track for track in scores if scores[track] >= USUAL), key=lambda track: -scores[track])


def by_hand(tracker: Tracker, footage: LabelledClip, row: int) -> Work:
    """An object that somebody makes from nothing."""
    truth = footage.truth[row]
    person = Annotator(Desk(tracker, footage), truth)
    first = int(truth.sum((1, 2)).argmax())
    person.refine(first)
    person.propagate(first, "both")
    return _corrected(person, "made")


def refined(tracker: Tracker, clip: Generated, track: int, row: int) -> Work:
    """An object that somebody makes from a candidate of which not enough is right."""
    begun = clip.tracks[track]
    desk = Desk(tracker, clip.footage, begun.masks, begun.first_frame)
    person = Annotator(desk, clip.footage.truth[row])
    person.read()
    return _corrected(person, "refined")


def _corrected(person: Annotator, kind: str) -> Work:
    """Looks at all frames, refines the worst that needs it, propagates, looks again, until a reviewer would find it
    satisfactory; then one looks."""
    for _ in range(ROUNDS):
        frame = everywhere(person)
        if frame is None or j_of(person) >= SATISFACTORY:
            break
        person.refine(frame)
        person.propagate(frame, "both")
    observed = person.observed
    right = [bool(observed.there[idx]) and observed.iou(idx) >= GOOD for idx in person.frames]
    return Work(person.effort.seconds() + review(len(observed)), sum(right), kind)


def j_of(person: Annotator) -> float:
    """J over the clip of what they have made so far, as `quality.j_over_clip` counts it."""
    observed = person.observed
    there = observed.there | observed.masks.any((1, 2))
    return float(np.mean([observed.iou(idx) for idx in np.flatnonzero(there).tolist()]))


def review(frames: int) -> float:
    """Seconds in which a reviewer looks at a masklet and gives a verdict."""
    return T_LOC + T_EXAM * frames + T_CLICK


def seconds_to(coverage: float, steps: Sequence[Work]) -> float:
    """Seconds until the steps have covered so many object-frames."""
    seconds, reached = 0.0, 0
    for step in steps:
        if reached >= coverage:
            break
        seconds += step.seconds
        reached += step.covered
    return seconds


def covered(clip: Generated, track: int, row: int) -> int:
    """Object-frames of an object on which a track has J >= 0.75."""
    masks, truth = clip.masks[track], clip.footage.tracks[row]
    return sum(true.any() and idx in masks and masks[idx].iou(true) >= GOOD for idx, true in truth.items())


def _rounded(value: float) -> float:
    return round(value, 4)
