"""Probes: an object that a second annotator makes too, unseen among the others, to know how well people agree with each
other, and with what an owner knows to be right."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from engine import access, leases, lifecycle, storage
from engine.errors import WrongState
from engine.models import (
    AuditKind,
    Masklet,
    MaskletStatus,
    Membership,
    Prompt,
    PromptKind,
    Revision,
    RevisionKind,
    Role,
)
from engine.services import audit, masklets, revisions
from verification.models import Probe, ReviewPolicy, SamplingDraw
from verification.services import people, sampling
from vos import rle
from vos.metrics import boundary_f, iou

AT_ONCE = 3  #: probes that are scored in one go


def draw(masklet: Masklet, policy: ReviewPolicy) -> None:
    """By a random draw, have what was just submitted made once more by somebody else, where there is somebody."""
    share = policy.probe_share if policy.probe_share and _others(masklet) else 0.0
    if share and sampling.draw(masklet, SamplingDraw.About.PROBE, share, because="the project's share"):
        _begin(masklet, Probe.Against.PERSON)


@transaction.atomic
def make(*, actor: User, masklet_id: int) -> Probe:
    """An owner has an accepted masklet, known to be right, made once more by an annotator. Raises `WrongState`."""
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.OWNER)
    if masklet.status != MaskletStatus.ACCEPTED or masklet.trial or masklet.probe:
        raise WrongState("Only an accepted masklet can be held against another.", status=masklet.status)
    if not _others(masklet):
        raise WrongState("There is no other annotator in this project to make it once more.")
    if Probe.objects.filter(reference__masklet=masklet, scored_at=None).exists():
        raise WrongState("This masklet is being made once more already.")
    probe = _begin(masklet, Probe.Against.GOLD)
    if probe is None:
        raise WrongState("This masklet has no click or box that another annotator could begin with.")
    audit.record(
        AuditKind.GOLD_MADE,
        actor=actor,
        subject=masklet,
        project_id=masklet.project_id,
        after={"kinds": ["annotation"]},
    )
    return probe


def _others(masklet: Masklet) -> set[int]:
    able = Membership.objects.filter(
        project=masklet.project_id,
        role=Role.ANNOTATOR,
        user__is_active=True,
        phases__contains=[masklet.phase],
    )
    return set(able.values_list("user", flat=True)) - people.hands(masklet)


def _begin(masklet: Masklet, against: Probe.Against) -> Probe | None:
    """The object as one who chose it leaves it: with the mask of the frame that was prompted first."""
    assert masklet.revision is not None
    prompts = Prompt.objects.filter(masklet=masklet, kind__in=[PromptKind.CLICK, PromptKind.BOX])
    first = prompts.exclude(positive=False).order_by("id").first()
    content = revisions.load(masklet.revision, video=masklet.video)
    if first is None or str(first.frame_idx) not in content["frames"]:
        return None
    made = masklets.create(
        masklet.video, actor=masklet.created_by, label=masklet.label, phase=masklet.phase, probe=True
    )
    Masklet.objects.filter(pk=made.pk).update(returned_from=people.annotator(masklet))
    prompt = Prompt.objects.create(
        masklet=made,
        actor=first.actor,
        frame_idx=first.frame_idx,
        kind=first.kind,
        x=first.x,
        y=first.y,
        positive=first.positive,
        box=first.box,
    )
    frame = content["frames"][str(first.frame_idx)]
    sha256, key = storage.put_masks(
        made.project_id, {"size": content["size"], "frames": {str(first.frame_idx): frame}}
    )
    revision = Revision.objects.create(
        masklet=made,
        number=1,
        kind=RevisionKind.PREDICT,
        sha256=sha256,
        key=key,
        frame_count=1,
        prompt_ids=[prompt.pk],
        last_prompt_id=prompt.pk,
        edited_frames=[first.frame_idx],
        actor=first.actor,
    )
    Masklet.objects.filter(pk=made.pk).update(revision=revision)
    Masklet.objects.filter(pk=masklet.pk).update(probed=True)
    return Probe.objects.create(masklet=made, reference=masklet.revision, against=against)


def receive(masklet: Masklet, actor: User | None) -> None:
    """Inside the transaction that submits a probe: no reviewer needs to look at it. It is scored soon."""
    if masklet.discard_proposed:
        lifecycle.change(masklet, MaskletStatus.REJECTED, actor=None)
        return
    Probe.objects.filter(masklet=masklet).update(person=actor, revision=masklet.revision)
    lifecycle.change(masklet, MaskletStatus.ACCEPTED, actor=None)


def score_waiting() -> int:
    """The janitor's slow duty: hold some of what was submitted against its reference; returns how many."""
    waiting = Probe.objects.filter(revision__isnull=False, scored_at=None)
    for probe in (some := list(waiting.select_related("reference", "revision", "masklet__video")[:AT_ONCE])):
        j, f = agreement(probe.revision, probe.reference, probe.masklet)
        Probe.objects.filter(pk=probe.pk).update(j=j, f=f, scored_at=Now())
    return len(some)


def agreement(one: Revision | None, other: Revision, masklet: Masklet) -> tuple[float, float]:
    """Mean J and F over the frames of either; a frame that one of them lacks is an empty mask."""
    stored = [revisions.load(revision, video=masklet.video) for revision in (one, other)]
    size = stored[0]["size"]
    frames = sorted({int(idx) for content in stored for idx in content["frames"]})
    masks = [
        np.stack([_mask(content["frames"].get(str(idx)), size) for idx in frames]) if frames else None
        for content in stored
    ]
    if masks[0] is None or masks[1] is None:
        return 0.0, 0.0
    scores = [(iou(a, b), boundary_f(a, b)) for a, b in zip(*masks, strict=True)]
    return float(np.mean([j for j, _ in scores])), float(np.mean([f for _, f in scores]))


def _mask(frame: Any, size: list[int]) -> np.ndarray:
    if frame is None:
        return np.zeros(size, bool)
    return rle.decode({"size": size, "counts": frame["counts"]})
