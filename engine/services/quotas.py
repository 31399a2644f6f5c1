"""What one project may take of the installation: stored bytes, videos, live runs.

Bytes are those of videos (sources, frames, proxies), exports and checkpoints; masks are small and not counted.
Whoever is refused is refused at the door: what was let in is finished, even where its frames turn out large.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Sum

from engine.errors import NoRoomLeft, TooManyRuns, TooManyVideos
from engine.models import AuditKind, Checkpoint, ExportFile, Project, Run, Video
from engine.services import audit

_LOCK = 0x72756E73  #: the first number of the advisory locks on a project's live runs
_ASK = "Ask whoever runs this installation for more."


@dataclass(frozen=True)
class Share:
    """How much of one thing a project has, and may have."""

    used: int
    allowed: int


def stored(project: Project) -> Share:
    """Bytes."""
    sums = (
        Video.objects.filter(project=project, emptied_at=None).aggregate(n=Sum("bytes")),
        ExportFile.objects.filter(export__release__project=project, own=True).aggregate(n=Sum("size")),
        Checkpoint.objects.filter(project=project).aggregate(n=Sum("bytes")),
    )
    return Share(sum(row["n"] or 0 for row in sums), _allowed(project.bytes_allowed, settings.PROJECT_BYTES))


def videos(project: Project) -> Share:
    """How many videos the project has, and may have."""
    count = Video.objects.filter(project=project, removed_at=None).count()
    return Share(count, _allowed(project.videos_allowed, settings.PROJECT_VIDEOS))


def live_runs(project: Project) -> Share:
    """How many runs of the project are queued or running, and may be."""
    count = Run.objects.live().filter(project=project).count()
    return Share(count, _allowed(project.runs_allowed, settings.PROJECT_RUNS))


def _allowed(own: int | None, default: int) -> int:
    return default if own is None else own


def admit_video(project_id: int, size: int) -> None:
    """Inside the transaction that makes the video: let one of `size` bytes in. The project is locked, so that of
    many at once no more get in than fit. Raises `NoRoomLeft` or `TooManyVideos`."""
    project = Project.objects.select_for_update(no_key=True).get(pk=project_id)
    count, room = videos(project), stored(project)
    if count.used >= count.allowed:
        raise TooManyVideos(
            f"This project has {count.used:,} videos and may have {count.allowed:,}. {_ASK}", **vars(count)
        )
    if room.used + size > room.allowed:
        raise NoRoomLeft(
            f"This project holds {words(room.used)} of {words(room.allowed)}; {words(size)} more do not fit. {_ASK}",
            **vars(room),
        )


def admit_output(project_id: int) -> None:
    """Before an export or a retraining is asked for, whose size nobody knows yet. Raises `NoRoomLeft`."""
    room = stored(Project.objects.get(pk=project_id))
    if room.used >= room.allowed:
        raise NoRoomLeft(
            f"This project holds {words(room.used)} and may hold {words(room.allowed)}. {_ASK}", **vars(room)
        )


def admit_run(project_id: int) -> None:
    """Inside the transaction that makes the run. Who asks at the same time waits, so that the count holds; a lock of
    its own, since whoever clicks holds a masklet already. Raises `TooManyRuns`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, project_id % 2**31])
    runs = live_runs(Project.objects.get(pk=project_id))
    if runs.used >= runs.allowed:
        raise TooManyRuns(
            f"This project has {runs.used:,} runs under way and may have {runs.allowed:,}. Wait until some have ended.",
            retry_after=10,
        )


@transaction.atomic
def allow(project: Project, *, actor: User | str, **values: int | None) -> Project:
    """Quotas of the project's own: `bytes_allowed`, `videos_allowed`, `runs_allowed`; None: the installation's."""
    project = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    audit.change(AuditKind.QUOTA_CHANGED, project, values, actor=actor, project_id=project.pk)
    return project


def words(count: int) -> str:
    """Bytes as people say them: 12.5 GB."""
    value, unit = float(count), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.{1 if unit != 'bytes' and value < 100 else 0}f} {unit}"
