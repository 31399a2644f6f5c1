"""Files of a kind that cameras, browsers and editors really write, each with what should come of it."""

import itertools
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests.worker.decode.clips import clip, numbered, patched, remuxed, several
from tests.worker.decode.test_ingest import numbers, refused, taken, warned
from worker.decode import Refusal, ingest

ODD = Path(__file__).parent / "odd"


@pytest.mark.parametrize(
    ("name", "size", "frames", "warnings"),
    [
        ("aud_longer.mkv", (160, 96), (48, 12), set()),
        ("glitch37600.mp4", (160, 96), (96, 24), {"timestamps_repaired"}),
        ("twice.mkv", (160, 96), (96, 24), {"timestamps_repaired"}),
        ("preview_first.mov", (160, 96), (48, 12), {"several_streams"}),
        ("webrtc_resize.webm", (320, 192), (48, 12), {"size_changes"}),
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


@pytest.mark.parametrize("brand", [b"heic", b"avif", b"mif1", b"msf1", b"MiHB", b"isom"])
def test_a_photograph_is_no_video(brand, tmp_path):
    content = (ODD / "photo.heic").read_bytes()
    path = tmp_path / "photo.heic"
    path.write_bytes(content[:8] + brand + content[12:])
    assert refused(path) == "picture"


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "bmp", "avif", "jpeg2000", "gif"])
def test_a_picture_of_another_kind_is_no_video_either(kind, tmp_path):
    path = tmp_path / "picture.mp4"
    Image.fromarray(numbered(5)).save(path, kind)
    assert refused(path) == "picture"


def test_a_photographs_boxes_may_come_late(tmp_path):
    path = tmp_path / "photo.heic"
    path.write_bytes(struct.pack(">I4s8x", 16, b"free") + (ODD / "photo.heic").read_bytes())
    assert refused(path) == "picture"


def test_a_sequence_in_avif_is_a_video_and_its_cover_is_not(tmp_path):
    path = tmp_path / "moving.avif"
    first, *others = [Image.fromarray(numbered(n)) for n in range(6)]
    first.save(path, "AVIF", save_all=True, append_images=others, duration=250)
    manifest, out = taken(path, fps=4.0, annotate_every=1)
    assert numbers(manifest, out) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "codec", "word"),
    [
        ("a.flv", "flv", "FLV"),
        ("a.wmv", "wmv2", "Windows Media"),
        ("a.mpg", "mpeg2video", "MPEG program stream"),
        ("a.avi", "mpeg4", "mpeg4"),
        ("a.mkv", "ffv1", "ffv1"),
    ],
)
def test_what_cannot_be_read_is_named(name, codec, word, tmp_path):
    with pytest.raises(Refusal, match=word):
        ingest(clip(tmp_path / name, frames=3, codec=codec), tmp_path / "out")


def test_an_animated_webp_is_named_in_its_refusal(tmp_path):
    path = tmp_path / "moving.webp"
    first, *others = [Image.fromarray(numbered(n)) for n in range(4)]
    first.save(path, "WEBP", save_all=True, append_images=others)
    assert refused(path) == "unsupported_container"


