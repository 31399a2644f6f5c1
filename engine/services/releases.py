"""Releases: accepted masklets frozen at their revisions, then written in a format by a run."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from engine import access, lifecycle
from engine.errors import InvalidInput, WrongState
from engine.models import Masklet, Project, Release, ReleaseItem, ReleaseStatus, Role, Run, RunKind
from engine.services import runs

FORMATS = ("sa-v",)


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
    accepted = Masklet.objects.to_release().filter(project_id=release.project_id).select_related("revision")
    items = [
        ReleaseItem(release=release, masklet=masklet, revision=masklet.revision)
        for masklet in accepted.select_for_update(of=("self",))
        if masklet.revision is not None
    ]
    if release.status == ReleaseStatus.DRAFT and not items:
        raise WrongState("No masklet of this project is accepted yet, so there is nothing to freeze.")
    lifecycle.change(release, ReleaseStatus.FROZEN, actor=actor, frozen_at=Now())
    ReleaseItem.objects.bulk_create(items)
    return release


@transaction.atomic
def export(*, actor: User, release: Release, format: str) -> Run:
    access.require(actor, release.project_id, Role.OWNER)
    if format not in FORMATS:
        raise InvalidInput(f"Releases are exported as: {', '.join(FORMATS)}.")
    if release.status == ReleaseStatus.DRAFT:
        raise WrongState("Freeze this release before you export it.", status=release.status)
    return runs.request(
        kind=RunKind.EXPORT,
        actor=actor,
        project_id=release.project_id,
        release=release,
        params={"format": format},
    )
