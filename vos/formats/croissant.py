"""Croissant: the Parquet files of `hf` with `croissant.json`, which tells what they hold and their SHA-256."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from vos.dataset import Dataset, DatasetInvalid, Header, Part, Sink
from vos.formats import hf
from vos.formats.files import LARGEST_TEXT, Tree
from vos.formats.format import Format
from vos.formats.texts import dumps, listed, parse_json

TITLE = "Croissant (Parquet)"
NAME = "croissant.json"
PARQUET = "application/x-parquet"
VERSION = "http://mlcommons.org/croissant/1.0"

_TERMS = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet", "format",
    "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
    "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{term: f"cr:{term}" for term in _TERMS},
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}
#: Name, type, column, where in the column, what it is. What is of an object is a list, a member for each.
FIELDS = (
    ("video", "sc:Text", "video", "", "The video that the frame is of."),
    ("frame_idx", "sc:Integer", "frame_idx", "", "Counts the annotated frames of the video."),
    ("timeline_idx", "sc:Integer", "timeline_idx", "", "Counts all frames of the video."),
    ("width", "sc:Integer", "width", "", "Pixels."),
    ("height", "sc:Integer", "height", "", "Pixels."),
    ("fps", "sc:Float", "fps", "", "Frames of the video in a second."),
    ("image", "sc:ImageObject", "image", "bytes", "The frame."),
    ("object_id", "sc:Integer", "objects", "object_id", "Each object, the same on all frames of the video."),
    ("counts", "sc:Text", "objects", "mask.counts", "Its mask: compressed COCO RLE of height × width."),
)


def _finish(header: Header, parts: Iterable[Part], sink: Sink) -> None:
    hf.finish(header, parts, sink)
    sink.put(NAME, _content(header, parts))


def _content(header: Header, parts: Iterable[Part]) -> Iterator[bytes]:
    yield dumps(_about(header))[:-1] + b', "distribution": '
    yield from listed(_distribution(parts))
    yield b', "recordSet": ' + dumps([_records()]) + b"}\n"


def _about(header: Header) -> dict[str, Any]:
    info = header.info
    about = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": header.name,
        "description": info.get("description") or "Masklets: objects segmented through the frames of videos.",
        "conformsTo": VERSION,
        "license": info.get("license") or "https://choosealicense.com/no-permission/",
        "url": info.get("url") or "https://example.org/",
        "version": info.get("version") or "1.0.0",
        "citeAs": info.get("citation") or header.name,
        "creator": {"@type": "sc:Organization", "name": info.get("creator") or header.name},
    }
    # Without a date of its own the dataset has none: today's would change the bytes.
    return {**about, "datePublished": info.get("date") or "1970-01-01"}


def _distribution(parts: Iterable[Part]) -> Iterator[dict[str, Any]]:
    for part in parts:
        own = part["own"]
        yield {
            "@type": "cr:FileObject",
            "@id": own["path"],
            "name": own["path"],
            "contentUrl": own["path"],
            "contentSize": f"{own['size']} B",
            "encodingFormat": PARQUET,
            "sha256": own["sha256"],
        }
    yield {
        "@type": "cr:FileSet",
        "@id": "rows",
        "name": "rows",
        "description": "A row for each annotated frame.",
        "encodingFormat": PARQUET,
        "includes": "data/*/*.parquet",
    }


def _records() -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "frames",
        "name": "frames",
        "description": "The annotated frames and the objects on them.",
        "key": [{"@id": "frames/video"}, {"@id": "frames/frame_idx"}],
        "field": [_field(*each) for each in FIELDS],
    }


def _field(name: str, kind: str, column: str, within: str, description: str) -> dict[str, Any]:
    source: dict[str, Any] = {"fileSet": {"@id": "rows"}, "extract": {"column": column}}
    if within:
        source["transform"] = {"jsonPath": within}
    return {
        "@type": "cr:Field",
        "@id": f"frames/{name}",
        "name": name,
        "description": description,
        "dataType": kind,
        **({"repeated": True} if column == "objects" else {}),
        "source": source,
    }


def _open(tree: Tree) -> Dataset:
    given = parse_json(tree.read(NAME, most=LARGEST_TEXT), NAME)
    if not isinstance(given, dict) or given.get("conformsTo") != VERSION:
        raise DatasetInvalid(f"{NAME} does not conform to {VERSION}.")
    return hf.FORMAT.opens(tree)


FORMAT = Format(
    name="croissant",
    title=TITLE,
    extensions=(".parquet", ".json", ".md"),
    holds=hf.FORMAT.holds,
    lost=hf.FORMAT.lost,
    recognises=lambda tree: NAME in tree and hf.FORMAT.recognises(tree),
    opens=_open,
    writes=hf.FORMAT.writes,
    finishes=_finish,
)
