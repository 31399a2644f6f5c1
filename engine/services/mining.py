"""Failure mining: where SAM 2 is weak, told from what people had to do about it. What is found is looked at in a
gallery, and weighs more in a retraining."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from engine.models import Masklet, MaskletStatus, Project, Source, Transition
from engine.models.masklet import DOUBTFUL
from engine.services import candidates

MOST_MASKLETS = (
    5_000  #: the newest that anything was found about; what a project has beyond them weighs as usual
)
MANY_CORRECTIONS = 5  #: corrected frames of one object that could hardly be worse
MANY_VERDICTS = 2  #: bad verdicts on one object that could hardly be worse
HALF_WRONG = 0.5  #: a doubt (share of masks expected to be wrong) that could hardly be worse
MOST_WEIGHT = 4.0  #: of the weakest masklet; one without a weakness weighs 1
AGREEMENT = (
    "agreement"  #: the score of candidates that says how far both directions of propagation agree, 0..1
)
DISAGREE = 0.1  #: from which two directions do not agree

REASONS = {
    "corrected": "people corrected it",
    "bad_verdict": "a reviewer sent it back or rejected it",
    "directions_disagree": "both directions of propagation disagree",
    "doubtful": "its masks are likely wrong",
}


@dataclass(frozen=True)
class Failure:
    """Something about one masklet that SAM 2 did badly."""

    masklet: Masklet
    frame_idx: int  #: the frame to look at
    reason: str  #: of REASONS
    strength: float  #: 0..1
    count: int  #: of the frames or verdicts that say so
    weight: float  #: of the masklet in a retraining, 1..MOST_WEIGHT


@dataclass(frozen=True)
class Mined:
    ranked: list[Failure]  #: the worst first; at most one of each reason for a masklet
    counts: dict[str, int]  #: by reason


def failures(project: Project) -> Mined:
    """The project's weakest places."""
    found = [failure for failures in _by_masklet(project).values() for failure in failures]
    found.sort(key=lambda failure: (-failure.strength, -failure.weight, -failure.masklet.pk))
    return Mined(found, dict(Counter(failure.reason for failure in found)))


def weights(project: Project, *, only: Collection[int] | None = None) -> dict[int, float]:
    """How much each of the project's accepted masklets (by id; or `only` some) should weigh in a retraining: 1 to
    `MOST_WEIGHT`, the more the worse SAM 2 did on it."""
    rows = Masklet.objects.to_release().filter(project=project)
    accepted = (rows if only is None else rows.filter(pk__in=only)).values_list("pk", flat=True)
    found = _by_masklet(project, only)
    return {pk: _weight(failure.strength for failure in found.get(pk, [])) for pk in accepted}


def _weight(strengths: Iterable[float]) -> float:
    """Independent reasons add up, but not beyond the most."""
    well = math.prod(1 - strength for strength in strengths)
    return round(1 + (MOST_WEIGHT - 1) * (1 - well), 3)


def _by_masklet(project: Project, only: Collection[int] | None = None) -> dict[int, list[Failure]]:
    suspects = _suspects(project)
    rows = list((suspects if only is None else suspects.filter(pk__in=only))[:MOST_MASKLETS])
    bad = _bad_verdicts([masklet.pk for masklet in rows])
    return {masklet.pk: found for masklet in rows if (found := _failures(masklet, bad))}


def _suspects(project: Project) -> QuerySet[Masklet]:
    """Masklets with masks that anything may be found about."""
    sent_back = Transition.objects.filter(subject_type="masklet", from_status=MaskletStatus.IN_VERIFICATION)
    sent_back = sent_back.exclude(to_status=MaskletStatus.ACCEPTED).exclude(reason__in=candidates.WITHDRAWN)
    rows = Masklet.objects.filter(
        project=project, revision__isnull=False, trial=False, probe=False, removed=False
    )
    found = rows.filter(
        Q(revision__edited_frames__len__gt=1)
        | Q(revision__edited_frames__len=1, source=Source.AUTO)
        | Q(doubt__gte=DOUBTFUL)
        | Q(pk__in=sent_back.values("subject_id"))
        | Q(**{f"candidate__scores__{AGREEMENT}__lt": 1 - DISAGREE})
    )
    return found.select_related("video", "revision", "candidate").order_by("-pk")


def _bad_verdicts(masklets: list[int]) -> Mapping[int, int]:
    """{masklet: verdicts that found it unsatisfactory or rejected it, and stand}."""
    steps = Transition.objects.filter(subject_type="masklet", subject_id__in=masklets).order_by("pk")
    bad: Counter[int] = Counter()
    last: dict[int, str] = {}
    for pk, before, after, reason in steps.values_list("subject_id", "from_status", "to_status", "reason"):
        if reason in candidates.WITHDRAWN:
            continue
        if before == MaskletStatus.IN_VERIFICATION and after != MaskletStatus.ACCEPTED:
            bad[pk] += 1
        elif after == MaskletStatus.IN_VERIFICATION and before in _SENT_TO and last.get(pk) == before:
            bad[pk] -= 1  # taken back
        last[pk] = after
    return bad


_SENT_TO = {MaskletStatus.NEEDS_REFINEMENT, MaskletStatus.REJECTED, MaskletStatus.FILTERED}


def _failures(masklet: Masklet, bad: Mapping[int, int]) -> list[Failure]:
    revision = masklet.revision
    assert revision is not None
    edited = list(revision.edited_frames)
    # The first prompted frame of an object that a person chose is how it was chosen.
    corrected = edited if masklet.source == Source.AUTO else edited[1:]
    worst = revision.suggested_frames[0].frame_idx if revision.suggested_frames else 0
    candidate = getattr(masklet, "candidate", None)
    first = candidate.first_frame if candidate else edited[0] if edited else 0
    apart = 1 - candidate.scores.get(AGREEMENT, 1.0) if candidate else 0.0
    told = [
        (
            "corrected",
            corrected[0] if corrected else first,
            len(corrected) / MANY_CORRECTIONS,
            len(corrected),
        ),
        ("bad_verdict", worst or first, bad[masklet.pk] / MANY_VERDICTS, bad[masklet.pk]),
        ("directions_disagree", first, apart if apart > DISAGREE else 0.0, 1),
        (
            "doubtful",
            worst,
            revision.doubt / HALF_WRONG if revision.doubt >= DOUBTFUL else 0.0,
            len(revision.suggested_frames),
        ),
    ]
    strong = [
        (reason, frame, min(1.0, strength), count) for reason, frame, strength, count in told if strength > 0
    ]
    weight = _weight(strength for _, _, strength, _ in strong)
    return [
        Failure(masklet, frame, reason, round(strength, 3), count, weight)
        for reason, frame, strength, count in strong
    ]
