"""The verdict on a masklet that stands: what led it out of verification last."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.models import MaskletStatus, Transition
from engine.services import candidates
from engine.services.masklets import LastVerdict
from verification.models import Verdict

LED_TO = {
    MaskletStatus.ACCEPTED: Verdict.Kind.SATISFACTORY,
    MaskletStatus.NEEDS_REFINEMENT: Verdict.Kind.UNSATISFACTORY,
    MaskletStatus.FILTERED: Verdict.Kind.UNSATISFACTORY,  # a candidate that nobody is to refine
    MaskletStatus.REJECTED: Verdict.Kind.REJECT,
}


def of(masklets: Collection[int]) -> Mapping[int, LastVerdict]:
    """By masklet; one query. Those are left out on which none was given, or whose last was taken back or reopened."""
    steps = Transition.objects.filter(subject_type="masklet", subject_id__in=masklets)
    steps = steps.exclude(reason__in=candidates.WITHDRAWN).select_related("actor").order_by("id")
    standing: dict[int, list[Transition]] = {}
    for step in steps:
        given = standing.setdefault(step.subject_id, [])
        if step.from_status == MaskletStatus.IN_VERIFICATION and step.to_status in LED_TO:
            given.append(step)
        elif step.to_status == MaskletStatus.IN_VERIFICATION and step.from_status in LED_TO and given:
            given.pop()
    return {pk: _told(given[-1]) for pk, given in standing.items() if given}


def _told(step: Transition) -> LastVerdict:
    return LastVerdict(
        verdict=LED_TO[MaskletStatus(step.to_status)],
        comment=step.reason,
        reviewer=step.actor.username if step.actor else "",
        created_at=step.created_at,
    )
