"""The same files by a plain loop over videos, masklets and masks, with pycocotools and json."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from typing import Any

from pycocotools import mask as coco

from engine import storage
from engine.models import Release, ReleaseItem, ReleaseVideo, Video
from engine.services.exports import names_video


def export(release: Release) -> dict[str, str]:
    """Write every video's mp4 and JSON to the store; SHA-256 by name."""
    told = {}
    for row in ReleaseVideo.objects.filter(release=release).select_related("video").order_by("video_id"):
        items = ReleaseItem.objects.filter(release=release, masklet__video=row.video_id)
        ordered = list(items.select_related("masklet", "revision").order_by("masklet__object_id"))
        name = names_video(row.video)
        files = {
            f"{name}.mp4": storage.get(row.video.proxy_key),
            f"{name}_manual.json": json.dumps(content(row.video, row.split, ordered)).encode(),
        }
        for path, body in files.items():
            storage.put(f"{release.prefix}/plain/{path}", body, content_type="application/octet-stream")
            told[path] = hashlib.sha256(body).hexdigest()
    return told


def content(video: Video, split: str, items: list[ReleaseItem]) -> dict[str, Any]:
    stored = [storage.get_masks(item.revision.key) for item in items]
    count, pixels = video.frame_count or 0, float((video.height or 0) * (video.width or 0))
    masks = [
        [{"size": each["size"], "counts": each["frames"][str(j)]["counts"]} for each in stored]
        for j in range(count)
    ]
    areas = [[int(coco.area(masks[j][n])) for j in range(count)] for n in range(len(items))]
    sizes = [_mean([area for area in row if area]) for row in areas]
    first = [next((j for j, area in enumerate(row) if area), 0) for row in areas]
    changes = [
        sum(bool(a) != bool(b) for a, b in pairwise(row[begin:]))
        for row, begin in zip(areas, first, strict=True)
    ]
    return {
        "video_id": names_video(video),
        "video_duration": (video.timeline_frame_count or 0) / video.fps,
        "video_frame_count": float(video.timeline_frame_count or 0),
        "video_height": float(video.height or 0),
        "video_width": float(video.width or 0),
        "video_resolution": pixels,
        "video_environment": video.environment,
        "video_split": split,
        "masklet": masks,
        "masklet_id": list(range(len(items))),
        "masklet_size_rel": [size / pixels for size in sizes],
        "masklet_size_abs": sizes,
        "masklet_size_bucket": [
            "small" if size < 32**2 else "medium" if size < 96**2 else "large" for size in sizes
        ],
        "masklet_visibility_changes": changes,
        "masklet_first_appeared_frame": [float(each) for each in first],
        "masklet_frame_count": [count] * len(items),
        "masklet_edited_frame_count": [len(item.revision.edited_frames) for item in items],
        "masklet_type": ["manual"] * len(items),
        "masklet_stability_score": [None] * len(items),
        "masklet_num": len(items),
    }


def _mean(values: list[int]) -> float:
    return sum(values) / len(values) if values else 0.0
