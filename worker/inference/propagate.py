"""Propagate: carry the prompts through the frames. Each mask is persisted before it is told, so a killed
worker loses nothing that was shown and the next one goes on after it."""

from collections.abc import Iterator, Mapping, Sequence

from django.db import transaction

from engine.errors import InvalidPrompt
from engine.models import Prompt, Run, RunFrame, RunKind
from engine.run_kinds import PropagateParams
from engine.services import revisions, runs
from worker.inference import fold, prompts, trackers
from worker.inference.frames import VideoFrames
from worker.inference.predict import mask_event, mask_frame
from worker.inference.stored_masks import StoredMasks, stored_confidence
from worker.runs import Cancelled, Work
from worker.sam2.legs import is_changed, legs
from worker.sam2.tracker import FrameMask, FramePrompt


def propagate(work: Work) -> None:
    """Segment the frames that `params` ask for (`direction`, `from_frame`), outward from the prompts `prompt_ids`.

    Frames that an earlier attempt persisted are not done again; they are the memory that this one starts from. After
    a correction only those are done that it changes, unless `whole` is asked for.
    """
    fold.fold_ended(work.run.masklet_id)
    propagation = Propagation(work)
    try:
        for leg in propagation.legs:
            propagation.walk(leg)
    except Cancelled:
        fold.end(work.run, runs.record_cancelled)
        return
    fold.end(work.run, runs.succeed, kept=propagation.total - len(propagation.done))


class Propagation:
    """One masklet on its way through its video: what it is told, what is known, and what this run has added."""

    def __init__(self, work: Work) -> None:
        run = self.run = work.run
        self.work = work
        params = run.params_as(PropagateParams)
        asked = self._asked()  # before the masks are read: an answer that comes in between is not missed
        masklet = self.masklet = fold.masklet_of(run)
        self.video = masklet.video
        told = list(Prompt.objects.filter(masklet=masklet, pk__in=params.prompt_ids))
        stored = revisions.load(masklet.revision, video=self.video)["frames"]
        before = {int(idx): frame["counts"] for idx, frame in stored.items()}
        self.given = self._as_masks(told, before) if params.masks_only else prompts.by_frame(told)
        self.prompted = frozenset(prompt.frame_idx for prompt in self.given)
        self.legs = legs(params.direction, params.from_frame, self.video.frame_count or 0, self.prompted)
        self.total = sum(map(len, self.legs))
        self.tracker = trackers.of_masklet(masklet)
        earlier = {f.frame_idx: f.counts for f in run.frames.all()}  # type: ignore[attr-defined]
        self.done = set(earlier)
        carried = set(masklet.revision.carried_prompt_ids) if masklet.revision else set()
        self.before = before if carried and not params.whole else {}
        self.confidence = {idx: stored_confidence(stored[str(idx)]) for idx in self.before}
        changed = carried.symmetric_difference(prompt.pk for prompt in told)
        self.changed = frozenset(Prompt.objects.filter(pk__in=changed).values_list("frame_idx", flat=True))
        self.kept = {leg for leg in self.legs if self._stays(leg)}
        # Masks that may be looked back on. Of the frames that are done anew only the prompted ones count: there
        # people saw the mask and corrected it.
        again = {idx for leg in self.legs if leg not in self.kept for idx in leg} - self.prompted
        self.known = {idx: counts for idx, counts in before.items() if idx not in again} | earlier
        seen = set(masklet.revision.prompt_ids) if masklet.revision else set()
        self.unanswered = (
            asked.union(prompt.frame_idx for prompt in told if prompt.pk not in seen) - self.done
        )
        self._report(sum(len(leg) - len(self._rest(leg)) for leg in self.legs))

    def _asked(self) -> frozenset[int]:
        """The frames whose mask somebody waits for."""
        predictions = Run.objects.live().filter(kind=RunKind.PREDICT, masklet=self.run.masklet_id)
        return frozenset(predictions.values_list("params__frame_idx", flat=True))

    def _as_masks(self, told: Sequence[Prompt], counts: Mapping[int, str]) -> list[FramePrompt]:
        """The masks of the prompted frames, in place of the prompts that they were made with (phase 2)."""
        frames = sorted({prompt.frame_idx for prompt in told})
        if missing := [idx for idx in frames if idx not in counts]:
            raise InvalidPrompt(f"Frame {missing[0]} was prompted but has no mask yet. Prompt it again.")
        there = StoredMasks(counts, video=self.video)
        return [FramePrompt(idx, mask=there[idx]) for idx in frames]

    def walk(self, leg: range) -> None:
        """Do the frames of a leg that are not done yet. Raises `Cancelled`."""
        rest = self._rest(leg)
        passed = sum(map(len, self.legs[: self.legs.index(leg)])) + len(leg)
        found_masks = self._track(rest) if rest else iter(())
        self.work.stop_if_cancelled()
        for found in found_masks:
            self._persist(found, passed - len(rest) + rest.index(found.frame_idx) + 1)
            self.work.stop_if_cancelled()
        if self.run.progress_done != passed:  # the last frames stay as they were
            self._report(passed)

    def _stays(self, leg: range) -> bool:
        """Whether a leg has its masks, and no prompt was changed that they depend on."""
        there = all(idx in self.before for idx in leg)
        return there and not is_changed(leg, self.prompted, self.changed)

    def _rest(self, leg: range) -> range:
        """The frames of a leg after the last one that is done: what was left out before it stays as it was."""
        if leg in self.kept:
            return leg[len(leg) :]
        places = [leg.index(idx) for idx in self.done if idx in leg]
        return leg[max(places, default=-1) + 1 :]

    def _track(self, rest: Sequence[int]) -> Iterator[FrameMask]:
        try:
            return self.tracker.propagate(
                VideoFrames(self.video, order=rest),
                self.given,
                order=rest,
                known=StoredMasks(self.known, video=self.video),
                before=StoredMasks(self.before, video=self.video),
                changed=self.changed,
                confidence=self.confidence,
                unanswered=self.unanswered,
            )
        except ValueError as error:
            raise InvalidPrompt(str(error)) from error

    def _persist(self, found: FrameMask, passed: int) -> None:
        frame = mask_frame(found)
        with transaction.atomic():
            self._report(passed)  # holds the run
            RunFrame.objects.create(
                run=self.run,
                masklet=self.masklet,
                frame_idx=found.frame_idx,
                position=len(self.done),
                **frame,
            )
        self.done.add(found.frame_idx)
        self.unanswered -= {found.frame_idx}
        self.known[found.frame_idx] = frame["counts"]
        self.work.tell("mask", mask_event(found))

    def _report(self, passed: int) -> None:
        self.work.progress(passed, self.total, unit="frames")
