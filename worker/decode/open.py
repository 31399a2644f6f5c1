"""Opening a file that somebody else made. Runs in the child only.

Three walls, each enough on its own for the known tricks (playlists and concat scripts named `.mp4`,
which make FFmpeg read other files or the network): our own look at the first bytes chooses the one
demuxer, FFmpeg may use no other format and no protocol but `file`, and codecs outside the list are
refused by our own `if`, because FFmpeg's `codec_whitelist` is not enforced on decoding when given
to `av.open`.
"""

from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from worker.decode.limits import Limits
from worker.decode.refusal import Refusal

Demuxer = Literal["mov", "matroska", "mpegts", "avi", "gif"]

# Names that FFmpeg gives these demuxers and decoders. Few on purpose: each one more is more code to
# attack.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,avi,gif"
CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mjpeg", "prores", "dnxhd", "gif"})
READABLE = "H.264, HEVC, VP8, VP9, AV1, ProRes, DNxHD, MJPEG and GIF"
DEFAULT, ATTACHED_PICTURE, TIMED_THUMBNAILS, STILL_IMAGE = 0x1, 0x400, 0x800, 0x100000
NO_FOOTAGE = ATTACHED_PICTURE | TIMED_THUMBNAILS | STILL_IMAGE
SLOWEST = 10  # seconds that a frame may last by its header
HEAD_BYTES = 4096
EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
# FFmpeg's own pixel wall stands this much higher than ours, so that ours can say what is wrong.
HEADROOM = 4

PICTURE_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif", b"jxl "})
PICTURE_STARTS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n",
    b"II*\x00",
    b"MM\x00*",
    b"BM",
    b"8BPS",
    b"\xff\x0a",
    b"\x00\x00\x00\x0cJXL ",
)
MP4_FIRST_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
USE_INSTEAD = "Convert it to an MP4 with H.264 video and upload that."


def open_untrusted(path: Path, limits: Limits) -> tuple[InputContainer, VideoStream]:
    """The container and the video stream to take, ready to decode; raises Refusal."""
    demuxer = sniff(path)
    container = _open(path, demuxer, limits)
    stream = _choose(container, limits)
    if demuxer == "mov" and has_no_clock(stream):
        # Its edit list counts in the same time scale and would hide all but the first frame.
        container.close()
        container = _open(path, demuxer, limits, {"ignore_editlist": "1"})
        stream = _choose(container, limits)
    return container, stream


def length_of(path: Path, limits: Limits) -> Fraction:
    """What the container says, in seconds, of the whole film; 0 where it says nothing."""
    with _open(path, sniff(path), limits) as container:
        return Fraction(container.duration or 0, av.time_base)


def has_no_clock(stream: VideoStream) -> bool:
    """Whether its time scale is zero, which is read as one: a frame would last a minute and more."""
    base, rate = stream.time_base, stream.average_rate
    return bool(base and base >= 1 and rate and rate * SLOWEST < 1)


def _open(path: Path, demuxer: Demuxer, limits: Limits, more: dict[str, str] | None = None) -> InputContainer:
    options = {
        "format_whitelist": FORMATS,
        "protocol_whitelist": "file",
        "max_pixels": str(HEADROOM * limits.max_pixels),
        "enable_drefs": "0",
    } | (more or {})
    try:
        # "file:" keeps a path from being read as any other protocol, whatever its characters.
        return av.open(f"file:{path}", format=demuxer, options=options, metadata_errors="replace")
    except av.error.MemoryError:
        raise
    except (av.error.FFmpegError, ValueError) as error:
        raise _unreadable(path, demuxer) from error


