"""Generation: SAM 2 looks for the objects of videos by itself. What it costs, and how it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from engine import access
from engine.errors import InvalidInput, NotFound, TooManyRuns
from engine.models import (
    AuditKind,
    CandidateSource,
    Masklet,
    Project,
    Role,
    Run,
    RunKind,
    RunStatus,
    Source,
    Video,
    VideoStatus,
)
from engine.run_kinds import GenerateParams
from engine.services import audit, quotas, runs

MEASURED = 20  #: of the newest generations, from which the speed is told
#: Where SAM 2 can be told to look.
SOURCES = [CandidateSource.GRID, CandidateSource.UNEXPLAINED, CandidateSource.TEXT]
USUAL_SOURCES = [CandidateSource.GRID, CandidateSource.UNEXPLAINED]
MOST_LABELS = 64  #: words that text looks for
MOST = 64  #: candidates of a video that go on to the reviewers, unless somebody says another number


@dataclass(frozen=True)
class Estimate:
    """What looking through the videos that nobody has looked through would take."""

    videos: int
    frames: int
    seconds: float | None  #: of one worker; None before any generation was measured
    seconds_per_frame: float | None
    measured: int  #: generations that the speed is told from
    live: int  #: generations under way
    room: int  #: runs that the project may still start
    done: int  #: videos that were looked through


def estimate(project: Project, videos: Collection[int] | None = None) -> Estimate:
    """For some videos (ids), or for all that nobody has looked through yet."""
    waiting = _wanted(project, videos)
    frames = waiting.aggregate(frames=Sum("frame_count", default=0))["frames"]
    speed, measured = _speed(project)
    share = quotas.live_runs(project)
    of_project = Run.objects.filter(project=project, kind=RunKind.GENERATE)
    return Estimate(
        videos=waiting.count(),
        frames=frames,
        seconds=None if speed is None else speed * frames,
        seconds_per_frame=speed,
        measured=measured,
        live=of_project.live().count(),
        room=max(0, share.allowed - share.used),
        done=of_project.filter(status=RunStatus.SUCCEEDED).values("video").distinct().count(),
    )


def _wanted(project: Project, videos: Collection[int] | None) -> QuerySet[Video]:
    """READY videos without a live generation: those that are named, or those never looked through."""
    looked = Run.objects.filter(video=OuterRef("pk"), kind=RunKind.GENERATE)
    ready = Video.objects.filter(project=project, status=VideoStatus.READY, removed_at__isnull=True)
    if videos is not None:
        return ready.filter(pk__in=videos).exclude(Exists(looked.live()))
    return ready.exclude(Exists(looked.filter(status=RunStatus.SUCCEEDED) | looked.live()))


def _speed(project: Project) -> tuple[float | None, int]:
    """Seconds a frame, as the newest generations took them: of the project, or else of the installation."""
    ended = Run.objects.filter(kind=RunKind.GENERATE, status=RunStatus.SUCCEEDED, result__has_key="seconds")
    own = ended.filter(project=project)
    newest = [run.result for run in (own if own.exists() else ended).order_by("-pk")[:MEASURED]]
    frames = sum(result["frames"] for result in newest)
    return (sum(result["seconds"] for result in newest) / frames if frames else None), len(newest)


def labels(project: Project) -> list[str]:
    """The words that the project calls its objects by, the most used first: what text looks for."""
    used = Masklet.objects.filter(project=project, source=Source.MANUAL).exclude(label="").order_by()
    counted = used.values("label").annotate(n=Count("pk")).order_by("-n", "label")
    return list(counted.values_list("label", flat=True)[:MOST_LABELS])


def _check_sources(project: Project, sources: Sequence[str]) -> None:
    if not sources:
        raise InvalidInput("Say where candidates come from: at least one source.")
    if CandidateSource.TEXT not in sources:
        return
    if not settings.CONCEPTS:
        raise InvalidInput(
            "This installation has no model that finds objects by words. Whoever runs it names one in "
            "MASKLOOP_CONCEPTS."
        )
    if not labels(project):
        raise InvalidInput(
            "No object of this project has a label yet. Name some; text looks for their words."
        )


@transaction.atomic
def start(
    *,
    actor: User,
    project: Project,
    videos: Collection[int] | None = None,
    sources: Sequence[str] = USUAL_SOURCES,
    most: int = MOST,
) -> list[Run]:
    """Ask for a run on each of some READY videos (ids), or on each that nobody has looked through yet.

    One that has a live generation is left out. What is not started for want of room (`TooManyRuns` where there is none
    at all) is started when it is asked for again. Raises `NotFound`, `InvalidInput`.
    """
    access.require(actor, project.pk, Role.OWNER)
    _check_sources(project, sources)
    there = Video.objects.filter(project=project, removed_at__isnull=True)
    if videos is not None and there.filter(pk__in=videos).count() != len(set(videos)):
        raise NotFound
    started: list[Run] = []
    for video in _wanted(project, videos).order_by("pk"):
        try:
            run = runs.request(
                kind=RunKind.GENERATE,
                actor=actor,
                project_id=project.pk,
                video=video,
                params=GenerateParams(list(dict.fromkeys(sources)), most),
            )
        except TooManyRuns:
            if not started:
                raise
            break
        started.append(run)
    if started:
        audit.record(
            AuditKind.GENERATION_STARTED,
            actor=actor,
            name=f"{len(started)} of its videos",
            project_id=project.pk,
            after={"videos": [run.video_id for run in started]},
        )
    return started