@pytest.mark.parametrize(
    ("boxes", "rate"), [((b"mdhd",), 30), ((b"mdhd",), 24), ((b"mvhd",), 30), ((b"mdhd", b"mvhd"), 24)]
)
@pytest.mark.parametrize("seconds", [0, 5])
def test_a_time_scale_of_zero_does_not_stretch_the_clip(boxes, rate, seconds, tmp_path):
    path = with_sound(tmp_path / "plain.mp4", frames=2 * rate, rate=rate, seconds=seconds)
    for number, box in enumerate(boxes):
        path = patched(path, tmp_path / f"zero{number}.mp4", box, 12, bytes(4))
    manifest, out = taken(path)
    assert numbers(manifest, out) == list(range(0, 2 * rate, rate // 6))


def with_sound(path: Path, *, frames: int, rate: int, seconds: float, late: float = 0) -> Path:
    """A video that begins `late` seconds after `seconds` of sound."""
    with av.open(str(path), "w") as out:
        picture = out.add_stream("libx264", rate=rate)
        picture.width, picture.height, picture.pix_fmt = 160, 96, "yuv420p"
        voice = out.add_stream("aac", rate=48_000) if seconds else None
        packets = []
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.pts, frame.time_base = number + round(late * rate), Fraction(1, rate)
            packets += picture.encode(frame)
        packets += picture.encode()
        for number in range(int(seconds * 48)):
            silence = av.AudioFrame.from_ndarray(
                np.zeros((1, 1000), np.float32), format="fltp", layout="mono"
            )
            silence.sample_rate, silence.pts, silence.time_base = 48_000, 1000 * number, Fraction(1, 48_000)
            packets += voice.encode(silence)
        packets += voice.encode() if voice else []
        for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
            out.mux(packet)
    return path


@pytest.mark.parametrize(
    ("name", "seconds", "late"),
    [
        *itertools.product(["a.mkv", "a.mp4", "a.ts"], [12], [0, 5]),
        ("a.avi", 12, 0),
        ("a.mkv", 700, 0),
        ("a.mp4", 700, 0),
    ],
)
def test_the_sounds_length_is_not_the_videos(name, seconds, late, tmp_path):
    manifest, out = taken(with_sound(tmp_path / name, frames=48, rate=24, seconds=seconds, late=late))
    assert numbers(manifest, out) == list(range(0, 48, 4))
    assert not warned(manifest)


def test_timestamps_that_do_not_move_are_spread_over_what_the_header_says(tmp_path):
    plain = clip(tmp_path / "plain.mp4", frames=48, options={"bf": "0"})
    manifest, out = taken(patched(plain, tmp_path / "still.mp4", b"stts", 12, bytes(4)))
    assert numbers(manifest, out) == list(range(0, 48, 4))


def test_an_edit_list_that_hides_everything_is_not_believed(tmp_path):
    source = clip(tmp_path / "a.mp4", frames=48, options={"bf": "0"})

    def early(number: int, packet: av.Packet) -> None:
        packet.pts = packet.dts = round((number / 24 - 5) / packet.time_base)

    path = remuxed(source, tmp_path / "early.mp4", early, {"avoid_negative_ts": "disabled"})
    manifest, out = taken(path)
    assert numbers(manifest, out) == list(range(0, 48, 4))


@pytest.mark.parametrize(("copies", "every"), [(2, 10), (3, 10), (2, 1)])
def test_twins_at_one_time_do_not_stretch_the_clip(copies, every, tmp_path):
    source = clip(tmp_path / "a.mp4", frames=100, rate=25, options={"bf": "0", "g": "1"})
    path, order = tmp_path / "twins.mkv", itertools.count()
    with av.open(str(source)) as read, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(read.streams.video[0])
        for number, packet in enumerate(packet for packet in read.demux(video=0) if packet.size):
            for _ in range(copies if number % every == 0 else 1):
                twin = av.Packet(bytes(packet))
                twin.time_base, twin.stream, twin.is_keyframe = packet.time_base, stream, True
                twin.pts, twin.dts = packet.pts, next(order)
                out.mux(twin)
    manifest, out_dir = taken(path)
    assert manifest.timeline_frame_count == 96
    assert all(abs(shown - 25 * j / 6) <= 1 for j, shown in enumerate(numbers(manifest, out_dir)))


STRAYS = {
    "the first": {0: 900.0},
    "hours late": {20: 37_600.0},
    "two together": {20: 900.0, 21: 901.0},
    "early": {30: 0.1},
    "the last": {47: 37_600.0},
    "eight together": {number: 37_600 + number / 24 for number in range(20, 28)},
    "a little late": {20: 2.8},
}


@pytest.mark.parametrize("strays", STRAYS.values(), ids=STRAYS)
def test_a_few_wrong_timestamps_are_mended_wherever_they_are(strays, tmp_path):
    source = clip(tmp_path / "a.mp4", frames=48, options={"bf": "0"})

    def stray(number: int, packet: av.Packet) -> None:
        packet.pts = round(strays.get(number, number / 24) / packet.time_base)
        packet.dts = number  # the muxer wants rising times of decoding, and believes them

    manifest, out_dir = taken(remuxed(source, tmp_path / "strays.mkv", stray))
    assert numbers(manifest, out_dir) == list(range(0, 48, 4))
    assert warned(manifest) == {"timestamps_repaired"}


def test_a_clock_that_is_set_anew_goes_on(tmp_path):
    times = [n / 24 for n in range(24)]
    first, second = (clip(tmp_path / f"{n}.ts", frames=24) for n in range(2))
    path = tmp_path / "both.ts"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    manifest, out = taken(path)
    assert manifest.timeline_frame_count in (2 * len(times), 2 * len(times) + 1)
    assert numbers(manifest, out)[:6] == list(range(0, 24, 4))


CUT = [
    ("a.mkv", {}, 0.6),
    ("nearly.mkv", {}, 0.95),
    ("live.mkv", {"live": "1"}, 0.6),
    ("a.mp4", {"movflags": "faststart"}, 0.9),
    ("fragments.mp4", {"movflags": "frag_keyframe+empty_moov"}, 0.5),
    ("fragments.mp4", {"movflags": "frag_keyframe+empty_moov"}, 0.6),
    ("fragments.mp4", {"movflags": "frag_keyframe+empty_moov"}, 0.65),
    ("a.gif", {}, 0.6),
]


@pytest.mark.parametrize(("name", "container_options", "share"), CUT)
def test_a_file_that_is_cut_off_says_so(name, container_options, share, tmp_path):
    kind = (
        {"codec": "gif", "pixel_format": "rgb8", "rate": 25}
        if name.endswith("gif")
        else {"options": {"g": "12"}}
    )
    whole = clip(tmp_path / f"whole-{name}", frames=96, container_options=container_options, **kind)
    assert "truncated" not in warned(taken(whole)[0])
    path = tmp_path / name
    path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    manifest, out = taken(path)
    assert "truncated" in warned(manifest)
    step = 25 / 24 if name.endswith("gif") else 1
    assert all(abs(shown - 4 * j * step) <= 1 for j, shown in enumerate(numbers(manifest, out)[:-1]))


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4", "a.ts", "a.webm"])
def test_a_recording_that_starts_between_key_frames_says_so(name, tmp_path):
    options = {
        "g": "24",
        **({"deadline": "realtime"} if name == "a.webm" else {"bf": "0", "sc_threshold": "0"}),
    }
    codec = "libvpx" if name == "a.webm" else "libx264"
    source = clip(tmp_path / f"whole-{name}", frames=96, codec=codec, options=options)
    manifest, out = taken(remuxed(source, tmp_path / name, lambda number, _: number >= 10))
    assert warned(manifest) == {"starts_late"}
    assert numbers(manifest, out) == list(range(24, 96, 4))


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "libx264"), ("a.mp4", "libx264"), ("a.webm", "libvpx")]
)
@pytest.mark.parametrize("lost", [range(6, 96, 7), range(30, 50), [50]])
def test_packets_that_are_lost_are_told(name, codec, lost, tmp_path):
    options = {"g": "24", "deadline": "realtime"} if codec == "libvpx" else {"g": "24", "bf": "0"}
    source = clip(tmp_path / f"whole-{name}", frames=96, codec=codec, options=options)
    assert not warned(taken(source)[0])
    manifest, _ = taken(remuxed(source, tmp_path / name, lambda number, _: number not in lost))
    assert manifest.timeline_frame_count == 96
    assert warned(manifest) == {"frames_missing"}


