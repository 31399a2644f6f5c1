"""What cannot be taken is refused before it is used, with sentences that name the file and what is wrong with it."""

import io
import json
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benchmarks.roundtrips import Memory, picture
from tests.vos.formats.conftest import HEIGHT, WIDTH
from tests.vos.formats.test_descriptions import write
from vos.dataset import DatasetInvalid, Header, VideoItem
from vos.formats import FORMATS, Archive, Folder, Tree, recognise
from vos.formats.files import Files


def refused(name: str, files: Files) -> list[str]:
    with pytest.raises(DatasetInvalid) as caught:
        FORMATS[name].read(files)
    return caught.value.problems


def png(pixels: np.ndarray, **how: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", **how)
    return out.getvalue()


@pytest.fixture
def written(memory: Memory, header: Header, video: VideoItem) -> Callable[[str], Memory]:
    return lambda name: write(name, memory, header, video)


# --- SA-V's JSON ---


def damaged(memory: Memory, change: Callable[[dict[str, Any]], None]) -> Memory:
    name = "видео-7_manual.json"
    content = json.loads(memory.files[name])
    change(content)
    memory.files[name] = json.dumps(content).encode()
    return memory


def set_mask(mask: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        content["masklet"][1][0] = mask

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (set_mask({"size": [HEIGHT, WIDTH], "counts": 7}), "annotated frame 1, object 0: this is no compressed RLE"),
        (set_mask({"size": [WIDTH, HEIGHT], "counts": "0"}), r"the mask is \[20, 12\], but the video is \[12, 20\]"),
        (set_mask({"size": [HEIGHT, WIDTH], "counts": "5"}), "annotated frame 1: The mask's runs cover 5 pixels"),
        (set_mask({"size": [HEIGHT, WIDTH], "counts": "é"}), "a character that no COCO RLE has"),
        (set_mask({"size": [HEIGHT, WIDTH], "counts": "oooooooo"}), "ends in the middle of a number"),
        (set_mask({"size": [HEIGHT, WIDTH], "counts": ""}), "runs cover 0 pixels"),
        (lambda content: content["masklet"].pop(), "make 5 annotated frames, but the file has 4"),
        (lambda content: content["masklet"][2].pop(), "as many masks as the others"),
        (lambda content: content.pop("masklet"), "is no SA-V annotation: KeyError 'masklet'"),
        (lambda content: content.update(video_height="tall"), "is no SA-V annotation"),
        (lambda content: content.update(video_width=2.0**40), r"the video is \[12, 1099511627776\]"),
        (lambda content: content.update(video_frame_count=2.0**40), "annotated frames, but the file has 5"),
    ],
)  # fmt: skip
def test_a_sa_v_file_that_lies_is_refused(
    written: Callable[[str], Memory], change: Callable[[dict[str, Any]], None], says: str
) -> None:
    memory = damaged(written("sav"), change)
    del memory.files["maskloop_index.json"]
    problems = refused("sav", memory)
    assert re.search(says, " ".join(problems))
    assert all("видео-7" in problem for problem in problems)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_refused(written: Callable[[str], Memory], word: str) -> None:
    memory = written("sav")
    name = "видео-7_manual.json"
    memory.files[name] = memory.files[name].replace(
        b'"video_height": 12.0', f'"video_height": {word}'.encode()
    )
    assert f"{word} is no number" in refused("sav", memory)[0]


def test_deep_nesting_is_no_crash(memory: Memory) -> None:
    memory.put("a_manual.json", b"[" * 200_000)
    assert "a_manual.json" in refused("sav", memory)[0]


def test_a_million_masks_and_one_are_too_many(memory: Memory) -> None:
    row = b"[" + b", ".join([b"null"] * 1001) + b"]"
    rows = b",".join([row] * 1000)
    memory.put("a_manual.json", b'{"video_height": 4, "video_width": 4, "masklet": [' + rows + b"]}")
    assert refused("sav", memory) == ["a_manual.json has more than 1000000 masks. Split the video."]


def test_all_problems_are_told_at_once_and_the_rest_is_counted(written: Callable[[str], Memory]) -> None:
    def change(content: dict[str, Any]) -> None:
        content["masklet"] = [[{"size": [1, 1], "counts": "1"}] * 40 for _ in content["masklet"]]

    memory = damaged(written("sav"), change)
    with pytest.raises(DatasetInvalid, match="And 150 more") as caught:
        FORMATS["sav"].read(memory)
    assert (len(caught.value.problems), caught.value.count) == (50, 200)


