import errno
import random
import shutil
import struct
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.worker.decode.clips import (
    SIZE,
    clip,
    jpeg,
    number_of,
    numbered,
    patched,
    proxy_frames,
    psnr,
    sound,
    turned,
)
from worker.decode import Limits, Manifest, Refusal, ingest, sandbox

SAME = 30.0
"""Decibels above which two pictures are the same but for compression."""


def taken(source: Path, **options: Any) -> tuple[Manifest, Path]:
    out = source.parent / f"{source.name}.out"
    return ingest(source, out, **options), out


def refused(source: Path, **options: Any) -> str:
    """The refusal's code, having checked that it speaks to a person and that nothing is left behind."""
    out = source.parent / f"{source.name}.out"
    with pytest.raises(Refusal) as refusal:
        ingest(source, out, **options)
    assert not out.exists()
    assert refusal.value.message.endswith(".")
    assert " " in refusal.value.message
    return refusal.value.code


def numbers(manifest: Manifest, out: Path) -> list[int]:
    """Which source frames the annotated frames show."""
    return [number_of(frame(out, row.frame_idx)) for row in manifest.frames]


def frame(out: Path, frame_idx: int) -> np.ndarray:
    return jpeg(out / "frames" / f"{frame_idx:05d}.jpg")


def warned(manifest: Manifest) -> set[str]:
    return {warning.code for warning in manifest.warnings}


# What comes out


def test_a_video_becomes_frames_a_proxy_a_thumbnail_and_a_manifest(plain, tmp_path, walls):
    out = tmp_path / "video"
    manifest = ingest(plain, out)
    assert sorted(path.name for path in out.iterdir()) == [
        "frames",
        "manifest.jsonl",
        "proxy.mp4",
        "thumbnail.jpg",
    ]
    assert (manifest.width, manifest.height) == SIZE
    assert (manifest.timeline_frame_count, manifest.frame_count, manifest.duration) == (24, 6, 1.0)
    assert numbers(manifest, out) == [row.timeline_idx for row in manifest.frames] == [0, 4, 8, 12, 16, 20]
    assert [row.pts for row in manifest.frames] == [round(n / 24, 6) for n in (0, 4, 8, 12, 16, 20)]
    assert len(list((out / "frames").iterdir())) == 6
    assert Manifest.read(out / "manifest.jsonl") == manifest
    assert manifest.warnings == ()
    assert psnr(frame(out, 1), numbered(4)) > SAME


def test_annotated_frame_j_is_frame_kj_of_the_proxy(plain):
    manifest, out = taken(plain, annotate_every=3)
    proxy = proxy_frames(out / "proxy.mp4")
    assert len(proxy) == manifest.timeline_frame_count
    for row in manifest.frames:
        assert row.timeline_idx == 3 * row.frame_idx
        assert psnr(frame(out, row.frame_idx), proxy[row.timeline_idx]) > SAME


