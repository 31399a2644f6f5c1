"""Prompts: what an annotator tells the model, checked against the frame, and the runs that follow from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from annotation import phases, policies
from annotation.models import Assignment
from annotation.services import effort, queue
from annotation.services.masklets import refuse_live_runs
from engine.errors import InvalidInput, InvalidMask, InvalidPrompt
from engine.models import Masklet, Prompt, PromptKind, Run, RunKind, Video
from engine.run_kinds import Params, PredictParams, PropagateParams
from engine.services import revisions, runs
from vos import rle

FIELDS = {
    PromptKind.CLICK: {"x", "y", "positive"},
    PromptKind.BOX: {"box"},
    PromptKind.MASK: {"rle"},
}
DIRECTIONS = ("forward", "backward", "both")


@transaction.atomic
def add(
    *,
    actor: User,
    masklet_id: int,
    token: str,
    frame_idx: int,
    kind: str,
    expected: int | None = None,
    x: float | None = None,
    y: float | None = None,
    positive: bool | None = None,
    box: Sequence[float] | None = None,
    rle: Any = None,
) -> tuple[Prompt, Run]:
    """Store a prompt (pixels of the stored frame) and ask for the mask of its frame.

    `expected` is the revision that the annotator looked at. Raises `InvalidPrompt`, `InvalidMask`,
    `LeaseLost`, `RevisionChanged`, `WrongPhase`, `SelectionOnly`, or `RunInProgress` while a propagation is under way.
    """
    assignment = queue.hold(actor=actor, masklet_id=masklet_id, token=token)
    masklet = assignment.masklet
    revisions.expect(masklet, expected)
    refuse_live_runs(masklet, RunKind.PROPAGATE)
    values = {"x": x, "y": y, "positive": positive, "box": box, "rle": rle}
    check(kind, frame_idx, values, video=masklet.video)
    in_force = revisions.prompts_in_force(masklet)
    _check_beginning(in_force, positive=positive, mask=rle)
    _check_selection(assignment, in_force, frame_idx)
    on_frame = [earlier.pk for earlier in in_force if earlier.frame_idx == frame_idx]
    carried = set(masklet.revision.carried_prompt_ids) if masklet.revision else set()
    fresh = phases.is_fresh(masklet.phase, kind, positive, refines=bool(set(on_frame) - carried))
    prompt = Prompt.objects.create(
        masklet=masklet, frame_idx=frame_idx, kind=kind, fresh=fresh, actor=actor, **values
    )
    effort.note_prompt(assignment, prompt)
    params = PredictParams(frame_idx=frame_idx, remembers=phases.PROTOCOLS[masklet.phase].remembers)
    return prompt, _request(RunKind.PREDICT, masklet, actor=actor, params=params)


@transaction.atomic
def propagate(
    *, actor: User, masklet_id: int, token: str, direction: str, from_frame: int, whole: bool = False
) -> Run:
    """Carry all prompts in force through the video: outward from the prompted frames, whichever frame was looked at.

    "forward" leaves out the frames before `from_frame` and "backward" those after it, but for those that lie on the way
    from a prompted frame. Raises `RunInProgress`, `WrongPhase` or `SelectionOnly`.
    Masks that a correction does not change stay as they are, unless the `whole` way is to be done anew.
    """
    assignment = queue.hold(actor=actor, masklet_id=masklet_id, token=token)
    masklet = assignment.masklet
    policies.check_tracking(assignment)
    phases.check_propagation(masklet.phase)
    if direction not in DIRECTIONS:
        raise InvalidInput(f"A propagation goes {', '.join(DIRECTIONS[:-1])} or {DIRECTIONS[-1]}.")
    _check_frame(from_frame, masklet.video)
    in_force = revisions.prompts_in_force(masklet)
    if not in_force:
        raise InvalidInput("There is nothing to propagate yet. Click on the object first.")
    masks_only = phases.PROTOCOLS[masklet.phase].masks_only
    if masks_only:
        refuse_live_runs(masklet, RunKind.PREDICT)  # what is carried must be there
    params = PropagateParams(
        direction=direction,
        from_frame=from_frame,
        prompt_ids=[prompt.pk for prompt in in_force],
        whole=whole,
        masks_only=masks_only,
    )
    return _request(RunKind.PROPAGATE, masklet, actor=actor, params=params)


def check(kind: str, frame_idx: int, values: dict[str, Any], *, video: Video) -> None:
    """Refuse a prompt that does not fit its frame, or that has not exactly the fields of its kind."""
    _check_frame(frame_idx, video)
    wanted = FIELDS[PromptKind(kind)]
    if {name for name, value in values.items() if value is not None} != wanted:
        raise InvalidPrompt(f"A {kind} has {', '.join(sorted(wanted))} and nothing else.")
    if kind == PromptKind.CLICK:
        _check_click(values["x"], values["y"], video)
    elif kind == PromptKind.BOX:
        _check_box(values["box"], video)
    else:
        _check_mask(values["rle"], video)


def _check_mask(mask: Any, video: Video) -> None:
    try:
        rle.check(mask, height=video.height or 0, width=video.width or 0)
    except rle.InvalidMask as error:
        raise InvalidMask(str(error)) from error


def _check_beginning(in_force: Sequence[Prompt], *, positive: bool | None, mask: Any) -> None:
    """The first prompt says what the object is, not only what it is not or where it is absent."""
    if in_force:
        return
    if positive is False:
        raise InvalidPrompt("Begin with a click on the object; then click what to remove.")
    if mask is not None and rle.area(mask) == 0:
        raise InvalidPrompt(
            "The mask is empty. Begin on a frame that shows the object; then mark where it is absent."
        )


def _check_selection(assignment: Assignment, in_force: Sequence[Prompt], frame_idx: int) -> None:
    """A selection is made on one frame."""
    if any(prompt.frame_idx != frame_idx for prompt in in_force):
        policies.check_tracking(assignment)


def _check_frame(frame_idx: int, video: Video) -> None:
    last = (video.frame_count or 0) - 1
    if not 0 <= frame_idx <= last:
        raise InvalidPrompt(f"This video has the frames 0 to {last}.")


def _check_click(x: float, y: float, video: Video) -> None:
    # Written so that NaN, which is neither inside nor outside, is refused.
    if not (0 <= x < (video.width or 0) and 0 <= y < (video.height or 0)):
        raise InvalidPrompt(
            f"The click is outside the frame, which is {video.width} × {video.height} pixels."
        )


def _check_box(box: Sequence[float], video: Video) -> None:
    if len(box) != 4 or not all(math.isfinite(side) for side in box):
        raise InvalidPrompt("A box is [x0, y0, x1, y1], in pixels of the frame.")
    x0, y0, x1, y1 = box
    if x1 - x0 < 1 or y1 - y0 < 1:
        raise InvalidPrompt(
            "The box is too small. Drag from its top left to its bottom right, at least one pixel."
        )
    if x0 < 0 or y0 < 0 or x1 > (video.width or 0) or y1 > (video.height or 0):
        raise InvalidPrompt(f"The box is outside the frame, which is {video.width} × {video.height} pixels.")


def _request(kind: RunKind, masklet: Masklet, *, actor: User, params: Params) -> Run:
    return runs.request(kind=kind, actor=actor, project_id=masklet.project_id, masklet=masklet, params=params)
