"""Releases: accepted masklets frozen at their revisions, then written in a format by a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from engine import access, lifecycle
from engine.errors import InvalidInput, WrongState
from engine.models import (
    AuditKind,
    ExportsFor,
    Masklet,
    Project,
    Release,
    ReleaseItem,
    ReleaseStatus,
    Role,
    Run,
    RunKind,
)
from engine.services import audit, quotas, runs

FORMATS = ("sa-v",)
#: Whoever has one of these roles downloads whole exports, as the project says.
DOWNLOADERS = {
    ExportsFor.OWNERS: {Role.OWNER},
    ExportsFor.REVIEWERS: {Role.OWNER, Role.REVIEWER},
    ExportsFor.MEMBERS: set(Role),
}


def create_release(*, actor: User, project: Project, name: str) -> Release:
    access.require(actor, project.pk, Role.OWNER)
    try:
        with transaction.atomic():
            return Release.objects.create(project=project, name=name, created_by=actor)
    except IntegrityError as error:
        raise InvalidInput(
            f"This project has a release called {name} already. Choose another name."
        ) from error


@transaction.atomic
def freeze(*, actor: User, release: Release) -> Release:
    """Pin every accepted masklet at the revision that was accepted. Accepted masklets cannot be edited, so
    their current revision is that one."""
    access.require(actor, release.project_id, Role.OWNER)
    accepted = Masklet.objects.to_release().filter(project_id=release.project_id, revision__isnull=False)
    locked = (
        accepted.select_for_update(no_key=True).order_by("id").values_list("id", "revision_id", "video_id")
    )
    pinned = list(locked)
    items = [ReleaseItem(release=release, masklet_id=m, revision_id=r) for m, r, _ in pinned]
    if release.status == ReleaseStatus.DRAFT and not items:
        raise WrongState("No masklet of this project is accepted yet, so there is nothing to freeze.")
    lifecycle.change(release, ReleaseStatus.FROZEN, actor=actor, frozen_at=Now(), **_counted(pinned))
    ReleaseItem.objects.bulk_create(items, batch_size=10_000)
    audit.record(
        AuditKind.RELEASE_FROZEN,
        actor=actor,
        subject=release,
        project_id=release.project_id,
        after={"masklets": release.masklet_count, "videos": release.video_count},
    )
    return release


def _counted(pinned: Sequence[tuple[int, int, int]]) -> dict[str, Any]:
    """What pages show of a release without reading its items: (masklet, revision, video) each."""
    return {"masklet_count": len(pinned), "video_count": len({video for _, _, video in pinned})}


def may_download(person: User, project: Project) -> bool:
    return bool(project.roles_of(person) & DOWNLOADERS[ExportsFor(project.exports_for)])


@transaction.atomic
def export(*, actor: User, release: Release, format: str) -> Run:
    access.require(actor, release.project_id, Role.OWNER)
    if format not in FORMATS:
        raise InvalidInput(f"Releases are exported as: {', '.join(FORMATS)}.")
    if release.status == ReleaseStatus.DRAFT:
        raise WrongState("Freeze this release before you export it.", status=release.status)
    quotas.admit_output(release.project_id)
    return runs.request(
        kind=RunKind.EXPORT,
        actor=actor,
        project_id=release.project_id,
        release=release,
        params={"format": format},
    )
