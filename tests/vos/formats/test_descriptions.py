"""Each format as its publishers describe it, opened with nothing of ours: PIL, json, pycocotools."""

import io
import json
import re
import tarfile
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from PIL import Image
from pycocotools import mask as coco
from pycocotools.coco import COCO

from benchmarks.roundtrips import Memory
from tests.vos.formats.conftest import DOG, HAND, HEIGHT, WIDTH
from vos.dataset import Dataset, DatasetInvalid, Header, Part, VideoItem
from vos.formats import FORMATS

STEPS = [0, 4, 8, 12, 16]


def write(name: str, memory: Memory, header: Header, *videos: VideoItem) -> Memory:
    parts: list[Part] = [FORMATS[name].write(video, memory) for video in videos]
    FORMATS[name].finish(header, json.loads(json.dumps(parts)), memory)
    return memory


def png(memory: Memory, name: str) -> Image.Image:
    picture = Image.open(io.BytesIO(memory.files[name]))
    assert picture.format == "PNG"
    return picture


def painted(j: int) -> np.ndarray:
    """The hand, object 5, lies over the dog, object 2."""
    return np.where(HAND[j], 5, np.where(DOG[j], 2, 0))


def decode(segmentation: Any) -> np.ndarray:
    return coco.decode(segmentation).astype(bool)


# --- SA-V ---


def test_sa_v_has_rows_of_frames_and_a_film_beside(memory: Memory, header: Header, video: VideoItem) -> None:
    write("sav", memory, header, video)
    assert memory.files["видео-7.mp4"] == b"film"
    found = json.loads(memory.files["видео-7_manual.json"])
    assert "видео-7_auto.json" not in memory.files
    assert (found["masklet_id"], found["masklet_num"], found["video_split"]) == ([0, 1], 2, "val")
    for j, row in enumerate(found["masklet"]):
        for mask, true in zip(row, (DOG[j], HAND[j]), strict=True):
            assert (list(mask), mask["size"]) == (["size", "counts"], [HEIGHT, WIDTH])
            np.testing.assert_array_equal(decode(mask), true)


def test_sa_v_says_null_where_nobody_looked(memory: Memory, header: Header, partly: VideoItem) -> None:
    write("sav", memory, header, partly)
    found = json.loads(memory.files["видео-7_manual.json"])
    assert [row[1] is None for row in found["masklet"]] == [False, False, False, True, True]
    assert found["masklet_frame_count"] == [5, 3]


def test_sa_v_val_has_every_frame_and_a_folder_for_each_object(
    memory: Memory, header: Header, partly: VideoItem
) -> None:
    write("sav_eval", memory, header, partly)
    assert memory.files["sav_val/sav_val.txt"].decode() == "видео-7\n"
    frames = [name for name in memory.files if name.startswith("sav_val/JPEGImages_24fps/видео-7/")]
    assert frames == [f"sav_val/JPEGImages_24fps/видео-7/{number:05d}.jpg" for number in range(17)]
    annotations = "sav_val/Annotations_6fps/видео-7"
    for j, step in enumerate(STEPS):
        for folder, true in (("001", DOG[j]), ("004", HAND[j])):
            name = f"{annotations}/{folder}/{step:05d}.png"
            if folder == "004" and j > 2:
                assert name not in memory.files, "nobody looked for it there"
                continue
            values = np.asarray(png(memory, name))
            assert len(np.unique(values)) <= 2
            np.testing.assert_array_equal(values > 0, true)


def test_predictions_lie_as_the_evaluator_looks_for_them(
    memory: Memory, header: Header, video: VideoItem
) -> None:
    write("predictions", memory, header, video)
    found = sorted(name for name in memory.files if name.endswith(".png"))
    assert found == sorted(
        f"predictions/видео-7/{folder}/{step:05d}.png" for folder in ("001", "004") for step in STEPS
    )


# --- A number for each pixel ---


