"""Masklets: how one comes to be."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from engine.errors import WrongState
from engine.models import Masklet, Video, VideoStatus
from engine.services import labels


@transaction.atomic
def create(video: Video, *, actor: User | None, **fields: Any) -> Masklet:
    """A masklet of the next free object id of a READY video; `actor` is None where no person chose the object.

    Its phase is the video's, or else the project's, unless `fields` say another. Raises `WrongState`.
    """
    # The video is locked, so that two that are made at once get two numbers.
    video = Video.objects.select_for_update(no_key=True).select_related(None).get(pk=video.pk)
    if video.status != VideoStatus.READY:
        raise WrongState(
            f"This video is {video.status}. Objects can be chosen once it is ready.", status=video.status
        )
    labels.check_label(video.project_id, fields.get("label", ""))
    last = Masklet.objects.filter(video=video).aggregate(last=Max("object_id", default=0))["last"]
    return Masklet.objects.create(
        **{
            "project_id": video.project_id,
            "video": video,
            "object_id": last + 1,
            "phase": video.phase or video.project.phase,
            "created_by": actor,
        }
        | fields
    )
