"""Is an object missing? Asked for each video, over all that was accepted or waits; the newest answer stands."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery

from engine import access
from engine.errors import InvalidInput, NotAllowed, WrongState
from engine.models import Masklet, MaskletStatus, Prompt, PromptKind, Role, Video, VideoStatus
from engine.services import masklets
from verification.models import CoverageAnswer

SHOWN = (MaskletStatus.IN_VERIFICATION, MaskletStatus.ACCEPTED)
UNDER_WAY = (MaskletStatus.SELECTED, MaskletStatus.ANNOTATING, MaskletStatus.NEEDS_REFINEMENT)


def shown(video: Video) -> list[Masklet]:
    """The masklets that the question is about."""
    there = Masklet.objects.filter(video=video, status__in=SHOWN, trial=False, probe=False)
    return list(there.select_related("revision").order_by("object_id"))


def ask(*, actor: User, video_id: int) -> Video:
    """The video, for whom may answer: owners, and reviewers where they may look at masklets. Raises `NotAllowed`."""
    video = access.find(Video.objects.all(), actor, video_id)
    access.require(actor, video.project_id, Role.OWNER, Role.REVIEWER)
    if video.project_id in access.blind_projects(actor):
        raise NotAllowed(
            "Reviews are blind in this project, so owners are asked whether an object is missing."
        )
    if video.status != VideoStatus.READY:
        raise WrongState(f"This video is {video.status}; there is nothing to see yet.", status=video.status)
    return video


@transaction.atomic
def answer(
    *,
    actor: User,
    video_id: int,
    missing: bool,
    frame_idx: int | None = None,
    x: float | None = None,
    y: float | None = None,
    label: str = "",
) -> CoverageAnswer:
    """Keep the answer; where an object is missing, a click on it begins a masklet that waits for an annotator."""
    video = ask(actor=actor, video_id=video_id)
    started = None
    if missing:
        started = _start(video, actor, frame_idx, x, y, label)
    elif frame_idx is not None or x is not None or y is not None:
        raise InvalidInput("Where nothing is missing there is nothing to click on. Leave the click out.")
    return CoverageAnswer.objects.create(
        video=video, person=actor, missing=missing, masklet=started, masklet_count=len(shown(video))
    )


def _start(
    video: Video, actor: User, frame_idx: int | None, x: float | None, y: float | None, label: str
) -> Masklet:
    if frame_idx is None or x is None or y is None:
        raise InvalidInput("Click on the object that is missing: send frame_idx, x and y.")
    if not 0 <= frame_idx < (video.frame_count or 0):
        raise InvalidInput(f"This video has the frames 0 to {(video.frame_count or 0) - 1}.")
    if not (0 <= x < (video.width or 0) and 0 <= y < (video.height or 0)):
        raise InvalidInput(f"The click is outside the frame, which is {video.width} × {video.height} pixels.")
    made = masklets.create(video, actor=actor, label=label)
    Prompt.objects.create(
        masklet=made, actor=actor, frame_idx=frame_idx, kind=PromptKind.CLICK, x=x, y=y, positive=True
    )
    return made


def summary(project_id: int) -> dict[str, Any]:
    """How many videos were answered how, by their newest answers; `stale` ones have other masklets by now."""
    newest = CoverageAnswer.objects.filter(video=OuterRef("pk")).order_by("-id")
    videos = Video.objects.filter(project=project_id, status=VideoStatus.READY)
    answered = videos.annotate(missing=Subquery(newest.values("missing")[:1]))
    todo = Masklet.objects.filter(video=OuterRef("pk"), status__in=UNDER_WAY)
    asked = (
        answered.filter(missing=None)
        .exclude(Exists(todo))
        .filter(Exists(Masklet.objects.filter(video=OuterRef("pk"), status__in=SHOWN)))
    )
    return {
        "videos": videos.count(),
        "complete": answered.filter(missing=False).count(),
        "missing": answered.filter(missing=True).count(),
        "next": asked.order_by("pk").values_list("pk", flat=True).first(),
        "answers": CoverageAnswer.objects.filter(video__project=project_id).count(),
    }
