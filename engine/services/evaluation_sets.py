"""Evaluation sets: verified masklets that no training of a project may see, drawn once and renewed when used up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain, count, groupby, islice, takewhile

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Count, When

from engine import access
from engine.errors import LostTheRace, WrongState
from engine.models import (
    AuditKind,
    Evaluation,
    EvaluationItem,
    EvaluationSet,
    Masklet,
    PassedBy,
    Project,
    Role,
    Run,
    Source,
    Split,
    TrainingSource,
    Video,
)
from engine.models.evaluation import ATTEMPTS
from engine.services import audit, revisions, splits
from vos import rle

SHARE = 0.2  #: of the videos
#: All of five videos better by chance has the probability 1/32; fewer cannot tell.
FEWEST_VIDEOS, MOST_VIDEOS = 5, 24
MOST_PER_VIDEO = 3  #: masklets
SHORTEST = 3  #: annotated frames in a row; the first and the last are not scored


def current(project_id: int) -> EvaluationSet | None:
    """The one that judges now: the newest."""
    return EvaluationSet.objects.filter(project_id=project_id).order_by("-number").first()


def attempts(of: EvaluationSet) -> int:
    """How many times candidates were evaluated on this set."""
    return Evaluation.objects.filter(evaluation_set=of).count()


def attempts_left(of: EvaluationSet) -> int:
    """How many times this set may still be used, 0 or more."""
    return max(0, of.attempts_allowed - attempts(of))


def held_out(project_id: int) -> set[str]:
    """Sources that no training may see, of this set and of earlier ones."""
    items = EvaluationItem.objects.filter(evaluation_set__project_id=project_id)
    return set(items.values_list("source_sha256", flat=True))


def source_of(video: Video) -> str:
    """What tells a video's content; one from before sources were hashed has its number's."""
    return video.source_sha256 or hashlib.sha256(f"video {video.pk}".encode()).hexdigest()


def ensure(project: Project) -> EvaluationSet | None:
    """A set that has attempts left, drawn (anew) if need be; None where too little is verified to judge by.

    Raises `WrongState` where the set is used up and nothing new is verified that could renew it.
    """
    newest = current(project.pk)
    if newest is not None and attempts_left(newest):
        return newest
    if newest is None:
        with suppress(WrongState):
            return draw(project)
        return None
    return draw(project)


def renew(*, actor: User, project: Project) -> EvaluationSet:
    """An owner's wish for another set, also while the present one has attempts left."""
    access.require(actor, project.pk, Role.OWNER)
    return draw(project, actor=actor)


