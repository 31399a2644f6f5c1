"""Failure mining: where SAM 2 is weak, told from what people had to do about it. What is found is looked at in a
gallery, and weighs more in a retraining."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from engine.models import Evaluation, Masklet, MaskletStatus, Project, Revision, Source, Transition
from engine.models.masklet import DOUBTFUL
from engine.services import candidates

MOST_MASKLETS = (
    5_000  #: the newest that anything was found about; what a project has beyond them weighs as usual
)
MANY_CORRECTIONS = 5  #: corrected frames of one object that could hardly be worse
MANY_VERDICTS = 2  #: bad verdicts on one object that could hardly be worse
HALF_WRONG = 0.5  #: a doubt (share of masks expected to be wrong) that could hardly be worse
MOST_WEIGHT = 4.0  #: of the weakest masklet; one without a weakness weighs 1
DISAGREE = 0.25  #: 1 - IoU over all frames, from which the other direction of propagation says otherwise
EVALUATIONS = 20  #: the newest, whose two checkpoints are compared
DIFFER = 0.1  #: of J&F on one masklet, from which two checkpoints do not agree
MUCH = 0.5  #: such a difference that could hardly be greater

REASONS = {
    "corrected": "people corrected it",
    "bad_verdict": "a reviewer sent it back or rejected it",
    "directions_disagree": "both directions of propagation disagree",
    "checkpoints_disagree": "two checkpoints disagree about it",
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
    apart = _checkpoints_apart(project)
    suspects = _suspects(project, list(apart))
    rows = list((suspects if only is None else suspects.filter(pk__in=only))[:MOST_MASKLETS])
    bad = _bad_verdicts([masklet.pk for masklet in rows])
    return {
        masklet.pk: found
        for masklet in rows
        if (found := _failures(masklet, bad.get(masklet.pk, 0), apart.get(masklet.pk, 0.0)))
    }


def _checkpoints_apart(project: Project) -> dict[int, float]:
    """{masklet: by how much J&F of champion and challenger differ on it, the most}, where it is DIFFER or more. Told by
    the evaluations, which have both on the same masklets."""
    found: dict[int, float] = {}
    told = Evaluation.objects.filter(evaluation_set__project=project).order_by("-id")[:EVALUATIONS]
    for evaluation in told.only("examples"):
        for example in evaluation.examples:
            by = abs(example.after - example.before)
            if by >= DIFFER:
                found[example.masklet] = max(by, found.get(example.masklet, 0.0))
    return found


def _suspects(project: Project, apart: Collection[int]) -> QuerySet[Masklet]:
    """Masklets with masks that anything may be found about; about `apart` two checkpoints differ."""
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
        | Q(revision__preverifier_score__disagreement__gte=DISAGREE)
        | Q(pk__in=apart)
    )
    return found.select_related("video", "revision__preverifier_score", "candidate").order_by("-pk")


def _bad_verdicts(masklets: list[int]) -> dict[int, int]:
    """{masklet: verdicts that found it unsatisfactory or rejected it, and stand}, of those with a history."""
    with connection.cursor() as cursor:
        cursor.execute(
            _BAD_VERDICTS,
            {
                "masklets": masklets,
                "withdrawn": list(candidates.WITHDRAWN),
                "waiting": MaskletStatus.IN_VERIFICATION,
                "accepted": MaskletStatus.ACCEPTED,
                "sent_to": list(_SENT_TO),
            },
        )
        return dict(cursor.fetchall())


_SENT_TO = {MaskletStatus.NEEDS_REFINEMENT, MaskletStatus.REJECTED, MaskletStatus.FILTERED}
# A verdict is taken back by the step that follows it the other way; what was withdrawn by no verdict is no step here.
_BAD_VERDICTS = """
SELECT subject_id,
       count(*) FILTER (WHERE from_status = %(waiting)s AND to_status <> %(accepted)s)
       - count(*) FILTER (WHERE to_status = %(waiting)s AND from_status = ANY(%(sent_to)s) AND was = from_status)
  FROM (SELECT subject_id, from_status, to_status, lag(to_status) OVER (PARTITION BY subject_id ORDER BY id) AS was
          FROM engine_transition
         WHERE subject_type = 'masklet' AND subject_id = ANY(%(masklets)s) AND NOT reason = ANY(%(withdrawn)s)) step
 GROUP BY subject_id
"""


def _failures(masklet: Masklet, bad: int, apart: float) -> list[Failure]:
    """`bad` verdicts stand, and two checkpoints differ by `apart`."""
    found = [
        (reason, frame, min(1.0, strength), count)
        for reason, frame, strength, count in _told(masklet, bad, apart)
        if strength > 0
    ]
    weight = _weight(strength for _, _, strength, _ in found)
    return [
        Failure(masklet, frame, reason, round(strength, 3), count, weight)
        for reason, frame, strength, count in found
    ]


def _told(masklet: Masklet, bad: int, apart: float) -> Iterator[tuple[str, int, float, int]]:
    """(reason, frame to look at, strength, count) of each reason, also of those that do not hold: 0."""
    revision = masklet.revision
    assert revision is not None
    edited = list(revision.edited_frames)
    # The first prompted frame of an object that a person chose is how it was chosen.
    corrected = edited if masklet.source == Source.AUTO else edited[1:]
    doubts = revision.suggested_frames
    worst = doubts[0].frame_idx if doubts else 0
    candidate = getattr(masklet, "candidate", None)
    first = candidate.first_frame if candidate else edited[0] if edited else 0
    yield "corrected", corrected[0] if corrected else first, len(corrected) / MANY_CORRECTIONS, len(corrected)
    yield "bad_verdict", worst or first, bad / MANY_VERDICTS, bad
    yield _directions(revision, first)
    yield "checkpoints_disagree", worst or first, apart / MUCH, 1
    doubt = revision.doubt / HALF_WRONG if revision.doubt >= DOUBTFUL else 0.0
    yield "doubtful", worst, doubt, len(doubts)


def _directions(revision: Revision, first: int) -> tuple[str, int, float, int]:
    """What the pre-verifier found when it tracked the object once more, from another frame and the other way."""
    score = getattr(revision, "preverifier_score", None)
    by = score.disagreement if score and score.disagreement is not None else 0.0
    at = score.disagrees_at if score and score.disagrees_at is not None else first
    return "directions_disagree", at, by if by >= DISAGREE else 0.0, 1
