"""Predict: what the prompts of one frame mean on that frame. A person waits for it."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction

from engine.errors import InvalidPrompt, LostTheRace
from engine.models import Masklet, Prompt, RevisionKind, Run
from engine.run_kinds import PredictParams
from engine.services import revisions, runs
from vos import rle
from vos.rle import MaskFrame
from worker.inference import fold, prompts, trackers
from worker.inference.frames import VideoFrames
from worker.inference.stored_masks import StoredMasks
from worker.runs import Work
from worker.sam2.tracker import FrameMask

SUPERSEDED = {"superseded": True}


def predict(work: Work) -> None:
    """Answer the prompts that are in force on `frame_idx` now, and make the answer a revision.

    Ends without a revision when a newer run will answer the same frame, or nothing is prompted there any more.
    """
    run, asked = work.run, work.run.params_as(PredictParams)
    frame_idx = asked.frame_idx
    fold.fold_ended(run.masklet_id)
    for _ in range(fold.TRIES):
        masklet = fold.masklet_of(run)
        in_force = revisions.prompts_in_force(masklet)
        here = [prompt for prompt in in_force if prompt.frame_idx == frame_idx]
        if not here or _newer(run, frame_idx):
            runs.succeed(run, SUPERSEDED)
            return
        work.stop_if_cancelled()
        found = _look(masklet, frame_idx, in_force, remembers=asked.remembers)
        try:
            with transaction.atomic():
                revision = revisions.write(
                    masklet=masklet,
                    run=run,
                    kind=RevisionKind.PREDICT,
                    frames={frame_idx: mask_frame(found)},
                    prompts=in_force,
                )
                transaction.on_commit(partial(work.tell, "mask", mask_event(found)))
                runs.succeed(run, {"revision": revision.number})
            return
        except LostTheRace:
            continue
    raise LostTheRace


def _newer(run: Run, frame_idx: int) -> bool:
    waiting = Run.objects.queued().filter(kind=run.kind, masklet=run.masklet_id, pk__gt=run.pk)
    return waiting.filter(params__frame_idx=frame_idx).exists()


def _look(masklet: Masklet, frame_idx: int, in_force: Sequence[Prompt], *, remembers: bool) -> FrameMask:
    """What the prompts of a frame mean: of the frame alone, or where they refine a mask that is there, in the light of
    the memory of the other prompted frames if the phase `remembers`."""
    here = [prompt for prompt in in_force if prompt.frame_idx == frame_idx]
    # What starts over asks for no stored mask, and its person does not wait for the store.
    refined = masklet.revision if prompts.refines(here) else None
    stored = revisions.load(refined, video=masklet.video)["frames"]
    known = StoredMasks({int(idx): frame["counts"] for idx, frame in stored.items()}, video=masklet.video)
    previous = known.get(frame_idx)
    others = {prompt.frame_idx for prompt in in_force} - {frame_idx} if previous is not None else set()
    conditioning = {idx: known[idx] for idx in others if idx in known} if remembers else {}
    tracker = trackers.of_masklet(masklet)
    try:
        return tracker.predict(
            VideoFrames(masklet.video),
            prompts.of_frame(frame_idx, here),
            previous,
            conditioning=conditioning,
            known=known,
        )
    except ValueError as error:
        raise InvalidPrompt(str(error)) from error


def mask_frame(found: FrameMask) -> MaskFrame:
    """A mask as a revision holds it."""
    return {
        "counts": rle.encode(found.mask)["counts"],
        "predicted_iou": found.predicted_iou,
        "object_score": found.object_score,
        "stability": found.stability,
    }


def mask_event(found: FrameMask) -> dict[str, Any]:
    """A mask as it is told."""
    return {"frame_idx": found.frame_idx, "size": list(found.mask.shape), **mask_frame(found)}
