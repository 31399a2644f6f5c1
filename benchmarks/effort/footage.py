"""The clips that are annotated: rendered, uploaded, and compared with what the server made of them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np
import simplejpeg

from benchmarks.effort.client import Person
from worker.render.clips import render_clip
from worker.render.video import write_mp4

FIRST_SEED = 2000  # apart from the seeds that chose and judged checkpoints, and from look here's
FRAMES, FPS = 48, 6.0  # all of them annotated: 8 s at 6 a second
LEAST_AREA = 0.003  # of the first frame, where an object is chosen
SAME = 8.0  # grey levels that compression may change on the average
NOISE = 1.0  # grey levels by which a neighbour may be nearer
READY_WITHIN = 300.0  # seconds


@dataclass(frozen=True)
class ClipToAnnotate:
    """A clip as it was rendered. frames uint8 [T, H, W, 3]; objects bool [T, H, W] each."""

    name: str
    frames: np.ndarray
    objects: list[np.ndarray]


def rendered(clips: int, *, frames: int = FRAMES) -> Iterator[ClipToAnnotate]:
    """Clips of the test split, with the objects that a person could choose on the first frame."""
    for seed in range(FIRST_SEED, FIRST_SEED + clips):
        clip = render_clip(seed, frames=frames, fps=FPS, split="test")
        objects = [truth for truth in np.moveaxis(clip.masks, 1, 0) if is_chosen(truth)]
        yield ClipToAnnotate(f"clip-{seed}.mp4", clip.frames, objects)


def is_chosen(truth: np.ndarray) -> bool:
    """Large enough on the first frame, and seen on a frame that is scored."""
    return bool(truth[0].mean() >= LEAST_AREA and truth[1:-1].any())


def upload(owner: Person, project: int, footage: ClipToAnnotate) -> int:
    """Brings the clip in as a page does, part by part; the video's id."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / footage.name
        write_mp4(path, footage.frames, FPS)
        content = path.read_bytes()
    begun = owner.post(f"/api/projects/{project}/uploads/", {"name": footage.name, "size": len(content)})
    parts = []
    for number in range(1, begun["part_count"] + 1):
        asked = {"part_numbers": [number]}
        link = owner.post(f"/api/uploads/{begun['id']}/parts/", asked)["urls"][str(number)]
        size = begun["part_size"]
        put = httpx.put(link, content=content[(number - 1) * size : number * size], timeout=60)
        put.raise_for_status()
        parts.append({"part_number": number, "etag": put.headers["ETag"]})
    return int(owner.post(f"/api/uploads/{begun['id']}/complete/", {"parts": parts})["id"])


def check(owner: Person, video: int, footage: ClipToAnnotate) -> float:
    """Waits until the video is ready; raises unless each stored frame is the rendered frame of its number, not its
    neighbour. The mean difference in grey levels."""
    deadline = time.monotonic() + READY_WITHIN
    while (row := owner.get(f"/api/videos/{video}/"))["status"] != "ready":
        if row["status"] == "failed" or time.monotonic() > deadline:
            raise RuntimeError(f"{footage.name} did not become ready: {row['failure']}")
        time.sleep(0.5)
    if row["frame_count"] != len(footage.frames):
        raise RuntimeError(f"{footage.name} has {row['frame_count']} frames, not {len(footage.frames)}.")
    links = owner.get(f"/api/videos/{video}/frames/", count=row["frame_count"])["frames"]
    with httpx.Client(timeout=60) as http:
        stored = [simplejpeg.decode_jpeg(http.get(link["url"]).content, colorspace="RGB") for link in links]
    return _difference(np.stack(stored), footage)


def _difference(stored: np.ndarray, footage: ClipToAnnotate) -> float:
    def grey(frames: np.ndarray) -> np.ndarray:
        return np.asarray(frames.astype(np.float32).mean(-1))

    ours, theirs = grey(footage.frames), grey(stored)
    own = np.abs(ours - theirs).mean((1, 2))
    before, after = (np.abs(ours[a] - theirs[b]).mean((1, 2)) for a, b in ((_LATE, _EARLY), (_EARLY, _LATE)))
    # Where hardly anything moves, noise may make a neighbour look a little nearer.
    mistaken = (own[1:] > before + NOISE).any() or (own[:-1] > after + NOISE).any()
    shifted = own[1:].mean() > before.mean() or own[:-1].mean() > after.mean()
    if own.max() > SAME or mistaken or shifted:
        raise RuntimeError(f"The stored frames of {footage.name} are not those that were rendered.")
    return float(own.mean())


_EARLY, _LATE = slice(None, -1), slice(1, None)
