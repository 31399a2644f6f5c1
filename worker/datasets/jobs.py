"""What an export has to write, a video at a time, from the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from engine import shapes
from engine.models import Export, Release, ReleaseItem, ReleaseVideo, Video
from engine.services.exports import names_video as video_id
from vos.dataset import Header
from worker.datasets.part import Job

__all__ = ["header", "items_by_video", "jobs", "video_id"]

#: Of what is pinned; the whole rows take twice as long.
ASKED = (
    "label", "attributes", "frame_attributes", "passed_by", "masklet__object_id", "masklet__source",
    "masklet__video_id", "revision__key", "revision__edited_frames",
)  # fmt: skip
VIDEOS_AT_ONCE = 20  #: whose rows are read together


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
    same = {
        "format": export.format,
        "prefix": export.prefix,
        "whole": whole,
    }
    written = set(export.parts.values_list("video_id", flat=True))  # type: ignore[attr-defined]
    rows = ReleaseVideo.objects.filter(release=release)
    todo = sorted(set(rows.values_list("video_id", flat=True)) - written)
    for begin in range(0, len(todo), VIDEOS_AT_ONCE):
        some = todo[begin : begin + VIDEOS_AT_ONCE]
        items = _items(release, some)
        for row in rows.filter(video__in=some).select_related("video").order_by("video_id"):
            tracks = [_track(item, row.video, numbers) for item in items[row.video_id]]
            yield same | {"video": _video(row), "tracks": tracks, "pack": release.pack_key(row.video_id)}


def _items(release: Release, videos: list[int]) -> dict[int, list[ReleaseItem]]:
    """What is pinned of some videos, in the objects' order."""
    items = ReleaseItem.objects.filter(release=release, masklet__video__in=videos)
    of_video = defaultdict(list)
    for item in items.select_related("masklet", "revision").only(*ASKED).order_by("masklet__object_id"):
        of_video[item.masklet.video_id].append(item)
    return of_video


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
