"""How a release came to be: who did what to its masklets, in numbers, and the checkpoints that helped."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.db.models import Count, Max, Min, Q

from engine.models import (
    Checkpoint,
    Masklet,
    MaskletStatus,
    Prompt,
    Release,
    ReleaseItem,
    Revision,
    Run,
    Transition,
)
from engine.models.release import Annotated, Helper, Lineage, ProjectThen, Verified


def of(release: Release) -> Lineage:
    """Without anybody's name."""
    pinned = Masklet.objects.filter(release_items__release=release)
    project = release.project
    return Lineage(
        ProjectThen(**{each.name: getattr(project, each.name) for each in fields(ProjectThen)}),
        _counted(pinned, "phase"),
        _counted(pinned, "source"),
        _work(pinned),
        _verification(release),
        _checkpoints(release),
    )


def _counted(rows: Any, name: str) -> dict[str, int]:
    return {str(key): n for key, n in rows.order_by(name).values_list(name).annotate(n=Count("pk"))}


def _work(pinned: Any) -> Annotated:
    told = Prompt.objects.filter(masklet__in=pinned).aggregate(
        prompts=Count("pk"),
        people=Count("actor", distinct=True),
        first=Min("created_at"),
        last=Max("created_at"),
    )
    days = {name: told[name].date().isoformat() if told[name] else None for name in ("first", "last")}
    return Annotated(told["prompts"], told["people"], **days)


def _verification(release: Release) -> Verified:
    """By the ledger: what was accepted, some after they were sent back, and by whom or what."""
    pinned = Masklet.objects.filter(release_items__release=release).values("pk")
    steps = Transition.objects.filter(subject_type="masklet", subject_id__in=pinned)
    told = steps.aggregate(
        accepted=Count("pk", filter=Q(to_status=MaskletStatus.ACCEPTED)),
        sent_back=Count(
            "pk",
            filter=Q(from_status=MaskletStatus.IN_VERIFICATION, to_status=MaskletStatus.NEEDS_REFINEMENT),
        ),
        reopened=Count("pk", filter=Q(from_status=MaskletStatus.ACCEPTED)),
        reviewers=Count("actor", distinct=True, filter=Q(to_status=MaskletStatus.ACCEPTED)),
    )
    passed_by = _counted(ReleaseItem.objects.filter(release=release), "passed_by")
    passed_by = {name or "person": count for name, count in passed_by.items()}
    return Verified(pinned=release.masklet_count, passed_by=passed_by, **told)


def _checkpoints(release: Release) -> list[Helper]:
    """Those that were in use when the pinned masks were made."""
    made = Revision.objects.filter(release_items__release=release, run__isnull=False).values("run")
    span = Run.objects.filter(pk__in=made).aggregate(first=Min("created_at"), last=Max("created_at"))
    known = Checkpoint.objects.filter(project=release.project_id).order_by("pk")
    if span["last"]:
        known = known.filter(created_at__lte=span["last"])
    return [Helper(each.pk, each.name, each.status) for each in known[:100]]
