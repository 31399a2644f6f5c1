"""Folding: what a propagation persisted frame by frame becomes one revision when the run ends.

Nothing here needs torch, so that the janitor can do it too.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction

from engine.errors import LostTheRace, WrongState
from engine.models import Masklet, Prompt, RevisionKind, Run, RunFrame
from engine.models.run import LIVE
from engine.run_kinds import PropagateParams
from engine.services import revisions
from vos.rle import MaskFrame

logger = logging.getLogger(__name__)

TRIES = 5


def end(run: Run, finish: Callable[[Run, dict[str, Any]], None], *, kept: int | None = None) -> None:
    """End a propagation that is held: its frames become a revision and go, and `finish` ends the run, all or none.

    `finish` is `runs.succeed` or `runs.record_cancelled`. `kept` is told by a propagation that got to its end: how many
    frames it left as they were.
    """
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                finish(run, _fold(run, kept=kept))
            return
        except LostTheRace:
            continue
    raise LostTheRace


def fold_ended(masklet_id: int | None = None) -> int:
    """Fold the frames of propagations that ended without their worker (lost, failed, cancelled while they
    waited), so that what was done stays. A duty of the janitor, and of every run before it looks at a masklet."""
    ended = Run.objects.exclude(status__in=LIVE).filter(pk__in=RunFrame.objects.values("run"))
    if masklet_id is not None:
        ended = ended.filter(masklet=masklet_id)
    pks = list(ended.order_by("pk").values_list("pk", flat=True))
    for pk in pks:
        try:
            _fold_ended(pk)
        except LostTheRace:
            logger.info("Run %s is folded in the next round", pk)
    return len(pks)


@transaction.atomic
def _fold_ended(pk: int) -> None:
    run = Run.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if run is None or not run.frames.exists():  # type: ignore[attr-defined]
        return  # another process folds it, or has
    try:
        with transaction.atomic():
            result = _fold(run)
    except WrongState:
        logger.info("Run %s: its masklet was submitted meanwhile, its frames are dropped", pk)
        run.frames.all().delete()  # type: ignore[attr-defined]
        return
    Run.objects.filter(pk=pk).update(result=result)


def masklet_of(run: Run) -> Masklet:
    """The run's masklet as it stands now, with its video and its current revision."""
    assert run.masklet_id is not None
    return Masklet.objects.select_related("video", "revision").get(pk=run.masklet_id)


def _fold(run: Run, *, kept: int | None = None) -> dict[str, Any]:
    """Inside a transaction: lay the run's frames over the masklet's masks and delete them; the run's result."""
    masklet = masklet_of(run)
    frames = list(run.frames.all())  # type: ignore[attr-defined]
    named = Prompt.objects.filter(masklet=masklet, pk__in=run.params_as(PropagateParams).prompt_ids)
    prompts = {prompt.pk: prompt for prompt in named}
    # A frame that was prompted while the run was under way is the prompt's, not the run's.
    newer = {p.pk: p for p in revisions.prompts_in_force(masklet) if p.pk not in prompts}
    taken = {prompt.frame_idx for prompt in newer.values()}
    masks = {frame.frame_idx: _mask_frame(frame) for frame in frames if frame.frame_idx not in taken}
    number = masklet.revision_number
    if masks:
        revision = revisions.write(
            masklet=masklet,
            run=run,
            kind=RevisionKind.PROPAGATE,
            frames=masks,
            prompts=[*prompts.values(), *newer.values()],
            carried=None if kept is None else prompts.keys(),
        )
        number = revision.number
    run.frames.all().delete()  # type: ignore[attr-defined]
    return {"revision": number, "frames": len(frames), "kept": kept or 0}


def _mask_frame(frame: RunFrame) -> MaskFrame:
    return {
        "counts": frame.counts,
        "predicted_iou": frame.predicted_iou,
        "object_score": frame.object_score,
        "stability": frame.stability,
    }
