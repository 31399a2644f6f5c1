"""Does what was written come back? Datasets drawn by chance through every format that is written and read.

What a format can hold is taken from its published description (`Format.holds`), and what should come back is worked
out here from the pixels, apart from any writer.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import IO, Any, get_args

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed as seeded, settings, strategies as st
from PIL import Image

from vos import rle
from vos.dataset import (
    Category,
    Dataset,
    DatasetInvalid,
    Header,
    PassedBy,
    Source,
    Stretch,
    Track,
    VideoItem,
    file_name,
)
from vos.formats import FORMATS, Format
from vos.formats.files import in_chunks
from vos.formats.index import NAME as INDEX
from vos.formats.sav import SOURCES

WRITABLE = [each for each in FORMATS.values() if each.can_write]
NAMES = st.text(min_size=1, max_size=12) | st.sampled_from(
    ["Ünïcode", "видео 1", "動画", "كلب", "👩‍👩‍👧", "../up", "CON", "a b/c", ".hidden", "x" * 300, "001", "-"]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


class Memory:
    """Files that were put and can be read."""

    where = "the memory"

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, path: str, content: bytes | Iterable[bytes]) -> None:
        assert path not in self.files, f"{path} is put twice"
        self.files[path] = b"".join(in_chunks(content))

    def sizes(self) -> dict[str, int]:
        return {name: len(content) for name, content in self.files.items()}

    def chunks(self, name: str) -> Iterator[bytes]:
        yield self.files[name]

    def open(self, name: str) -> IO[bytes]:
        return io.BytesIO(self.files[name])


# --- Datasets drawn by chance ---


@st.composite
def masks(draw: st.DrawFn, height: int, width: int) -> np.ndarray:
    """bool [H, W]: absent as often as not, a box, all of it, or noise."""
    mask = np.zeros((height, width), bool)
    kind = draw(st.sampled_from(["absent", "absent", "box", "box", "all", "noise"]))
    if kind == "box":
        top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        mask[top : draw(st.integers(top + 1, height)), left : draw(st.integers(left + 1, width))] = True
    elif kind == "all":
        mask[:] = True
    elif kind == "noise":
        mask |= np.random.default_rng(draw(st.integers(0, 99))).random((height, width)) < 0.5
    return mask


@st.composite
def tracks(draw: st.DrawFn, video: VideoItem, categories: list[int]) -> tuple[Track, ...]:
    fewest = draw(st.sampled_from([0, 1, 1, 1, 1, 1, 1, 2, 2, 2]))
    ids = draw(st.lists(st.integers(1, 400), unique=True, min_size=fewest, max_size=4))
    found = []
    for object_id in sorted(ids):
        looked = [draw(st.integers(0, 7)) > 0 for _ in video.steps]  # most frames are annotated
        here = [j for j, each in enumerate(looked) if each]
        source: Source = draw(st.sampled_from(SOURCES))
        score = st.floats(0, 1, allow_nan=False)
        found.append(
            Track(
                object_id,
                {j: rle.encode(draw(masks(video.height, video.width))) for j in here},
                category=draw(st.sampled_from([None, *categories])),
                attributes=draw(st.dictionaries(TEXT, TEXT | st.booleans() | score, max_size=2)),
                frame_attributes=(Stretch("blurred", 0, len(video.steps) - 1, draw(TEXT)),),
                source=source,
                score=draw(st.none() | score),
                stability={j: draw(score) for j in here} if source == "auto" else {},
                edited=tuple(here[:1]),
                passed_by=draw(st.sampled_from(get_args(PassedBy))),
            )
        )
    return tuple(found)


def picture(height: int, width: int, step: int) -> bytes:
    """A JPEG that differs from frame to frame."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (step % 256, 7, 200)).save(out, "JPEG")
    return out.getvalue()


