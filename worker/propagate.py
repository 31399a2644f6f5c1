"""Propagate: carry the prompts through the frames. Each mask is persisted before it is told, so a killed
worker loses nothing that was shown and the next one goes on after it."""

from collections.abc import Iterator

import numpy as np
from django.db import transaction

from engine import masks
from engine.errors import InvalidPrompt
from engine.models import Prompt, RunFrame
from engine.services import revisions, runs
from worker import fold, prompts, trackers
from worker.frames import VideoFrames
from worker.predict import mask_event, mask_frame
from worker.runs import Work
from worker.sam2.tracker import FrameMask

#: Frames just passed that a leg's memory starts from; no checkpoint remembers more recent ones.
LOOK_BACK = 8


def propagate(work: Work) -> None:
    """Segment the frames that `params` ask for (`direction`, `from_frame`), given the prompts `prompt_ids`.

    Frames that an earlier attempt persisted are not done again; they are the memory that this one starts from.
    """
    fold.fold_ended(work.run.masklet_id)
    propagation = Propagation(work)
    for leg in propagation.legs:
        if not propagation.walk(leg):
            fold.end(work.run, runs.cancelled)
            return
    fold.end(work.run, runs.succeed)


def legs(direction: str, from_frame: int, frame_count: int) -> list[range]:
    """The frames to do, each leg one way; `both` goes forward first, then backward from before the start."""
    forward = range(from_frame, frame_count)
    if direction == "forward":
        return [forward]
    if direction == "backward":
        return [range(from_frame, -1, -1)]
    return [forward, range(from_frame - 1, -1, -1)]


class Propagation:
    """One masklet on its way through its video: what it is told, what is known, and what this run has added."""

    def __init__(self, work: Work) -> None:
        run = self.run = work.run
        self.work = work
        masklet = fold.masklet_of(run)
        self.video = masklet.video
        self.given = prompts.by_frame(Prompt.objects.filter(masklet=masklet, pk__in=run.params["prompt_ids"]))
        self.legs = legs(run.params["direction"], run.params["from_frame"], self.video.frame_count or 0)
        self.total = sum(map(len, self.legs))
        self.tracker = trackers.of_project(masklet.project_id)
        earlier = {f.frame_idx: f.counts for f in run.frames.all()}  # type: ignore[attr-defined]
        self.done = set(earlier)
        before = revisions.load(masklet.revision, video=self.video)["frames"]
        # RLE counts of the masks that may be looked back on. Of the frames that are done anew only the
        # prompted ones count: there people saw the mask and corrected it.
        again = {idx for leg in self.legs for idx in leg} - {prompt.frame_idx for prompt in self.given}
        self.known = {int(idx): frame["counts"] for idx, frame in before.items() if int(idx) not in again}
        self.known |= earlier
        work.progress(len(self.done), self.total, unit="frames")

    def walk(self, leg: range) -> bool:
        """Do the frames of a leg that are not done yet; False when somebody cancelled on the way."""
        todo = [idx for idx in leg if idx not in self.done]
        if not todo:
            return not self.work.cancelled
        found_masks = self._track(todo, known=self._looked_back_on(todo[0], step=leg.step))
        while not self.work.cancelled:
            found = next(found_masks, None)
            if found is None:
                return True
            self._persist(found)
        return False

    def _track(self, todo: list[int], known: dict[int, np.ndarray]) -> Iterator[FrameMask]:
        frames = VideoFrames(self.video, order=todo)
        try:
            return self.tracker.propagate(frames, self.given, order=todo, known=known)
        except ValueError as error:
            raise InvalidPrompt(str(error)) from error

    def _looked_back_on(self, frame_idx: int, *, step: int) -> dict[int, np.ndarray]:
        """The known masks of the prompted frames and of those passed just before `frame_idx`."""
        passed = {frame_idx - step * distance for distance in range(1, LOOK_BACK + 1)}
        wanted = passed | {prompt.frame_idx for prompt in self.given}
        size = [self.video.height or 0, self.video.width or 0]
        return {
            idx: masks.decode({"size": size, "counts": counts})
            for idx, counts in self.known.items()
            if idx in wanted
        }

    def _persist(self, found: FrameMask) -> None:
        frame = mask_frame(found)
        with transaction.atomic():
            self.work.progress(len(self.done) + 1, self.total, unit="frames")  # holds the run
            RunFrame.objects.create(run=self.run, frame_idx=found.frame_idx, position=len(self.done), **frame)
        self.done.add(found.frame_idx)
        self.known[found.frame_idx] = frame["counts"]
        self.work.tell("mask", mask_event(found))
