"""`maskloop_index.json`, beside the files of every format: what the format has no place for.

Ids, labels and attributes as the project has them, what accepted each masklet, the source's name and SHA-256, and for
each annotated frame the number that it has in the files and its time in the source. Readers that do not know it lose
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, cast, get_args

import dacite

from vos import rle
from vos.dataset import (
    Category,
    Dataset,
    DatasetInvalid,
    Header,
    Part,
    PassedBy,
    Sink,
    Stretch,
    Track,
    VideoItem,
    Videos,
)
from vos.formats.files import LARGEST_TEXT, Tree
from vos.formats.texts import dumps, listed, parse_json

NAME = "maskloop_index.json"
VERSION = 1

_OF_THE_VIDEO = (
    "width", "height", "fps", "frame_count", "annotate_every", "split", "environment", "source_name", "source_sha256",
)  # fmt: skip


def entry(
    video: VideoItem, kept: list[list[int]], ids: list[int], *, renumbered: bool = False
) -> dict[str, Any]:
    """A video's part of the index; the others are as in `vos.formats.format.Written`."""
    numbers = {frame_idx: number for frame_idx, number in kept}  # noqa: C416 (of lists)
    times = dict(enumerate(video.source_times))
    pts = dict(enumerate(video.source_pts))
    return {
        "name": video.name,
        **{key: getattr(video, key) for key in _OF_THE_VIDEO},
        "renumbered": renumbered,
        "tags": list(video.tags),
        "frame_tags": [asdict(tag) for tag in video.frame_tags],
        "frames": [
            {
                "frame_idx": j,
                "timeline_idx": step,
                "number": numbers.get(j),
                "source_pts": pts.get(j),
                "source_time": times.get(j),
            }
            for j, step in enumerate(video.steps)
        ],
        "objects": [_object(track, exported) for track, exported in zip(video.tracks, ids, strict=True)],
    }


def _object(track: Track, exported_as: int) -> dict[str, Any]:
    return {
        "id": track.id,
        "exported_as": exported_as,
        "annotated_frames": len(track.masks),
        "category": track.category,
        "attributes": dict(track.attributes),
        "frame_attributes": [asdict(each) for each in track.frame_attributes],
        "source": track.source,
        "score": track.score,
        "edited": list(track.edited),
        "passed_by": track.passed_by,
    }


def write(format_name: str, header: Header, parts: Iterable[Part], sink: Sink) -> None:
    """Write what reading needs to know of all parts, beside them."""
    head = {
        "version": VERSION,
        "format": format_name,
        "name": header.name,
        "info": dict(header.info),
        "categories": [asdict(category) for category in header.categories],
    }
    sink.put(NAME, _content(head, parts))


def _content(head: Mapping[str, Any], parts: Iterable[Part]) -> Iterator[bytes]:
    yield dumps(head)[:-1] + b', "videos": '
    yield from listed(part["index"] for part in parts)
    yield b"}\n"


# --- Reading ---


def read(tree: Tree) -> dict[str, Any]:
    """Raises DatasetInvalid when it is not what we write."""
    content = parse_json(tree.read(NAME, most=LARGEST_TEXT), NAME)
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise DatasetInvalid(f"{NAME} is not of version {VERSION}. Remove it to read the dataset without.")
    return content


def apply(content: dict[str, Any], dataset: Dataset) -> Dataset:
    """The dataset with what the index knows. What the index does not name stays as the files say."""
    try:
        known = {each["name"]: each for each in content["videos"]}
        categories = tuple(dacite.from_dict(Category, each) for each in content["categories"])
        header = Header(content["name"], categories or dataset.categories, content["info"])
    except (KeyError, TypeError, dacite.DaciteError) as error:
        raise DatasetInvalid(f"{NAME} is damaged: {error}.") from error

    def load(place: int) -> VideoItem:
        video = dataset.videos[place]
        if video.name not in known:
            return video
        try:
            return _restored(video, known[video.name])
        except (KeyError, TypeError, ValueError, dacite.DaciteError) as error:
            if isinstance(error, DatasetInvalid):
                raise
            raise DatasetInvalid(f"{NAME}, {video.name}: {type(error).__name__} {error}.") from error

    return Dataset(Videos(range(len(dataset.videos)), load), header)