# --- PNGs ---

MASK = "Annotations/480p/видео-7/00001.png"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (png(np.zeros((HEIGHT, WIDTH + 1), np.uint8), bits=8), "has no palette"),
        (png(np.zeros((HEIGHT, WIDTH, 3), np.uint8)), "is a PNG of mode RGB"),
        (png(np.zeros((HEIGHT, WIDTH), np.uint16)), "is a PNG of mode I;16"),
        (picture(HEIGHT, WIDTH, 0), "is a JPEG"),
        (b"", "is no JPEG or PNG"),
        (b"\x89PNG\r\n\x1a\n", "is no JPEG or PNG"),
    ],
)
def test_a_png_that_is_no_mask_is_refused(
    written: Callable[[str], Memory], content: bytes, says: str
) -> None:
    memory = written("davis")
    memory.files[MASK] = content
    (problem,) = refused("davis", memory)
    assert MASK in problem
    assert says in problem


def test_a_png_of_another_size_is_refused(written: Callable[[str], Memory]) -> None:
    memory = written("davis")
    small = Image.new("P", (3, 4))
    small.putpalette([0] * 768)
    out = io.BytesIO()
    small.save(out, "PNG")
    memory.files[MASK] = out.getvalue()
    assert refused("davis", memory) == [f"{MASK} is 3 × 4 (width × height), but the video is 20 × 12."]


def test_a_cut_png_is_refused(written: Callable[[str], Memory]) -> None:
    memory = written("davis")
    memory.files[MASK] = memory.files[MASK][:-30]
    assert refused("davis", memory)[0].startswith(f"{MASK} is damaged")


def test_a_png_that_unpacks_to_gigabytes_is_refused_by_its_header(written: Callable[[str], Memory]) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    memory = written("davis")
    memory.files[MASK] = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    )
    (problem,) = refused("davis", memory)
    assert MASK in problem
    assert "too many" in problem or "no JPEG or PNG" in problem


def test_a_mots_png_of_eight_bits_is_refused(written: Callable[[str], Memory]) -> None:
    memory = written("mots")
    memory.files["val/instances/видео-7/000001.png"] = png(np.zeros((HEIGHT, WIDTH), np.uint8))
    assert "has one number of 16 bits a pixel" in refused("mots", memory)[0]


def test_a_mask_without_its_picture_is_refused(written: Callable[[str], Memory]) -> None:
    memory = written("davis")
    del memory.files["JPEGImages/480p/видео-7/00003.jpg"]
    assert refused("davis", memory) == [
        "Annotations/480p/видео-7/00003.png has no picture of the same number."
    ]


def test_pictures_of_another_size_are_refused(written: Callable[[str], Memory]) -> None:
    memory = written("sav_eval")
    name = "sav_val/JPEGImages_24fps/видео-7/00004.jpg"
    memory.files[name] = picture(HEIGHT, WIDTH + 1, 4)
    assert refused("sav_eval", memory) == [f"{name} is 21 × 12 (width × height), but the video is 20 × 12."]


def test_shades_are_no_mask_of_one_object(written: Callable[[str], Memory]) -> None:
    memory = written("predictions")
    shades = np.arange(HEIGHT * WIDTH, dtype=np.uint8).reshape(HEIGHT, WIDTH)
    memory.files["predictions/видео-7/001/00004.png"] = png(shades)
    assert "more than two values" in refused("predictions", memory)[0]


def test_names_that_are_no_numbers_are_refused(written: Callable[[str], Memory]) -> None:
    memory = written("davis")
    memory.files["Annotations/480p/видео-7/mask.png"] = memory.files[MASK]
    assert refused("davis", memory) == [
        "Annotations/480p/видео-7/mask.png is not named by its frame's number."
    ]
    memory.files["Annotations/480p/видео-7/1.png"] = memory.files.pop("Annotations/480p/видео-7/mask.png")
    assert "have the same number" in refused("davis", memory)[0]


