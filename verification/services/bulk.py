"""One verdict on many candidates, as the gallery gives it: each is claimed, judged and ended like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from engine import access
from engine.errors import MaskloopError, NotFound
from engine.models import Masklet, Project, Role
from verification.models import Verdict
from verification.services import queue, verdicts


@dataclass(frozen=True)
class Answer:
    """What became of one masklet: a verdict, or why it got none."""

    masklet: int
    verdict: Verdict | None = None
    refusal: MaskloopError | None = None


def give(
    *,
    actor: User,
    project: Project,
    masklets: Sequence[int],
    kind: str,
    comment: str = "",
    reasons: Sequence[str] = (),
) -> list[Answer]:
    """The same verdict on each of some candidates (ids of masklets), in their order. Each stands for itself: one that
    is refused (held by another reviewer, judged meanwhile, one's own) keeps none of the others from theirs.

    Raises `NotFound` where one is no candidate of the project, `InvalidInput` for a verdict that is none.
    """
    access.require(actor, project.pk, Role.REVIEWER)
    verdicts.check(kind, comment, reasons, ())
    wanted = list(dict.fromkeys(masklets))
    rows = Masklet.objects.filter(project=project, pk__in=wanted, candidate__isnull=False)
    known = access.masklets(rows, actor)  # where reviews are blind, nobody picks what they judge
    if known.count() != len(wanted):
        raise NotFound
    return [_give(actor, pk, kind, comment, reasons) for pk in wanted]


def _give(actor: User, pk: int, kind: str, comment: str, reasons: Sequence[str]) -> Answer:
    try:
        with transaction.atomic():
            review = queue.claim(actor=actor, masklet_id=pk, takeover=True)
            given = verdicts.give(
                actor=actor,
                review_id=review.pk,
                token=str(review.token),
                kind=kind,
                comment=comment,
                reasons=reasons,
            )
    except MaskloopError as refused:
        return Answer(pk, refusal=refused)
    return Answer(pk, verdict=given)
