"""How large the objects are that were judged, so that figures can be told by size."""

from __future__ import annotations

from statistics import median

from engine.models import Revision, Video
from engine.services import revisions
from verification.models import Round
from vos import rle
from vos.metrics import size_of

AT_ONCE = 10
NEVER_THERE = "none"  #: the object is on no frame


def measure() -> int:
    """The janitor's slow duty: look at some of the masklets whose rounds have ended; returns at how many."""
    waiting = Round.objects.filter(size="").exclude(closed_at=None)
    some = list(waiting.select_related("revision", "masklet__video").order_by("-id")[:AT_ONCE])
    for round in some:
        Round.objects.filter(pk=round.pk).update(size=of(round.revision, round.masklet.video))
    return len(some)


def of(revision: Revision, video: Video) -> str:
    """small, medium or large by the median area of the masks that are not empty."""
    content = revisions.load(revision, video=video)
    masks = ({"size": content["size"], "counts": frame["counts"]} for frame in content["frames"].values())
    areas = [area for mask in masks if (area := rle.area(mask))]  # type: ignore[arg-type]
    return size_of(median(areas)) if areas else NEVER_THERE
