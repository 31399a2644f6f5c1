"""What the layouts of Hugging Face have in common: a row for each annotated frame, folders of splits, a card."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from vos.dataset import DatasetInvalid, Header, Part, Split, Track, VideoItem

FOLDERS: dict[Split, str] = {"train": "train", "val": "validation", "test": "test"}


def told(track: Track) -> dict[str, Any]:
    return {
        "object_id": track.id,
        "category_id": track.category,
        "source": track.source,
        "score": track.score,
        "attributes": json.dumps(dict(track.attributes), sort_keys=True),
    }


def row(video: VideoItem, objects: list[dict[str, Any]], j: int, step: int) -> dict[str, Any]:
    picture = video.picture(step) if video.picture else None
    suffix = ".png" if picture and picture.startswith(b"\x89PNG") else ".jpg"
    return {
        "video": video.name,
        "frame_idx": j,
        "timeline_idx": step,
        "width": video.width,
        "height": video.height,
        "fps": video.fps,
        "image": {"bytes": picture, "path": f"{video.name}/{step:05d}{suffix}"} if picture else None,
        "objects": [
            {**said, "stability": track.stability.get(j), "mask": track.masks[j]}
            for said, track in zip(objects, video.tracks, strict=True)
            if j in track.masks
        ],
    }


def tracks(rows: list[dict[str, Any]], objects: list[dict[str, Any]]) -> tuple[Track, ...]:
    known = {each["object_id"]: each for each in objects}
    masks: dict[int, dict[int, Any]] = {number: {} for number in known}
    stability: dict[int, dict[int, float]] = {number: {} for number in known}
    for j, row in enumerate(rows):
        for each in row["objects"]:
            number = each["object_id"]
            known.setdefault(number, each)
            masks.setdefault(number, {})[j] = each["mask"]
            if each.get("stability") is not None:
                stability.setdefault(number, {})[j] = each["stability"]
    return tuple(
        Track(
            number,
            masks[number],
            category=each.get("category_id"),
            attributes=_attributes(each.get("attributes") or "{}"),
            source="auto" if each.get("source") == "auto" else "manual",
            score=each.get("score"),
            stability=stability.get(number, {}),
        )
        for number, each in known.items()
    )


def _attributes(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError(f"attributes are an object, which {text[:40]!r} is not")
    return found


def check(rows: list[dict[str, Any]], name: str) -> None:
    """Whether they are those of one video, in their order. Raises DatasetInvalid."""
    if not rows or [each["frame_idx"] for each in rows] != list(range(len(rows))):
        raise DatasetInvalid(f"{name}: its frame_idx do not count from 0 on.")
    for key in ("video", "width", "height", "fps"):
        if any(each[key] != rows[0][key] for each in rows):
            raise DatasetInvalid(f"{name}: rows of one video differ in {key}.")


def card(header: Header, parts: Iterable[Part], *, suffix: str) -> str:
    """The dataset card: YAML (JSON is YAML) that says where the splits lie, in files of that suffix, and words on a
    row."""
    counts = dict.fromkeys(FOLDERS, 0)
    for part in parts:
        counts[part["split"]] += 1
    data_files = [
        {"split": FOLDERS[split], "path": f"data/{FOLDERS[split]}/*{suffix}"}
        for split, count in counts.items()
        if count
    ]
    head: dict[str, Any] = {
        "pretty_name": header.name,
        "task_categories": ["image-segmentation", "mask-generation"],
        "tags": ["video-object-segmentation", "masklets"],
        "configs": [{"config_name": "default", "data_files": data_files}],
    }
    if header.info.get("license"):
        head["license"] = header.info["license"]
    yaml = "\n".join(f"{key}: {json.dumps(value)}" for key, value in head.items())
    said = header.info.get("description") or "Masklets: objects segmented through the frames of videos."
    labels = "\n".join(f"| {category.id} | {_cell(category.name)} |" for category in header.categories)
    table = f"\n## Labels\n\n| category_id | label |\n|---|---|\n{labels}\n" if labels else ""
    splits = ", ".join(f"{count} in {FOLDERS[split]}" for split, count in counts.items() if count)
    return f"---\n{yaml}\n---\n\n# {header.name}\n\n{said}\n\nVideos: {splits}.\n{_ROWS}{table}"


_ROWS = """
## What a row is

An annotated frame of a video: `image`, `frame_idx` (counts annotated frames), `timeline_idx` (counts the video's own
frames, `fps` of them a second), and `objects`. Of each object: `object_id` (the same on all frames of the video),
`category_id`, and `mask`, a compressed COCO RLE of `size` [height, width]. A mask of zeros says that the object is
absent; an object that is not in the row was not looked for on that frame. `pycocotools.mask.decode` makes the pixels.
"""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())
