"""SA-V's training set: an mp4 and the JSON beside it, key for key and type for type as the published files have it.

`{video}.mp4` (or a folder `{video}` of JPEG frames named by their number), `{video}_manual.json`, `{video}_auto.json`.
Annotated frame j is video frame 4j. Numbers that SA-V holds as float64 are floats here although they count something.
Objects count from 0 in each file; `maskloop_index.json` says which of ours each is. A mask that is null is unannotated
(the official training loader can leave such frames out); the published files have none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from vos import rle
from vos.dataset import Dataset, DatasetInvalid, Header, Sink, Source, Track, VideoItem, Videos
from vos.formats import index
from vos.formats.files import LARGEST_TEXT, Problems, Tree
from vos.formats.format import MOST_MASKS, Format, Holds, Written
from vos.formats.pictures import JPEGS, numbered, picture_of, put_picture
from vos.formats.texts import dumps, parse_json
from vos.metrics import size_of
from vos.rle import Rle

EVERY = 4  #: annotated frame j is video frame 4j
SOURCES: tuple[Source, ...] = ("manual", "auto")


@dataclass(frozen=True)
class SavVideo:
    """What the file says about the video."""

    video_id: str
    fps: float
    timeline_frame_count: int
    height: int
    width: int
    environment: str
    split: str


@dataclass(frozen=True)
class SavMasklet:
    """A masklet: its RLE on every annotated frame, all-zero RLE where it is absent, None where nobody looked; and its
    stability (0..1) there."""

    rles: Sequence[Rle | None]
    stabilities: Sequence[float | None]
    edited_frame_count: int


# --- Writing ---


def content(clip: SavVideo, tracked: Sequence[SavMasklet], *, auto: bool) -> Iterator[bytes]:
    """`{video_id}_manual.json`, or `{video_id}_auto.json`, in pieces: the bytes that `json.dumps` makes of
    `annotation`, from masks that stay packed."""
    head, tail = _head(clip), _tail(clip, tracked, auto=auto)
    yield dumps(head)[:-1] + b', "masklet": ['
    begin = f'{{"size": [{clip.height}, {clip.width}], "counts": "'
    for j, row in enumerate(zip(*(masklet.rles for masklet in tracked), strict=True)):
        # Of the characters of an RLE, JSON escapes the backslash alone.
        masks = [begin + m["counts"].replace("\\", "\\\\") + '"}' if m else "null" for m in row]
        yield ((", [" if j else "[") + ", ".join(masks) + "]").encode("ascii")
    yield b"], " + dumps(tail)[1:]


def annotation(clip: SavVideo, tracked: Sequence[SavMasklet], *, auto: bool) -> dict[str, Any]:
    """What is in the file."""
    rows = [list(row) for row in zip(*(masklet.rles for masklet in tracked), strict=True)]
    return {**_head(clip), "masklet": rows, **_tail(clip, tracked, auto=auto)}


def _head(clip: SavVideo) -> dict[str, Any]:
    return {
        "video_id": clip.video_id,
        "video_duration": clip.timeline_frame_count / clip.fps,
        "video_frame_count": float(clip.timeline_frame_count),
        "video_height": float(clip.height),
        "video_width": float(clip.width),
        "video_resolution": float(clip.height * clip.width),
        "video_environment": clip.environment,
        "video_split": clip.split,
    }


def _tail(clip: SavVideo, tracked: Sequence[SavMasklet], *, auto: bool) -> dict[str, Any]:
    areas = [_areas(masklet.rles) for masklet in tracked]
    sizes = [mean_visible(row) for row in areas]
    pixels = float(clip.height * clip.width)
    # In the published files an automatic masklet is there from the first frame, and says so with an int.
    first = [0 if auto else float(first_visible(row)) for row in areas]
    stabilities = [list(row) for row in zip(*(masklet.stabilities for masklet in tracked), strict=True)]
    return {
        "masklet_id": list(range(len(tracked))),
        "masklet_size_rel": [size / pixels for size in sizes],
        "masklet_size_abs": sizes,
        "masklet_size_bucket": [size_of(size) for size in sizes],
        "masklet_visibility_changes": [visibility_changes(row) for row in areas],
        "masklet_first_appeared_frame": first,
        "masklet_frame_count": [sum(mask is not None for mask in masklet.rles) for masklet in tracked],
        "masklet_edited_frame_count": [0 if auto else m.edited_frame_count for m in tracked],
        "masklet_type": ["auto" if auto else "manual"] * len(tracked),
        "masklet_stability_score": stabilities if auto else [None] * len(tracked),
        "masklet_num": len(tracked),
    }


def _areas(rles: Sequence[Rle | None]) -> list[int]:
    """By annotated frame; 0 where nobody looked."""
    counted = iter(rle.areas([mask for mask in rles if mask is not None]))
    return [0 if mask is None else next(counted) for mask in rles]


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


def _write(video: VideoItem, sink: Sink) -> Written:
    if video.annotated and video.annotated != tuple(range(0, video.frame_count, video.annotate_every)):
        raise DatasetInvalid(f"{video.name}: SA-V holds every k-th frame, but others are annotated here.")
    if not video.tracks:
        raise DatasetInvalid(f"{video.name} has no masklet, and SA-V's annotations are by masklet.")
    if video.film is not None:
        sink.put(f"{video.name}.mp4", video.film())
    elif video.picture is not None:
        for step in video.steps:
            put_picture(sink, f"{video.name}/{step:05d}", video.picture(step))
    clip = SavVideo(
        video.name, video.fps, video.frame_count, video.height, video.width, video.environment, video.split
    )
    ids: dict[int, int] = {}
    for source in SOURCES:
        tracks = [track for track in video.tracks if track.source == source]
        ids |= {track.id: len(ids) + place + 1 for place, track in enumerate(tracks)}
        if tracks:
            tracked = [_tracked(track, len(video.steps)) for track in tracks]
            sink.put(f"{video.name}_{source}.json", content(clip, tracked, auto=source == "auto"))
    kept = [[j, step] for j, step in enumerate(video.steps)]
    return Written(kept, [ids[track.id] for track in video.tracks])


def _tracked(track: Track, count: int) -> SavMasklet:
    return SavMasklet(
        [track.masks.get(j) for j in range(count)],
        [track.stability.get(j) for j in range(count)],
        len(track.edited),
    )


# --- Reading ---


def _open(tree: Tree) -> Dataset:
    every: dict[str, int] = {}
    if index.NAME in tree:
        every = {each["name"]: each["annotate_every"] for each in index.read(tree)["videos"]}

    def load(path: str) -> VideoItem:
        return read(tree, path, every=every.get(path.rpartition("/")[2], EVERY))

    return Dataset(Videos(find(tree), load), Header("SA-V"))


def find(tree: Tree) -> list[str]:
    """The annotated videos: paths to which the endings are added, sorted."""
    endings = {f"_{source}.json" for source in SOURCES}
    return sorted({name.removesuffix(end) for name in tree.names() for end in endings if name.endswith(end)})


def read(tree: Tree, path: str, *, every: int = EVERY, sources: Sequence[Source] = SOURCES) -> VideoItem:
    """One of `find`. Annotated frame j is video frame `every` × j. Raises DatasetInvalid."""
    found = {s: f"{path}_{s}.json" for s in sources if f"{path}_{s}.json" in tree}
    contents = {source: _read_json(tree, file) for source, file in found.items()}
    heads = {tuple(c[k] for k in ("height", "width", "frame_count", "fps")) for c in contents.values()}
    if len(heads) > 1 or len({len(c["rows"]) for c in contents.values()}) > 1:
        raise DatasetInvalid(f"{' and '.join(found.values())} differ in size, length or annotated frames.")
    one = next(iter(contents.values()))
    rows = one["rows"]
    frame_count = one["frame_count"] or every * len(rows)
    if math.ceil(frame_count / every) != len(rows):
        raise DatasetInvalid(
            f"{path}: {frame_count} frames, of which every {every}th is annotated, make "
            f"{math.ceil(frame_count / every)} annotated frames, but the file has {len(rows)}."
        )
    tracks: list[Track] = []
    for source, each in contents.items():
        tracks += _tracks(each, source, len(tracks))
    return VideoItem(
        name=path.rpartition("/")[2],
        width=one["width"],
        height=one["height"],
        fps=one["fps"],
        frame_count=frame_count,
        annotate_every=every,
        tracks=tuple(tracks),
        split=one["split"],
        environment=one["environment"],
        **_media(tree, path),
    )


def _media(tree: Tree, path: str) -> dict[str, Any]:
    if f"{path}.mp4" in tree:
        return {"film": lambda: tree.chunks(f"{path}.mp4")}
    if tree.is_folder(path):
        return {"picture": picture_of(tree, numbered(tree, path, JPEGS))}
    return {}


def _read_json(tree: Tree, file: str) -> dict[str, Any]:
    given = parse_json(tree.read(file, most=LARGEST_TEXT), file)
    try:
        height, width = int(given["video_height"]), int(given["video_width"])
        count = int(given.get("video_frame_count") or 0)
        duration = float(given.get("video_duration") or 0)
        rows = [list(row) for row in given["masklet"]]
        if sum(len(row) for row in rows) > MOST_MASKS:
            raise DatasetInvalid(f"{file} has more than {MOST_MASKS} masks. Split the video.")
        environment = given.get("video_environment") or ""
        return {
            "file": file,
            "height": height,
            "width": width,
            "frame_count": count,
            "fps": round(count / duration, 6) if count and duration else 24.0,
            "split": given.get("video_split") if given.get("video_split") in {"val", "test"} else "train",
            "environment": environment if isinstance(environment, str) else ", ".join(environment),
            "rows": rows,
            "stability": given.get("masklet_stability_score"),
        }
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, DatasetInvalid):
            raise
        raise DatasetInvalid(f"{file} is no SA-V annotation: {type(error).__name__} {error}.") from error


def _tracks(given: dict[str, Any], source: Source, before: int) -> list[Track]:
    rows, file = given["rows"], given["file"]
    if not rows or len({len(row) for row in rows}) != 1:
        raise DatasetInvalid(f"{file}: every annotated frame must have as many masks as the others.")
    problems, tracks = Problems(), []
    size = [given["height"], given["width"]]
    for number in range(len(rows[0])):
        masks: dict[int, Rle] = {}
        for j, row in enumerate(rows):
            mask = row[number]
            if mask is None:
                continue
            if not _may_be_rle(mask):
                problems.add(f"{file}, annotated frame {j}, object {number}: this is no compressed RLE.")
            elif list(mask["size"]) != size:
                problems.add(
                    f"{file}, annotated frame {j}, object {number}: the mask is {list(mask['size'])}, "
                    f"but the video is {size} (height, width)."
                )
            else:
                masks[j] = {"size": size, "counts": mask["counts"]}
        stability = _stability(given["stability"], number) if source == "auto" else {}
        tracks.append(Track(before + number + 1, masks, source=source, stability=stability))
    problems.refuse()
    return tracks


def _may_be_rle(mask: Any) -> bool:
    return (
        isinstance(mask, dict)
        and isinstance(mask.get("counts"), str)
        and isinstance(mask.get("size"), list)
        and len(mask["size"]) == 2
    )


def _stability(table: Any, number: int) -> dict[int, float]:
    """By frame_idx; none where the file has no such table."""
    if not isinstance(table, list):
        return {}
    rows = [row[number] if isinstance(row, list) and number < len(row) else None for row in table]
    return {j: float(value) for j, value in enumerate(rows) if isinstance(value, int | float)}


def _recognises(tree: Tree) -> bool:
    return any(name.endswith(("_manual.json", "_auto.json")) for name in tree.names())


FORMAT = Format(
    name="sav",
    title="SA-V (training set)",
    extensions=(".mp4", ".jpg", ".json"),
    holds=Holds(unannotated=True, never_visible=True, timeline=True),
    lost=(
        "Labels and attributes stand in maskloop_index.json alone.",
        "Objects count from 0 in each file; maskloop_index.json says which is which.",
        "A frame on which nobody looked for an object has null in place of a mask.",
    ),
    recognises=_recognises,
    opens=_open,
    writes=_write,
)
