"""How a video comes in: announced, uploaded in parts straight to S3, checked, and given to a run."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from engine import access, lifecycle, storage
from engine.errors import AlreadyHere, InvalidInput, NotAllowed, NotFound, WrongState
from engine.models import (
    AuditKind,
    DatasetImport,
    ImportStatus,
    Project,
    Role,
    Run,
    RunKind,
    Upload,
    Video,
    VideoStatus,
)
from engine.services import audit, imports, quotas, removals, runs, splits

logger = logging.getLogger(__name__)

PART_SIZE = 16 * 1024 * 1024
MAX_SIZE = 8 * 1024**3  #: what the decoder takes
#: S3 takes at most 10,000 parts, the last of which may be small; 16 MiB parts reach 156 GiB.
ABANDONED_AFTER = timedelta(hours=24)


@transaction.atomic
def begin_upload(
    *, actor: User, project: Project, name: str, size: int, fingerprint: str = "", again: bool = False
) -> Upload:
    """Announce a video of `size` bytes; the parts go to presigned links.

    Raises `NoRoomLeft` or `TooManyVideos`, and `AlreadyHere` for a file whose `fingerprint` the project knows, unless
    it is meant to come `again`.
    """
    access.require(actor, project.pk, Role.OWNER)
    twin = None if again else splits.twin_of(project, fingerprint)
    if twin is not None and twin.removed_at is not None:
        raise AlreadyHere(
            f"This file came before, as {twin.name}, which lies in the bin. Restore it, or upload the file again.",
            video=twin.pk,
            in_bin=True,
        )
    if twin is not None:
        raise AlreadyHere(
            f"The project has this file already, as {twin.name}. Upload it again only if you mean to.",
            video=twin.pk,
        )
    if size > MAX_SIZE:
        raise InvalidInput(f"A video may have at most {MAX_SIZE // 1024**3} GiB. Cut it into shorter clips.")
    video = create(actor=actor, project=project, name=name, size=size, fingerprint=fingerprint)
    upload_id = storage.begin_upload(video.source_key, content_type="application/octet-stream")
    return Upload.objects.create(
        video=video,
        s3_upload_id=upload_id,
        size=size,
        part_size=PART_SIZE,
        expires_at=timezone.now() + ABANDONED_AFTER,
    )


def find_upload(*, actor: User, pk: int) -> Upload:
    """An upload belongs to the person who began it; to everybody else it does not exist."""
    upload = Upload.objects.select_related("video", "dataset_import").filter(pk=pk).first()
    if upload is None:
        raise NotFound
    subject = upload.subject
    access.find_project(actor, subject.project_id)
    if subject.created_by_id != actor.pk:
        raise NotAllowed("Only the person who began this upload may go on with it.")
    access.require(actor, subject.project_id, Role.OWNER)  # who was one when it began
    return upload


def part_links(upload: Upload, part_numbers: list[int]) -> dict[int, str]:
    """Presigned addresses to PUT parts to, by part number (1-based). Raises `InvalidInput` for other numbers."""
    if any(not 1 <= number <= upload.part_count for number in part_numbers):
        raise InvalidInput(f"This upload has the parts 1 to {upload.part_count}.")
    Upload.objects.filter(pk=upload.pk).update(expires_at=Now() + ABANDONED_AFTER)
    return {n: storage.part_link(upload.subject.source_key, upload.s3_upload_id, n) for n in part_numbers}


def uploaded_parts(upload: Upload) -> list[dict[str, Any]]:
    """The parts that the store holds. Raises `WrongState` where the upload is gone."""
    try:
        return storage.uploaded_parts(upload.subject.source_key, upload.s3_upload_id)
    except FileNotFoundError as error:
        raise WrongState("This upload is no longer there. Begin a new one.") from error


@transaction.atomic
def complete_upload(*, actor: User, upload: Upload, parts: list[dict[str, Any]]) -> Video | DatasetImport:
    """Put the parts together, check the size, and ask for the run that reads what has come.

    Of two at once one does it, and the other finds no upload. What a crash left put together is taken as it is.
    """
    upload = _lock(upload)
    subject = upload.subject
    if storage.size_of(subject.source_key) != upload.size:
        _put_together(upload, parts)
    upload.delete()
    if isinstance(subject, DatasetImport):
        imports.start(subject, actor=actor)
    else:
        start(subject, actor=actor)
    return subject


def _put_together(upload: Upload, parts: list[dict[str, Any]]) -> None:
    held = uploaded_parts(upload)
    if sum(part["size"] for part in held) != upload.size:
        have = sum(part["size"] for part in held)
        raise InvalidInput(
            f"{have} of {upload.size} bytes have arrived. Upload the missing parts, then complete again.",
            parts=[part["part_number"] for part in held],
        )
    if {p["part_number"]: p["etag"] for p in parts} != {p["part_number"]: p["etag"] for p in held}:
        raise InvalidInput("The parts that were named are not the parts that arrived. List them again.")
    try:
        storage.finish_upload(upload.subject.source_key, upload.s3_upload_id, held)
    except FileNotFoundError as error:
        raise WrongState("This upload is no longer there. Begin a new one.") from error


def _lock(upload: Upload) -> Upload:
    """The upload, so that completing and cancelling wait for each other. Raises `NotFound` if it has ended."""
    rows = Upload.objects.select_for_update(of=("self",)).select_related("video", "dataset_import")
    locked = rows.filter(pk=upload.pk).first()
    if locked is None:
        raise NotFound
    return locked


@transaction.atomic
def abort_upload(*, actor: User | str, upload: Upload, kind: AuditKind = AuditKind.UPLOAD_ABORTED) -> None:
    """Cancel: the parts, what a crash left of them put together, and the video's row go."""
    upload = _lock(upload)
    subject = upload.subject
    if subject.status not in {VideoStatus.UPLOADING, ImportStatus.UPLOADING}:
        raise WrongState("This has been uploaded already.", status=subject.status)
    storage.abort_upload(subject.source_key, upload.s3_upload_id)
    _drop(subject, actor=actor, kind=kind, before={"bytes": upload.size})


