"""Whether the object store still holds what the rows name, and what it holds that no row names."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.utils import timezone

from engine import storage
from engine.errors import ObjectDamaged
from engine.models import (
    AuditKind,
    Checkpoint,
    CheckpointImport,
    Damage,
    DatasetImport,
    ExportFile,
    Project,
    Release,
    Revision,
    Run,
    Video,
    VideoStatus,
)
from engine.services import audit

#: What is younger may belong to a transaction that has not ended.
GRACE = timedelta(hours=24)
SWEEP_AFTER = timedelta(days=7)  #: the janitor leaves time to go back to a backup of the rows
SWEPT_AT_ONCE = 1_000  #: objects

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Problem:
    """An object that a row names and that is not as it was stored."""

    key: str
    named_by: str
    sentence: str


def note(error: ObjectDamaged) -> None:
    """Enter what somebody ran into, for the owners of its project to see."""
    key = str(error.details.get("key", ""))
    project = key.split("/")[1] if key.startswith("projects/") else ""
    if project.isdigit() and Project.objects.filter(pk=int(project)).exists():
        Damage.objects.update_or_create(
            key=key, defaults={"project_id": int(project), "sentence": error.message}
        )


def forget(before: datetime) -> int:
    """After a look at everything: what was not run into since `before` is well again, or no longer named."""
    return Damage.objects.filter(seen_at__lt=before).delete()[0]


@dataclass(frozen=True)
class Hashes:
    """SHA-256 of a video's objects, as its manifest has them."""

    frames: dict[int, str]
    proxy: str  #: empty for a video that was read before proxies had one


def hashes_of(video: Video) -> Hashes:
    """Raises `ObjectDamaged`."""
    try:
        header, *frames = map(json.loads, storage.get(video.manifest_key).decode().splitlines())
        by_frame = {frame["frame_idx"]: frame["sha256"] for frame in frames}
        return Hashes(by_frame, header.get("proxy_sha256", ""))
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ObjectDamaged(
            f"The manifest of {video.name} is missing or damaged.", key=video.manifest_key
        ) from error


def frame_hashes(video: Video) -> dict[int, str]:
    """SHA-256 of each stored frame. Raises `ObjectDamaged`."""
    return hashes_of(video).frames


def check() -> Iterator[Problem | None]:
    """Look at every object that a row names: None for one that is well."""
    yield from _check_masks()
    yield from _check_videos()
    yield from _check_exports()


def orphans() -> Iterator[str]:
    """Keys of objects, older than a day, that no row names."""
    before = timezone.now() - GRACE
    for key, changed in storage.listing("projects/"):
        if changed < before and not _is_named(key):
            yield key


@transaction.atomic
def delete_orphan(key: str, *, actor: str = audit.OPERATOR) -> None:
    """Delete an object that no row names, and say so in the ledger first."""
    audit.record(AuditKind.ORPHANS_DELETED, actor=actor, name=key)
    storage.delete(key)


def sweep_some() -> int:
    """The janitor's slow duty: of the next `SWEPT_AT_ONCE` objects, remove those that are older than a week and that no
    row names; return how many.

    What lies below a project that has no row is left to `sweep_orphans`: this may be another's bucket.
    """
    before, removed = timezone.now() - SWEEP_AFTER, 0
    some = list(islice(storage.listing("projects/", after=_swept.get("to", "")), SWEPT_AT_ONCE))
    _swept["to"] = some[-1][0] if len(some) == SWEPT_AT_ONCE else ""
    for key, changed in some:
        if changed < before and _is_of_a_project(key) and not _is_named(key):
            logger.info("Removed %s, which no row names", key)
            delete_orphan(key, actor=audit.JANITOR)
            removed += 1
    return removed


_swept: dict[str, str] = {}  #: begins again with each janitor


#: Whether rows of the rooms upstairs name masks of that key.
_NAME_MASKS: list[Callable[[str], bool]] = []


def name_masks(names: Callable[[str], bool]) -> None:
    """Let masks live whose keys `names` says yes to."""
    _NAME_MASKS.append(names)


def _is_of_a_project(key: str) -> bool:
    project = key.split("/")[1]
    return project.isdigit() and Project.objects.filter(pk=int(project)).exists()


def _check_masks() -> Iterator[Problem | None]:
    for key, pk in (
        Revision.objects.filter(masklet__video__emptied_at=None, masklet__project__emptied_at=None)
        .order_by("key", "pk")
        .distinct("key")
        .values_list("key", "pk")
        .iterator()
    ):
        try:
            storage.get_masks(key)
            yield None
        except ObjectDamaged as error:
            yield Problem(key, f"revision {pk}", error.message)


def _check_videos() -> Iterator[Problem | None]:
    for video in Video.objects.filter(
        status=VideoStatus.READY, emptied_at=None, project__emptied_at=None
    ).iterator():
        try:
            hashes = hashes_of(video)
        except ObjectDamaged as error:
            yield Problem(video.manifest_key, f"video {video.pk}", error.message)
            continue
        yield _by_hash(video.source_key, video.source_sha256, f"video {video.pk}")
        if hashes.proxy:
            yield _by_hash(video.proxy_key, hashes.proxy, f"video {video.pk}")
        else:
            yield _is_there(video.proxy_key, f"video {video.pk}")
        yield _is_there(video.thumbnail_key, f"video {video.pk}")
        for frame_idx, sha256 in hashes.frames.items():
            yield _by_hash(video.frame_key(frame_idx), sha256, f"video {video.pk}")


def _check_exports() -> Iterator[Problem | None]:
    for file in ExportFile.objects.filter(export__release__project__emptied_at=None).iterator():
        yield _by_hash(file.key, file.sha256, f"export {file.export_id}")


def _by_hash(key: str, sha256: str, named_by: str) -> Problem | None:
    found = hashlib.sha256()
    try:
        for chunk in storage.chunks(key):
            found.update(chunk)
    except FileNotFoundError:
        return Problem(key, named_by, "The object is missing.")
    return None if found.hexdigest() == sha256 else Problem(key, named_by, "The object has changed.")


def _is_there(key: str, named_by: str) -> Problem | None:
    return Problem(key, named_by, "The object is missing.") if storage.size_of(key) is None else None


def _is_named(key: str) -> bool:
    """projects/{project}/{noun}/{id or name}…: an object lives as long as the row it lies below."""
    _, _, noun, name, *_ = [*key.split("/"), "", ""]
    if noun == "masks":
        return Revision.objects.filter(key=key).exists() or any(names(key) for names in _NAME_MASKS)
    rows = {
        "videos": Video,
        "releases": Release,
        "runs": Run,
        "checkpoints": Checkpoint,
        "imports": DatasetImport,
        "checkpoint-imports": CheckpointImport,
    }.get(noun)
    # What this does not know is not its to judge.
    return rows is None or not name.isdigit() or rows._default_manager.filter(pk=int(name)).exists()
