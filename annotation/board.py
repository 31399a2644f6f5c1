"""The owners' view of the annotators' queue: what waits how long, and who works on what."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from annotation.models import Assignment, Interaction
from annotation.services import queue
from engine import access
from engine.models import Masklet, MaskletStatus, Membership, Project, Role
from engine.services import counts

ROWS = 200  #: that are shown; nobody reads more


def board(*, actor: User, project: Project) -> dict[str, Any]:
    """What is held, then what waits in its order, and the project's annotators. Owners only."""
    access.require(actor, project.pk, Role.OWNER)
    now = timezone.now()
    masklets = Masklet.objects.filter(project=project).select_related("video", "revision", "assigned_to")
    waiting = queue.banded(masklets.to_annotate()).order_by(*queue.ORDER)
    held = queue.banded(masklets.filter(status=MaskletStatus.ANNOTATING)).order_by("updated_at", "id")
    holds = {
        hold.masklet_id: hold
        for hold in Assignment.objects.open().filter(masklet__project=project).select_related("person")
    }
    counted = counts.masklets([project.pk])[project.pk]
    oldest = waiting.order_by("updated_at").values_list("updated_at", flat=True).first()
    shown = [*held[:ROWS], *waiting[:ROWS]][:ROWS]
    return {
        "waiting": counted[MaskletStatus.SELECTED] + counted[MaskletStatus.NEEDS_REFINEMENT],
        "held": counted[MaskletStatus.ANNOTATING],
        "oldest_seconds": None if oldest is None else (now - oldest).total_seconds(),
        "rows": [_row(masklet, holds.get(masklet.pk), now) for masklet in shown],
        "people": _people(project, now),
    }


def _row(masklet: Any, hold: Assignment | None, now: datetime) -> dict[str, Any]:
    return {
        "masklet": masklet.pk,
        "object_id": masklet.object_id,
        "label": masklet.label,
        "video": masklet.video_id,
        "video_name": masklet.video.name,
        "picture": masklet.video,
        "phase": masklet.phase,
        "status": masklet.status,
        "band": masklet.band,
        "doubt": masklet.revision.doubt if masklet.revision else 0.0,
        "priority": masklet.priority,
        "trial": masklet.trial,
        "waiting_seconds": None if hold else (now - masklet.updated_at).total_seconds(),
        "assigned_to": masklet.assigned_to and masklet.assigned_to.username,
        "held_by": hold and hold.person.username,
        "held_seconds": hold and (now - hold.started_at).total_seconds(),
        "job": hold and hold.job,
    }


def _people(project: Project, now: datetime) -> list[dict[str, Any]]:
    """The annotators: what they hold, and what they have done since midnight."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    annotators = list(
        User.objects.filter(
            memberships__project=project, memberships__role=Role.ANNOTATOR, is_active=True
        ).order_by("username")
    )
    theirs = Assignment.objects.filter(masklet__project=project, person__in=annotators)
    holding = _by_person(theirs.open())
    submitted = _by_person(theirs.filter(outcome=Assignment.Outcome.SUBMITTED, ended_at__gte=midnight))
    active = dict(
        Interaction.objects.filter(masklet__project=project, person__in=annotators, created_at__gte=midnight)
        .order_by()
        .values_list("person")
        .annotate(ms=Sum("active_ms"))
    )
    trained: dict[int, set[int]] = defaultdict(set)
    memberships = Membership.objects.filter(project=project, role=Role.ANNOTATOR)
    for person, phases in memberships.values_list("user_id", "phases"):
        trained[person].update(phases)
    return [
        {
            "username": user.username,
            "name": user.get_full_name() or user.username,
            "phases": sorted(trained[user.pk]),
            "holding": holding.get(user.pk, 0),
            "submitted_today": submitted.get(user.pk, 0),
            "active_seconds_today": active.get(user.pk, 0) / 1000,
        }
        for user in annotators
    ]


def _by_person(assignments: QuerySet[Any]) -> dict[int, int]:
    return dict(assignments.order_by().values_list("person").annotate(n=Count("pk")))
