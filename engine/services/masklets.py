"""Masklets: how one comes to be, and how one is passed on to a verdict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from engine import lifecycle
from engine.errors import WrongState
from engine.models import Masklet, MaskletStatus, Transition, Video, VideoStatus
from engine.services import labels

#: What the rooms upstairs do with a masklet that was just submitted, inside its transaction.
_ON_SUBMIT: list[Callable[[Masklet, User | None], None]] = []


@dataclass(frozen=True)
class LastVerdict:
    """The verdict on a masklet that stands."""

    verdict: str  #: "satisfactory", "unsatisfactory" or "reject"
    comment: str
    reviewer: str  #: a user's name; empty where the machine decided
    created_at: datetime


def _nobody_verifies(masklets: Collection[int]) -> Mapping[int, LastVerdict]:
    return {}


#: The verdicts on masklets that stand, by id; `verification` tells them.
last_verdicts: Callable[[Collection[int]], Mapping[int, LastVerdict]] = _nobody_verifies


def annotators(masklets: Collection[int]) -> dict[int, str]:
    """Who claimed each masklet last, as far as anybody did: names of users by masklet."""
    claims = Transition.objects.filter(
        subject_type="masklet",
        subject_id__in=masklets,
        to_status=MaskletStatus.ANNOTATING,
        actor__isnull=False,
    )
    newest = claims.order_by("subject_id", "-id").distinct("subject_id")
    return dict(newest.values_list("subject_id", "actor__username"))


def on_submit(react: Callable[[Masklet, User | None], None]) -> None:
    """Let `react` know of each masklet that is submitted, and by whom (None: no person)."""
    _ON_SUBMIT.append(react)


@transaction.atomic
def submit(masklet: Masklet, *, actor: User | None, reason: str = "", **values: Any) -> None:
    """A locked masklet waits for a verdict from now on, or for what the rooms upstairs make of that."""
    lifecycle.change(masklet, MaskletStatus.IN_VERIFICATION, actor=actor, reason=reason, **values)
    for react in _ON_SUBMIT:
        react(masklet, actor)


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
