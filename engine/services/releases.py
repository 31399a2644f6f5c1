"""Releases: accepted masklets frozen at their revisions, with what was said of them then."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Now

from engine import access
from engine.errors import InvalidInput, RunInProgress, WrongState
from engine.models import (
    AuditKind,
    FreezePart,
    Masklet,
    Project,
    Release,
    ReleaseItem,
    ReleaseStatus,
    ReleaseVideo,
    Role,
    Run,
    RunKind,
    Video,
)
from engine.models.run import LIVE
from engine.services import audit, labels, lineage, runs, splits

PART = 5_000  #: masklets that a freeze writes at once

# As Masklet.objects.to_release() has it; counted in the same statement, so that all of it is of one moment.
_SEE = """
WITH accepted AS MATERIALIZED (
  SELECT id, revision_id, video_id, passed_by, row_number() OVER (ORDER BY id) AS n FROM engine_masklet
   WHERE project_id = %s AND status = 'accepted' AND NOT trial AND NOT probe AND NOT removed
), seen AS (
  INSERT INTO engine_freezepart (position, run_id, masklet_ids, revision_ids, passed_by)
  SELECT part, run, array_agg(id ORDER BY id), array_agg(revision_id ORDER BY id), array_agg(passed_by ORDER BY id)
    FROM (SELECT (n - 1) / %s AS part, %s AS run, id, revision_id, passed_by FROM accepted) numbered GROUP BY part, run
)
SELECT count(*), count(DISTINCT video_id), count(*) FILTER (WHERE passed_by <> '') FROM accepted
"""
_PIN = """
INSERT INTO engine_releaseitem
  (release_id, masklet_id, revision_id, passed_by, label, attributes, frame_attributes)
SELECT %s, masklet.id, pinned.revision, coalesce(pinned.passed_by, ''), masklet.label, masklet.attributes,
       masklet.frame_attributes
  FROM (SELECT item.* FROM engine_freezepart part,
               LATERAL unnest(part.masklet_ids, part.revision_ids, part.passed_by) AS item (id, revision, passed_by)
         WHERE run_id = %s AND position = %s) pinned
  JOIN engine_masklet masklet ON masklet.id = pinned.id
"""


def create_release(*, actor: User, project: Project, name: str) -> Release:
    """A draft that holds nothing yet (owners). Raises `InvalidInput` for a name that is taken."""
    access.require(actor, project.pk, Role.OWNER)
    try:
        with transaction.atomic():
            return Release.objects.create(project=project, name=name, created_by=actor)
    except IntegrityError as error:
        raise InvalidInput(
            f"This project has a release called {name} already. Choose another name."
        ) from error


def with_runs(releases: QuerySet[Release]) -> QuerySet[Release]:
    """The releases with the runs that froze them alone, for `newest_run`."""
    own = Run.objects.filter(kind=RunKind.FREEZE).select_related("actor")
    return releases.prefetch_related(Prefetch("runs", own, to_attr="freezes"))


def newest_run(release: Release) -> Run | None:
    """The last that froze a release of `with_runs`."""
    freezes: list[Run] = release.freezes  # type: ignore[attr-defined]
    return max(freezes, key=lambda run: run.pk, default=None)


@transaction.atomic
def freeze(*, actor: User, release: Release) -> Run:
    """Pin every masklet that is accepted at this moment, at the revision that was accepted; a run writes it down.

    One statement sees what is accepted and takes no lock on it. Who is reviewed, reopened or annotated meanwhile is
    pinned as it was seen; what is accepted later is not. Verdicts are taken back before that moment or not at all.
    Raises `WrongState` or `RunInProgress`.
    """
    access.require(actor, release.project_id, Role.OWNER)
    lock_verdicts(release.project_id)
    release = Release.objects.select_for_update(no_key=True).get(pk=release.pk)
    if release.status != ReleaseStatus.DRAFT:
        raise WrongState(
            f"This release is {release.status} already; it never changes.", status=release.status
        )
    if release.runs.live().exists():
        raise RunInProgress("This release is being frozen already.")
    forget(release)
    run = runs.request(kind=RunKind.FREEZE, actor=actor, project_id=release.project_id, release=release)
    with connection.cursor() as cursor:
        cursor.execute(_SEE, [release.project_id, PART, run.pk])
        release.masklet_count, release.video_count, release.unseen_count = cursor.fetchone()
    if not release.masklet_count:
        raise WrongState("No masklet of this project is accepted yet, so there is nothing to freeze.")
    Release.objects.filter(pk=release.pk).update(
        frozen_at=Now(),
        masklet_count=release.masklet_count,
        video_count=release.video_count,
        unseen_count=release.unseen_count,
    )
    audit.record(
        AuditKind.RELEASE_FROZEN,
        actor=actor,
        subject=release,
        project_id=release.project_id,
        after={"masklets": release.masklet_count, "videos": release.video_count},
    )
    return run


def lock_verdicts(project_id: int) -> None:
    """Until the transaction ends no release of the project begins to be frozen, and no verdict is taken back."""
    Project.objects.select_for_update(no_key=True).get(pk=project_id)


def is_pinned(masklet: Masklet, revision_id: int) -> Release | None:
    """A release that holds `masklet` at this revision, or will when its freeze is done."""
    items = ReleaseItem.objects.filter(masklet=masklet, revision=revision_id)
    item = items.exclude(release__status=ReleaseStatus.DRAFT).select_related("release").first()
    if item is not None:
        return item.release
    coming = FreezePart.objects.filter(run__project=masklet.project_id, run__status__in=LIVE)
    part = coming.filter(masklet_ids__contains=[masklet.pk], revision_ids__contains=[revision_id])
    found = part.select_related("run__release").first()
    return found.run.release if found else None


def pin(run: Run, part: int) -> None:
    """Inside the transaction that holds `run`: write the items of one part of its freeze."""
    with connection.cursor() as cursor:
        cursor.execute(_PIN, [run.release_id, run.pk, part])


def unpin(run: Run) -> int:
    """Take away some of what a freeze that did not come to its end has written; return how many items that were."""
    some = ReleaseItem.objects.filter(release=run.release, release__status=ReleaseStatus.DRAFT)
    return some.filter(pk__in=some.order_by("pk").values("pk")[:PART]).delete()[0]


def forget(release: Release) -> None:
    """Inside the transaction that ends a freeze, or begins another: what was seen is needed no more."""
    FreezePart.objects.filter(run__release=release).delete()


def describe(release: Release) -> None:
    """Inside the transaction that ends a freeze: what the release says of its videos, its labels and itself."""
    pinned = ReleaseItem.objects.filter(release=release).values_list("masklet__video", flat=True)
    pks = sorted(pinned.order_by().distinct())
    for at in range(0, len(pks), PART):
        some = Video.objects.in_bulk(pks[at : at + PART])
        sides = splits.sides_of(some.values())
        ReleaseVideo.objects.bulk_create(
            ReleaseVideo(
                release=release,
                video=video,
                split=sides[pk],
                environment=video.environment,
                tags=video.tags,
                frame_tags=video.frame_tags,
            )
            for pk, video in some.items()
        )
    Release.objects.filter(pk=release.pk).update(labels=labels.numbered(release), lineage=lineage.of(release))