def _drop(video: Video | DatasetImport, *, actor: User | str, kind: AuditKind, before: audit.Facts) -> None:
    """The row and, once that is certain, its objects."""
    # The row first, as everybody does who records a change of it: so nobody waits for each other in a circle.
    type(video)._default_manager.select_for_update(of=("self",)).get(pk=video.pk)
    prefix, project_id = f"{video.prefix}/", video.project_id
    audit.record(kind, actor=actor, subject=video, project_id=project_id, before=before)
    video.delete()
    transaction.on_commit(partial(storage.delete_prefix, prefix))


def ingest_file(*, actor: User, project: Project, path: Path) -> Run:
    """Take a video from a path on this machine (`manage.py ingest`)."""
    access.require(actor, project.pk, Role.OWNER)
    video = create(actor=actor, project=project, name=path.name, size=path.stat().st_size)
    storage.put_file(video.source_key, path, content_type="application/octet-stream")
    with transaction.atomic():
        return start(video, actor=actor)


def with_runs(videos: QuerySet[Video]) -> QuerySet[Video]:
    """The videos with their runs of this kind alone, for `newest_run`."""
    own = Run.objects.filter(kind=RunKind.INGEST).select_related("actor")
    return videos.prefetch_related(Prefetch("runs", own, to_attr="ingests"))


def newest_run(video: Video) -> Run | None:
    """The last that read a video of `with_runs`."""
    ingests: list[Run] = video.ingests  # type: ignore[attr-defined]
    return max(ingests, key=lambda run: run.pk, default=None)


def start(video: Video, *, actor: User) -> Run:
    """Ask for a video's frames; it is EXTRACTING from now on. Raises `LostTheRace`."""
    lifecycle.change(video, VideoStatus.EXTRACTING, actor=actor, failure_code="", failure_message="")
    return runs.request(kind=RunKind.INGEST, actor=actor, project_id=video.project_id, video=video)


@transaction.atomic
def remove(*, actor: User, video: Video) -> None:
    """Take away a video: what never became one at once, any other into the bin (engine.services.removals)."""
    access.require(actor, video.project_id, Role.OWNER)
    upload = Upload.objects.filter(video=video).first()
    if upload:
        abort_upload(actor=actor, upload=upload)
        return
    if video.status != VideoStatus.FAILED:
        removals.remove_video(actor=actor, video=video)
        return
    _drop(video, actor=actor, kind=AuditKind.VIDEO_REMOVED, before={"failure": video.failure_code})


def sweep_abandoned_uploads() -> int:
    """The janitor's third duty: uploads that nobody has fed for a day are dropped, parts and rows."""
    abandoned = list(Upload.objects.filter(expires_at__lt=Now()).select_related("video", "dataset_import"))
    for upload in abandoned:
        logger.info("The %s was abandoned", upload)
        try:
            abort_upload(actor=audit.JANITOR, upload=upload, kind=AuditKind.UPLOAD_SWEPT)
        except NotFound:
            continue
        except WrongState:
            upload.delete()
    return len(abandoned)


@transaction.atomic
def create(*, actor: User, project: Project, name: str, size: int, **fields: Any) -> Video:
    """A video that is still to come, on the project's timeline unless `fields` say another. Raises `NoRoomLeft` or
    `TooManyVideos`."""
    quotas.admit_video(project.pk, size)
    told = {"fps": project.fps, "annotate_every": project.annotate_every} | fields
    return Video.objects.create(project=project, name=name, created_by=actor, bytes=size, **told)