def test_a_video_of_which_hardly_a_frame_decodes_is_refused(tmp_path):
    options = {"preset": "ultrafast", "x265-params": "log-level=none:bframes=0"}
    source = clip(tmp_path / "whole.mp4", frames=48, codec="libx265", options=options)
    assert refused(remuxed(source, tmp_path / "a.mp4", lambda number, _: number % 7 != 6)) == "corrupt"


@pytest.mark.parametrize(
    "sizes", [[(160, 96), (320, 192)], [(320, 192), (160, 96)], [(32, 20), (320, 192), (96, 160)]]
)
@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_a_call_that_changes_its_size_is_kept_at_its_largest(sizes, codec, tmp_path):
    path, stream = tmp_path / "call.webm", None
    with av.open(str(path), "w") as out:
        for part, size in enumerate(sizes):
            options = {"deadline": "realtime"}
            with av.open(
                str(clip(tmp_path / f"{part}.webm", size=size, codec=codec, options=options))
            ) as read:
                stream = stream or out.add_stream_from_template(read.streams.video[0])
                for packet in (packet for packet in read.demux(video=0) if packet.size):
                    packet.pts = packet.dts = packet.pts + round(part / packet.time_base)
                    packet.stream = stream
                    out.mux(packet)
    manifest, out_dir = taken(path)
    assert (manifest.width, manifest.height) == (320, 192)
    assert warned(manifest) == {"size_changes"}
    assert numbers(manifest, out_dir)[:12] == [*range(0, 24, 4), *range(0, 24, 4)]


