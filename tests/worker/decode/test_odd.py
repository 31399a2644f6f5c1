"""Files of a kind that cameras, browsers and editors really write, each with what should come of it."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.worker.decode.clips import clip, numbered, patched
from tests.worker.decode.test_ingest import numbers, refused, taken, warned

ODD = Path(__file__).parent / "odd"


@pytest.mark.parametrize(
    ("name", "size", "frames", "warnings"),
    [
        ("aud_longer.mkv", (160, 96), (48, 12), set()),
        ("glitch37600.mp4", (160, 96), (96, 24), {"timestamps_repaired"}),
        ("twice.mkv", (160, 96), (96, 24), {"timestamps_repaired"}),
        ("preview_first.mov", (160, 96), (48, 12), {"several_streams"}),
        ("webrtc_resize.webm", (160, 96), (48, 12), {"size_changes"}),
        ("gopro43.mp4", (3548, 2660), (5, 2), {"scaled_down"}),
        ("lapse.mkv", (160, 96), (433, 109), {"repeated_pictures"}),
    ],
)
def test_it_is_taken_and_what_is_odd_is_told(name, size, frames, warnings, tmp_path):
    source = tmp_path / name
    source.write_bytes((ODD / name).read_bytes())
    manifest, _ = taken(source)
    assert (manifest.width, manifest.height) == size
    assert (manifest.timeline_frame_count, manifest.frame_count) == frames
    assert warned(manifest) == warnings
    assert all(warning.message.endswith(".") for warning in manifest.warnings)


def test_one_wrong_timestamp_moves_one_frame(tmp_path):
    source = tmp_path / "glitch37600.mp4"
    source.write_bytes((ODD / source.name).read_bytes())
    manifest, out = taken(source)
    assert numbers(manifest, out) == list(range(0, 96, 4))
    assert manifest.warnings[0].message.startswith("1 of 96 frames")


def test_frames_that_come_twice_do_not_stretch_the_clip(tmp_path):
    source = tmp_path / "twice.mkv"
    source.write_bytes((ODD / source.name).read_bytes())
    manifest, out = taken(source)
    assert all(abs(number - 25 * j / 6) <= 1 for j, number in enumerate(numbers(manifest, out)))


@pytest.mark.parametrize("brand", [b"heic", b"avif", b"mif1"])
def test_a_photograph_is_no_video(brand, tmp_path):
    content = (ODD / "photo.heic").read_bytes()
    path = tmp_path / "photo.heic"
    path.write_bytes(content[:8] + brand + content[12:])
    assert refused(path) == "picture"


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "bmp"])
def test_a_picture_of_another_kind_is_no_video_either(kind, tmp_path):
    path = tmp_path / "picture.mp4"
    Image.fromarray(numbered(5)).save(path, kind)
    assert refused(path) == "picture"


def test_an_animated_webp_is_named_in_its_refusal(tmp_path):
    path = tmp_path / "moving.webp"
    first, *others = [Image.fromarray(numbered(n)) for n in range(4)]
    first.save(path, "WEBP", save_all=True, append_images=others)
    assert refused(path) == "unsupported_container"


@pytest.mark.parametrize("box", [b"mdhd", b"mvhd"])
def test_a_time_scale_of_zero_does_not_stretch_the_clip(box, tmp_path):
    plain = clip(tmp_path / "plain.mp4", frames=48)
    manifest, out = taken(patched(plain, tmp_path / "zero.mp4", box, 12, bytes(4)))
    assert numbers(manifest, out) == list(range(0, 48, 4))


@pytest.mark.parametrize(
    "strays", [{0: 900.0}, {20: 37_600.0}, {20: 900.0, 21: 901.0}, {30: 0.1}, {47: 37_600.0}]
)
def test_a_few_wrong_timestamps_are_mended_wherever_they_are(strays, tmp_path):
    source = clip(tmp_path / "a.mp4", frames=48, options={"bf": "0"})
    path = tmp_path / "strays.mkv"
    with av.open(str(source)) as read, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(read.streams.video[0])
        for number, packet in enumerate(p for p in read.demux(video=0) if p.size):
            at = round(strays.get(number, number / 24) / packet.time_base)
            packet.pts = packet.dts = at
            packet.stream = stream
            # The muxer wants rising times, but takes what it is told one by one.
            packet.dts = number
            out.mux(packet)
    manifest, out_dir = taken(path)
    assert numbers(manifest, out_dir) == list(range(0, 48, 4))


def test_a_clock_that_is_set_anew_goes_on(tmp_path):
    times = [n / 24 for n in range(24)]
    first, second = (clip(tmp_path / f"{n}.ts", frames=24) for n in range(2))
    path = tmp_path / "both.ts"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    manifest, out = taken(path)
    assert manifest.timeline_frame_count in (2 * len(times), 2 * len(times) + 1)
    assert numbers(manifest, out)[:6] == list(range(0, 24, 4))


def test_a_cut_matroska_says_so(tmp_path):
    whole = clip(tmp_path / "whole.mkv", frames=96, options={"g": "12"})
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    assert "truncated" in warned(taken(path)[0])


def test_a_recording_that_starts_between_key_frames_says_so(tmp_path):
    whole = clip(tmp_path / "whole.ts", frames=48, options={"g": "24", "bf": "0"}).read_bytes()
    path = tmp_path / "late.ts"
    path.write_bytes(whole[len(whole) // 188 // 5 * 188 :])
    manifest, _ = taken(path)
    assert warned(manifest) & {"starts_late", "damaged", "packets_dropped"}


def test_transparency_that_is_left_out_is_told(tmp_path):
    source = clip(tmp_path / "a.mov", frames=6, codec="prores_ks", pixel_format="yuva444p10le")
    assert warned(taken(source)[0]) == {"alpha_lost"}


def test_a_side_that_is_cropped_is_told(tmp_path):
    source = clip(
        tmp_path / "a.webm", frames=6, codec="libvpx", size=(161, 97), options={"deadline": "realtime"}
    )
    manifest, _ = taken(source)
    assert (manifest.width, manifest.height) == (160, 96)
    assert warned(manifest) == {"cropped"}


def test_a_header_that_lies_about_hours_is_not_believed(tmp_path):
    source = clip(tmp_path / "a.mp4", frames=24)
    content = bytearray(source.read_bytes())
    for box, offset in ((b"mvhd", 16), (b"tkhd", 20), (b"mdhd", 16)):
        at = content.index(box) + 4 + offset
        content[at : at + 4] = struct.pack(">I", 2**31)
    path = tmp_path / "hours.mp4"
    path.write_bytes(content)
    manifest, _ = taken(path)
    assert manifest.timeline_frame_count == 24


def test_an_hour_of_frames_is_refused_before_it_is_decoded(tmp_path):
    times = [n * 2.0 for n in range(400)]
    assert refused(clip(tmp_path / "long.mp4", times=times, options={"bf": "0"}, size=(64, 64))) == "too_long"


def test_the_main_track_is_the_one_that_players_show(tmp_path):
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as out:
        tracks = [out.add_stream("libx264", rate=24) for _ in range(2)]
        for track, side in zip(tracks, (64, 160), strict=True):
            track.width, track.height, track.pix_fmt = side, side * 3 // 5 // 2 * 2, "yuv420p"
        for number in range(12):
            for track in tracks:
                pixels = numbered(number, (track.width, track.height))
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 24)
                out.mux(track.encode(frame))
        for track in tracks:
            out.mux(track.encode())
    manifest, _ = taken(path)
    assert (manifest.width, manifest.height) == (160, 96)
    assert "several_streams" in warned(manifest)
