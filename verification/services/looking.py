"""What a reviewer looks at: the masks of a review, and what was sent back before."""

from __future__ import annotations

from typing import Any

from engine import shapes, storage
from engine.mask_quality import Doubt
from engine.models import MaskletStatus, Revision, Transition, Video
from engine.services import revisions
from verification.models import Review, Round, Verdict


def masks(review: Review) -> dict[str, Any]:
    """size, frames ({frame_idx: {counts}}), suggested_frames and doubt. Nothing that says where they come from:
    the model's own scores would not fit to masks that were made wrong."""
    if review.gold is not None:
        content: Any = storage.get_masks(review.gold.key)
        return _shown(content, review.gold.suggested_frames, review.gold.doubt)
    return _of_revision(review.revision, review.masklet.video)


def previous(review: Review) -> dict[str, Any] | None:
    """The verdict that sent the masklet back last, with the masks that it was about."""
    if review.round is None:
        return None
    earlier = Round.objects.filter(
        masklet=review.masklet_id, number__lt=review.round.number, outcome=Verdict.Kind.UNSATISFACTORY
    )
    last = earlier.select_related("revision").order_by("-number").first()
    if last is None:
        return None
    verdict = (
        Verdict.objects.filter(round=last, kind=last.outcome, undone_at=None).prefetch_related("pins").first()
    )
    if verdict is None:
        return None
    return {
        "verdict": verdict.kind,
        "comment": verdict.comment,
        "reasons": verdict.reasons,
        "pins": list(verdict.pins.all()),  # type: ignore[attr-defined]
        "masks": _of_revision(last.revision, review.masklet.video),
    }


def discard_reason(review: Review) -> str | None:
    """Why the annotator would discard the object; None where they would not."""
    masklet = review.masklet
    if review.gold_id is not None or not masklet.discard_proposed:
        return None
    last = Transition.objects.filter(
        subject_type="masklet", subject_id=masklet.pk, to_status=MaskletStatus.IN_VERIFICATION
    ).last()
    return last.reason if last else ""


def _of_revision(revision: Revision, video: Video) -> dict[str, Any]:
    return _shown(revisions.load(revision, video=video), revision.suggested_frames, revision.doubt)


def _shown(content: Any, suggested_frames: list[Doubt], doubt: float) -> dict[str, Any]:
    frames = {idx: {"counts": frame["counts"]} for idx, frame in content["frames"].items()}
    return {
        "size": content["size"],
        "frames": frames,
        "suggested_frames": shapes.dump(suggested_frames),
        "doubt": doubt,
    }
