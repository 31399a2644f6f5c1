"""Somebody else's archive, read behind walls: what it says comes out as plain JSON, its pictures as they are.

The child (`main`) sees the archive and one folder to write, as the decoder of videos does (worker.decode.sandbox); it
decodes masks, and copies pictures without looking into them. The parent believes its lines no more than a stranger's:
every mask is checked again where it is taken.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from worker.decode import walled
from worker.decode.child import lock
from worker.decode.limits import Limits

PACKAGES = ("vos", "worker/datasets", "worker/__init__.py")
LIMITS = Limits(memory_mb=4096, cpu_seconds=1800)
TOLD, PROBLEMS = "dataset.jsonl", "problems.json"


class Refused(Exception):
    """It is no dataset that can be taken: `problems` are sentences, `count` how many there are in all."""

    def __init__(self, problems: Sequence[str], count: int = 0) -> None:
        super().__init__(problems[0] if problems else "")
        self.problems, self.count = list(problems), max(count, len(problems))


def read(archive: Path, out: Path, format: str, moved: Callable[[], object], *, unsandboxed: bool) -> None:
    """Check all of it, and leave what it says in `out`. Raises `Refused` or `NoSandbox`."""
    _child({"format": format, "media": None}, archive, out, moved, unsandboxed)


def media(
    archive: Path, out: Path, format: str, name: str, moved: Callable[[], object], *, unsandboxed: bool
) -> Path:
    """The pictures of one video in a ZIP, numbered from 0, or its film: a source for ingest. Raises `Refused`."""
    _child({"format": format, "media": name}, archive, out, moved, unsandboxed)
    return out / "media"


def header(out: Path) -> dict[str, Any]:
    with (out / TOLD).open(encoding="utf-8") as file:
        return dict(json.loads(file.readline()))


def videos(out: Path) -> Iterator[dict[str, Any]]:
    """What was said of each video, one at a time."""
    with (out / TOLD).open(encoding="utf-8") as file:
        file.readline()
        for line in file:
            yield json.loads(line)


def _child(
    job: dict[str, Any], archive: Path, out: Path, moved: Callable[[], object], unsandboxed: bool
) -> None:
    try:
        ended = walled.run(
            __name__,
            job,
            archive,
            out,
            packages=PACKAGES,
            limits=LIMITS,
            moved=moved,
            unsandboxed=unsandboxed,
        )
    except walled.TooLong as error:
        raise Refused(["The archive takes too long to read. Send it in several."]) from error
    if (out / PROBLEMS).exists():
        raise Refused(**json.loads((out / PROBLEMS).read_text()))
    if ended.code != 0:
        raise Refused([_end(ended.code, ended.said)])


def _end(code: int, said: str) -> str:
    if "MemoryError" in said or code in (-9, 137):
        return "The archive needs more memory than one may use. Send it in several."
    last = said.strip().rpartition("\n")[2]
    return f"The archive could not be read: {last[:200] or 'its reader ended'}."


# --- The child ---


def main() -> None:
    job = json.loads(sys.argv[1])
    limits = Limits(**job["limits"])
    from vos.dataset import DatasetInvalid
    from vos.formats import FORMATS, Archive, Tree, recognise

    lock(job, limits)
    out = Path(job["out_dir"])
    try:
        files = Archive(job["source"])
        format = FORMATS[job["format"]] if job["format"] else recognise(Tree(files))
        if format is None:
            raise DatasetInvalid("This looks like none of the formats that are known here. Say which it is.")
        if job["media"] is None:
            _tell(out, format.name, format.read(files))
        else:
            dataset = format.open(files)
            video = next(each for each in dataset.videos if each.name == job["media"])
            _copy(out / "media", video)
    except DatasetInvalid as error:
        (out / PROBLEMS).write_text(json.dumps({"problems": error.problems, "count": error.count}))
    except MemoryError:
        sentence = "The archive needs more memory than one may use. Send it in several."
        (out / PROBLEMS).write_text(json.dumps({"problems": [sentence], "count": 1}))
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        sentence = "The archive unpacks to more than one may have. Send it in several."
        (out / PROBLEMS).write_text(json.dumps({"problems": [sentence], "count": 1}))
    os._exit(0)


def _tell(out: Path, format: str, dataset: Any) -> None:
    with (out / TOLD).open("w", encoding="utf-8") as file:
        categories = [asdict(each) for each in dataset.categories]
        file.write(
            json.dumps({"format": format, "name": dataset.header.name, "categories": categories}) + "\n"
        )
        for video in dataset.videos:
            file.write(json.dumps(_video(video)) + "\n")


def _video(video: Any) -> dict[str, Any]:
    plain = (
        "name", "width", "height", "fps", "frame_count", "annotate_every", "split", "environment", "source_name",
        "source_sha256",
    )  # fmt: skip
    return {
        **{name: getattr(video, name) for name in plain},
        "steps": list(video.steps),
        "tags": list(video.tags),
        "frame_tags": [asdict(each) for each in video.frame_tags],
        "pictures": video.picture is not None,
        "film": video.film is not None,
        "tracks": [_track(track) for track in video.tracks],
    }


def _track(track: Any) -> dict[str, Any]:
    return {
        "id": track.id,
        "category": track.category,
        "attributes": dict(track.attributes),
        "frame_attributes": [asdict(each) for each in track.frame_attributes],
        "source": track.source,
        "score": track.score,
        "stability": {str(j): value for j, value in track.stability.items()},
        "edited": list(track.edited),
        "masks": {str(j): mask["counts"] for j, mask in track.masks.items()},
    }


def _copy(target: Path, video: Any) -> None:
    """Pictures of the annotated frames, one after the other, or the film as it is."""
    if video.picture is None:
        with target.open("wb") as file:
            for chunk in video.film():
                file.write(chunk)
        return
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for idx, step in enumerate(video.steps):
            picture = video.picture(step)
            ending = "png" if picture.startswith(b"\x89PNG") else "jpg"
            archive.writestr(f"{idx:06d}.{ending}", picture)