def test_transparency_that_is_left_out_is_told(tmp_path):
    source = clip(tmp_path / "a.mov", frames=6, codec="prores_ks", pixel_format="yuva444p10le")
    assert warned(taken(source)[0]) == {"alpha_lost"}
    pictures = [Image.new("RGBA", (160, 96)) for _ in range(4)]
    for number, picture in enumerate(pictures):
        picture.paste((255, 0, 0, 255), (10 * number, 20, 10 * number + 40, 60))
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:], duration=170, disposal=2)
    assert warned(taken(tmp_path / "a.gif")[0]) == {"alpha_lost"}


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


@pytest.mark.parametrize(
    ("name", "after", "value"),
    [
        ("rate.avi", (b"strh", 28), struct.pack("<I", 1_000_000)),
        ("length.avi", (b"strh", 36), struct.pack("<I", 2**31 - 1)),
        ("scale.avi", (b"strh", 24), bytes(4)),
        ("nanoseconds.mkv", (b"\x2a\xd7\xb1\x83", 0), b"\x00\x00\x01"),
        ("zero.mkv", (b"\x2a\xd7\xb1\x83", 0), bytes(3)),
    ],
)
def test_headers_of_other_containers_are_believed_no_more(name, after, value, tmp_path):
    mark, offset = after
    plain = clip(tmp_path / f"plain-{name}", frames=48)
    manifest, out = taken(patched(plain, tmp_path / name, mark, offset, value))
    assert numbers(manifest, out) == list(range(0, 48, 4))
    assert warned(manifest) <= {"timestamps_repaired"}


def test_frames_that_the_file_hides_are_told(tmp_path):
    source = clip(tmp_path / "a.mp4", frames=48, options={"bf": "0"})
    # The edit list shows the first half second of two.
    at = source.read_bytes().index(b"elst") + 4
    assert int.from_bytes(source.read_bytes()[at + 8 : at + 12]) == 2000
    path = patched(source, tmp_path / "short.mp4", b"elst", 8, struct.pack(">I", 500))
    manifest, out = taken(path)
    assert numbers(manifest, out) == [0, 4, 8]
    assert "frames_hidden" in warned(manifest)


def test_an_hour_of_frames_is_refused_before_it_is_decoded(tmp_path):
    times = [n * 2.0 for n in range(400)]
    assert refused(clip(tmp_path / "long.mp4", times=times, options={"bf": "0"}, size=(64, 64))) == "too_long"


H264, LARGER, JPEG, LARGE_JPEG = (
    ("libx264", (160, 96), 48),
    ("libx264", (320, 240), 48),
    ("mjpeg", (64, 48), 48),
    ("mjpeg", (320, 240), 48),
)
SMALL, STILL, UNREADABLE = ("libx264", (64, 48), 48), ("libx264", (320, 240), 1), ("mpeg4", (320, 240), 48)


@pytest.mark.parametrize(
    ("name", "tracks", "shown", "size"),
    [
        ("two.mkv", [SMALL, H264], None, (160, 96)),
        ("default.mkv", [LARGER, H264], 1, (160, 96)),
        ("preview.mkv", [JPEG, H264], 0, (160, 96)),
        ("preview.avi", [JPEG, H264], None, (160, 96)),
        ("jpeg.mkv", [LARGE_JPEG, SMALL], 0, (320, 240)),
        ("still.mp4", [STILL, H264], None, (160, 96)),
        ("unreadable.mkv", [UNREADABLE, H264], 0, (160, 96)),
    ],
)
def test_the_main_track_is_the_film_that_players_show(name, tracks, shown, size, tmp_path):
    manifest, out = taken(several(tmp_path / name, *tracks, shown=shown))
    assert (manifest.width, manifest.height) == size
    assert numbers(manifest, out) == list(range(0, 48, 4))
    assert warned(manifest) == {"several_streams"}