@st.composite
def videos(draw: st.DrawFn, name: str, categories: list[int]) -> VideoItem:
    height, width = draw(st.integers(1, 13)), draw(st.integers(1, 13))
    count, every = draw(st.integers(1, 9)), draw(st.integers(1, 4))
    steps = range(0, count, every)
    pts = tuple(draw(st.none() | st.integers(-(2**40), 2**40)) for _ in steps)
    video = VideoItem(
        name=name,
        width=width,
        height=height,
        fps=draw(st.sampled_from([24.0, 25.0, 30000 / 1001, 6.0])),
        frame_count=count,
        annotate_every=every,
        split=draw(st.sampled_from(["train", "val", "test"])),
        environment=draw(st.sampled_from(["", "Indoor", "Outdoor"])),
        tags=tuple(draw(st.lists(TEXT, max_size=2))),
        frame_tags=(Stretch("dark", 0, 0),),
        source_name=draw(TEXT),
        source_sha256="ab" * 32,
        source_pts=pts if any(each is not None for each in pts) else (),
        source_times=tuple(step / 24 for step in steps),
        picture=lambda step: picture(height, width, step),
        film=lambda: iter([b"an mp4, ", name.encode()]),
    )
    return replace(video, tracks=draw(tracks(video, categories)))


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    ids = sorted(draw(st.sets(st.integers(1, 64), max_size=3)))
    labels = draw(st.lists(TEXT.filter(bool), unique=True, min_size=len(ids), max_size=len(ids)))
    categories = tuple(Category(i, name, draw(TEXT)) for i, name in zip(ids, labels, strict=True))
    names = sorted({file_name(name) for name in draw(st.lists(NAMES, min_size=1, max_size=2))})
    made = [draw(videos(name, ids)) for name in names]
    return Dataset(made, Header(draw(TEXT), categories, {"description": draw(TEXT), "license": "cc-by-4.0"}))


# --- What should come back ---


def kept(format: Format, video: VideoItem) -> list[int]:
    """The frame_idx whose masks the format can hold."""
    everywhere = range(len(video.steps))
    if format.holds.unannotated:
        return list(everywhere)
    return [j for j in everywhere if all(j in track.masks for track in video.tracks)]


def expected(format: Format, video: VideoItem) -> VideoItem:
    """The video as the format, with its index beside, should give it back."""
    frames = kept(format, video)
    pixels = {t.id: {j: rle.decode(t.masks[j]) for j in frames if j in t.masks} for t in video.tracks}
    if not format.holds.overlaps:
        for track in video.tracks:
            above = [other.id for other in video.tracks if other.id > track.id]
            for j, mask in pixels[track.id].items():
                for other in above:
                    mask[pixels[other][j]] = False
    stability = format.holds.never_visible and format.holds.unannotated  # SA-V and Parquet have it
    made = tuple(
        replace(
            track,
            masks={j: rle.encode(mask) for j, mask in pixels[track.id].items()},
            stability=track.stability if stability else {},
        )
        for track in video.tracks
    )
    return replace(video, tracks=made)


def differences(format: Format, video: VideoItem, back: VideoItem) -> Iterator[str]:
    wanted = expected(format, video)
    for each in fields(VideoItem):
        if each.name not in {"picture", "film"} and getattr(wanted, each.name) != getattr(back, each.name):
            yield f"{each.name}: {getattr(wanted, each.name)!r} became {getattr(back, each.name)!r}"
    if back.picture is not None:
        for j in kept(format, video):
            if back.picture(video.steps[j]) != picture(video.height, video.width, video.steps[j]):
                yield f"the picture of annotated frame {j} is another one"
    elif format.needs == "pictures":
        yield "the pictures are gone"


def write(format: Format, dataset: Dataset) -> Memory:
    memory = Memory()
    parts = [format.write(video, memory) for video in dataset.videos]
    format.finish(dataset.header, parts, memory)
    return memory


def round_trip(format: Format, dataset: Dataset) -> list[str]:
    """What differs after a dataset was written, twice, and read. Raises DatasetInvalid where it cannot be held."""
    memory = write(format, dataset)
    found = [] if write(format, dataset).files == memory.files else ["the second writing gave other bytes"]
    back = format.read(memory)
    found += [] if back.header == dataset.header else [f"{dataset.header!r} became {back.header!r}"]
    by_name = {video.name: video for video in back.videos}
    if set(by_name) != {video.name for video in dataset.videos}:
        return [*found, f"the videos became {sorted(by_name)}"]
    for video in dataset.videos:
        found += differences(format, video, by_name[video.name])
    return found


