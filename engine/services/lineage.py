"""How a release came to be: who did what to its masklets, in numbers, and the checkpoints that helped."""

from __future__ import annotations

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


def of(release: Release) -> dict[str, Any]:
    """As JSON, and without anybody's name."""
    pinned = Masklet.objects.filter(release_items__release=release)
    project = release.project
    return {
        "project": {
            "name": project.name,
            "fps": project.fps,
            "annotate_every": project.annotate_every,
            "separate_selection": project.separate_selection,
            "separate_verification": project.separate_verification,
        },
        "masklets_by_phase": _counted(pinned, "phase"),
        "masklets_by_source": _counted(pinned, "source"),
        "annotated": _work(pinned),
        "verification": _verification(release),
        "checkpoints": _checkpoints(release),
    }


def _counted(rows: Any, name: str) -> dict[str, int]:
    return {str(key): n for key, n in rows.order_by(name).values_list(name).annotate(n=Count("pk"))}


def _work(pinned: Any) -> dict[str, Any]:
    told = Prompt.objects.filter(masklet__in=pinned).aggregate(
        prompts=Count("pk"),
        people=Count("actor", distinct=True),
        first=Min("created_at"),
        last=Max("created_at"),
    )
    first, last = told.pop("first"), told.pop("last")
    return {
        **told,
        "from": first.date().isoformat() if first else None,
        "to": last.date().isoformat() if last else None,
    }


def _verification(release: Release) -> dict[str, Any]:
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
    return {**told, "pinned": release.masklet_count, "passed_by": passed_by}


def _checkpoints(release: Release) -> list[dict[str, Any]]:
    """Those that were in use when the pinned masks were made."""
    made = Revision.objects.filter(release_items__release=release, run__isnull=False).values("run")
    span = Run.objects.filter(pk__in=made).aggregate(first=Min("created_at"), last=Max("created_at"))
    known = Checkpoint.objects.filter(project=release.project_id).order_by("pk")
    if span["last"]:
        known = known.filter(created_at__lte=span["last"])
    return [{"id": each.pk, "name": each.name, "status": each.status} for each in known[:100]]
