"""What an export has to write, a video at a time, from the rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from engine import shapes
from engine.models import Export, Release, ReleaseItem, ReleaseVideo, Video
from engine.services.exports import names_video as video_id
from vos.dataset import Header
from worker.datasets.part import Job

__all__ = ["header", "items_by_video", "jobs", "video_id"]


def items_by_video(release: Release) -> list[tuple[Video, list[ReleaseItem]]]:
    """The videos of a release, each with what is pinned of it."""
    items = ReleaseItem.objects.filter(release=release).select_related("masklet__video", "revision")
    ordered = items.order_by("masklet__video_id", "masklet__object_id")
    return [(video, list(group)) for video, group in groupby(ordered, key=lambda item: item.masklet.video)]


def header(release: Release) -> Header:
    """What a release says of itself, for the formats."""
    frozen = release.frozen_at
    return Header(
        name=release.project.name,
        categories=tuple(release.labels),
        info={
            "name": release.project.name,
            "description": release.project.description,
            "version": release.name,
            "date": frozen.date().isoformat() if frozen else "",
            "creator": "Maskloop",
        },
    )


def jobs(export: Export, *, whole: bool) -> Iterator[Job]:
    """One for each video that is not written yet, in order. `whole`: every frame has to be annotated."""
    release = export.release
    numbers = {each.name: each.id for each in release.labels}
    written = set(export.parts.values_list("video_id", flat=True))  # type: ignore[attr-defined]
    rows = ReleaseVideo.objects.filter(release=release).order_by("video_id")
    for pk in rows.values_list("pk", flat=True):
        row = ReleaseVideo.objects.select_related("video").get(pk=pk)
        if row.video_id in written:
            continue
        items = ReleaseItem.objects.filter(release=release, masklet__video=row.video_id)
        ordered = items.select_related("masklet", "revision").order_by("masklet__object_id")
        yield {
            "format": export.format,
            "prefix": export.prefix,
            "parts": f"{release.prefix}/parts/{export.format}",
            "whole": whole,
            "video": _video(row),
            "tracks": [_track(item, row.video, numbers) for item in ordered],
        }


def _video(row: ReleaseVideo) -> dict[str, Any]:
    video = row.video
    return {
        "id": video.pk,
        "exported_as": video_id(video),
        "prefix": video.prefix,
        "split": row.split,
        "environment": row.environment,
        "tags": row.tags,
        "frame_tags": shapes.dump(row.frame_tags),
        **{
            name: getattr(video, name)
            for name in (
                "name", "width", "height", "fps", "annotate_every", "frame_count", "timeline_frame_count",
                "source_sha256",
            )
        },
    }  # fmt: skip


def _track(item: ReleaseItem, video: Video, numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "object_id": item.masklet.object_id,
        "called": f"object {item.masklet.object_id} of {video}",
        "masks": item.revision.key,
        "category": numbers.get(item.label),
        "attributes": item.attributes,
        "frame_attributes": shapes.dump(item.frame_attributes),
        "source": item.masklet.source,
        "edited": item.revision.edited_frames,
        "passed_by": item.passed_by or "person",
    }