def _restored(video: VideoItem, known: dict[str, Any]) -> VideoItem:
    if (known["width"], known["height"]) != (video.width, video.height):
        raise DatasetInvalid(
            f"{video.name}: {NAME} says {known['width']} × {known['height']} (width × height), but its files are "
            f"{video.width} × {video.height}."
        )
    frames = known["frames"]
    steps = tuple(int(frame["timeline_idx"]) for frame in frames)
    by_number = {frame["number"]: frame["frame_idx"] for frame in frames if frame["number"] is not None}
    timeline = {frame["timeline_idx"]: frame["number"] for frame in frames}
    regular = tuple(range(0, known["frame_count"], known["annotate_every"]))
    return VideoItem(
        name=video.name,
        **{key: known[key] for key in _OF_THE_VIDEO},
        annotated=() if steps == regular else steps,
        tags=tuple(known["tags"]),
        frame_tags=tuple(dacite.from_dict(Stretch, each) for each in known["frame_tags"]),
        source_pts=_known([frame["source_pts"] for frame in frames]),
        source_times=_known([frame["source_time"] for frame in frames]),
        tracks=_tracks(video, known["objects"], by_number),
        picture=_picture(video, timeline, renumbered=known["renumbered"]),
        film=video.film,
    )


def _known(values: list[Any]) -> tuple[Any, ...]:
    """None of them, where nothing is known of any frame."""
    return tuple(values) if any(value is not None for value in values) else ()


def _picture(
    video: VideoItem, numbers: Mapping[int, int | None], *, renumbered: bool
) -> Callable[[int], bytes] | None:
    """By frame of the timeline, from files that may count otherwise."""
    if video.picture is None or not renumbered:
        return video.picture
    picture = video.picture

    def by_timeline(idx: int) -> bytes:
        number = numbers.get(idx)
        if number is None:
            raise DatasetInvalid(f"Frame {idx} of {video.name} was left out of these files.")
        return picture(number)

    return by_timeline


def _tracks(video: VideoItem, objects: list[dict[str, Any]], by_number: dict[int, int]) -> tuple[Track, ...]:
    """Tracks with our ids, and their masks by our frames. One that the files lack was never visible."""
    found = {track.id: track for track in video.tracks}
    unknown = set(found) - {each["exported_as"] for each in objects}
    if unknown:
        raise DatasetInvalid(f"{video.name}: object {min(unknown)} of the files is not in {NAME}.")
    places = dict(enumerate(video.steps))
    nothing = dict.fromkeys(range(len(places)), rle.empty(height=video.height, width=video.width))
    tracks = []
    for each in objects:
        track = found.get(each["exported_as"]) or Track(0, nothing if each["annotated_frames"] else {})
        moved = {j: by_number[places[j]] for j in sorted(track.masks) if places[j] in by_number}
        tracks.append(
            replace(
                track,
                id=each["id"],
                masks={moved[j]: track.masks[j] for j in moved},
                stability={moved[j]: value for j, value in track.stability.items() if j in moved},
                category=each["category"],
                attributes=each["attributes"],
                frame_attributes=tuple(dacite.from_dict(Stretch, a) for a in each["frame_attributes"]),
                source=each["source"],
                score=each["score"],
                edited=tuple(each["edited"]),
                passed_by=_passed_by(each),
            )
        )
    return tuple(tracks)


def _passed_by(known: Mapping[str, Any]) -> PassedBy:
    """Nothing in an index from before it was told."""
    told = known.get("passed_by", "")
    if told not in get_args(PassedBy):
        raise ValueError(f"object {known['id']} was passed by {str(told)[:40]!r}")
    return cast(PassedBy, told)
