"""What a frame costs the annotators, as the engine asks: of some masklets, and whether it grows."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Sum

from annotation.models import Assignment, Interaction

RECENT, BEFORE, FEWEST = 50, 200, 20  #: masklets


def seconds_per_frame(masklets: Iterable[int]) -> dict[int, float]:
    """Seconds at work a frame, of those of `masklets` that anybody told time of."""
    told = Interaction.objects.filter(masklet__in=list(masklets), masklet__video__frame_count__gt=0)
    rows = told.values_list("masklet", "masklet__video__frame_count").annotate(ms=Sum("active_ms"))
    return {pk: ms / 1000 / frames for pk, frames, ms in rows if ms}


def trend(project_id: int) -> tuple[float, float] | None:
    """Mean seconds a frame of (the masklets submitted latest, those before); None where either are too few."""
    done = Assignment.objects.filter(
        masklet__project=project_id, masklet__trial=False, outcome=Assignment.Outcome.SUBMITTED
    )
    latest = list(
        dict.fromkeys(done.order_by("-ended_at").values_list("masklet", flat=True)[: 2 * (RECENT + BEFORE)])
    )[: RECENT + BEFORE]
    costs = seconds_per_frame(latest)
    parts = [[costs[pk] for pk in some if pk in costs] for some in (latest[:RECENT], latest[RECENT:])]
    if min(map(len, parts)) < FEWEST:
        return None
    recent, before = (sum(part) / len(part) for part in parts)
    return recent, before