# --- JSON of instances ---


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c["annotations"][0]["segmentations"].pop(), "has 4 masks, but the video has 5 frames"),
        (lambda c: c["annotations"][0].update(category_id=99), "category 99 is not in the file"),
        (lambda c: c["annotations"][0].update(video_id=99), "of a video that is not there"),
        (lambda c: c["videos"][0].update(height=13), "but the video is 20 × 13"),
        (lambda c: c["videos"][0]["file_names"].__setitem__(0, "../../etc/00000.jpg"), "no picture in a folder"),
        (lambda c: c["videos"][0]["file_names"].__setitem__(0, "видео-7/00004.jpg"), "names a frame twice"),
        (lambda c: c["annotations"][0]["segmentations"].__setitem__(0, {"size": [12, 20], "counts": [3]}), "cover 3"),
        (lambda c: c["annotations"][0]["segmentations"].__setitem__(0, [[1, 2, 3, 4]]), "at least three points"),
        (lambda c: c["annotations"][0]["segmentations"].__setitem__(0, [[1e9, 0, 0, 1, 1, 1]]), "far outside"),
        (lambda c: c.pop("videos"), "not laid out"),
    ],
)  # fmt: skip
def test_instances_that_contradict_themselves_are_refused(
    written: Callable[[str], Memory], change: Callable[[dict[str, Any]], Any], says: str
) -> None:
    memory = written("youtube_vis")
    content = json.loads(memory.files["valid/instances.json"])
    change(content)
    memory.files["valid/instances.json"] = json.dumps(content).encode()
    problems = " ".join(refused("youtube_vis", memory))
    assert says in problems
    assert "valid/" in problems


@pytest.mark.parametrize(
    "damage", [lambda body: body[:-50], lambda body: b"PAR1" + body[100:], lambda body: b""]
)
def test_a_damaged_parquet_file_is_refused(
    written: Callable[[str], Memory], damage: Callable[[bytes], bytes]
) -> None:
    memory = written("hf")
    name = "data/validation/видео-7.parquet"
    memory.files[name] = damage(memory.files[name])
    assert refused("hf", memory)[0].startswith(f"{name} is not laid out")


def test_parquet_that_unpacks_to_too_much_is_refused(
    written: Callable[[str], Memory], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = written("hf")
    monkeypatch.setattr("vos.formats.hf.LARGEST_TEXT", 100)
    assert "unpacks to more than 100 bytes of masks" in refused("hf", memory)[0]


TAR = "data/validation/видео-7.tar"


def tarred(*members: tuple[tarfile.TarInfo | str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for about, content in members:
            info = tarfile.TarInfo(about) if isinstance(about, str) else about
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def untarred(body: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        return {about.name: archive.extractfile(about).read() for about in archive}  # type: ignore[union-attr]


@pytest.mark.parametrize("damage", [lambda body: body[:-5000], lambda body: b"?" * 600, lambda body: b""])
def test_a_damaged_tar_is_refused(written: Callable[[str], Memory], damage: Callable[[bytes], bytes]) -> None:
    memory = written("webdataset")
    memory.files[TAR] = damage(memory.files[TAR])
    assert TAR in refused("webdataset", memory)[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda row: row.update(width="20"), "width"),
        (lambda row: row.pop("objects"), "objects"),
        (lambda row: row.update(frame_idx=7), "do not count from 0"),
        (lambda row: row.update(height=13), "differ in height"),
        (lambda row: row["all_objects"][0].update(attributes="[]"), "attributes are an object"),
        (lambda row: row["objects"][0]["mask"].update(counts="1"), "cover 1 pixels"),
        (lambda row: row["objects"][0]["mask"].update(size=[12, 21]), "12"),
        (lambda row: row.update(fps=float("nan")), "NaN"),
        (lambda row: row.update(annotate_every=0), "1 to"),
    ],
)
def test_samples_that_lie_are_refused(
    written: Callable[[str], Memory], change: Callable[[dict[str, Any]], Any], says: str
) -> None:
    memory = written("webdataset")
    del memory.files["maskloop_index.json"]  # which says some of it too
    members = untarred(memory.files[TAR])
    row = json.loads(members["видео-7/00000.json"])
    change(row)
    memory.files[TAR] = tarred(*(members | {"видео-7/00000.json": json.dumps(row).encode()}).items())
    assert says in " ".join(refused("webdataset", memory))


def test_a_tar_with_a_link_is_refused(written: Callable[[str], Memory]) -> None:
    memory = written("webdataset")
    symlink = tarfile.TarInfo("видео-7/00000.json")
    symlink.type, symlink.linkname = tarfile.SYMTYPE, "/etc/passwd"
    memory.files[TAR] = tarred((symlink, b""))
    assert "is no file" in refused("webdataset", memory)[0]


def test_coco_without_track_ids_is_refused(written: Callable[[str], Memory]) -> None:
    memory = written("coco")
    name = "annotations/instances_val.json"
    content = json.loads(memory.files[name])
    del content["annotations"][0]["track_id"]
    memory.files[name] = json.dumps(content).encode()
    assert refused("coco", memory) == [
        f"{name}, annotation 1: without a `track_id` nobody knows which object this is."
    ]


# --- Archives and folders ---


def archive(path: Path, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for info, content in entries:
            made.writestr(info, content)
    return path


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize("name", ["../a_manual.json", "/a_manual.json", "x/../../a_manual.json", "C:/a.json"])
def test_names_that_lead_out_of_an_archive_are_refused(tmp_path: Path, name: str) -> None:
    with Archive(archive(tmp_path / "a.zip", (name, b"{}"))) as files:
        assert "leads out of it" in refused("sav", files)[0]


def test_links_in_an_archive_are_refused(tmp_path: Path) -> None:
    with Archive(archive(tmp_path / "a.zip", (link("a_manual.json"), b"/etc/passwd"))) as files:
        assert "is a link" in refused("sav", files)[0]


def test_a_member_that_unpacks_to_more_than_it_says_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("a_manual.json", b" " * 100_000))
    content = path.read_bytes().replace(struct.pack("<I", 100_000), struct.pack("<I", 1_000))
    path.write_bytes(content)
    with Archive(path) as files:
        problem = refused("sav", files)[0]
    assert "unpacks to more than it says" in problem or "is damaged" in problem


def test_a_member_that_claims_more_than_deflate_can_do_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", ("a_manual.json", b"{}"))
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 2**31)
    path.write_bytes(bytes(content))
    with Archive(path) as files:
        assert "unpacks to more than can be" in refused("sav", files)[0]


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(DatasetInvalid, match=r"a\.zip is no ZIP"):
        Archive(tmp_path / "a.zip")


def test_a_link_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "data" / "a_manual.json").symlink_to(tmp_path / "secret.json")
    assert "leads out of the folder" in refused("sav", Folder(tmp_path / "data"))[0]


