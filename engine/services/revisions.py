"""Revisions: the immutable versions of a masklet's masks. Everything that changes masks ends here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypedDict

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from engine import storage
from engine.errors import LostTheRace, RevisionChanged, WrongState
from engine.mask_quality import mask_quality
from engine.models import Masklet, Prompt, Revision, RevisionKind, Run, Video
from vos.rle import MaskFrame


class Masks(TypedDict):
    size: list[int]  #: [height, width]
    frames: dict[str, MaskFrame]  #: by frame_idx, as JSON has it


def load(revision: Revision | None, *, video: Video) -> Masks:
    """The masks of `revision`; no frames at all before the first one."""
    if revision is None:
        return {"size": [video.height or 0, video.width or 0], "frames": {}}
    content = storage.get_masks(revision.key)
    return {"size": content["size"], "frames": content["frames"]}


def prompts_in_force(masklet: Masklet) -> Sequence[Prompt]:
    """The prompts that made the masklet's current masks, oldest first."""
    return list(masklet.prompts.in_force(masklet.revision))


def expect(masklet: Masklet, revision_number: int | None) -> None:
    """Refuse an edit that was made looking at another revision (`If-Match`)."""
    if revision_number is not None and revision_number != masklet.revision_number:
        raise RevisionChanged(current=masklet.revision_number)


@transaction.atomic
def write(
    *,
    masklet: Masklet,
    run: Run,
    kind: RevisionKind,
    frames: Mapping[int, MaskFrame],
    prompts: Sequence[Prompt],
    carried: Collection[int] | None = None,
) -> Revision:
    """Lay `frames` over the masks of `masklet`, as it was read, and make that its new revision.

    `prompts` are those that the masks were made with, `carried` the ids of those that all frames have seen (None: no
    more than before). The caller ends the run in the same transaction, which
    is where a worker that lost it is refused. Raises `LostTheRace` when another revision came in between (read
    the masklet and its prompts again, then try again), `WrongState` when the masklet was submitted meanwhile.
    """
    masks = load(masklet.revision, video=masklet.video)
    masks["frames"] |= {str(frame_idx): frame for frame_idx, frame in frames.items()}
    sha256, key = storage.put_masks(masklet.project_id, dict(masks))
    # What SAM 2 prompted itself with is no person's word.
    edited = sorted({prompt.frame_idx for prompt in prompts if prompt.actor_id is not None})
    every = {int(frame_idx): frame for frame_idx, frame in masks["frames"].items()}
    doubts, doubt = mask_quality(every, size=masks["size"], prompted=edited)
    revision = Revision(
        masklet=masklet,
        kind=kind,
        sha256=sha256,
        key=key,
        frame_count=len(masks["frames"]),
        prompt_ids=sorted(prompt.pk for prompt in prompts),
        # Never less than before: a prompt that was undone stays undone.
        last_prompt_id=max([_last_prompt_id(masklet), *(prompt.pk for prompt in prompts)]),
        carried_prompt_ids=_carried(masklet) if carried is None else sorted(carried),
        edited_frames=edited,
        suggested_frames=doubts,
        doubt=doubt,
        run=run,
        # Who asked for candidates had no hand in what they look like.
        actor_id=None if kind == RevisionKind.GENERATE else run.actor_id,
    )
    _append(masklet, revision)
    if not Masklet.objects.open_to_edits().filter(pk=masklet.pk).exists():
        raise WrongState("This object was submitted before the masks were done. Its masks stay as they were.")
    return revision


@transaction.atomic
def receive(
    *,
    masklet: Masklet,
    frames: Mapping[int, MaskFrame],
    actor: User,
    run: Run | None,
    edited: Sequence[int] = (),
) -> Revision:
    """Masks that came from elsewhere as the first revision of a new masklet."""
    masks = load(None, video=masklet.video)
    masks["frames"] = {str(frame_idx): frame for frame_idx, frame in sorted(frames.items())}
    sha256, key = storage.put_masks(masklet.project_id, dict(masks))
    doubts, doubt = mask_quality(frames, size=masks["size"], prompted=list(edited))
    revision = Revision(
        masklet=masklet,
        kind=RevisionKind.IMPORT,
        sha256=sha256,
        key=key,
        frame_count=len(frames),
        edited_frames=sorted(edited),
        suggested_frames=doubts,
        doubt=doubt,
        run=run,
        actor=actor,
    )
    _append(masklet, revision)
    return revision


@transaction.atomic
def restore(*, masklet: Masklet, number: int, actor: User) -> Revision:
    """Make an older revision's masks and prompts the current ones again, as a new revision (undo and redo).

    Number 0 is what was before the first mask: no masks, no prompts. Raises `Revision.DoesNotExist`.
    """
    revision = masklet.revisions.get(number=number) if number else _nothing(masklet)
    revision.pk = None
    revision._state.adding = True
    revision.kind, revision.run, revision.actor = RevisionKind.RESTORE, None, actor
    revision.last_prompt_id = masklet.prompts.aggregate(newest=Max("pk"))["newest"] or 0
    _append(masklet, revision)
    return revision


def _last_prompt_id(masklet: Masklet) -> int:
    return masklet.revision.last_prompt_id if masklet.revision else 0


def _carried(masklet: Masklet) -> list[int]:
    return list(masklet.revision.carried_prompt_ids) if masklet.revision else []


def _nothing(masklet: Masklet) -> Revision:
    sha256, key = storage.put_masks(masklet.project_id, dict(load(None, video=masklet.video)))
    return Revision(masklet=masklet, sha256=sha256, key=key, frame_count=0)


def _append(masklet: Masklet, revision: Revision) -> None:
    """Number `revision` and make it current, unless another became current meanwhile (`LostTheRace`)."""
    revision.parent = masklet.revision
    revision.number = masklet.revision_number + 1
    unchanged = Masklet.objects.select_for_update(of=("self",)).filter(
        pk=masklet.pk, revision=masklet.revision
    )
    if not unchanged.exists():
        raise LostTheRace
    revision.save(force_insert=True)
    Masklet.objects.filter(pk=masklet.pk).update(revision=revision, doubt=revision.doubt, updated_at=Now())
    masklet.revision = revision
