import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from vos import rle as masks
from vos.formats import sav

CLIP = sav.SavVideo("maskloop_000007", 24.0, 17, 40, 60, "", "train")


def tracked(*areas: int) -> sav.SavMasklet:
    """A masklet with so many pixels on each frame."""
    rles = []
    for area in areas:
        mask = np.zeros(40 * 60, bool)
        mask[:area] = True
        rles.append(masks.encode(mask.reshape(40, 60)))
    return sav.SavMasklet(rles, [0.5 + 0.1 * j for j in range(len(areas))], edited_frame_count=2)


def shape_of(value: Any) -> Any:
    """Types, all the way down; of a list, those of its members."""
    if isinstance(value, dict):
        return {key: shape_of(member) for key, member in value.items()}
    if isinstance(value, list):
        return [json.loads(text) for text in sorted({json.dumps(shape_of(member)) for member in value})]
    return type(value).__name__


MANUAL = sav.annotation(CLIP, [tracked(0, 10, 0, 30, 0), tracked(1, 1, 1, 1, 1)], auto=False)
AUTO = sav.annotation(CLIP, [tracked(5, 5, 5, 5, 0)], auto=True)


@pytest.mark.parametrize(("ours", "name"), [(MANUAL, "manual"), (AUTO, "auto")])
def test_keys_and_types_are_those_of_a_published_file(ours: dict[str, Any], name: str) -> None:
    folder = os.environ.get("MASKLOOP_SAV_EXAMPLE")
    if not folder:
        pytest.skip("MASKLOOP_SAV_EXAMPLE does not name the folder of sav_000001_manual.json")
    theirs = json.loads((Path(folder) / f"sav_000001_{name}.json").read_text())
    assert list(ours) == list(theirs)
    assert shape_of(ours) == shape_of(theirs)
    assert list(ours["masklet"][0][0]) == list(theirs["masklet"][0][0])


def test_our_statistics_of_a_published_file_are_its_own() -> None:
    folder = os.environ.get("MASKLOOP_SAV_EXAMPLE")
    if not folder:
        pytest.skip("MASKLOOP_SAV_EXAMPLE does not name the folder of sav_000001_manual.json")
    theirs = json.loads((Path(folder) / "sav_000001_manual.json").read_text())
    count = theirs["masklet_num"]
    clip = sav.SavVideo("sav_000001", 24.0, 483, 848, 480, "Indoor", "train")
    edited = theirs["masklet_edited_frame_count"]
    masklets = [
        sav.SavMasklet([row[k] for row in theirs["masklet"]], [1.0] * len(theirs["masklet"]), edited[k])
        for k in range(count)
    ]
    ours = sav.annotation(clip, masklets, auto=False)
    for key in ("masklet_size_rel", "masklet_size_abs"):
        assert ours.pop(key) == pytest.approx(theirs.pop(key), rel=1e-6)
    assert ours == theirs


def test_counts_that_sa_v_holds_as_float64_are_floats() -> None:
    keys = ("video_frame_count", "video_height", "video_width", "video_resolution", "video_duration")
    assert [(MANUAL[key], type(MANUAL[key])) for key in keys] == [
        (17.0, float),
        (40.0, float),
        (60.0, float),
        (2400.0, float),
        (17 / 24, float),
    ]


def test_the_outer_list_is_frames_and_the_inner_one_objects() -> None:
    assert [len(row) for row in MANUAL["masklet"]] == [2] * 5
    areas = [[int(coco.area(rle)) for rle in row] for row in MANUAL["masklet"]]
    assert areas == [[0, 1], [10, 1], [0, 1], [30, 1], [0, 1]]
    assert all(type(rle["counts"]) is str for row in MANUAL["masklet"] for rle in row)


def test_statistics_are_over_visible_frames() -> None:
    assert MANUAL["masklet_size_abs"] == [20.0, 1.0]
    assert MANUAL["masklet_size_rel"] == [20 / 2400, 1 / 2400]
    assert MANUAL["masklet_visibility_changes"] == [3, 0]
    assert MANUAL["masklet_first_appeared_frame"] == [1.0, 0.0]
    assert MANUAL["masklet_edited_frame_count"] == [2, 2]


def test_an_automatic_masklet_has_stabilities_by_frame_and_object() -> None:
    assert AUTO["masklet_stability_score"] == [[0.5], [0.6], [0.7], [0.8], [0.9]]
    assert AUTO["masklet_edited_frame_count"] == [0]
    assert MANUAL["masklet_stability_score"] == [None, None]


def test_an_object_that_is_never_visible_has_no_size() -> None:
    assert sav.mean_visible([0, 0]) == 0.0
    assert sav.visibility_changes([0, 0]) == 0


@pytest.mark.parametrize(("size", "bucket"), [(1023.9, "small"), (1024, "medium"), (9216, "large")])
def test_the_buckets_of_sizes(size: float, bucket: str) -> None:
    assert sav.size_of(size) == bucket