@pytest.mark.parametrize(
    ("name", "images", "annotations", "numbers"),
    [
        ("davis", "JPEGImages/480p", "Annotations/480p", range(5)),
        ("mose", "valid/JPEGImages", "valid/Annotations", range(5)),
        ("youtube_vos", "valid/JPEGImages", "valid/Annotations", STEPS),
    ],
)
def test_a_palette_png_holds_object_numbers_later_ones_on_top(
    memory: Memory, header: Header, video: VideoItem, name: str, images: str, annotations: str, numbers: Any
) -> None:
    write(name, memory, header, video)
    for j, number in enumerate(numbers):
        picture = png(memory, f"{annotations}/видео-7/{number:05d}.png")
        assert picture.mode == "P"
        # DAVIS' colours of the first objects.
        assert (picture.getpalette() or [])[:18] == [
            *(0, 0, 0), *(128, 0, 0), *(0, 128, 0), *(128, 128, 0), *(0, 0, 128), *(128, 0, 128),
        ]  # fmt: skip
        np.testing.assert_array_equal(np.asarray(picture), painted(j))
        frame = Image.open(io.BytesIO(memory.files[f"{images}/видео-7/{number:05d}.jpg"]))
        assert frame.size == (WIDTH, HEIGHT)
        assert abs(np.asarray(frame)[0, 0, 0] - STEPS[j]) < 4, "and it is the frame that was annotated"


def test_davis_lists_its_videos(memory: Memory, header: Header, video: VideoItem) -> None:
    write("davis", memory, header, video)
    assert memory.files["ImageSets/2017/val.txt"].decode().splitlines() == ["видео-7"]
    assert "ImageSets/2017/train.txt" not in memory.files


def test_youtube_vos_names_categories_and_the_frames_that_show_an_object(
    memory: Memory, header: Header, video: VideoItem
) -> None:
    write("youtube_vos", memory, header, video)
    assert json.loads(memory.files["valid/meta.json"]) == {
        "videos": {
            "видео-7": {
                "objects": {
                    "2": {"category": "dog", "frames": ["00000", "00004", "00008", "00012", "00016"]},
                    "5": {"category": "object", "frames": ["00008", "00012"]},
                }
            }
        }
    }


