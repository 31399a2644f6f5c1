"""Candidates: masklets that SAM 2 proposed. How one comes to be, where it goes, and what a verdict does to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from engine import access, lifecycle
from engine.draws import place_of
from engine.errors import LostTheRace, NotFound, WrongState
from engine.models import (
    AuditKind,
    Candidate,
    CandidatePolicy,
    CandidateSource,
    Fate,
    Masklet,
    MaskletStatus,
    Project,
    Prompt,
    PromptKind,
    RevisionKind,
    Role,
    Run,
    Source,
    Transition,
)
from engine.services import audit, candidate_policy, masklets, revisions, runs
from vos import rle
from vos.rle import MaskFrame, Rle

#: Reasons in the ledger of what left the reviewers without a verdict.
DISMISSED, MOVED = "dismissed by an owner", "the threshold moved"
WITHDRAWN = frozenset({DISMISSED, MOVED, Fate.DRAWN.label})
PHASE = 3  #: in which a candidate that needs it is refined: with clicks and memory


@dataclass(frozen=True)
class Found:
    """What generation found. Pixels are those of the stored frame."""

    source: str  #: of CandidateSource
    first_frame: int
    frames: Mapping[int, MaskFrame]
    score: float  #: 0..1
    fate: str  #: of Fate
    scores: Mapping[str, float] = field(default_factory=dict)
    point: Sequence[float] | None = None
    box: Sequence[float] | None = None
    label: str = ""
    duplicate_of: int | None = None  #: id of a masklet
    preview_key: str = ""


@transaction.atomic
def record(run: Run, found: Found, *, cut: float) -> Candidate:
    """Store what `run` found as a masklet with its masks, and send it on to the reviewers or let it fall; below a score
    of `cut` (0..1) it does.

    Raises `RunLost` where the run is no longer this worker's.
    """
    runs.hold(run)
    assert run.video is not None
    masklet = masklets.create(
        run.video,
        actor=None,
        source=Source.AUTO,
        status=MaskletStatus.CANDIDATE,
        phase=PHASE,
        label=found.label,
    )
    size = [run.video.height or 0, run.video.width or 0]
    first: Rle = {"size": size, "counts": found.frames[found.first_frame]["counts"]}
    # In this its masks have their beginning, so that a correction changes no more than it must.
    prompt = Prompt.objects.create(
        masklet=masklet, frame_idx=found.first_frame, kind=PromptKind.MASK, rle=first, actor=None
    )
    revisions.write(
        masklet=masklet,
        run=run,
        kind=RevisionKind.GENERATE,
        frames=found.frames,
        prompts=[prompt],
        carried=[prompt.pk],
    )
    candidate = Candidate.objects.create(
        masklet=masklet,
        run=run,
        source=found.source,
        first_frame=found.first_frame,
        point=found.point,
        box=found.box,
        scores=dict(found.scores),
        score=found.score,
        fate=found.fate,
        duplicate_of_id=found.duplicate_of,
        areas=_areas(found.frames, run.video.frame_count or 0),
        preview_key=found.preview_key,
    )
    _route(candidate, cut)
    return candidate


@transaction.atomic
def receive(
    masklet: Masklet, frames: Mapping[int, MaskFrame], *, score: float | None, verify: bool
) -> Candidate:
    """The candidate of a masklet whose masks another model made. It goes where its score (0..1; None counts as 1) sends
    it, or with `verify` to the reviewers whatever that is."""
    areas = _areas(frames, masklet.video.frame_count or 0)
    candidate = Candidate.objects.create(
        masklet=masklet,
        source=CandidateSource.UPLOAD,
        first_frame=next((idx for idx, area in enumerate(areas) if area), min(frames)),
        score=1.0 if score is None else score,
        fate=Fate.KEPT if verify else Fate.PASSED,
        areas=areas,
    )
    _route(candidate, candidate_policy.threshold(candidate_policy.of(masklet.project_id)))
    return candidate


def _areas(frames: Mapping[int, MaskFrame], frame_count: int) -> list[int]:
    areas = [0] * frame_count
    for idx, frame in frames.items():
        areas[idx] = sum(rle.runs_of(frame["counts"])[1::2])
    return areas


def _route(candidate: Candidate, cut: float) -> None:
    """To the reviewers, if the filters and the project's threshold let it; else it is filtered."""
    if candidate.fate == Fate.PASSED and candidate.score < cut:
        _note(candidate, Fate.BELOW)
    goes_on = candidate.fate in {Fate.PASSED, Fate.KEPT}
    to = MaskletStatus.IN_VERIFICATION if goes_on else MaskletStatus.FILTERED
    lifecycle.change(candidate.masklet, to, actor=None, reason=Fate(candidate.fate).label)


def _note(candidate: Candidate, fate: Fate) -> None:
    candidate.fate = fate
    candidate.save(update_fields=["fate"])


# What a verdict does.


def after_unsatisfactory(masklet: Masklet) -> MaskletStatus:
    """Where a masklet goes that a reviewer found unsatisfactory: into people's hands, unless it is a candidate that
    nobody has worked on and that is not among those that the project wants refined.

    The same for the same masklet and policy, however often it is asked.
    """
    candidate = Candidate.objects.filter(masklet=masklet).first()
    if candidate is None or _was_in_hand(masklet) or _is_wanted(candidate) or _is_sampled(candidate):
        return MaskletStatus.NEEDS_REFINEMENT
    return MaskletStatus.FILTERED


