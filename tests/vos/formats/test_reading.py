"""Files that other tools wrote, as they write them: none of ours, no index beside."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from benchmarks.roundtrips import Memory, picture
from vos import rle
from vos.formats import FORMATS, Folder
from vos.formats.segmentation import to_rle

HEIGHT, WIDTH = 8, 12


def square() -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[2:6, 3:9] = True
    return mask


def runs_of(mask: np.ndarray) -> list[int]:
    """Column by column, zeros first."""
    flat = mask.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff([0, *edges, flat.size]).tolist()
    return [0, *runs] if flat[0] else runs


def test_a_mask_may_be_polygons_runs_or_packed() -> None:
    packed = coco.encode(np.asfortranarray(square(), np.uint8))
    for given in (
        [[3, 2, 9, 2, 9, 6, 3, 6]],
        {"size": [HEIGHT, WIDTH], "counts": runs_of(square())},
        {"size": [HEIGHT, WIDTH], "counts": packed["counts"].decode()},
    ):
        found = to_rle(given, height=HEIGHT, width=WIDTH)
        np.testing.assert_array_equal(rle.decode(found), square())


def put_json(memory: Memory, name: str, content: Any) -> None:
    memory.put(name, json.dumps(content).encode())


def test_youtube_vis_as_it_is_published(memory: Memory) -> None:
    """Runs as numbers, ids of the whole file, frames that are every fifth."""
    mask = {"size": [HEIGHT, WIDTH], "counts": runs_of(square())}
    names = ["0043f083b5/00000.jpg", "0043f083b5/00005.jpg", "0043f083b5/00010.jpg"]
    video: dict[str, Any] = {
        "id": 7,
        "height": HEIGHT,
        "width": WIDTH,
        "length": 3,
        "file_names": names,
        "license": 1,
    }
    track: dict[str, Any] = {"id": 31, "video_id": 7, "category_id": 40, "iscrowd": 0, "length": 3}
    track["segmentations"] = [None, mask, None]
    content = {"videos": [video], "annotations": [track], "categories": [{"id": 40, "name": "zebra"}]}
    put_json(memory, "train/instances.json", content)
    for number, name in enumerate(names):
        memory.put(f"train/JPEGImages/{name}", picture(HEIGHT, WIDTH, number))
    dataset = FORMATS["youtube_vis"].read(memory)
    (found,) = dataset.videos
    assert (found.name, found.steps, found.split) == ("0043f083b5", (0, 5, 10), "train")
    (zebra,) = found.tracks
    assert [rle.area(zebra.masks[j]) for j in range(3)] == [0, 24, 0], "null is absence"
    assert [(c.id, c.name) for c in dataset.categories] == [(40, "zebra")]
    assert zebra.category == 40
    assert found.picture is not None
    assert found.picture(5) == picture(HEIGHT, WIDTH, 1)


def test_coco_with_track_ids_and_polygons(memory: Memory) -> None:
    images = [
        {"id": 100 + n, "file_name": f"clip/{n:06d}.jpg", "height": HEIGHT, "width": WIDTH} for n in (3, 1, 2)
    ]
    row: dict[str, Any] = {"image_id": 102, "category_id": 1, "track_id": 5, "iscrowd": 0}
    row["segmentation"] = [[3, 2, 9, 2, 9, 6, 3, 6]]
    content = {"images": images, "annotations": [{"id": 1, **row}], "categories": [{"id": 1, "name": "cat"}]}
    put_json(memory, "annotations/instances_val.json", content)
    (video,) = FORMATS["coco"].read(memory).videos
    assert (video.name, video.steps, video.split, video.picture) == ("clip", (1, 2, 3), "val", None)
    (cat,) = video.tracks
    assert (cat.id, cat.category) == (5, 1)
    assert [rle.area(cat.masks[j]) for j in range(3)] == [0, 24, 0]


def test_davis_with_nobodys_pixels_and_no_lists(memory: Memory) -> None:
    """Pixels of 255 belong to nobody; frames without a PNG are not annotated; the folder may name no resolution."""
    import io

    from PIL import Image

    for number in range(3):
        memory.put(f"JPEGImages/bear/{number:05d}.jpg", picture(HEIGHT, WIDTH, number))
    numbers = np.where(square(), 1, 0).astype(np.uint8)
    numbers[0] = 255
    out = io.BytesIO()
    image = Image.fromarray(numbers)
    image.putpalette([0] * 768)
    image.save(out, "PNG")
    memory.put("Annotations/bear/00000.png", out.getvalue())
    (bear,) = FORMATS["davis"].read(memory).videos
    assert (bear.frame_count, bear.steps) == (3, (0,))
    (track,) = bear.tracks
    np.testing.assert_array_equal(rle.decode(track.masks[0]), square())


def test_a_published_sa_v_file_is_read_and_written_back(tmp_path: Path) -> None:
    folder = os.environ.get("MASKLOOP_SAV_EXAMPLE")
    if not folder:
        pytest.skip("MASKLOOP_SAV_EXAMPLE does not name the folder of sav_000001_manual.json")
    (video,) = FORMATS["sav"].read(Folder(folder)).videos
    assert (video.fps, video.frame_count, len(video.steps), len(video.tracks)) == (24.0, 483, 121, 14)
    assert [track.source for track in video.tracks] == ["manual"] * 5 + ["auto"] * 9
    memory = Memory()
    FORMATS["sav"].write(video, memory)
    for kind in ("manual", "auto"):
        theirs = json.loads((Path(folder) / f"sav_000001_{kind}.json").read_text())
        ours = json.loads(memory.files[f"sav_000001_{kind}.json"])
        assert ours["masklet"] == theirs["masklet"]
        assert ours["masklet_stability_score"] == theirs["masklet_stability_score"]
        assert ours["masklet_visibility_changes"] == theirs["masklet_visibility_changes"]