def test_mots_has_sixteen_bits_of_label_and_object(memory: Memory, header: Header, video: VideoItem) -> None:
    write("mots", memory, header, video)
    for j in range(5):
        picture = png(memory, f"val/instances/видео-7/{j:06d}.png")
        values = np.asarray(picture).astype(int)
        assert memory.files[f"val/instances/видео-7/{j:06d}.png"][24] == 16, (
            "bits of a channel, in the header"
        )
        np.testing.assert_array_equal(values // 1000 * (values > 0), np.where(painted(j) == 2, 18, 0))
        np.testing.assert_array_equal(values % 1000, painted(j))
    assert memory.files["val.seqmap"].decode() == "видео-7\n"


@pytest.mark.parametrize("name", ["davis", "mose", "youtube_vos", "mots", "youtube_vis", "sa_co", "coco"])
def test_a_frame_on_which_nobody_looked_is_left_out_where_silence_means_absence(
    memory: Memory, header: Header, partly: VideoItem, name: str
) -> None:
    write(name, memory, header, partly)
    assert sum(file.endswith(".jpg") for file in memory.files) == 3
    shown = json.loads(memory.files["maskloop_index.json"])["videos"][0]["frames"]
    assert [frame["number"] is None for frame in shown] == [False] * 3 + [True] * 2


# --- JSON ---


def test_youtube_vis_has_a_mask_or_null_for_each_file_name(
    memory: Memory, header: Header, video: VideoItem
) -> None:
    write("youtube_vis", memory, header, video)
    found = json.loads(memory.files["valid/instances.json"])
    assert list(found) == ["info", "licenses", "videos", "annotations", "categories"]
    (only,) = found["videos"]
    assert (only["width"], only["height"], only["length"]) == (WIDTH, HEIGHT, 5)
    assert only["file_names"] == [f"видео-7/{step:05d}.jpg" for step in STEPS]
    assert all(f"valid/JPEGImages/{name}" in memory.files for name in only["file_names"])
    dog, hand = found["annotations"]
    names = {category["id"]: category["name"] for category in found["categories"]}
    assert [names[dog["category_id"]], names[hand["category_id"]]] == ["dog", "object"]
    assert [mask is None for mask in hand["segmentations"]] == [True, True, False, False, True]
    assert (hand["areas"][2], hand["bboxes"][2], hand["areas"][0]) == (42, [5, 4, 7, 6], None)
    size, runs = hand["segmentations"][3]["size"], hand["segmentations"][3]["counts"]
    np.testing.assert_array_equal(
        coco.decode(coco.frPyObjects({"size": size, "counts": runs}, *size)), HAND[3]
    )
    assert all(isinstance(run, int) for run in runs)
    assert {dog["id"], hand["id"]} == {1, 2}


def test_sa_co_says_which_phrases_a_video_has(memory: Memory, header: Header, video: VideoItem) -> None:
    write("sa_co", memory, header, video)
    found = json.loads(memory.files["annotation/saco_veval_maskloop_val.json"])
    assert set(found) == {"info", "videos", "annotations", "categories", "video_np_pairs"}
    assert set(found["videos"][0]) >= {"id", "file_names", "height", "width", "length"}
    assert set(found["annotations"][0]) >= {
        "id", "segmentations", "bboxes", "areas", "iscrowd", "video_id", "height", "width", "category_id",
        "noun_phrase",
    }  # fmt: skip
    pairs = {
        (pair["video_id"], pair["noun_phrase"], pair["num_masklets"]) for pair in found["video_np_pairs"]
    }
    assert pairs == {(1, "dog", 1), (1, "object", 1)}
    categories = {each["id"]: each["name"] for each in found["categories"]}
    assert all(categories[each["category_id"]] == each["noun_phrase"] for each in found["annotations"])


def test_pycocotools_reads_coco(
    memory: Memory, header: Header, video: VideoItem, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    write("coco", memory, header, video)
    (tmp_path / "instances.json").write_bytes(memory.files["annotations/instances_val.json"])
    read = COCO(str(tmp_path / "instances.json"))
    assert [read.imgs[i]["file_name"] for i in sorted(read.imgs)] == [f"видео-7/{s:05d}.jpg" for s in STEPS]
    for j, image in enumerate(sorted(read.imgs)):
        shown = {each["track_id"]: each for each in read.loadAnns(read.getAnnIds(imgIds=image))}
        assert set(shown) == {2} | ({5} if HAND[j].any() else set())
        np.testing.assert_array_equal(read.annToMask(shown[2]).astype(bool), DOG[j])
        assert shown[2]["area"] == DOG[j].sum()
        assert read.loadCats(shown[2]["category_id"])[0]["name"] == "dog"
        assert shown[2]["attributes"] == {"colour": "brown"}


# --- Parquet ---


def test_a_parquet_row_is_a_frame_with_its_picture_and_objects(
    memory: Memory, header: Header, partly: VideoItem
) -> None:
    write("hf", memory, header, partly)
    rows = pyarrow.parquet.read_table(
        pyarrow.BufferReader(memory.files["data/validation/видео-7.parquet"])
    ).to_pylist()
    assert [row["timeline_idx"] for row in rows] == STEPS
    assert [[each["object_id"] for each in row["objects"]] for row in rows] == [[2, 5]] * 3 + [[2]] * 2
    np.testing.assert_array_equal(decode(rows[2]["objects"][1]["mask"]), HAND[2])
    assert Image.open(io.BytesIO(rows[0]["image"]["bytes"])).size == (WIDTH, HEIGHT)
    card = memory.files["README.md"].decode()
    assert card.startswith("---\n")
    assert '"path": "data/validation/*.parquet"' in card
    assert "| 18 | dog |" in card


# --- WebDataset ---


def test_a_webdataset_sample_is_a_picture_and_its_json(
    memory: Memory, header: Header, partly: VideoItem
) -> None:
    write("webdataset", memory, header, partly)
    samples: dict[str, dict[str, bytes]] = {}
    with tarfile.open(fileobj=io.BytesIO(memory.files["data/validation/видео-7.tar"])) as archive:
        for about in archive:
            # The key is what stands before the first dot of the last name, the type what comes after it.
            key, suffix = re.fullmatch(r"((?:.*/|)[^.]+)[.]([^/]*)", about.name).groups()  # type: ignore[union-attr]
            samples.setdefault(key, {})[suffix] = archive.extractfile(about).read()  # type: ignore[union-attr]
    assert list(samples) == [f"видео-7/{step:05d}" for step in STEPS]
    assert {tuple(each) for each in samples.values()} == {("jpg", "json")}, (
        "each has the same types, together"
    )
    rows = [json.loads(each["json"]) for each in samples.values()]
    assert [[each["object_id"] for each in row["objects"]] for row in rows] == [[2, 5]] * 3 + [[2]] * 2
    np.testing.assert_array_equal(decode(rows[2]["objects"][1]["mask"]), HAND[2])
    assert Image.open(io.BytesIO(samples["видео-7/00000"]["jpg"])).size == (WIDTH, HEIGHT)
    assert '"path": "data/validation/*.tar"' in memory.files["README.md"].decode()


@pytest.mark.filterwarnings("ignore")
def test_mlcroissant_validates_croissant_and_reads_the_rows(
    memory: Memory, header: Header, video: VideoItem, tmp_path: Any
) -> None:
    import mlcroissant

    write("croissant", memory, header, video)
    for name, content in memory.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    dataset = mlcroissant.Dataset(str(tmp_path / "croissant.json"))
    assert dataset.metadata.ctx.issues.errors == set()
    assert dataset.metadata.name == "Пёс"
    rows = list(dataset.records("frames"))
    assert [row["frames/timeline_idx"] for row in rows] == STEPS
    assert rows[0]["frames/image"].size == (WIDTH, HEIGHT)
    assert list(rows[0]["frames/object_id"]) == [2, 5]
    counts = rows[2]["frames/counts"][1]
    np.testing.assert_array_equal(decode({"size": [HEIGHT, WIDTH], "counts": counts}), HAND[2])


# --- Beside all of them ---


@pytest.mark.parametrize("name", [name for name, each in FORMATS.items() if each.can_write])
def test_the_index_tells_ids_labels_times_and_the_source(
    memory: Memory, header: Header, video: VideoItem, name: str
) -> None:
    write(name, memory, header, video)
    found = json.loads(memory.files["maskloop_index.json"])
    assert [category["name"] for category in found["categories"]] == ["cat", "dog"]
    (only,) = found["videos"]
    assert (only["source_name"], only["source_sha256"]) == ("Мой пёс.MP4", "0f" * 32)
    assert (only["annotate_every"], only["fps"]) == (4, 24.0)
    assert [(frame["frame_idx"], frame["timeline_idx"]) for frame in only["frames"]] == list(enumerate(STEPS))
    assert [(each["id"], each["category"]) for each in only["objects"]] == [(2, 18), (5, None)]


def test_more_objects_than_there_are_numbers_are_refused(memory: Memory, video: VideoItem) -> None:
    from dataclasses import replace

    many = replace(video, tracks=tuple(replace(video.tracks[1], id=n) for n in range(1, 256)))
    with pytest.raises(DatasetInvalid, match="255 objects; DAVIS 2017 has numbers for 254"):
        FORMATS["davis"].write(many, memory)
    assert not memory.files, "and nothing was written"


def test_videos_are_read_when_they_are_taken(memory: Memory, header: Header, video: VideoItem) -> None:
    write("davis", memory, header, video)
    memory.files["Annotations/480p/видео-7/00002.png"] = b"damaged"
    dataset: Dataset = FORMATS["davis"].open(memory)
    assert len(dataset.videos) == 1
    with pytest.raises(DatasetInvalid, match=r"00002.png is no JPEG or PNG"):
        dataset.videos[0]