def note_verdict(masklet: Masklet) -> None:
    """Inside the transaction that moved `masklet`: let its candidate say why it fell, or that it fell no more."""
    fate = Fate.UNSAMPLED if masklet.status == MaskletStatus.FILTERED else Fate.PASSED
    Candidate.objects.filter(masklet=masklet).exclude(fate=fate).update(fate=fate)


def _was_in_hand(masklet: Masklet) -> bool:
    return _begun(masklet.pk).exists()


def _is_wanted(candidate: Candidate) -> bool:
    """An owner has uploaded it to be verified, as what people have made is."""
    return candidate.source == CandidateSource.UPLOAD and candidate.fate == Fate.KEPT


def _begun(masklet: int | OuterRef) -> QuerySet[Transition]:
    """Its steps into people's hands."""
    return Transition.objects.filter(
        subject_type="masklet", subject_id=masklet, to_status=MaskletStatus.ANNOTATING
    )


def _is_sampled(candidate: Candidate) -> bool:
    policy = candidate_policy.of(candidate.masklet.project_id)
    return place_of(f"candidate {candidate.masklet_id}") < _chance(candidate, policy)


def _chance(candidate: Candidate, policy: CandidatePolicy) -> float:
    """The share of such candidates that is refined, 0..1. Those that are preferred get up to twice the project's share
    and the others as much less, so that over all of them it is the project's."""
    if policy.prefer == CandidatePolicy.Prefer.ANY:
        return policy.refine_share
    others = Candidate.objects.eligible().filter(masklet__project=candidate.masklet.project_id)
    count = others.count()
    ease = (others.filter(score__lt=candidate.score).count() + 0.5) / count if count else 0.5
    wanted = 1 - ease if policy.prefer == CandidatePolicy.Prefer.HARD else ease
    share = policy.refine_share
    # Linear in the rank, between 0 and 1 at both ends, with the mean `share`.
    return share + 2 * min(share, 1 - share) * (wanted - 0.5)


# What an owner does.


@transaction.atomic
def bring_back(*, actor: User, project: Project, ids: Collection[int]) -> list[Masklet]:
    """Send filtered candidates (ids of masklets) to the reviewers after all. All or none. Raises `NotFound`,
    `WrongState` where one is not filtered."""
    access.require(actor, project.pk, Role.OWNER)
    found = _lock(project, ids)
    for masklet in found:
        lifecycle.change(
            masklet, MaskletStatus.IN_VERIFICATION, actor=actor, reason="brought back by an owner"
        )
        _note(masklet.candidate, Fate.KEPT)
    _audit(AuditKind.CANDIDATES_BROUGHT_BACK, actor, project, found)
    return found


@transaction.atomic
def dismiss(*, actor: User, project: Project, ids: Collection[int]) -> list[Masklet]:
    """Take candidates (ids of masklets) that wait for a verdict from the reviewers. All or none. Raises `NotFound`,
    `WrongState` where one does not wait, or people have worked on it."""
    access.require(actor, project.pk, Role.OWNER)
    found = _lock(project, ids)
    for masklet in found:
        if _was_in_hand(masklet):
            raise WrongState(f"People have worked on {masklet}; a reviewer decides about it.")
        lifecycle.change(masklet, MaskletStatus.FILTERED, actor=actor, reason=DISMISSED)
        _note(masklet.candidate, Fate.DISMISSED)
    _audit(AuditKind.CANDIDATES_DISMISSED, actor, project, found)
    return found


@transaction.atomic
def cut_again(*, actor: User, project: Project, most: int = 500) -> int:
    """Make the project's threshold count for what was proposed before it was set: what it now lets through goes to
    the reviewers, what it does not leaves them. At most `most` candidates at once; returns how many moved."""
    access.require(actor, project.pk, Role.OWNER)
    cut = candidate_policy.threshold(candidate_policy.of(project.pk))
    of_project = Candidate.objects.filter(masklet__project=project, masklet__removed=False).select_related(
        "masklet__video"
    )
    rise = of_project.filter(fate=Fate.BELOW, score__gte=cut, masklet__status=MaskletStatus.FILTERED)
    fall = of_project.filter(
        fate=Fate.PASSED, score__lt=cut, masklet__status=MaskletStatus.IN_VERIFICATION
    ).exclude(Exists(_begun(OuterRef("masklet"))))
    moved = 0
    for rows, to, fate in (
        (rise, MaskletStatus.IN_VERIFICATION, Fate.PASSED),
        (fall, MaskletStatus.FILTERED, Fate.BELOW),
    ):
        for candidate in rows.order_by("pk")[: most - moved]:
            try:
                lifecycle.change(candidate.masklet, to, actor=actor, reason=MOVED)
            except LostTheRace:  # a verdict came first
                continue
            _note(candidate, fate)
            moved += 1
    return moved


def _lock(project: Project, ids: Collection[int]) -> list[Masklet]:
    rows = Masklet.objects.filter(project=project, pk__in=ids, candidate__isnull=False, removed=False)
    found = list(rows.select_related("video", "candidate").select_for_update(of=("self",)).order_by("pk"))
    if len(found) != len(set(ids)):
        raise NotFound
    return found


def _audit(kind: AuditKind, actor: User, project: Project, found: Sequence[Masklet]) -> None:
    audit.record(
        kind,
        actor=actor,
        name=f"{len(found)} candidates",
        project_id=project.pk,
        after={"candidates": [masklet.pk for masklet in found]},
    )
