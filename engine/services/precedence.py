"""Precedence: what people made comes before what SAM 2 proposed. A candidate that is the same object as a masklet that
a person submitted later is withdrawn, with its reason, and says which masklet stands in its place."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from engine import lifecycle
from engine.errors import ObjectDamaged
from engine.models import Candidate, Fate, Masklet, MaskletStatus, Source, Transition
from engine.services import revisions
from vos import rle, tracks

log = logging.getLogger(__name__)

SAME = 0.5  #: IoU through the clip from which two masklets are one object
AT_ONCE = 50  #: candidates that one round of the janitor compares
KEPT = 64  #: masklets whose masks are kept for comparing meanwhile
#: What counts as made: what somebody still works on may become anything.
MADE = [MaskletStatus.IN_VERIFICATION, MaskletStatus.NEEDS_REFINEMENT, MaskletStatus.ACCEPTED]


def note(masklet: Masklet, actor: User | None) -> None:
    """Inside the transaction that submits: the candidates that wait in its video are to be compared with it."""
    if actor is None or masklet.trial or masklet.probe:
        return
    # In one order, so that two who submit at once do not wait for each other.
    waiting = Candidate.objects.untouched().filter(masklet__video=masklet.video_id).order_by("pk")
    ids = waiting.exclude(masklet=masklet).select_for_update(of=("self",), no_key=True)
    Candidate.objects.filter(pk__in=[candidate.pk for candidate in ids.only("pk")]).update(
        compare_since=Now()
    )


def withdraw_drawn() -> int:
    """A duty of the janitor: withdraw what people drew meanwhile. Returns how many candidates were."""
    masks_of = lru_cache(KEPT)(_track)
    rows = Candidate.objects.filter(compare_since__isnull=False).select_related("masklet__video")
    withdrawn = 0
    for candidate in rows.order_by("compare_since", "pk")[:AT_ONCE]:
        since = candidate.compare_since
        same = next((made for made in _made_by_people(candidate) if _is(candidate, made, masks_of)), None)
        withdrawn += same is not None and _withdraw(candidate, same)
        # Unless somebody submitted one more meanwhile.
        Candidate.objects.filter(pk=candidate.pk, compare_since=since).update(compare_since=None)
    return withdrawn


def _made_by_people(candidate: Candidate) -> QuerySet[Masklet]:
    """Of its video: what a person chose, or worked on, and submitted."""
    submitted = Transition.objects.filter(
        subject_type="masklet",
        subject_id=OuterRef("pk"),
        from_status=MaskletStatus.ANNOTATING,
        to_status=MaskletStatus.IN_VERIFICATION,
    )
    rows = Masklet.objects.filter(
        Q(source=Source.MANUAL) | Exists(submitted), video=candidate.masklet.video_id, status__in=MADE
    )
    rows = rows.filter(revision__isnull=False, trial=False, probe=False, removed=False)
    return rows.exclude(pk=candidate.masklet_id).select_related("revision", "video").order_by("pk")


def _is(candidate: Candidate, made: Masklet, masks_of: Callable[[Masklet], Track]) -> bool:
    """Whether both are one object. Masks that are lost or damaged are nobody's reason to withdraw anything."""
    try:
        one, other = masks_of(candidate.masklet), masks_of(made)
    except ObjectDamaged:
        log.warning("%s could not be compared with %s: masks are damaged", candidate, made)
        return False
    pairs = [
        (one.areas.get(idx, 0), other.areas.get(idx, 0)) for idx in one.areas.keys() | other.areas.keys()
    ]
    if sum(map(min, pairs)) < SAME * sum(map(max, pairs)):
        return False  # wherever they lie, they cannot share enough
    size = [made.video.height or 0, made.video.width or 0]
    return tracks.iou(one.counts, other.counts, size=size) >= SAME


class Track(NamedTuple):
    """Both by frame_idx."""

    counts: dict[int, str]
    areas: dict[int, int]  #: pixels


def _track(masklet: Masklet) -> Track:
    stored = revisions.load(masklet.revision, video=masklet.video)["frames"]
    counts = {int(idx): frame["counts"] for idx, frame in stored.items()}
    return Track(counts, {idx: sum(rle.runs_of(each)[1::2]) for idx, each in counts.items()})


@transaction.atomic
def _withdraw(candidate: Candidate, same: Masklet) -> bool:
    """False where somebody was quicker: a reviewer with a verdict, an annotator who took it, an owner."""
    locked = Masklet.objects.select_for_update(of=("self",), no_key=True).get(pk=candidate.masklet_id)
    fresh = Candidate.objects.untouched().filter(pk=candidate.pk).first()
    if fresh is None or locked.revision_id != candidate.masklet.revision_id:
        return False
    lifecycle.change(locked, MaskletStatus.FILTERED, actor=None, reason=Fate.DRAWN.label)
    fresh.fate, fresh.duplicate_of = Fate.DRAWN, same
    fresh.save(update_fields=["fate", "duplicate_of"])
    return True
