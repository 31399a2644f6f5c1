"""CVAT's XML, written here from its published description, read by us."""

from itertools import groupby
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from benchmarks import roundtrips
from benchmarks.roundtrips import Memory
from vos import rle
from vos.dataset import DatasetInvalid
from vos.formats import FORMATS

CVAT = FORMATS["cvat"]
HEIGHT, WIDTH = 9, 14


def document(tracks: str, *, frames: int = 6, size: str | None = None, head: str = "") -> bytes:
    size = size or f"<original_size><width>{WIDTH}</width><height>{HEIGHT}</height></original_size>"
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}<annotations><version>1.1</version><meta><task><id>5</id>'
        f"<name>Мой пёс.mp4</name><size>{frames}</size><mode>interpolation</mode>{size}</task></meta>"
        f"{tracks}</annotations>"
    ).encode()


def mask_element(frame: int, mask: np.ndarray) -> str:
    """Runs row by row through the mask's window, zeros first."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, left = rows[0], columns[0]
    window = mask[top : rows[-1] + 1, left : columns[-1] + 1]
    runs = [len(list(group)) for _, group in groupby(window.ravel().tolist())]
    runs = ([0] if window.ravel()[0] else []) + runs
    return (
        f'<mask frame="{frame}" keyframe="1" outside="0" occluded="0" rle="{", ".join(map(str, runs))}" '
        f'left="{left}" top="{top}" width="{window.shape[1]}" height="{window.shape[0]}" z_order="0"></mask>'
    )


def gone(frame: int) -> str:
    return f'<polygon frame="{frame}" points="0,0;1,0;1,1" outside="1" occluded="0" keyframe="1"></polygon>'


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    pixels=st.lists(roundtrips.masks(HEIGHT, WIDTH), min_size=1, max_size=6),
    label=roundtrips.TEXT.filter(lambda text: text.isprintable() and bool(text)),
)
def test_masks_come_as_they_were_painted(pixels: list[np.ndarray], label: str) -> None:
    shapes = "".join(mask_element(j, mask) if mask.any() else gone(j) for j, mask in enumerate(pixels))
    memory = Memory()
    track = f'<track id="3" label={quoteattr(label)} source="manual">{shapes}</track>'
    memory.put("annotations.xml", document(track, frames=len(pixels)))
    (video,) = (dataset := CVAT.read(memory)).videos
    (found,) = video.tracks
    assert [rle.decode(found.masks[j]).tolist() for j in range(len(pixels))] == [m.tolist() for m in pixels]
    assert found.id == 4
    names = {category.id: category.name for category in dataset.categories}
    assert names.get(found.category or 0, "object") == label
    assert (video.name, video.source_name) == ("Мой-пёс.mp4", "Мой пёс.mp4")


def test_a_polygon_is_filled_and_what_lies_between_is_unannotated(memory: Memory) -> None:
    square = 'points="2.0,3.0;6.0,3.0;6.0,7.0;2.0,7.0" outside="0" occluded="0"'
    track = (
        f'<track id="0" label="dog" source="auto"><polygon frame="1" {square} keyframe="1">'
        f'<attribute name="colour">brown</attribute><attribute name="wet">true</attribute></polygon>'
        f'<polygon frame="3" {square} keyframe="1"></polygon>{gone(4)}</track>'
    )
    memory.put("annotations.xml", document(track))
    (video,) = CVAT.read(memory).videos
    (dog,) = video.tracks
    assert sorted(dog.masks) == [0, 1, 3, 4, 5], "on frame 2 CVAT would guess; nobody looked"
    filled = np.zeros((HEIGHT, WIDTH), bool)
    filled[3:7, 2:6] = True
    np.testing.assert_array_equal(rle.decode(dog.masks[1]), filled)
    assert [rle.area(dog.masks[j]) for j in (0, 4, 5)] == [0, 0, 0]
    assert dog.attributes == {"colour": "brown", "wet": True}
    assert dog.source == "auto"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (document('<track id="0" label="a"><box frame="0" xtl="1" outside="0"/></track>'), "A box is no mask"),
        (document('<track id="0" label="a"><polygon frame="9" points="0,0;1,0;1,1"/></track>'), "has 6 frames"),
        (document('<track id="0" label="a"><polygon frame="0" points="nan,0;1,0;1,1"/></track>'), "three points"),
        (document('<track id="0" label="a"><mask frame="0" rle="1,2" left="0" top="0" width="2" height="2"/></track>'),
         "do not cover its window"),
        (document('<track id="0" label="a"><mask frame="0" rle="4" left="13" top="0" width="2" height="2"/></track>'),
         "does not lie in a frame"),
        (document('<image id="0" name="a.jpg" width="3" height="3"/>'), "CVAT for images"),
        (document("", size=" "), "tells no <size> and <original_size>"),
        (document("", head='<!DOCTYPE a [<!ENTITY b "bbbb">]>'), "declares a DOCTYPE"),
        (b"<annotations><track", "is no XML"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused(memory: Memory, content: bytes, says: str) -> None:
    memory.put("annotations.xml", content)
    with pytest.raises(DatasetInvalid, match=says):
        CVAT.read(memory)
