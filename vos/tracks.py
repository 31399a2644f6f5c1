"""Tracks: an object's masks through a clip, as COCO RLE counts by frame. Measured without decoding a mask."""

from collections.abc import Iterable, Mapping, Sequence

from pycocotools import mask as coco

Counts = Mapping[int, str]  #: COCO compressed RLE counts by frame_idx; a frame that is left out has no mask


def iou(a: Counts, b: Counts, *, size: Sequence[int]) -> float:
    """0..1, the pixels that two tracks share over those that either has, through all frames (a volume's IoU).

    `size` is [height, width]. Two tracks without a pixel share nothing: 0.
    """
    shared = either = 0
    for idx in a.keys() | b.keys():
        both = [{"size": list(size), "counts": track[idx].encode()} for track in (a, b) if idx in track]
        areas = int(sum(coco.area(rle) for rle in both))
        common = int(coco.area(coco.merge(both, intersect=True))) if len(both) == 2 and areas else 0
        shared += common
        either += areas - common
    return shared / either if either else 0.0


def coverage(tracks: Iterable[Counts], *, size: Sequence[int], frame_count: int) -> list[float]:
    """By frame, the share of its pixels (0..1) that at least one track explains."""
    height, width = size
    by_frame: list[list[dict[str, object]]] = [[] for _ in range(frame_count)]
    for track in tracks:
        for idx, counts in track.items():
            if 0 <= idx < frame_count:
                by_frame[idx].append({"size": [height, width], "counts": counts.encode()})
    return [
        round(int(coco.area(coco.merge(here))) / (height * width), 4) if here else 0.0 for here in by_frame
    ]
