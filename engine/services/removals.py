"""The bin: what an owner removes is gone for everybody at once, can come back for 30 days, then leaves the store.

Rows stay, because the ledgers, the effort and what people made name them; what they show is gone.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from engine import access, storage
from engine.errors import NotFound, WrongState
from engine.models import (
    AuditKind,
    EvaluationItem,
    FreezePart,
    Masklet,
    MaskletStatus,
    Project,
    ReleaseItem,
    Revision,
    Role,
    Run,
    StatusCount,
    Video,
    VideoStatus,
)
from engine.services import audit

KEPT = timedelta(days=30)
EMPTIED_AT_ONCE = 20

logger = logging.getLogger(__name__)


def due(removed_at: datetime) -> datetime:
    """When what was removed then leaves the object store."""
    return removed_at + KEPT


@transaction.atomic
def remove_video(*, actor: User, video: Video) -> None:
    """Put a READY video with its masklets into the bin. Raises `WrongState` while a release pins some of it, somebody
    works on it, or a run does."""
    access.require(actor, video.project_id, Role.OWNER)
    Project.objects.select_for_update(no_key=True).get(pk=video.project_id)  # no freeze begins meanwhile
    video = Video.objects.select_for_update(of=("self",)).get(pk=video.pk)
    if video.removed_at is not None:
        raise NotFound
    if video.status != VideoStatus.READY:
        raise WrongState(f"This video is {video.status}.", status=video.status)
    masklets = Masklet.objects.select_for_update(of=("self",)).filter(video=video).order_by("pk")
    statuses = [masklet.status for masklet in masklets]
    _refuse_pinned(video)
    if held := statuses.count(MaskletStatus.ANNOTATING):
        raise WrongState(
            f"Somebody is annotating {held} of its objects. Wait until they have handed them back."
        )
    if Run.objects.live().filter(Q(video=video) | Q(masklet__video=video)).exists():
        raise WrongState("A run works on this video. Stop it, or wait until it has ended.")
    Video.objects.filter(pk=video.pk).update(removed_at=Now())
    Masklet.objects.filter(video=video).update(removed=True, assigned_to=None)
    _count(video, -1)
    facts = {"masklets": len(statuses)}
    audit.record(
        AuditKind.VIDEO_REMOVED, actor=actor, subject=video, project_id=video.project_id, before=facts
    )


def _refuse_pinned(video: Video) -> None:
    item = ReleaseItem.objects.filter(masklet__video=video).select_related("release").first()
    if item is not None:
        raise WrongState(
            f"The release {item.release} holds masklets of this video, so it stays. A release never changes."
        )
    if EvaluationItem.objects.filter(masklet__video=video).exists():
        raise WrongState("Candidates are judged on masklets of this video, so it stays.")
    coming = FreezePart.objects.filter(run__project=video.project_id)
    pks = list(Masklet.objects.filter(video=video).values_list("pk", flat=True))
    if pks and coming.filter(masklet_ids__overlap=pks).exists():
        raise WrongState("A release that holds masklets of this video is being frozen, so it stays.")


@transaction.atomic
def restore_video(*, actor: User, project: Project, video_id: int) -> Video:
    """Take it out again, as it was. Raises `NotFound` where there is none, or it is too late."""
    access.require(actor, project.pk, Role.OWNER)
    rows = videos(project).select_for_update(of=("self",))
    video = rows.filter(pk=video_id, emptied_at__isnull=True).first()
    if video is None:
        raise NotFound
    Video.objects.filter(pk=video.pk).update(removed_at=None)
    Masklet.objects.filter(video=video).update(removed=False)
    _count(video, 1)
    audit.record(AuditKind.VIDEO_RESTORED, actor=actor, subject=video, project_id=project.pk)
    video.refresh_from_db()
    return video


def videos(project: Project) -> QuerySet[Video]:
    """What of it lies in the bin, and can come back."""
    kept = Video.objects.filter(project=project, removed_at__isnull=False, emptied_at__isnull=True)
    return kept.order_by("-removed_at", "-pk")


def _count(video: Video, sign: int) -> None:
    """The database counts changes of status alone (engine.services.counts)."""
    rows = Masklet.objects.filter(video=video).order_by().values_list("status").annotate(n=Count("pk"))
    told = [("masklet", status, n) for status, n in rows] + [("video", video.status, 1)]
    StatusCount.objects.bulk_create(
        StatusCount(project_id=video.project_id, noun=noun, status=status, n=sign * n)
        for noun, status, n in told
    )


@transaction.atomic
def remove_project(*, actor: User, project: Project) -> None:
    """Nobody sees it any more, but its owners in their bin. Raises `WrongState` while a run works in it."""
    access.require(actor, project.pk, Role.OWNER)
    if getattr(actor, "scope", None):
        raise WrongState("A token does not remove its project. Do that as yourself.")
    project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if Run.objects.live().filter(project=project).exists():
        raise WrongState("Runs work in this project. Stop them, or wait until they have ended.")
    Project.objects.filter(pk=project.pk).update(removed_at=Now())
    audit.record(AuditKind.PROJECT_REMOVED, actor=actor, subject=project, project_id=project.pk)


def projects(person: User) -> QuerySet[Project]:
    """Those of `person`'s that lie in the bin, and can come back."""
    mine = Project.objects.filter(memberships__user=person, memberships__role=Role.OWNER)
    return mine.filter(removed_at__isnull=False, emptied_at__isnull=True).order_by("-removed_at")


@transaction.atomic
def restore_project(*, actor: User, project_id: int) -> Project:
    project = projects(actor).select_for_update(of=("self",), no_key=True).filter(pk=project_id).first()
    if project is None:
        raise NotFound
    Project.objects.filter(pk=project.pk).update(removed_at=None)
    audit.record(AuditKind.PROJECT_RESTORED, actor=actor, subject=project, project_id=project.pk)
    project.refresh_from_db()
    return project


def empty_some() -> int:
    """The janitor's duty: what lies in the bin for 30 days leaves the object store; return how many did."""
    late = {"removed_at__lt": Now() - KEPT, "emptied_at__isnull": True}
    projects_ = list(Project.objects.filter(**late)[:EMPTIED_AT_ONCE])
    videos_ = list(Video.objects.filter(**late)[:EMPTIED_AT_ONCE])
    for row in [*projects_, *videos_]:
        _empty(row)
    return len(projects_) + len(videos_)


@transaction.atomic
def _empty(row: Project | Video) -> None:
    """The objects first: what this leaves half done, the next round does again."""
    of_project = isinstance(row, Project)
    project_id = row.pk if of_project else row.project_id  # type: ignore[union-attr]
    logger.info("Emptied the bin of %s", row)
    if of_project:
        storage.delete_prefix(f"projects/{row.pk}/")
    else:
        storage.delete_prefix(f"{row.prefix}/")  # type: ignore[union-attr]
        for key in _masks_alone_of(row):  # type: ignore[arg-type]
            storage.delete(key)
    type(row)._default_manager.filter(pk=row.pk).update(emptied_at=Now())
    audit.record(AuditKind.BIN_EMPTIED, actor=audit.JANITOR, subject=row, project_id=project_id)


def _masks_alone_of(video: Video) -> list[str]:
    """Objects are named by their content: another masklet may have the same masks."""
    own = Revision.objects.filter(masklet__video=video)
    others = Revision.objects.exclude(masklet__video=video)
    keys = own.exclude(key__in=others.filter(key__in=own.values("key")).values("key"))
    return list(keys.order_by("key").values_list("key", flat=True).distinct())