@transaction.atomic
def draw(project: Project, *, actor: User | None = None, allowed: int = ATTEMPTS) -> EvaluationSet:
    """Hold out a fifth of the videos that no training has seen and no earlier set holds. Raises `WrongState`."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    chosen, free = _choose(project)
    first = not TrainingSource.objects.filter(project=project).exists()
    needed = FEWEST_VIDEOS * (2 if first else 1)
    if free < needed or len({masklet.video.source_sha256 for masklet in chosen}) < FEWEST_VIDEOS:
        raise WrongState(
            f"Holding out needs {needed} videos with accepted masklets that no training has seen; there are {free}."
        )
    newest = current(project.pk)
    try:
        made = EvaluationSet.objects.create(
            project=project,
            number=newest.number + 1 if newest else 1,
            sha256=content_sha256(chosen),
            item_count=len(chosen),
            video_count=len({masklet.video.source_sha256 for masklet in chosen}),
            attempts_allowed=allowed,
        )
        for masklet in chosen:
            assert masklet.revision is not None
            EvaluationItem.objects.create(
                evaluation_set=made,
                masklet=masklet,
                revision=masklet.revision,
                source_sha256=masklet.video.source_sha256,
            )
    except IntegrityError as error:
        raise LostTheRace from error
    audit.record(
        AuditKind.EVALUATION_SET_DRAWN,
        actor=actor or audit.MASKLOOP,
        subject=made,
        project_id=project.pk,
        after={"masklets": made.item_count, "videos": made.video_count},
    )
    return made


def _choose(project: Project) -> tuple[list[Masklet], int]:
    """The masklets to hold out, and how many sources there were to choose from.

    None that the pre-verifier alone accepted; those that people drew first, because what a checkpoint found by itself
    is what that one is good at.
    """
    ready = Masklet.objects.to_release().filter(project=project, revision__isnull=False)
    ready = ready.exclude(passed_by=PassedBy.PREVERIFIER)
    ready = ready.exclude(video__source_sha256="").exclude(
        video__source_sha256__in=TrainingSource.objects.filter(project=project).values("source_sha256")
    )
    ready = ready.exclude(video__source_sha256__in=held_out(project.pk))
    rows = ready.select_related("video", "revision").order_by(
        "video__source_sha256", Case(When(source=Source.MANUAL, then=0), default=1), "object_id", "pk"
    )
    sources = {source: list(rows) for source, rows in groupby(rows, key=lambda row: row.video.source_sha256)}
    wanted = min(max(round(SHARE * len(sources)), FEWEST_VIDEOS), MOST_VIDEOS)
    chosen: list[list[Masklet]] = []
    sides = splits.sides_of({rows[0].video for rows in sources.values()})
    aside_first = sorted(
        sources,
        key=lambda s: (
            sides[sources[s][0].video_id] == Split.TRAIN,
            sources[s][0].source != Source.MANUAL,
            _place(s),
        ),
    )
    for source in aside_first:
        scored = islice(filter(_is_scored, sources[source]), MOST_PER_VIDEO)
        if len(chosen) < wanted and (some := list(scored)):
            chosen.append(some)
    return list(chain(*chosen)), len(sources)


def _is_scored(masklet: Masklet) -> bool:
    """Whether an evaluation can say something of it: it is seen, and again on a later annotated frame but the last."""
    assert masklet.revision is not None
    stored = revisions.load(masklet.revision, video=masklet.video)
    areas = {
        int(idx): rle.area({"size": stored["size"], "counts": m["counts"]})
        for idx, m in stored["frames"].items()
    }
    first = min((idx for idx, area in areas.items() if area), default=None)
    if first is None:
        return False
    row = list(takewhile(areas.__contains__, count(first)))
    return len(row) >= SHORTEST and any(areas[idx] for idx in row[1:-1])


def _place(source: str) -> bytes:
    """A source's place in the draw, the same for ever."""
    return hashlib.sha256(f"held out {source}".encode()).digest()


def content_sha256(masklets: Iterable[Masklet]) -> str:
    """As PostgreSQL computes it of the rows (`maskloop_evaluation_set_sha256`)."""
    said = sorted(
        (row.video.source_sha256, row.object_id, row.revision.sha256) for row in masklets if row.revision
    )
    return hashlib.sha256("\n".join(":".join(map(str, line)) for line in said).encode()).hexdigest()


def is_whole(of: EvaluationSet) -> bool:
    """Whether its rows still say what its hash says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT maskloop_evaluation_set_sha256(%s)", [of.pk])
        return bool(cursor.fetchone()[0] == of.sha256)


def record_training(run: Run, videos: Iterable[Video]) -> None:
    """Before `run` trains: what it sees, for ever. Raises `WrongState` where something of it is held out."""
    rows = [
        TrainingSource(project_id=run.project_id, run=run, source_sha256=source)
        for source in {source_of(video) for video in videos}
    ]
    try:
        with transaction.atomic():
            TrainingSource.objects.bulk_create(rows, ignore_conflicts=True)
    except IntegrityError as error:
        raise WrongState("A video of this training was held out meanwhile. Retrain once more.") from error


def seen_by_training(project_id: int) -> int:
    """How many sources of the project a training has seen."""
    rows = TrainingSource.objects.filter(project_id=project_id)
    return int(rows.aggregate(n=Count("source_sha256", distinct=True))["n"])
