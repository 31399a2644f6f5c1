"""SA-V on disk: the JSON beside each video, key for key and type for type as the published files have it.

Pure functions. Numbers that SA-V holds as float64 are floats here although they count something.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from vos import rle
from vos.metrics import size_of
from vos.rle import Rle


@dataclass(frozen=True)
class Clip:
    """What the file says about the video."""

    video_id: str
    fps: float
    timeline_frame_count: int
    height: int
    width: int
    environment: str
    split: str


@dataclass(frozen=True)
class Tracked:
    """A masklet: its RLE and its stability (0..1) on every annotated frame, all-zero RLE where it is absent."""

    rles: Sequence[Rle]
    stabilities: Sequence[float]
    edited_frame_count: int


def annotation(clip: Clip, tracked: Sequence[Tracked], *, auto: bool) -> dict[str, Any]:
    """The content of `{video_id}_manual.json`, or of `{video_id}_auto.json`."""
    areas = [[rle.area(mask) for mask in masklet.rles] for masklet in tracked]
    sizes = [mean_visible(row) for row in areas]
    pixels = float(clip.height * clip.width)
    frame_count = len(areas[0])
    # In the published files an automatic masklet is there from the first frame, and says so with an int.
    first = [0 if auto else float(first_visible(row)) for row in areas]
    stabilities = [[m.stabilities[j] for m in tracked] for j in range(frame_count)]
    return {
        "video_id": clip.video_id,
        "video_duration": clip.timeline_frame_count / clip.fps,
        "video_frame_count": float(clip.timeline_frame_count),
        "video_height": float(clip.height),
        "video_width": float(clip.width),
        "video_resolution": pixels,
        "video_environment": clip.environment,
        "video_split": clip.split,
        "masklet": [[m.rles[j] for m in tracked] for j in range(frame_count)],
        "masklet_id": list(range(len(tracked))),
        "masklet_size_rel": [size / pixels for size in sizes],
        "masklet_size_abs": sizes,
        "masklet_size_bucket": [size_of(size) for size in sizes],
        "masklet_visibility_changes": [visibility_changes(row) for row in areas],
        "masklet_first_appeared_frame": first,
        "masklet_frame_count": [frame_count] * len(tracked),
        "masklet_edited_frame_count": [0 if auto else m.edited_frame_count for m in tracked],
        "masklet_type": ["auto" if auto else "manual"] * len(tracked),
        "masklet_stability_score": stabilities if auto else [None] * len(tracked),
        "masklet_num": len(tracked),
    }


def mean_visible(areas: Sequence[int]) -> float:
    """Mean area in pixels over the frames where the object is visible; 0 if there are none."""
    visible = [area for area in areas if area]
    return sum(visible) / len(visible) if visible else 0.0


def first_visible(areas: Sequence[int]) -> int:
    """The first annotated frame where the object is visible; 0 if there is none."""
    return next((j for j, area in enumerate(areas) if area), 0)


def visibility_changes(areas: Sequence[int]) -> int:
    """How often the object vanishes or comes back after it first appeared."""
    seen = [bool(area) for area in areas[first_visible(areas) :]]
    return sum(before != after for before, after in pairwise(seen))