def test_the_proxy_is_made_for_scrubbing(plain):
    _, out = taken(plain)
    with av.open(str(out / "proxy.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == 24
        packets = [packet for packet in container.demux(stream) if packet.size]
        assert [index for index, packet in enumerate(packets) if packet.is_keyframe] == [0, 12]
        assert all(packet.pts == packet.dts for packet in packets), "no B-frames"
    head = (out / "proxy.mp4").read_bytes()
    assert head.index(b"moov") < head.index(b"mdat"), "plays before it is all there"


def test_the_same_file_gives_the_same_frames_again(plain, tmp_path):
    first, second = ingest(plain, tmp_path / "a"), ingest(plain, tmp_path / "b")
    assert first == second


def test_a_second_ingest_replaces_the_first(plain, tmp_path):
    ingest(plain, tmp_path / "video", annotate_every=1)
    manifest = ingest(plain, tmp_path / "video", annotate_every=12)
    assert len(list((tmp_path / "video" / "frames").iterdir())) == manifest.frame_count == 2


def test_the_thumbnail_is_not_black_when_the_start_is(tmp_path):
    _, out = taken(clip(tmp_path / "fade.mp4", frames=24, black=10, size=(640, 360)))
    thumbnail = jpeg(out / "thumbnail.jpg")
    assert thumbnail.shape == (270, 480, 3)
    assert thumbnail.std() > 20


def test_progress_rises_to_its_total(plain, tmp_path):
    seen: list[tuple[int, int]] = []
    ingest(plain, tmp_path / "video", on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [*((done, 6) for done in range(1, 7)), (6, 6)]


# Time


def test_sixty_frames_a_second_are_thinned_out(tmp_path):
    manifest, out = taken(clip(tmp_path / "fast.mp4", frames=120, rate=60))
    assert manifest.timeline_frame_count == 48
    assert numbers(manifest, out) == list(range(0, 120, 10))


def test_ten_frames_a_second_are_repeated(tmp_path):
    manifest, out = taken(clip(tmp_path / "slow.mp4", frames=10, rate=10), annotate_every=1)
    assert manifest.timeline_frame_count == 24
    # Slot 6 stands at 0.25 s, as near to frame 2 as to frame 3: the earlier one wins.
    assert numbers(manifest, out)[:8] == [0, 0, 1, 1, 2, 2, 2, 3]


def test_a_variable_frame_rate_keeps_the_moments(tmp_path):
    times = [n / 10 for n in range(10)] + [1 + n / 60 for n in range(60)]
    manifest, out = taken(clip(tmp_path / "vfr.mp4", times=times))
    assert manifest.timeline_frame_count == 49
    for row, number in zip(manifest.frames, numbers(manifest, out), strict=True):
        moment = row.timeline_idx / 24
        assert abs(times[number] - moment) <= min(abs(time - moment) for time in times) + 1e-4
        assert row.pts == pytest.approx(times[number], abs=1e-4)


@pytest.mark.parametrize("name", ["late.mkv", "late.ts"])
def test_a_clock_that_starts_late_is_kept_in_the_manifest(name, tmp_path):
    manifest, out = taken(clip(tmp_path / name, times=[900 + n / 24 for n in range(24)], options={"bf": "0"}))
    assert numbers(manifest, out) == [0, 4, 8, 12, 16, 20]
    assert manifest.frames[0].pts == pytest.approx(900, abs=2)
    assert manifest.frames[1].pts - manifest.frames[0].pts == pytest.approx(1 / 6, abs=0.002)


def test_missing_timestamps_are_filled_in_and_told(tmp_path):
    early = {"output_ts_offset": "-1", "avoid_negative_ts": "disabled"}
    manifest, out = taken(clip(tmp_path / "early.mkv", frames=48, container_options=early))
    assert numbers(manifest, out) == list(range(0, 48, 4))
    assert warned(manifest) == {"timestamps_repaired"}


def test_an_edit_list_hides_what_players_hide(tmp_path):
    """Cut at frame 30 without encoding anew, a file still carries frames 24 to 29 from the key frame on."""
    whole = clip(tmp_path / "whole.mp4", frames=60, options={"bf": "2", "g": "24", "sc_threshold": "0"})
    path = tmp_path / "cut.mp4"
    with (
        av.open(str(whole)) as source,
        av.open(str(path), "w", options={"avoid_negative_ts": "disabled"}) as target,
    ):
        video = source.streams.video[0]
        copied = target.add_stream_from_template(video)
        for packet in source.demux(video):
            if packet.size and packet.pts * video.time_base >= 1:
                packet.pts -= round(30 / 24 / video.time_base)
                packet.dts -= round(30 / 24 / video.time_base)
                packet.stream = copied
                target.mux(packet)
    manifest, out = taken(path)
    assert manifest.timeline_frame_count == 30
    assert numbers(manifest, out) == [30, 34, 38, 42, 46, 50, 54, 58]


def test_one_frame_is_a_video(tmp_path):
    manifest, out = taken(clip(tmp_path / "one.mp4", frames=1))
    assert (manifest.timeline_frame_count, manifest.frame_count) == (1, 1)
    assert len(proxy_frames(out / "proxy.mp4")) == 1


# Pictures


@pytest.mark.parametrize(
    "matrix",
    [
        (0, 1, -1, 0),
        (-1, 0, 0, -1),
        (0, -1, 1, 0),
        (-1, 0, 0, 1),
        (1, 0, 0, -1),
        (0, 1, 1, 0),
        (0, -1, -1, 0),
    ],
)
def test_the_picture_comes_out_upright(matrix, plain, tmp_path):
    manifest, out = taken(turned(plain, tmp_path / "turned.mp4", *matrix))
    upright = as_shown(numbered(4), *matrix)
    assert (manifest.height, manifest.width) == upright.shape[:2]
    assert psnr(frame(out, 1), upright) > SAME
    assert psnr(proxy_frames(out / "proxy.mp4")[4], upright) > SAME
    with av.open(str(out / "proxy.mp4")) as container:
        assert next(container.decode(video=0)).rotation == 0, "players must not turn it again"


def as_shown(picture: np.ndarray, a: int, b: int, c: int, d: int) -> np.ndarray:
    """What the display matrix says, pixel by pixel: (x, y) is shown at (ax + cy, bx + dy)."""
    rows, columns = np.indices(picture.shape[:2])
    x, y = a * columns + c * rows, b * columns + d * rows
    x, y = x - x.min(), y - y.min()
    shown = np.empty((y.max() + 1, x.max() + 1, 3), picture.dtype)
    shown[y, x] = picture
    return shown


@pytest.mark.parametrize("matrix", [(0.7071, 0.7071, -0.7071, 0.7071), (0, 0, 0, 0)])
def test_a_turn_that_cannot_be_made_is_told(matrix, plain, tmp_path):
    manifest, out = taken(turned(plain, tmp_path / "askew.mp4", *matrix))
    assert warned(manifest) == {"rotation_ignored"}
    assert psnr(frame(out, 1), numbered(4)) > SAME


def test_pixels_become_square(tmp_path):
    wide = clip(tmp_path / "wide.mp4", frames=5, context={"sample_aspect_ratio": Fraction(4, 3)})
    manifest, out = taken(wide)
    assert (manifest.width, manifest.height) == (214, 96)
    assert numbers(manifest, out) == [0, 4]
    with av.open(str(out / "proxy.mp4")) as container:
        assert container.streams.video[0].sample_aspect_ratio in (None, 0, 1)


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [("odd.webm", "libvpx-vp9", "yuv420p"), ("odd.mp4", "libx264", "yuv444p")],
)
def test_odd_sides_lose_a_pixel_in_frames_and_proxy_alike(name, codec, pixel_format, tmp_path):
    fast = {"deadline": "realtime", "cpu-used": "8"} if codec == "libvpx-vp9" else {}
    source = clip(
        tmp_path / name, frames=9, size=(161, 97), codec=codec, pixel_format=pixel_format, options=fast
    )
    manifest, out = taken(source)
    assert (manifest.width, manifest.height) == (160, 96)
    cropped = numbered(4, (161, 97))[:96, :160]
    assert psnr(frame(out, 1), cropped) > SAME
    assert psnr(proxy_frames(out / "proxy.mp4")[4], cropped) > SAME


def test_a_longest_side_can_be_set(tmp_path):
    manifest, out = taken(clip(tmp_path / "big.mp4", frames=5, size=(640, 360)), limits=Limits(max_side=320))
    assert (manifest.width, manifest.height) == (320, 180)
    assert number_of(frame(out, 1)) == 4


@pytest.mark.parametrize(
    "options",
    [
        {"pixel_format": "yuv420p"},
        {"pixel_format": "yuvj420p", "context": {"color_range": 2}},
        {"pixel_format": "yuv422p"},
        {"pixel_format": "yuv444p"},
        {"pixel_format": "yuv420p10le"},
        {"pixel_format": "yuv420p", "size": (1280, 720), "context": {"colorspace": 1}},
        {"pixel_format": "yuv420p", "context": {"color_trc": 9}},
        {"pixel_format": "yuv420p", "context": {"color_trc": 10}},
    ],
    ids=["plain", "full range", "4:2:2", "4:4:4", "10 bit", "HD", "logarithmic", "logarithmic, wider"],
)
def test_colours_come_out_as_they_went_in(options, tmp_path):
    """PyAV converts RGB with the BT.601 matrix, so only a source tagged otherwise may differ in hue."""
    size = options.get("size", SIZE)
    manifest, out = taken(clip(tmp_path / "colour.mp4", frames=5, **options))
    picture = frame(out, 1)
    assert (manifest.width, manifest.height) == size
    greys = picture[size[1] // 2 :: 4, ::4]
    assert abs(int(greys.min()) - 16) < 8
    assert abs(int(greys.max()) - 240) < 8
    if "context" not in options:
        red = picture[4 : size[1] // 4 - 4, 4 : size[0] // 4 - 4].mean(axis=(0, 1))
        assert np.abs(red - (220, 30, 30)).max() < 8


def test_hdr_becomes_ordinary_and_is_told(tmp_path):
    source = clip(
        tmp_path / "hdr.mp4",
        frames=5,
        codec="libx265",
        pixel_format="yuv420p10le",
        options={"x265-params": "log-level=none", "preset": "ultrafast"},
        context={"color_primaries": 9, "color_trc": 18, "colorspace": 9, "color_range": 1},
    )
    manifest, out = taken(source)
    assert warned(manifest) == {"hdr_tonemapped"}
    assert numbers(manifest, out) == [0, 4]
    with av.open(str(out / "proxy.mp4")) as container:
        first = next(container.decode(video=0))
        assert (first.format.name, int(first.color_trc), int(first.colorspace)) == ("yuv420p", 1, 1)


def test_interlacing_is_told(tmp_path):
    fields = clip(tmp_path / "fields.mp4", frames=5, options={"flags": "+ildct+ilme", "x264-params": "tff=1"})
    manifest, out = taken(fields)
    assert warned(manifest) == {"interlaced"}
    assert numbers(manifest, out) == [0, 4]


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9", "libsvtav1", "libx265"])
def test_every_codec_on_the_list_is_read(codec, tmp_path):
    options = {
        "libvpx": {"deadline": "realtime"},
        "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
        "libsvtav1": {"preset": "12"},
        "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
    }
    name = "a.webm" if codec.startswith("libvpx") else "a.mp4"
    manifest, out = taken(clip(tmp_path / name, frames=9, codec=codec, options=options[codec]))
    assert numbers(manifest, out) == [0, 4, 8]


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format", "size"),
    [
        ("a.avi", "mjpeg", "yuvj420p", SIZE),
        ("a.avi", "libx264", "yuv420p", SIZE),
        ("a.mov", "mjpeg", "yuvj422p", SIZE),
        ("a.mov", "prores_ks", "yuv422p10le", SIZE),
        ("a.mov", "dnxhd", "yuv422p", (1920, 1080)),
        ("a.gif", "gif", "rgb8", SIZE),
    ],
)
def test_what_cameras_and_editors_write_is_read(name, codec, pixel_format, size, tmp_path):
    context = {"bit_rate": 145_000_000} if codec == "dnxhd" else {}
    rate = 25 if name == "a.gif" else 24  # a GIF counts in hundredths of a second
    source = clip(
        tmp_path / name,
        frames=9,
        codec=codec,
        pixel_format=pixel_format,
        size=size,
        context=context,
        rate=rate,
    )
    manifest, out = taken(source, fps=float(rate))
    assert numbers(manifest, out) == [0, 4, 8]
    assert not warned(manifest)


# Bad input


def bad_file(kind: str, plain: Path) -> tuple[str, bytes]:
    """The code that refuses it, and its content."""
    content = plain.read_bytes()
    sample = content.index(b"avc1", content.index(b"stsd"))
    nested = b"".join(struct.pack(">I4s", 8 * (20_000 - n), b"moov") for n in range(20_000))
    endless = struct.pack(">I4sQ", 1, b"mdat", 2**62)
    match kind:
        case "empty":
            return "no_video", b""
        case "random":
            return "unsupported_container", random.Random(0).randbytes(4096)
        case "text":
            return "unsupported_container", b"This is not a video.\n" * 200
        case "html":
            return "unsupported_container", b"<html><script>alert(1)</script></html>" * 50
        case "zip":
            return "corrupt", b"PK\x03\x04" + bytes(1000)
        case "no index":
            return "truncated", content[: len(content) * 6 // 10]
        case "unknown codec":
            return "unsupported_codec", content[:sample] + b"zzzz" + content[sample + 4 :]
        case "wrong codec":
            return "corrupt", content[:sample] + b"hvc1" + content[sample + 4 :]
        case "nested boxes":
            return "corrupt", nested
        case _:
            return "truncated", content[:32] + endless + bytes(100)


@pytest.mark.parametrize(
    "kind",
    [
        "empty",
        "random",
        "text",
        "html",
        "zip",
        "no index",
        "unknown codec",
        "wrong codec",
        "nested boxes",
        "endless box",
    ],
)
def test_what_is_no_video_is_refused_with_a_sentence(kind, plain, tmp_path):
    code, content = bad_file(kind, plain)
    path = tmp_path / "upload.mp4"
    path.write_bytes(content)
    assert refused(path) == code


def test_sound_alone_is_refused(tmp_path):
    assert refused(sound(tmp_path / "sound.mp4")) == "no_video"


def test_an_album_cover_is_no_video(tmp_path):
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("mjpeg", rate=1)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuvj420p"
        stream.disposition = 0x400
        out.mux(stream.encode(av.VideoFrame.from_ndarray(numbered(3), format="rgb24")))
        out.mux(stream.encode())
    assert refused(path) == "no_video"


@pytest.mark.parametrize("name", ["cut.mp4", "cut.mkv"])
def test_a_cut_file_keeps_what_decodes_and_says_so(name, tmp_path):
    index_first = {"movflags": "faststart"} if name.endswith("mp4") else {}
    whole = clip(tmp_path / f"whole-{name}", frames=96, options={"g": "12"}, container_options=index_first)
    path = tmp_path / name
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    manifest, out = taken(path)
    assert "truncated" in warned(manifest)
    assert 24 < manifest.timeline_frame_count < 72
    assert numbers(manifest, out)[:6] == [0, 4, 8, 12, 16, 20]


def test_a_video_of_broken_frames_is_refused(tmp_path):
    source = clip(tmp_path / "good.mp4", frames=48, size=(320, 240), options={"g": "12"})
    content = bytearray(source.read_bytes())
    start, end = content.index(b"mdat") + 1000, content.index(b"moov") - 4
    noise = random.Random(1)
    for _ in range(60):
        content[noise.randrange(start, end)] ^= 0xFF
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    assert refused(path) == "corrupt"


def test_a_picture_bomb_is_refused_before_it_is_unpacked(tmp_path):
    """A PNG of 15000² in a MOV: half a megabyte that takes 700 MB when FFmpeg opens it unlimited."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    side, deflate = 15_000, zlib.compressobj(9)
    rows = b"".join(deflate.compress(bytes(1 + 3 * side)) for _ in range(side)) + deflate.flush()
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    png += chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    path = tmp_path / "bomb.mov"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "rgb24"
        packet = av.Packet(png)
        packet.stream, packet.pts, packet.dts, packet.time_base = stream, 0, 0, Fraction(1)
        out.mux(packet)
    # The limit is the proof: unpacked, the picture would not fit and the code would be out_of_memory.
    assert refused(path, limits=Limits(memory_mb=500)) == "unsupported_codec"


def test_a_declared_size_is_not_believed(plain, tmp_path):
    content = plain.read_bytes()
    sample = content.index(b"avc1", content.index(b"stsd")) + 28 - content.index(b"stsd") - 4
    path = patched(plain, tmp_path / "huge.mp4", b"stsd", sample, struct.pack(">HH", 65535, 65535))
    manifest, _ = taken(path)
    assert manifest.height == SIZE[1]


def test_a_declared_duration_is_not_believed(plain, tmp_path):
    path = patched(plain, tmp_path / "long.mp4", b"mdhd", 16, struct.pack(">I", 2**31 - 1))
    manifest, _ = taken(path)
    assert manifest.timeline_frame_count == 24


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(max_pixels=SIZE[0] * SIZE[1] - 1), "too_large"),
        (Limits(max_pixels=SIZE[0] * SIZE[1] // 100), "too_large"),
        (Limits(max_source_bytes=1000), "too_large"),
        (Limits(min_side=100), "too_small"),
        (Limits(max_duration=0.5), "too_long"),
        (Limits(max_timeline_frames=23), "too_many_frames"),
        (Limits(max_source_frames=23), "too_many_frames"),
        (Limits(wall_seconds=0.01), "timeout"),
    ],
)
def test_limits_are_kept(limits, code, plain, tmp_path):
    assert refused(shutil.copy(plain, tmp_path / "upload.mp4"), limits=limits) == code


def test_an_hour_of_single_pictures_is_too_long(tmp_path):
    times = list(range(0, 3600, 300))
    assert refused(clip(tmp_path / "hour.mp4", times=times, options={"bf": "0"})) == "too_long"


def test_an_hour_between_two_frames_is_a_wrong_timestamp(tmp_path):
    manifest, _ = taken(clip(tmp_path / "hour.mp4", times=[0, 3600], options={"bf": "0"}))
    assert manifest.duration < 1
    assert warned(manifest) >= {"timestamps_repaired"}


def test_a_picture_that_changes_its_size_is_brought_to_one(tmp_path):
    first = clip(tmp_path / "a.ts", frames=12, size=(320, 240))
    second = clip(tmp_path / "b.ts", frames=12)
    path = tmp_path / "both.ts"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    manifest, out = taken(path)
    assert warned(manifest) >= {"size_changes"}
    assert {frame(out, row.frame_idx).shape for row in manifest.frames} == {(240, 320, 3)}
    late = frame(out, manifest.frame_count - 1)  # 160×96 is wider than 320×240: it stands between two bars
    assert late[4].max() < 30
    assert number_of(late[24:-24]) >= 8


def test_memory_has_a_limit(tmp_path, walls):
    source = clip(tmp_path / "big.mp4", frames=3, size=(1920, 1080), options={"preset": "ultrafast"})
    assert refused(source, limits=Limits(memory_mb=350)) == "out_of_memory"


@pytest.mark.parametrize("seed", range(5))
def test_random_damage_never_gets_past_a_refusal(seed, plain, tmp_path):
    noise, content = random.Random(seed), bytearray(plain.read_bytes())
    for _ in range(30):
        content[noise.randrange(len(content))] = noise.randrange(256)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(content)
    out = tmp_path / "video"
    try:
        manifest = ingest(path, out)
    except Refusal:
        assert not out.exists()
    else:
        assert len(proxy_frames(out / "proxy.mp4")) == manifest.timeline_frame_count


# What may happen to the child


@pytest.mark.parametrize(
    ("signal", "code"), [("SIGSEGV", "crashed"), ("SIGKILL", "out_of_memory"), ("SIGXCPU", "timeout")]
)
def test_a_child_that_is_killed_is_a_refusal(signal, code, plain, tmp_path, walls, monkeypatch):
    monkeypatch.setattr(sandbox, "BOOT", f"import os, signal; os.kill(os.getpid(), signal.{signal})")
    assert refused(shutil.copy(plain, tmp_path / "upload.mp4")) == code


def test_a_child_that_hangs_is_ended(plain, tmp_path, walls, monkeypatch):
    monkeypatch.setattr(sandbox, "BOOT", "import os, time; os.close(1); time.sleep(60)")
    source = shutil.copy(plain, tmp_path / "upload.mp4")
    assert refused(source, limits=Limits(wall_seconds=0.3)) == "timeout"


@pytest.mark.parametrize(
    "deed",
    [
        "for n in range(40): open(f'{out}/{n}', 'wb').write(bytes(2**20))",
        "for n in range(400): os.mkdir(f'{out}/{n}')",
    ],
)
def test_a_child_that_fills_the_disk_is_ended(deed, plain, tmp_path, monkeypatch):
    boot = f"import json, os, sys, time; out = json.loads(sys.argv[2])['out_dir']\n{deed}\ntime.sleep(60)"
    monkeypatch.setattr(sandbox, "BOOT", boot)
    source = shutil.copy(plain, tmp_path / "upload.mp4")
    assert refused(source, limits=Limits(max_total_bytes=2**24, max_timeline_frames=300)) == "too_much"


@pytest.mark.parametrize(
    "deed",
    [
        "raise SystemExit(3)",
        "pass",
        "print('x' * 1_000_000)",
        "print('[' * 60_000)",
        "print('[]')",
        """print('{"type": "done"}')""",
        """print('{"type": "frame", "timeline_idx": 1e999, "expected": 1, "pts": 0}')""",
        """print('{"type": "refused", "code": "made_up", "message": "x"}')""",
    ],
)
def test_a_child_that_talks_nonsense_is_not_believed(deed, plain, tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "BOOT", deed)
    assert refused(shutil.copy(plain, tmp_path / "upload.mp4")) == "crashed"


def test_a_child_that_never_stops_talking_is_ended(plain, tmp_path, monkeypatch):
    line = """{"type": "frame", "timeline_idx": 0, "expected": 1, "pts": 0}"""
    monkeypatch.setattr(sandbox, "BOOT", f"while True: print({line!r})")
    source = shutil.copy(plain, tmp_path / "upload.mp4")
    assert refused(source, limits=Limits(max_timeline_frames=50)) == "crashed"


def test_a_link_among_the_results_is_not_followed(plain, tmp_path, monkeypatch):
    """Whoever took over the child must not make us hand out our own files."""
    monkeypatch.setattr(
        sandbox,
        "BOOT",
        "import json, os, sys; out = json.loads(sys.argv[2])['out_dir']; os.mkdir(out + '/frames'); "
        "os.symlink('/etc/passwd', out + '/frames/00000.jpg'); open(out + '/proxy.mp4', 'w'); "
        "open(out + '/thumbnail.jpg', 'w'); "
        "print(json.dumps(dict(type='frame', timeline_idx=0, pts=0, expected=1))); "
        "print(json.dumps(dict(type='done', width=16, height=16, timeline_frame_count=1, warnings=[], decoder='x')))",
    )
    assert refused(shutil.copy(plain, tmp_path / "upload.mp4")) == "crashed"


def test_a_full_disk_is_our_failure_and_no_refusal(plain, tmp_path, monkeypatch):
    failed = f'{{"type": "failed", "errno": {errno.ENOSPC}, "message": "No space left on device"}}'
    monkeypatch.setattr(sandbox, "BOOT", f"print({failed!r})")
    with pytest.raises(OSError, match="No space left") as failure:
        ingest(plain, tmp_path / "video")
    assert failure.value.errno == errno.ENOSPC
    assert not (tmp_path / "video").exists()


def test_whoever_listens_to_the_progress_can_stop_it(plain, tmp_path):
    class Cancelled(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise Cancelled

    (tmp_path / "video").mkdir()
    with pytest.raises(Cancelled):
        ingest(plain, tmp_path / "video", on_progress=stop)
    assert list((tmp_path / "video").iterdir()) == []


@pytest.mark.parametrize("options", [{"fps": 0}, {"fps": float("nan")}, {"annotate_every": 0}])
def test_a_senseless_timeline_is_an_error_of_the_caller(options, plain, tmp_path):
    with pytest.raises(ValueError):
        ingest(plain, tmp_path / "video", **options)
