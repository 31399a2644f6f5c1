"""The figures of a release, and how one release differs from another."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet

from engine import access
from engine.errors import InvalidInput, WrongState
from engine.models import Release, ReleaseItem, ReleaseStatus, Role, Run, RunKind
from engine.services import runs

SHOWN = 200  #: masklets of each sort that a diff names


def request(*, actor: User, release: Release) -> Run:
    """Have `release` measured. Raises `WrongState` or `RunInProgress`."""
    access.require(actor, release.project_id, Role.OWNER)
    if release.status == ReleaseStatus.DRAFT:
        raise WrongState("Freeze this release before you measure it.", status=release.status)
    return runs.request(kind=RunKind.MEASURE, actor=actor, project_id=release.project_id, release=release)


def newest_run(release: Release) -> Run | None:
    """The last that measured a release."""
    return Run.objects.filter(release=release, kind=RunKind.MEASURE).select_related("actor").first()


def diff(release: Release, other: Release) -> dict[str, Any]:
    """What `release` has beside `other`, lacks of it, and has at another revision or under another label."""
    if release.project_id != other.project_id:
        raise InvalidInput("Releases of one project are compared.")
    mine, theirs = (ReleaseItem.objects.filter(release=each) for each in (release, other))
    there, here = (rows.filter(masklet=OuterRef("masklet")) for rows in (theirs, mine))
    return {
        "added": _told(mine.filter(~Exists(there))),
        "removed": _told(theirs.filter(~Exists(here))),
        "changed": _told(mine.filter(Exists(there), ~Exists(there.filter(revision=OuterRef("revision"))))),
        "relabelled": _told(mine.filter(Exists(there), ~Exists(there.filter(label=OuterRef("label"))))),
    }


def _told(items: QuerySet[ReleaseItem]) -> dict[str, Any]:
    first = items.order_by("masklet_id").select_related("masklet__video")[:SHOWN]
    return {
        "count": items.count(),
        "masklets": [
            {
                "masklet": item.masklet_id,
                "video": item.masklet.video_id,
                "video_name": item.masklet.video.name,
                "object_id": item.masklet.object_id,
                "label": item.label,
            }
            for item in first
        ],
    }
