"""Exports: a frozen release in one of the formats, asked for, written part by part, and given away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from engine import access, lifecycle, storage
from engine.errors import InvalidInput, NotAllowed, RunInProgress, WrongState
from engine.models import (
    AuditKind,
    Export,
    ExportFile,
    ExportPart,
    ExportsFor,
    ExportStatus,
    Project,
    Release,
    ReleaseStatus,
    Role,
    Run,
    RunKind,
    Video,
)
from engine.run_kinds import ExportParams
from engine.services import audit, quotas, runs
from vos.dataset import file_name
from vos.formats import FORMATS

#: Whoever has one of these roles downloads whole exports, as the project says.
DOWNLOADERS = {
    ExportsFor.OWNERS: {Role.OWNER},
    ExportsFor.REVIEWERS: {Role.OWNER, Role.REVIEWER},
    ExportsFor.MEMBERS: set(Role),
}
WRITTEN_AT_ONCE = 1_000  #: rows


class Stored(Protocol):
    """One file that was written, or that lay in the store already (`own` is False)."""

    @property
    def name(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    @property
    def crc32(self) -> int: ...
    @property
    def own(self) -> bool: ...


@dataclass(frozen=True)
class WrittenVideo:
    """One video of an export: its files, and where its part (`engine.packs`) lies until the end."""

    video_id: int
    key: str
    sha256: str
    files: Sequence[Stored]


def formats() -> dict[str, str]:
    """What a release can be written as: the title by the name."""
    return {name: each.title for name, each in FORMATS.items() if each.can_write}


def may_download(person: User, project: Project) -> bool:
    """Whether this person may take the project's exports with them."""
    # Whole exports would tell a known answer from what waits.
    if project.pk in access.blind_projects(person):
        return False
    return bool(project.roles_of(person) & DOWNLOADERS[ExportsFor(project.exports_for)])


@transaction.atomic
def request(*, actor: User, release: Release, format: str) -> Run:
    """Have `release` written as `format`. What another attempt has left half done is gone on with; what is written
    is written again, the same. Raises `WrongState`, `RunInProgress` or `InvalidInput`."""
    access.require(actor, release.project_id, Role.OWNER)
    if format not in formats():
        raise InvalidInput(f"Releases are exported as: {', '.join(formats())}.")
    if release.status == ReleaseStatus.DRAFT:
        raise WrongState("Freeze this release before you export it.", status=release.status)
    quotas.admit_output(release.project_id)
    export, _ = Export.objects.select_for_update(of=("self",)).get_or_create(
        release=release, format=format, defaults={"created_by": actor}
    )
    try:
        run = runs.request(
            kind=RunKind.EXPORT,
            actor=actor,
            project_id=release.project_id,
            release=release,
            params=ExportParams(format),
        )
    except RunInProgress as error:
        raise RunInProgress(f"{release.name} is being written as {format} already.") from error
    if export.status == ExportStatus.WRITTEN:
        lifecycle.change(export, ExportStatus.WRITING, actor=actor, written_at=None)
        forget(export)
    elif export.version != settings.VERSION:  # other code may write other bytes
        forget(export)
    Export.objects.filter(pk=export.pk).update(run=run, version=settings.VERSION)
    return run


def forget(export: Export) -> None:
    """Take the rows of all that was written; the objects are written over."""
    export.files.all().delete()
    export.parts.all().delete()


def record_parts(export: Export, written: Sequence[WrittenVideo]) -> None:
    """Inside the transaction that holds the run: these videos are written."""
    parts = ExportPart.objects.bulk_create(
        ExportPart(export=export, video_id=video.video_id, key=video.key, sha256=video.sha256)
        for video in written
    )
    _record(
        ExportFile(export=export, part=part, **vars(file))
        for part, video in zip(parts, written, strict=True)
        for file in video.files
    )


@transaction.atomic
def finish(export: Export, run: Run, files: Sequence[Stored], *, sha256: str) -> None:
    """Inside the transaction that ends the run: the last files are there, and so is the export."""
    export.files.filter(part=None).delete()
    _record(ExportFile(export=export, **vars(file)) for file in files)
    rows = ExportFile.objects.filter(export=export)
    sizes = rows.values_list("size", flat=True)
    lifecycle.change(
        export,
        ExportStatus.WRITTEN,
        actor=run.actor,
        written_at=Now(),
        file_count=len(sizes),
        bytes=sum(sizes),
        sha256=sha256,
    )
    release = Release.objects.select_for_update(no_key=True).get(pk=export.release_id)
    if release.status == ReleaseStatus.FROZEN:
        lifecycle.change(release, ReleaseStatus.EXPORTED, actor=run.actor)


def _record(files: Iterable[ExportFile]) -> None:
    ExportFile.objects.bulk_create(files, batch_size=WRITTEN_AT_ONCE)


@transaction.atomic
def remove(*, actor: User, export: Export) -> None:
    """Take an export away, with the files that are its own. The release can be written again, the same."""
    access.require(actor, export.release.project_id, Role.OWNER)
    if Run.objects.live().filter(exports=export).exists():
        raise RunInProgress("This export is being written. Stop it first.")
    facts = {"format": export.format, "bytes": export.bytes}
    audit.record(
        AuditKind.EXPORT_REMOVED,
        actor=actor,
        subject=export.release,
        project_id=export.release.project_id,
        before=facts,
    )
    prefix = f"{export.prefix}/"
    export.delete()
    transaction.on_commit(partial(storage.delete_prefix, prefix))


def downloadable(export: Export, person: User) -> QuerySet[ExportFile]:
    """Its files, in the order of their names. Raises `NotAllowed` or `WrongState`."""
    if not may_download(person, export.release.project):
        raise NotAllowed("Your role does not download exports in this project. Ask an owner for a copy.")
    if export.status != ExportStatus.WRITTEN:
        raise WrongState("This export is not all written yet.", status=export.status)
    return ExportFile.objects.filter(export=export)


def called(export: Export) -> str:
    """What its ZIP is called: good on every file system, in the script of the release's name."""
    return f"{file_name(export.release.name)}-{export.format}.zip"


def names_video(video: Video) -> str:
    """What a video is called in every export of its project."""
    return f"maskloop_{video.pk:06d}"
