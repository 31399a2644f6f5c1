"""Hugging Face `datasets`: `data/{train,validation,test}/{video}.parquet` and a dataset card, `README.md`.

A row is an annotated frame: its picture and the objects on it. An object that nobody looked for on a frame is not in
its row; one that is absent has a mask of zeros. Needs pyarrow.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from vos.dataset import Dataset, DatasetInvalid, Header, Part, Sink, Split, VideoItem, Videos
from vos.formats.files import LARGEST_TEXT, Tree
from vos.formats.format import MOST_MASKS, Format, Holds, Written
from vos.formats.rows import FOLDERS, card, check, row, told, tracks

TITLE = "Hugging Face datasets (Parquet)"
ROWS_TOGETHER = 32  #: so that a video's pictures are never in memory at once
LARGEST = 2**33  #: bytes of a Parquet file
KEY = b"maskloop"


def _pyarrow() -> Any:
    # Optional: the other formats do without it.
    try:
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise DatasetInvalid(f"{TITLE} needs pyarrow: pip install pyarrow.") from error
    return pyarrow


@lru_cache(maxsize=1)
def _schema() -> Any:
    pa = _pyarrow()
    mask = pa.struct([("size", pa.list_(pa.int32())), ("counts", pa.string())])
    an_object = pa.struct(
        [
            ("object_id", pa.int64()),
            ("category_id", pa.int64()),
            ("source", pa.string()),
            ("score", pa.float64()),
            ("stability", pa.float64()),
            ("attributes", pa.string()),
            ("mask", mask),
        ]
    )
    return pa.schema(
        [
            ("video", pa.string()),
            ("frame_idx", pa.int32()),
            ("timeline_idx", pa.int32()),
            ("width", pa.int32()),
            ("height", pa.int32()),
            ("fps", pa.float64()),
            ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
            ("objects", pa.list_(an_object)),
        ]
    )


# --- Writing ---


def _write(video: VideoItem, sink: Sink) -> Written:
    path = f"data/{FOLDERS[video.split]}/{video.name}.parquet"
    digest, size = hashlib.sha256(), 0

    def chunks() -> Iterator[bytes]:
        nonlocal size
        for chunk in _parquet(video):
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    sink.put(path, chunks())
    own = {"path": path, "size": size, "sha256": digest.hexdigest(), "rows": len(video.steps)}
    kept = [[j, step] for j, step in enumerate(video.steps)]
    return Written(kept, [track.id for track in video.tracks], own)


def _parquet(video: VideoItem) -> Iterator[bytes]:
    pa = _pyarrow()
    objects = [told(track) for track in video.tracks]
    # What a row cannot say: the whole timeline, and objects that nobody looked for.
    more = {"frame_count": video.frame_count, "annotate_every": video.annotate_every, "objects": objects}
    schema = _schema().with_metadata({KEY: json.dumps(more).encode()})
    out = _Drain()
    with pa.parquet.ParquetWriter(pa.PythonFile(out, "w"), schema, compression="zstd") as writer:
        steps = list(enumerate(video.steps))
        for begin in range(0, len(steps), ROWS_TOGETHER):
            rows = [row(video, objects, j, step) for j, step in steps[begin : begin + ROWS_TOGETHER]]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            yield out.drain()
    yield out.drain()


class _Drain(io.RawIOBase):
    """A file that is taken away while it is written."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any) -> int:
        self._chunks.append(bytes(chunk))
        return len(self._chunks[-1])

    def drain(self) -> bytes:
        content = b"".join(self._chunks)
        self._chunks.clear()
        return content


def finish(header: Header, parts: Iterable[Part], sink: Sink) -> None:
    """Write the dataset's card."""
    sink.put("README.md", card(header, parts, suffix=".parquet").encode())


# --- Reading ---


def _open(tree: Tree) -> Dataset:
    keys = [
        (split, name)
        for split, folder in FOLDERS.items()
        for name in tree.below(f"data/{folder}", ".parquet")
    ]

    def read(key: tuple[Split, str]) -> VideoItem:
        pa = _pyarrow()
        split, name = key
        try:
            return _read(tree, name, split)
        except (pa.ArrowException, KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            if isinstance(error, DatasetInvalid):
                raise
            raise DatasetInvalid(f"{name} is not laid out as it should be: {error!r}.") from error

    return Dataset(Videos(keys, read), Header(TITLE))


def _read(tree: Tree, name: str, split: Split) -> VideoItem:
    with tree.open(name, most=LARGEST) as content:
        rows, more = _rows(_pyarrow().parquet.ParquetFile(content), name)
    first = rows[0]
    steps = tuple(row["timeline_idx"] for row in rows)
    frame_count, every = more.get("frame_count", steps[-1] + 1), more.get("annotate_every", 1)
    return VideoItem(
        name=first["video"],
        width=first["width"],
        height=first["height"],
        fps=first["fps"],
        frame_count=frame_count,
        annotate_every=every,
        annotated=() if steps == tuple(range(0, frame_count, every)) else steps,
        tracks=tracks(rows, more.get("objects", [])),
        split=split,
        picture=_picture(tree, name, steps),
    )


def _rows(file: Any, name: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows in their order without their pictures, and what the file says beside them."""
    if file.metadata.num_rows > MOST_MASKS:
        raise DatasetInvalid(f"{name} has more than {MOST_MASKS} rows.")
    if sum(_unpacked(file.metadata.row_group(group)) for group in range(file.num_row_groups)) > LARGEST_TEXT:
        raise DatasetInvalid(f"{name} unpacks to more than {LARGEST_TEXT} bytes of masks. Split it.")
    wanted = ["video", "frame_idx", "timeline_idx", "width", "height", "fps", "objects"]
    rows = sorted(file.read(columns=wanted).to_pylist(), key=lambda row: row["frame_idx"])
    check(rows, name)
    return rows, json.loads((file.schema_arrow.metadata or {}).get(KEY, b"{}"))


def _unpacked(group: Any) -> int:
    """Bytes of all but the pictures."""
    columns = [group.column(number) for number in range(group.num_columns)]
    return sum(
        each.total_uncompressed_size for each in columns if not each.path_in_schema.startswith("image")
    )


def _picture(tree: Tree, name: str, steps: tuple[int, ...]) -> Callable[[int], bytes]:
    places = {step: place for place, step in enumerate(steps)}

    def picture(step: int) -> bytes:
        with tree.open(name, most=LARGEST) as content:
            row = _picture_at(_pyarrow().parquet.ParquetFile(content), places.get(step, -1))
        if row is None:
            raise DatasetInvalid(f"There is no picture of frame {step} in {name}.")
        return bytes(row["bytes"])

    return picture


def _picture_at(file: Any, place: int) -> dict[str, Any] | None:
    """Of a row, read without the others' pictures but those of its group."""
    for group in range(file.num_row_groups if place >= 0 else 0):
        count = file.metadata.row_group(group).num_rows
        if place < count:
            found: dict[str, Any] | None = file.read_row_group(group, columns=["image"])["image"][
                place
            ].as_py()
            return found
        place -= count
    return None


FORMAT = Format(
    name="hf",
    title=TITLE,
    extensions=(".parquet", ".md"),
    holds=Holds(labels=True, attributes=True, unannotated=True, never_visible=True, timeline=True),
    lost=("Attributes of some frames and tags stand in maskloop_index.json alone.",),
    recognises=lambda tree: any(tree.below(f"data/{folder}", ".parquet") for folder in FOLDERS.values()),
    opens=_open,
    writes=_write,
    finishes=finish,
)
