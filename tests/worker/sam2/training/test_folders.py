"""Datasets on disk as footage: what is read, what counts as annotated, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco

from worker.sam2.training import folders
from worker.sam2.training.folders import DavisFolder, FootageError, SavFolder

HEIGHT, WIDTH = 48, 64
#: Where the squares stand on annotated frame j: x, y; None where they are absent.
FIRST = [(4 + 2 * j, 10) for j in range(10)]
SECOND = [None, None, (40, 20), (40, 22), None, (40, 26), (40, 28), (40, 30), (40, 32), (40, 34)]


def square(at: tuple[int, int] | None) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    if at:
        mask[at[1] : at[1] + 12, at[0] : at[0] + 12] = True
    return mask


def picture(j: int) -> np.ndarray:
    """Says which annotated frame it is by its colour; the first square is brighter."""
    frame = np.full((HEIGHT, WIDTH, 3), 20 * j, np.uint8)
    frame[square(FIRST[j])] += 40
    return frame


def rle(mask: np.ndarray) -> dict[str, Any]:
    made = coco.encode(np.asfortranarray(mask, np.uint8))
    return {"size": [int(n) for n in made["size"]], "counts": made["counts"].decode()}


def frame_number(frame: np.ndarray) -> int:
    return round(float(np.median(frame)) / 20)


@pytest.fixture
def table() -> dict[str, Any]:
    masklet = [[rle(square(FIRST[j])), rle(square(SECOND[j]))] for j in range(10)]
    return {"video_id": "a", "video_height": float(HEIGHT), "video_width": float(WIDTH), "masklet": masklet}


@pytest.fixture
def write_sav(tmp_path: Path, table: dict[str, Any]) -> Callable[..., SavFolder]:
    def write(*, kind: str = "manual", **changes: Any) -> SavFolder:
        (tmp_path / f"a_{kind}.json").write_text(json.dumps(table | changes))
        (tmp_path / "a").mkdir(exist_ok=True)
        for j in range(10):
            Image.fromarray(picture(j)).save(tmp_path / "a" / f"{4 * j:05d}.jpg", quality=95)
        return SavFolder(tmp_path)

    return write


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_clip_of_sa_v_shows_annotated_frames_in_a_row(
    write_sav: Callable[..., SavFolder], rng: np.random.Generator
) -> None:
    folder = write_sav()
    for _ in range(20):
        clip = folder.clip(rng, 4)
        assert clip.frames.shape == (4, HEIGHT, WIDTH, 3)
        first, *_ = numbers = [frame_number(frame) for frame in clip.frames]
        assert numbers == list(range(first, first + 4))
        assert clip.masks[0].any(axis=(1, 2)).all(), "every object is visible on the first frame"
        expected = [m for m in (FIRST, SECOND) if m[first]]
        for number, places in zip(range(clip.masks.shape[1]), expected, strict=True):
            for t in range(4):
                np.testing.assert_array_equal(clip.masks[t, number], square(places[first + t]))


def test_a_null_mask_is_not_annotated_and_a_mask_of_zeros_is_absent(
    write_sav: Callable[..., SavFolder], table: dict[str, Any], rng: np.random.Generator
) -> None:
    table["masklet"][6][1] = None
    folder = write_sav()
    video = folder.open("a")
    assert (video.areas[4, 1], video.areas[6, 1]) == (0, -1)
    for _ in range(40):
        clip = folder.clip(rng, 4)
        first = frame_number(clip.frames[0])
        assert clip.masks.shape[1] == 1 + (first == 2), (
            "the second is taken only where all four are annotated"
        )


def test_short_annotations_are_played_forth_and_back(
    write_sav: Callable[..., SavFolder], table: dict[str, Any], rng: np.random.Generator
) -> None:
    table["masklet"] = table["masklet"][:3]
    clip = write_sav().clip(rng, 8)
    assert [frame_number(frame) for frame in clip.frames] == [0, 1, 2, 1, 0, 1, 2, 1]
    table["masklet"] = table["masklet"][:1]
    assert write_sav().clip(rng, 3).frames.shape[0] == 3


def test_manual_and_automatic_masklets_are_read_together(write_sav: Callable[..., SavFolder]) -> None:
    write_sav()
    folder = write_sav(kind="auto")
    assert folder.names == ["a"]
    assert folder.open("a").areas.shape == (10, 4)


def test_an_evaluation_sees_each_object_once_from_where_it_appears(
    write_sav: Callable[..., SavFolder],
) -> None:
    clips = list(write_sav().clips())
    assert [clip.masks.shape[:2] for clip in clips] == [(10, 1), (8, 1)]
    assert [frame_number(clip.frames[0]) for clip in clips] == [0, 2]
    assert all(clip.masks[0].any() for clip in clips)
    assert [len(clip.frames) for clip in write_sav().clips(longest=5)] == [5, 5]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ({"masklet": [[{"size": [HEIGHT, WIDTH], "counts": 7}]]}, "no compressed RLE"),
        ({"masklet": [[{"size": [1, 1], "counts": "1"}]]}, r"but the video is \[48, 64\]"),
        ({"masklet": [[], [None]]}, "as many masks"),
        ({"masklet": []}, "as many masks"),
        ({"masklet": 3}, "is no SA-V annotation"),
        ({"video_height": None}, "is no SA-V annotation"),
    ],
)
def test_a_damaged_sa_v_file_is_refused_by_name(
    write_sav: Callable[..., SavFolder], rng: np.random.Generator, damage: dict[str, Any], says: str
) -> None:
    folder = write_sav(**damage)
    with pytest.raises(FootageError, match=says) as refused:
        folder.clip(rng, 4)
    assert "a_manual.json" in str(refused.value)


@pytest.mark.parametrize("counts", ["11", "0" + "o" * 5 + "1"])
def test_runs_that_do_not_add_up_are_refused(
    write_sav: Callable[..., SavFolder], table: dict[str, Any], rng: np.random.Generator, counts: str
) -> None:
    for row in table["masklet"]:
        row[0] = row[1] = {"size": [HEIGHT, WIDTH], "counts": counts}
    with pytest.raises(FootageError, match=r"runs cover .* pixels, but the frame has 3072\. And 19 more"):
        write_sav().clip(rng, 4)


def test_a_missing_frame_and_a_missing_video_are_told(
    write_sav: Callable[..., SavFolder], tmp_path: Path
) -> None:
    folder = write_sav()
    (tmp_path / "a" / "00008.jpg").unlink()
    with pytest.raises(FootageError, match="has no frame 8, which is annotated frame 2"):
        list(folder.clips())
    for file in (tmp_path / "a").iterdir():
        file.unlink()
    (tmp_path / "a").rmdir()
    with pytest.raises(FootageError, match="there is no folder a of JPEG frames"):
        SavFolder(tmp_path).open("a")


def test_an_mp4_is_not_opened_here(tmp_path: Path, table: dict[str, Any]) -> None:
    (tmp_path / "a_manual.json").write_text(json.dumps(table))
    (tmp_path / "a.mp4").write_bytes(b"whatever")
    with pytest.raises(FootageError, match=r"python -m worker\.decode .* lays its frames out"):
        SavFolder(tmp_path).open("a")


def test_frames_of_another_size_than_their_masks_are_refused(
    write_sav: Callable[..., SavFolder], tmp_path: Path
) -> None:
    folder = write_sav()
    Image.new("RGB", (10, 10)).save(tmp_path / "a" / "00000.jpg")
    with pytest.raises(FootageError, match="its mask is"):
        list(folder.clips())


def test_a_video_that_shows_nothing_is_refused_and_not_replaced(
    write_sav: Callable[..., SavFolder], table: dict[str, Any], rng: np.random.Generator
) -> None:
    table["masklet"] = [[rle(square(None))]] * 4
    with pytest.raises(FootageError, match="no frame shows an object"):
        write_sav().clip(rng, 4)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FootageError, match="holds no annotated video"):
        SavFolder(tmp_path)
    with pytest.raises(FootageError, match="There is no folder"):
        SavFolder(tmp_path / "nowhere")
    with pytest.raises(FootageError, match="has no folder JPEGImages"):
        DavisFolder(tmp_path)


def save_ids(path: Path, ids: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = Image.fromarray(ids.astype(np.uint8))
    made.putpalette([n for n in range(256) for _ in range(3)])
    made.save(path)


@pytest.fixture
def davis(tmp_path: Path) -> Path:
    """Palette PNGs on every second frame; the number 255 is nobody's."""
    images = tmp_path / "JPEGImages" / "a"
    images.mkdir(parents=True)
    for j in range(10):
        Image.fromarray(picture(j)).save(images / f"{j:05d}.jpg", quality=95)
        ids = np.where(square(FIRST[j]), 2, 0) + np.where(square(SECOND[j]), 5, 0)
        ids[0, 0] = 255
        if j % 2 == 0:
            save_ids(tmp_path / "Annotations" / "a" / f"{j:05d}.png", ids)
    return tmp_path


