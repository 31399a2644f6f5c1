"""What an annotator does with a whole masklet: choose its object, submit, hand back, discard, restore."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from annotation import phases, policies, rollups
from annotation.models import Assignment
from annotation.services import queue
from engine import access, leases, lifecycle, run_kinds
from engine.errors import InvalidInput, RunInProgress
from engine.models import Masklet, Revision, Role, RunKind, Video
from engine.services import masklets, revisions, runs
from vos import rle

Outcome = Assignment.Outcome


@transaction.atomic
def select_object(*, actor: User, video_id: int, label: str = "") -> Assignment:
    """A new object of a READY video, held by `actor` from the start."""
    video = access.find(Video.objects.all(), actor, video_id)
    access.require(actor, video.project_id, Role.ANNOTATOR)
    return queue.take(masklets.create(video, actor=actor, label=label), actor=actor)


@transaction.atomic
def submit(*, actor: User, assignment_id: int, token: str) -> Masklet:
    """Pass the masklet on to another person's verdict. It needs a mask, and no mask may be on its way."""
    assignment = _hold(actor, assignment_id, token)
    masklet = assignment.masklet
    policies.check_tracking(assignment)
    refuse_live_runs(masklet)
    masked = _masked_frames(masklet)
    if not any(masked.values()):
        raise InvalidInput("There is no mask yet. Click on the object and propagate before you submit.")
    phases.check_complete(masklet.phase, masked=masked, frame_count=masklet.video.frame_count or 0)
    with rollups.kept(masklet):
        assignment.end(Outcome.SUBMITTED, token=token)
    masklets.submit(masklet, actor=actor)
    return masklet


@transaction.atomic
def hand_back(*, actor: User, assignment_id: int, token: str) -> Masklet:
    """Let another annotator go on; what was done stays."""
    assignment = _hold(actor, assignment_id, token)
    assignment.end(Outcome.HANDED_BACK, token=token)
    _stop_the_machine(assignment.masklet, actor)
    lifecycle.change(assignment.masklet, assignment.previous_status, actor=actor, reason="handed back")
    return assignment.masklet


@transaction.atomic
def discard(*, actor: User, assignment_id: int, token: str, reason: str = "") -> Masklet:
    """The object is not well defined, the annotator thinks: what was done goes to another person's verdict."""
    assignment = _hold(actor, assignment_id, token)
    masklet = assignment.masklet
    assignment.end(Outcome.DISCARDED, token=token)
    _stop_the_machine(masklet, actor)
    if masklet.revision is None:
        revisions.restore(masklet=masklet, number=0, actor=actor)
    masklets.submit(masklet, actor=actor, reason=reason, discard_proposed=True)
    return masklet


@transaction.atomic
def restore(*, actor: User, masklet_id: int, token: str, expected: int, number: int) -> Masklet:
    """Make revision `number` the current one again (undo and redo), unless the masks are not those of
    revision `expected` any more (`RevisionChanged`)."""
    masklet = queue.hold(actor=actor, masklet_id=masklet_id, token=token).masklet
    refuse_live_runs(masklet)
    revisions.expect(masklet, expected)
    try:
        revisions.restore(masklet=masklet, number=number, actor=actor)
    except Revision.DoesNotExist as error:
        raise InvalidInput(f"This masklet has no revision {number}.") from error
    return masklet


def refuse_live_runs(masklet: Masklet, *kinds: RunKind) -> None:
    """Raise `RunInProgress` while a run of `kinds` (any, if none is named) may still change the masks."""
    live = masklet.runs.live().changing_masks()
    if kinds:
        live = live.filter(kind__in=kinds)
    in_the_way = set(live.values_list("kind", flat=True))
    for kind in reversed(run_kinds.CHANGING_MASKS):  # who must wait for both is told of the longer one
        if kind in in_the_way:
            raise RunInProgress(run_kinds.of(kind).busy)


def _stop_the_machine(masklet: Masklet, actor: User) -> None:
    """Nobody waits for these masks any more; what was done stays."""
    for run in masklet.runs.live():
        runs.stop(run, actor=actor)


def _hold(actor: User, assignment_id: int, token: str) -> Assignment:
    masklet_id = leases.find(Assignment, person=actor, pk=assignment_id).masklet_id
    return queue.hold(actor=actor, masklet_id=masklet_id, token=token)


def _masked_frames(masklet: Masklet) -> dict[int, int]:
    """The area of each frame's mask; 0 where the object is absent."""
    stored = revisions.load(masklet.revision, video=masklet.video)
    return {
        int(frame_idx): rle.area({"size": stored["size"], "counts": frame["counts"]})
        for frame_idx, frame in stored["frames"].items()
    }
