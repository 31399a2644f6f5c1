"""One video of an export, written: what the format makes of it goes to S3, what it keeps until the end to who asked.

A job is plain JSON and touches no database, so that it is done here or in a child (`worker.datasets.children`), where
it is a line of standard input.
"""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from engine import packs, storage
from engine.errors import InvalidInput, MaskloopError, ObjectDamaged, StorageUnavailable, WrongState
from vos.dataset import DatasetInvalid, Stretch, Track, VideoItem
from vos.formats import FORMATS
from worker.datasets.pictures import Pictures
from worker.datasets.sink import InStore, StoreSink

Job = dict[str, Any]  #: as worker.datasets.jobs makes it
Done = dict[str, Any]  #: {part: what the format keeps until the end, as JSON, files: [Stored as a dict]}
Moved = Callable[[], object]

#: A video is thousands of masks that are in no circle; to look for circles among them is a tenth of the time.
COLLECTED = (100_000, 10, 10)
TELL_EVERY = 1.0  #: seconds between a child's signs of life
#: What a child may tell, by name; anything else is a crash.
TOLD = {error.__name__: error for error in (InvalidInput, ObjectDamaged, StorageUnavailable, WrongState)}


def write(job: Job, moved: Moved = lambda: None) -> Done:
    """Raises `InvalidInput`, `ObjectDamaged`, `StorageUnavailable` or `WrongState`, with a sentence for people."""
    manifest, proxy_sha256 = _manifest(job["video"])
    known = {
        frame["sha256"]: f"{job['video']['prefix']}/frames/{frame['frame_idx']:05d}.jpg" for frame in manifest
    }
    try:
        with (
            Pictures(job["video"], manifest) as pictures,
            StoreSink(job["prefix"], known=known, moved=moved) as sink,
        ):
            item = _item(job, manifest, pictures, moved, proxy_sha256=proxy_sha256)
            part = FORMATS[job["format"]].write(item, sink)
    except DatasetInvalid as error:
        raise InvalidInput(str(error)) from error
    except FileNotFoundError as error:
        raise ObjectDamaged(
            f"The proxy of {job['video']['name']} is missing from the object store.",
            key=f"{job['video']['prefix']}/proxy.mp4",
        ) from error
    _check(job, item, part)
    return {
        "part": json.dumps(part, separators=(",", ":")),
        "files": [asdict(file) for file in sink.files],
    }


def _manifest(video: dict[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    """The frames, and the proxy's SHA-256 if it has one. Raises `ObjectDamaged`."""
    key = f"{video['prefix']}/manifest.jsonl"
    try:
        header, *frames = map(json.loads, storage.get(key).decode().splitlines())
        if [frame["frame_idx"] for frame in frames] == list(range(video["frame_count"])):
            return frames, header.get("proxy_sha256")
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise ObjectDamaged(f"The manifest of {video['name']} is missing or damaged.", key=key)


def _item(
    job: Job,
    manifest: list[dict[str, Any]],
    pictures: Pictures,
    moved: Moved,
    *,
    proxy_sha256: str | None,
) -> VideoItem:
    video, pack = job["video"], packs.get(job["pack"])
    return VideoItem(
        name=video["exported_as"],
        width=video["width"],
        height=video["height"],
        fps=video["fps"],
        frame_count=video["timeline_frame_count"],
        annotate_every=video["annotate_every"],
        tracks=tuple(_track(job, each, pack, moved) for each in job["tracks"]),
        split=video["split"],
        environment=video["environment"],
        tags=tuple(video["tags"]),
        frame_tags=tuple(Stretch(**each) for each in video["frame_tags"]),
        source_name=video["name"],
        source_sha256=video["source_sha256"],
        source_times=tuple(frame.get("pts") for frame in manifest),
        picture=pictures.picture,
        film=lambda: InStore(f"{video['prefix']}/proxy.mp4", moved, sha256=proxy_sha256),
    )


def _track(job: Job, told: dict[str, Any], pack: Mapping[str, bytes], moved: Moved) -> Track:
    key = told["masks"]
    stored = json.loads(pack.get(storage.masks_sha256(key)) or storage.get_masks_text(key))
    moved()
    frames = {int(idx): frame for idx, frame in stored["frames"].items()}
    size, count = stored["size"], job["video"]["frame_count"]
    missing = count - len(frames)
    if missing and job["whole"]:
        raise WrongState(
            f"{told['called']} has {missing} of {count} frames that were never annotated."
            " Reopen it, track or mark those frames, and freeze a new release."
        )
    return Track(
        id=told["object_id"],
        masks={idx: {"size": size, "counts": frames[idx]["counts"]} for idx in sorted(frames)},
        category=told["category"],
        attributes=told["attributes"],
        frame_attributes=tuple(Stretch(**each) for each in told["frame_attributes"]),
        source=told["source"],
        stability={idx: float(frames[idx]["stability"]) for idx in sorted(frames)},
        edited=tuple(told["edited"]),
        passed_by=told["passed_by"],
    )


def _check(job: Job, item: VideoItem, part: dict[str, Any]) -> None:
    """Whoever wrote it is not believed: every pinned object is there under one name, and where the format has no word
    for it, no frame is that somebody never looked at."""
    objects = part["index"]["objects"]
    pinned = [track["object_id"] for track in job["tracks"]]
    exported = [each["exported_as"] for each in objects]
    if [each["id"] for each in objects] != pinned or len(set(exported)) != len(pinned):
        raise WrongState(
            f"{item.source_name}: what was written is not what is pinned. Nothing of it is kept."
        )
    if FORMATS[job["format"]].holds.unannotated:
        return
    for frame in part["index"]["frames"]:
        told = frame["number"] is not None
        if told and any(frame["frame_idx"] not in track.masks for track in item.tracks):
            raise WrongState(
                f"{item.source_name}: frame {frame['frame_idx']} was written although nobody annotated all of it."
            )


# --- In a child ---


def main() -> None:
    """Jobs come as lines, answers go as lines; a "." is a sign of life. It ends when nobody sends any more."""
    say, lock = sys.stdout, threading.Lock()
    sys.stdout = sys.stderr

    def line(what: Any) -> None:
        with lock:
            say.write(json.dumps(what) + "\n")
            say.flush()

    gc.freeze()
    gc.set_threshold(*COLLECTED)
    for job in sys.stdin:
        line(_answer(json.loads(job), partial(_now_and_then, line, [0.0])))


def _now_and_then(line: Callable[[Any], None], last: list[float]) -> None:
    if time.monotonic() - last[0] > TELL_EVERY:
        last[0] = time.monotonic()
        line(".")


def _answer(job: Job, moved: Moved) -> Done:
    try:
        return write(job, moved)
    except MaskloopError as error:
        name = next((n for n, kind in TOLD.items() if isinstance(error, kind)), None)
        if name is None:
            raise
        return {"error": name, "message": error.message, "details": error.details}


if __name__ == "__main__":
    main()
