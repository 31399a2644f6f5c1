"""All that happened to one masklet: its revisions, rounds, verdicts and steps."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Prefetch, QuerySet

from engine import access
from engine.models import Masklet, MaskletStatus, Revision, Role, Transition
from verification.models import Round, Verdict

MOST = 200  #: of each that are shown, the newest


def verdicts_of(masklet: Masklet, *, actor: User) -> QuerySet[Round]:
    """The rounds that have ended, oldest first, with their verdicts; to owners also the open one. While a round is open
    nobody else sees what was said in it."""
    standing = Verdict.objects.filter(undone_at=None).select_related("person").order_by("id")
    rounds = Round.objects.filter(masklet=masklet).select_related("revision", "annotator")
    if Role.OWNER not in masklet.project.roles_of(actor):
        rounds = rounds.exclude(closed_at=None)
        if masklet.status == MaskletStatus.IN_VERIFICATION:
            rounds = rounds.exclude(revision=masklet.revision)
    newest = rounds.order_by("-number")[:MOST]
    return newest.prefetch_related(Prefetch("verdicts", standing.prefetch_related("pins")))


def of(masklet: Masklet, *, actor: User) -> dict[str, Any]:
    """Everything, for an owner who decides."""
    access.require(actor, masklet.project_id, Role.OWNER)
    steps = Transition.objects.filter(subject_type="masklet", subject_id=masklet.pk).select_related("actor")
    return {
        "masklet": masklet,
        "rounds": list(verdicts_of(masklet, actor=actor)),
        "revisions": list(
            Revision.objects.filter(masklet=masklet).select_related("actor").order_by("-number")[:MOST]
        ),
        "steps": list(steps.order_by("-id")[:MOST]),
    }


def escalated(project_id: int, *, actor: User) -> QuerySet[Masklet]:
    """What waits for an owner, the longest first."""
    access.require(actor, project_id, Role.OWNER)
    return Masklet.objects.escalated().filter(project=project_id).order_by("updated_at")[:MOST]
