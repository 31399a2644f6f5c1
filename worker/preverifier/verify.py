"""Verify: look at a submitted masklet before people do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import storage
from engine.errors import WrongState
from engine.models import Masklet, MaskletStatus, Preverifier, Revision, Run
from engine.run_kinds import VerifyParams
from engine.services import preverifiers, revisions, runs
from vos import rle
from vos.rle import MaskFrame, Rle
from worker.inference import trackers
from worker.inference.frames import VideoFrames
from worker.preverifier.model import Opinion, opinion, restored
from worker.preverifier.rerun import rerun
from worker.preverifier.signals import Look, shrunk
from worker.runs import Work

#: Frames up to which an object is tracked once more; in a longer video nobody waits that long for a second opinion.
SECOND_OPINION = 400
OTHERS = 12  #: of a video's other objects, as many are looked at


class NothingToLookAt(WrongState):
    code = "nothing_to_look_at"
    message = "This masklet does not wait for a verdict any more."


@dataclass(frozen=True)
class Submitted:
    """What a reviewer would see: one revision's masks, and the video's other objects."""

    masklet: Masklet
    revision: Revision
    frames: dict[int, MaskFrame]
    size: list[int]

    @property
    def masks(self) -> list[Rle]:
        return [{"size": self.size, "counts": frame["counts"]} for frame in self.frames.values()]


def verify(work: Work) -> None:
    """Score the masklet's revision, or look at masks that stand in its place; stopped on the way, nothing is kept."""
    if keys := work.run.params_as(VerifyParams).masks:
        for key in keys:
            found, _ = _look(work, _in_place(work.run, key))
            preverifiers.record_look(work.run, masks=key, places=found.places)
        runs.succeed(work.run, {})
        return
    seen = _submitted(work.run)
    version = preverifiers.active(work.run.project_id)
    found, again = _look(work, seen, version)
    preverifiers.record_score(
        work.run,
        revision_id=seen.revision.pk,
        version=version,
        second_opinion=again,
        area=float(np.median([a for a in map(rle.area, seen.masks) if a] or [0])),
        **_stored(found),
    )


def _look(work: Work, seen: Submitted, version: Preverifier | None = None) -> tuple[Opinion, bool]:
    """What to think of it, and whether there was a second opinion."""
    again = _second_opinion(work, seen)
    look = Look(
        size=seen.size,
        frames=seen.frames,
        prompted=seen.revision.edited_frames,
        others=_others(seen.masklet),
        again=again,
        pixels=_pixels(work, seen),
    )
    return opinion(look, restored(version.params if version else None)), bool(again)


def _submitted(run: Run) -> Submitted:
    masklet = _masklet(run)
    if masklet.status != MaskletStatus.IN_VERIFICATION:
        raise NothingToLookAt(status=masklet.status)
    return _seen(masklet, revisions.load(masklet.revision, video=masklet.video))


def _in_place(run: Run, key: str) -> Submitted:
    """What stands at `key`, as if it were the masklet's."""
    return _seen(_masklet(run), storage.get_masks(key))


def _masklet(run: Run) -> Masklet:
    assert run.masklet_id is not None
    return Masklet.objects.select_related("video__project", "revision").get(pk=run.masklet_id)


def _seen(masklet: Masklet, stored: Any) -> Submitted:
    if masklet.revision is None:
        raise NothingToLookAt(status=masklet.status)
    frames = {int(idx): frame for idx, frame in stored["frames"].items()}
    return Submitted(masklet, masklet.revision, dict(sorted(frames.items())), stored["size"])


def _second_opinion(work: Work, seen: Submitted) -> dict[int, MaskFrame]:
    """Nothing for masklets that are too long, or have gaps. Raises `Cancelled`."""
    count = seen.masklet.video.frame_count or 0
    whole = list(seen.frames) == list(range(count))
    if not whole or count > SECOND_OPINION:
        return {}
    tracker = trackers.of_project(seen.masklet.project_id)
    frames = VideoFrames(seen.masklet.video, order=range(count))
    found: dict[int, MaskFrame] = {}
    for idx, mask in rerun(tracker, frames, seen.masks, seen.revision.edited_frames):
        found[idx] = mask
        work.progress(len(found), count, unit="frames")
        work.stop_if_cancelled()
    return found


def _others(masklet: Masklet) -> list[Mapping[int, str]]:
    """The masks of the video's other objects, as they are now."""
    rows = Masklet.objects.filter(video=masklet.video_id, revision__isnull=False, trial=False)
    rows = rows.exclude(pk=masklet.pk).select_related("revision").order_by("pk")
    return [
        {int(i): f["counts"] for i, f in revisions.load(row.revision, video=masklet.video)["frames"].items()}
        for row in rows[:OTHERS]
    ]


def _pixels(work: Work, seen: Submitted) -> dict[int, np.ndarray]:
    frames = VideoFrames(seen.masklet.video, order=list(seen.frames))
    small = {}
    for idx in seen.frames:
        small[idx] = shrunk(frames[idx], seen.size)
        work.alive()
    return small


def _stored(found: Opinion) -> dict[str, object]:
    return {
        "wrong": found.wrong,
        "places": found.places,
        "signals": [float(value) for value in found.signals],
        "disagreement": found.disagreement,
        "disagrees_at": found.disagrees_at,
    }
