import io
import zipfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tests.worker.decode.clips import numbered, psnr
from tests.worker.decode.test_ingest import SAME, frame, numbers, refused, taken, warned
from worker.decode import Limits

GIVEN = Path(__file__).parent / "odd" / "seq.zip"


def picture(number: int, kind: str = "PNG", size: tuple[int, int] = (160, 96), **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(numbered(number, size)).save(file, kind, **options)
    return file.getvalue()


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_each_picture_becomes_one_annotated_frame(tmp_path, walls):
    source = tmp_path / "seq.zip"
    source.write_bytes(GIVEN.read_bytes())
    manifest, out = taken(source)
    assert (manifest.timeline_frame_count, manifest.frame_count) == (96, 24)
    assert not manifest.warnings
    with zipfile.ZipFile(GIVEN) as archive:
        for row, name in zip(manifest.frames, sorted(archive.namelist()), strict=True):
            shown = np.asarray(Image.open(io.BytesIO(archive.read(name))))
            assert psnr(frame(out, row.frame_idx), shown) > SAME


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize(("fps", "annotate_every"), [(24.0, 4), (30.0, 1), (29.97, 5)])
def test_numbers_count_as_people_count(kind, fps, annotate_every, tmp_path):
    files = {f"clip/frame {number}.{kind}": picture(number, kind) for number in (2, 10, 1, 3, 9, 11)}
    files |= {"__MACOSX/clip/._frame 1.png": b"x", "clip/.DS_Store": b"x", "clip/": b""}
    manifest, out = taken(zipped(tmp_path / "a.zip", files), fps=fps, annotate_every=annotate_every)
    assert numbers(manifest, out) == [1, 2, 3, 9, 10, 11]
    assert psnr(frame(out, 0), numbered(1)) > SAME


def test_a_picture_that_was_taken_sideways_stands_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    manifest, out = taken(zipped(tmp_path / "a.zip", {"1.jpg": picture(5, "JPEG", exif=exif)}))
    assert (manifest.width, manifest.height) == (96, 160)
    assert psnr(frame(out, 0), np.rot90(numbered(5), -1)) > SAME


def test_exif_in_a_cameras_avi_is_no_crash(tmp_path):
    exif, path = Image.Exif(), tmp_path / "a.avi"
    exif[0x010F] = "a camera"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mjpeg", rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuvj420p"
        for number in range(9):
            packet = av.Packet(picture(number, "JPEG", exif=exif))
            packet.stream, packet.pts, packet.dts, packet.is_keyframe = stream, number, number, True
            packet.time_base = stream.time_base or 1 / stream.codec_context.rate
            out.mux(packet)
    manifest, out_dir = taken(path)
    assert numbers(manifest, out_dir) == [0, 4, 8]


def test_what_is_odd_about_the_pictures_is_told(tmp_path):
    sizes = {"1.png": picture(1), "2.png": picture(2, size=(320, 192))}
    assert warned(taken(zipped(tmp_path / "sizes.zip", sizes))[0]) == {"size_changes"}
    file = io.BytesIO()
    Image.new("RGBA", (160, 96)).save(file, "PNG")
    assert warned(taken(zipped(tmp_path / "alpha.zip", {"1.png": file.getvalue()}))[0]) == {"alpha_lost"}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"1.png": picture(1), "2.txt": b"x"}, "unsupported_container"),
        ({"1.mp4": b"x"}, "unsupported_container"),
        ({"a/1.png": picture(1), "b/1.png": picture(1)}, "unsupported_container"),
        ({"__MACOSX/1.png": b"x"}, "unsupported_container"),
        ({"1.png": picture(1), "2.png": picture(2)[:300]}, "corrupt"),
        ({"1.jpg": picture(1), "2.jpg": b""}, "corrupt"),
        ({"1.png": picture(1, size=(9000, 9000))}, "corrupt"),
        ({"1.png": picture(1, size=(8, 8))}, "too_small"),
        ({"../../1.png": picture(1), "/etc/2.txt": b"x"}, "unsupported_container"),
    ],
)
def test_other_archives_are_refused_with_a_sentence(files, code, tmp_path):
    assert refused(zipped(tmp_path / "a.zip", files)) == code


def test_too_many_pictures_are_refused_before_one_is_decoded(tmp_path):
    files = {f"{number}.png": picture(number) for number in range(9)}
    path = zipped(tmp_path / "a.zip", files)
    assert refused(path, limits=Limits(max_source_frames=8)) == "too_many_frames"
    assert refused(path, limits=Limits(max_duration=1.0)) == "too_long"


def test_an_archive_that_is_cut_off_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(GIVEN.read_bytes()[:40_000])
    assert refused(path) == "corrupt"