def test_davis_palettes_hold_an_object_a_number(davis: Path, rng: np.random.Generator) -> None:
    folder = DavisFolder(davis)
    assert folder.names == ["a"]
    (whole, late) = folder.clips()
    assert [frame_number(frame) for frame in whole.frames] == [0, 2, 4, 6, 8]
    for t, j in enumerate(range(0, 10, 2)):
        np.testing.assert_array_equal(whole.masks[t, 0], square(FIRST[j]))
    assert (len(late.frames), late.masks[1].any()) == (4, False)
    assert folder.clip(rng, 3).frames.shape == (3, HEIGHT, WIDTH, 3)


def test_a_frame_of_sa_v_val_without_a_png_is_not_annotated(tmp_path: Path) -> None:
    for j in range(10):
        images = tmp_path / "JPEGImages_24fps" / "v"
        images.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(j)).save(images / f"{j:05d}.jpg", quality=95)
        for obj, places in enumerate((FIRST, SECOND)):
            if not (obj == 1 and j == 6):
                save_ids(
                    tmp_path / "Annotations_6fps" / "v" / f"{obj:03d}" / f"{j:05d}.png", square(places[j])
                )
    folder = DavisFolder(tmp_path)
    areas = folder.open("v").areas
    assert areas.shape == (10, 2)
    assert (areas[4, 1], areas[6, 1], areas[0, 0]) == (0, -1, 144)
    assert [len(clip.frames) for clip in folder.clips()] == [10, 4]


def test_a_damaged_davis_file_is_refused_by_name(davis: Path) -> None:
    (davis / "JPEGImages" / "a" / "00004.jpg").write_bytes(b"no picture")
    with pytest.raises(FootageError, match=r"00004.jpg cannot be read"):
        list(DavisFolder(davis).clips())
    (davis / "JPEGImages" / "a" / "00004.jpg").rename(davis / "JPEGImages" / "a" / "00005.jpg")
    with pytest.raises(FootageError, match="has no frame 4, though"):
        DavisFolder(davis).open("a")
    (davis / "JPEGImages" / "a" / "00005.jpg").rename(davis / "JPEGImages" / "a" / "00004.jpg")
    Image.new("RGB", (WIDTH, HEIGHT)).save(davis / "Annotations" / "a" / "00004.png")
    with pytest.raises(FootageError, match="one number a pixel"):
        DavisFolder(davis).open("a")


def test_a_start_from_which_an_object_that_is_there_leaves_is_known() -> None:
    areas = np.array([[9], [9], [9], [0], [9], [9], [9], [9], [9], [9]])
    leaves = folders._leaving(areas, areas > 0, 3)
    assert leaves.tolist() == [False, True, True, False] + [False] * 6