def without_index(format: Format, dataset: Dataset) -> list[str]:
    """What differs in the masks when the files are all that there is, as for any other tool."""
    if format.name == "sav" and any(video.annotate_every != 4 for video in dataset.videos):
        return []  # SA-V knows every 4th alone; another rate stands in the index
    memory = write(format, dataset)
    del memory.files[INDEX]
    by_name = {video.name: video for video in format.read(memory).videos}
    if set(by_name) != {video.name for video in dataset.videos}:
        return [f"without the index, the videos became {sorted(by_name)}"]
    return [
        each for video in dataset.videos for each in _bare_differences(format, video, by_name[video.name])
    ]


def _bare_differences(format: Format, video: VideoItem, back: VideoItem) -> Iterator[str]:
    """Masks as sets by frame, in the order of the frames: ids may be the format's own."""
    frames = kept(format, video)
    wanted, found = Counter[Any](), Counter[Any]()
    for track in expected(format, video).tracks:
        row = tuple(track.masks[j]["counts"] if j in track.masks else None for j in frames)
        wanted[row] += 1
    places: Sequence[int] = range(len(back.steps))
    if len(back.steps) != len(frames):  # frames that no object has a word on may be missing
        places = range(len(frames))
        steps = {step: j for j, step in enumerate(back.steps)}
        places = [steps.get(video.steps[j], -1) for j in frames]
    for track in back.tracks:
        found[tuple(track.masks[j]["counts"] if j in track.masks else None for j in places)] += 1
    nothing = rle.empty(height=video.height, width=video.width)["counts"]
    for row in [*wanted, *found]:
        told = any(each is not None for each in row) if format.holds.unannotated else True
        seen = any(each not in {None, nothing} for each in row)
        if (seen or (told and format.holds.never_visible)) and wanted[row] != found[row]:
            yield f"{video.name}: {wanted[row]} such tracks became {found[row]}: {row!r}"


def cannot_hold(format: Format, dataset: Dataset) -> bool:
    """Whether it is right to refuse: a video has no masklet, or no mask, or no frame that is annotated in full."""
    if format.name == "sav":
        return any(not video.tracks for video in dataset.videos)
    if format.name in {"sav_eval", "predictions"}:
        return any(not any(track.masks for track in video.tracks) for video in dataset.videos)
    return any(not kept(format, video) for video in dataset.videos)


def try_one(format: Format, dataset: Dataset) -> list[str] | None:
    """What is wrong with a case; nothing when it is all right, None when it was rightly refused."""
    refuses = cannot_hold(format, dataset)
    try:
        found = round_trip(format, dataset) + without_index(format, dataset)
    except DatasetInvalid as error:
        return None if refuses else [f"{format.name} refused: {error}"]
    if refuses:
        found.append("took what it cannot hold")
    return [f"{format.name}: {each}" for each in found]


def count(cases: int = 1200, *, seed: int = 0) -> dict[str, Any]:
    """`roundtrip_cases` (at least `cases`, without those refused), `roundtrip_mismatches`, and the first of them."""
    wrong: list[str] = []
    tried = 0

    def one(format: Format) -> Callable[[], None]:
        @seeded(seed)
        @settings(
            max_examples=2 + cases * 13 // (10 * len(WRITABLE)),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(datasets())
        def run(dataset: Dataset) -> None:
            nonlocal tried
            found = try_one(format, dataset)
            if found is not None:
                tried += 1
                wrong.extend(found[:1])

        return run

    for format in WRITABLE:
        one(format)()
    return {"roundtrip_cases": tried, "roundtrip_mismatches": len(wrong), "wrong": wrong[:10]}


if __name__ == "__main__":
    import json

    print(json.dumps(count(), ensure_ascii=False))