def test_an_archive_and_a_folder_hold_the_same_dataset(
    written: Callable[[str], Memory], tmp_path: Path
) -> None:
    memory = written("mots")
    with Archive(archive(tmp_path / "a.zip", *memory.files.items(), ("__MACOSX/._x", b"?"))) as files:
        (video,) = FORMATS["mots"].read(files).videos
        assert video.picture is not None
        assert video.picture(4) == memory.files["val/images/видео-7/000001.jpg"]
        assert [track.id for track in video.tracks] == [2, 5]


def test_a_format_is_recognised_by_what_lies_there(written: Callable[[str], Memory]) -> None:
    assert recognise(Tree(written("davis"))).name == "davis"


@pytest.mark.parametrize("name", [name for name, each in FORMATS.items() if each.can_write])
def test_each_format_recognises_its_own(name: str, written: Callable[[str], Memory]) -> None:
    assert recognise(Tree(written(name))).name == name


def test_what_looks_like_nothing_is_told_what_could_be_read(memory: Memory) -> None:
    memory.put("notes.txt", b"hello")
    with pytest.raises(DatasetInvalid, match="none of the formats that can be read: SA-V"):
        recognise(Tree(memory))


def test_an_index_may_be_from_before_it_told_what_accepted_a_masklet(
    written: Callable[[str], Memory],
) -> None:
    memory = written("davis")
    index = json.loads(memory.files["maskloop_index.json"])
    for known in index["videos"][0]["objects"]:
        del known["passed_by"]
    memory.files["maskloop_index.json"] = json.dumps(index).encode()
    (video,) = FORMATS["davis"].read(memory).videos
    assert {track.passed_by for track in video.tracks} == {""}
    index["videos"][0]["objects"][0]["passed_by"] = "nobody at all"
    memory.files["maskloop_index.json"] = json.dumps(index).encode()
    assert "was passed by 'nobody at all'" in refused("davis", memory)[0]


def test_an_index_of_other_files_is_refused(written: Callable[[str], Memory]) -> None:
    memory = written("davis")
    index = json.loads(memory.files["maskloop_index.json"])
    index["videos"][0]["width"] = 21
    memory.files["maskloop_index.json"] = json.dumps(index).encode()
    assert "maskloop_index.json says 21 × 12" in refused("davis", memory)[0]