def sniff(path: Path) -> Demuxer:
    """Which demuxer the first bytes ask for; raises Refusal for everything that is not on the list."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head[4:8] in MP4_FIRST_BOXES:
        if head[8:12] in PICTURE_BRANDS and not _has_index(path):
            raise a_picture()
        return "mov"
    if head.startswith(EBML):
        return "matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if _is_transport_stream(head):
        return "mpegts"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP" and b"ANIM" in head[:64]:
        raise Refusal("unsupported_container", f"Animated WebP cannot be read here. {USE_INSTEAD}")
    if head.startswith(PICTURE_STARTS) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        raise a_picture()
    raise Refusal(
        "unsupported_container",
        "This is not a video file that can be read here: MP4, MOV, MKV, WebM, MPEG-TS, AVI and GIF are. "
        "If it is a video, convert it to MP4 with H.264 and upload that.",
    )


def a_picture() -> Refusal:
    return Refusal("picture", "This is a picture, not a video. Upload a video.")


def _is_transport_stream(head: bytes) -> bool:
    """Whether the sync byte comes back every 188 bytes (or 192, on camera disks), from any start."""
    return any(
        all(head[start + n * size : start + n * size + 1] == b"\x47" for n in range(8))
        for size in (188, 192)
        for start in range(size)
    )


def is_cut(path: Path) -> bool:
    """Whether a Matroska file says that it goes on after its end."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.startswith(EBML):
        return False
    header, after = _ebml_size(head, len(EBML))
    start = after + (header or 0)
    if head[start : start + 4] != SEGMENT:
        return False
    length, after = _ebml_size(head, start + 4)
    return length is not None and after + length > path.stat().st_size


def _ebml_size(data: bytes, at: int) -> tuple[int | None, int]:
    """An EBML element's size, None where it is not told, and where its content begins."""
    if at >= len(data) or not data[at]:
        return None, at
    octets = 9 - data[at].bit_length()
    value = int.from_bytes(data[at : at + octets], "big") & ((1 << 7 * octets) - 1)
    return (None if value == (1 << 7 * octets) - 1 else value), at + octets


def _unreadable(path: Path, demuxer: Demuxer) -> Refusal:
    if demuxer == "mov" and not _has_index(path):
        return Refusal(
            "truncated",
            "The file ends before its index, so the upload or the recording was cut off. "
            "Upload the whole file again.",
        )
    return Refusal("corrupt", f"The file is damaged and cannot be opened. {USE_INSTEAD}")


def _has_index(path: Path) -> bool:
    """Whether an MP4 holds a whole `moov` box at its top level."""
    size = path.stat().st_size
    with path.open("rb") as file:
        offset = 0
        for _ in range(10_000):
            if offset + 8 > size:
                return False
            file.seek(offset)
            header = file.read(16)
            length, kind = int.from_bytes(header[:4], "big"), header[4:8]
            if length == 1:
                length = int.from_bytes(header[8:16], "big")
            elif length == 0:
                length = size - offset
            if kind == b"moov":
                return offset + length <= size
            if length < 8:
                return False
            offset += length
    return False


def video_streams(container: InputContainer) -> list[VideoStream]:
    """Those that move: an attached picture is an album cover."""
    return [s for s in container.streams.video if not int(s.disposition) & NO_FOOTAGE]


def _rank(stream: VideoStream) -> tuple[bool, bool, bool, int]:
    """What can be decoded before what cannot, then films before previews, then what players show by default, then the
    largest."""
    context = stream.codec_context
    size = 0 if context is None else context.width * context.height
    codec = _codec(stream)
    return codec in CODECS, codec != "mjpeg", bool(int(stream.disposition) & DEFAULT), size


def _codec(stream: VideoStream) -> str | None:
    return None if stream.codec_context is None else stream.codec_context.name


def _choose(container: InputContainer, limits: Limits) -> VideoStream:
    streams = video_streams(container)
    if not streams:
        raise Refusal(
            "no_video",
            "The file has no video track (only sound, a cover picture or data). Upload a video.",
        )
    stream = max(streams, key=_rank)
    codec = _codec(stream)
    if codec not in CODECS:
        raise Refusal(
            "unsupported_codec",
            f"The video is coded as {codec or 'something unknown'}; {READABLE} can be read. {USE_INSTEAD}",
        )
    refuse_size(stream.codec_context.width, stream.codec_context.height, limits)
    stream.codec_context.options = {"max_pixels": str(HEADROOM * limits.max_pixels)}
    stream.codec_context.thread_count = limits.threads
    stream.thread_type = "AUTO"
    return stream


def refuse_size(width: int, height: int, limits: Limits) -> None:
    """Raises Refusal when a picture is too large. Zero (not known yet) passes."""
    if width * height > limits.max_pixels:
        raise Refusal(
            "too_large",
            f"The picture is {width}×{height}; at most {limits.max_pixels / 1e6:.1f} million pixels "
            "can be read. Scale the video down and upload it again.",
        )
