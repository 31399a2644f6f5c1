"""Whether the object store still holds what the rows name, and what it holds that no row names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from engine import storage
from engine.errors import ObjectDamaged
from engine.models import AuditKind, Checkpoint, ExportFile, Release, Revision, Run, Video, VideoStatus
from engine.services import audit

#: What is younger may belong to a transaction that has not ended.
GRACE = timedelta(hours=24)


@dataclass(frozen=True)
class Problem:
    """An object that a row names and that is not as it was stored."""

    key: str
    named_by: str
    sentence: str


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
def delete_orphan(key: str) -> None:
    audit.record(AuditKind.ORPHANS_DELETED, actor=audit.OPERATOR, name=key)
    storage.delete(key)


def _check_masks() -> Iterator[Problem | None]:
    for key, pk in Revision.objects.order_by("key", "pk").distinct("key").values_list("key", "pk").iterator():
        try:
            storage.get_masks(key)
            yield None
        except ObjectDamaged as error:
            yield Problem(key, f"revision {pk}", error.message)


def _check_videos() -> Iterator[Problem | None]:
    for video in Video.objects.filter(status=VideoStatus.READY).iterator():
        try:
            _, *frames = storage.get(video.manifest_key).decode().splitlines()
        except FileNotFoundError:
            yield Problem(video.manifest_key, f"video {video.pk}", "The manifest is missing.")
            continue
        yield _by_hash(video.source_key, video.source_sha256, f"video {video.pk}")
        for line in frames:
            frame = json.loads(line)
            yield _by_hash(video.frame_key(frame["frame_idx"]), frame["sha256"], f"video {video.pk}")


def _check_exports() -> Iterator[Problem | None]:
    for file in ExportFile.objects.iterator():
        yield _by_hash(file.key, file.sha256, f"release {file.release_id}")


def _by_hash(key: str, sha256: str, named_by: str) -> Problem | None:
    found = hashlib.sha256()
    try:
        for chunk in storage.chunks(key):
            found.update(chunk)
    except FileNotFoundError:
        return Problem(key, named_by, "The object is missing.")
    return None if found.hexdigest() == sha256 else Problem(key, named_by, "The object has changed.")


def _is_named(key: str) -> bool:
    """projects/{project}/{noun}/{id or name}…: an object lives as long as the row it lies below."""
    _, _, noun, name, *_ = [*key.split("/"), "", ""]
    if noun == "masks":
        return Revision.objects.filter(key=key).exists()
    rows = {"videos": Video, "releases": Release, "runs": Run, "checkpoints": Checkpoint}.get(noun)
    # What this does not know is not its to judge.
    return rows is None or not name.isdigit() or rows._default_manager.filter(pk=int(name)).exists()
