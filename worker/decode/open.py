"""Opening a file that somebody else made. Runs in the child only.

Three walls, each enough on its own for the known tricks (playlists and concat scripts named `.mp4`,
which make FFmpeg read other files or the network): our own look at the first bytes chooses the one
demuxer, FFmpeg may use no other format and no protocol but `file`, and codecs outside the list are
refused by our own `if`, because FFmpeg's `codec_whitelist` is not enforced on decoding when given
to `av.open`.
"""

from pathlib import Path
from typing import Any, Literal

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from worker.decode import boxes
from worker.decode.endings import EBML
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
# Titles that are no UTF-8 are nothing to fail for. PyAV 19, which Python 3.12 and newer get, sees to it itself.
NO_UTF8: dict[str, Any] = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
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
    b"\x00\x00\x00\x0cjP  ",
    b"\x00\x00\x01\x00",
)
OTHER_STARTS = {
    b"FLV\x01": "an FLV",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "a Windows Media (WMV, ASF)",
    b"OggS": "an Ogg",
    b"\x00\x00\x01\xba": "an MPEG program stream (MPG, VOB)",
    b"\x00\x00\x01\xb3": "a bare MPEG",
    b"\x06\x0e\x2b\x34": "an MXF",
    b".RMF": "a RealMedia",
    b"YUV4MPEG2": "a Y4M",
    b"DKIF": "an IVF",
    b"nut/multimedia": "a NUT",
    b"\x00\x00\x00\x01": "a bare H.264 or HEVC",
}
USE_INSTEAD = "Convert it to an MP4 with H.264 video and upload that."


def open_untrusted(path: Path, limits: Limits) -> tuple[InputContainer, VideoStream]:
    """The container and the video stream to take, ready to decode; raises Refusal."""
    demuxer = sniff(path)
    container = _open(path, demuxer, limits)
    stream = _choose(container, limits)
    if demuxer == "mov" and (has_no_clock(stream) or _hides_everything(path, stream.index, limits)):
        # Its edit list is nonsense, or counts in a time scale that is.
        container.close()
        container = _open(path, demuxer, limits, {"ignore_editlist": "1"})
        stream = _choose(container, limits)
    return container, stream


def has_no_clock(stream: VideoStream) -> bool:
    """Whether its time scale is zero, which is read as one: a frame would last a minute and more."""
    base, rate = stream.time_base, stream.average_rate
    return bool(base and base >= 1 and rate and rate * SLOWEST < 1)


def _hides_everything(path: Path, index: int, limits: Limits) -> bool:
    """Whether the edit list shows no frame at all."""
    with _open(path, "mov", limits) as container:
        hidden = False
        try:
            for packet in container.demux(container.streams[index]):
                if packet.size and not packet.is_discard:
                    return False
                hidden |= bool(packet.size)
        except av.error.FFmpegError:
            return False
        return hidden


def _open(path: Path, demuxer: Demuxer, limits: Limits, more: dict[str, str] | None = None) -> InputContainer:
    options = {
        "format_whitelist": FORMATS,
        "protocol_whitelist": "file",
        "max_pixels": str(HEADROOM * limits.max_pixels),
        "enable_drefs": "0",
    } | (more or {})
    # Read in one go, a recording in fragments gives what it has although the last fragment is cut.
    ways = [{}, {"seekable": "0"}] if demuxer == "mov" and b"moof" in boxes.kinds(path) else [{}]
    for way in ways:
        try:
            # "file:" keeps a path from being read as any other protocol, whatever its characters.
            return av.open(f"file:{path}", format=demuxer, options=options | way, **NO_UTF8)
        except av.error.MemoryError:
            raise
        except (av.error.FFmpegError, ValueError) as error:
            failure = error
    raise _unreadable(path, demuxer) from failure


def sniff(path: Path) -> Demuxer:
    """Which demuxer the first bytes ask for; raises Refusal for everything that is not on the list."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head[4:8] in boxes.FIRST:
        inside = boxes.kinds(path)
        if b"moov" not in inside and (b"meta" in inside or head[8:12] in PICTURE_BRANDS):
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
    other = next((name for start, name in OTHER_STARTS.items() if head.startswith(start)), None)
    what = (
        f"This is {other} file, which cannot be read here"
        if other
        else "This is not a video file that can be read here"
    )
    raise Refusal(
        "unsupported_container",
        f"{what}: MP4, MOV, MKV, WebM, MPEG-TS, AVI, GIF and a ZIP of numbered pictures are. "
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


def _unreadable(path: Path, demuxer: Demuxer) -> Refusal:
    if demuxer == "mov" and b"moov" not in boxes.kinds(path):
        return Refusal(
            "truncated",
            "The file ends before its index, so the upload or the recording was cut off. "
            "Upload the whole file again.",
        )
    return Refusal("corrupt", f"The file is damaged and cannot be opened. {USE_INSTEAD}")


def video_streams(container: InputContainer) -> list[VideoStream]:
    """Those that move: an attached picture is an album cover."""
    return [s for s in container.streams.video if not int(s.disposition) & NO_FOOTAGE]


def _main(streams: list[VideoStream]) -> VideoStream:
    """What can be decoded before what cannot, then films before previews, then what players show by default, then the
    largest."""
    largest = max(_pixels(stream) for stream in streams)
    longest = max(stream.frames for stream in streams)

    def is_preview(stream: VideoStream) -> bool:
        small = _codec(stream) == "mjpeg" and _pixels(stream) < largest
        return small or stream.frames == 1 < longest

    def rank(stream: VideoStream) -> tuple[bool, bool, bool, int]:
        by_default = bool(int(stream.disposition) & DEFAULT)
        return _codec(stream) in CODECS, not is_preview(stream), by_default, _pixels(stream)

    return max(streams, key=rank)


def _pixels(stream: VideoStream) -> int:
    context = stream.codec_context
    return 0 if context is None else context.width * context.height


def _codec(stream: VideoStream) -> str | None:
    return None if stream.codec_context is None else stream.codec_context.name


def _choose(container: InputContainer, limits: Limits) -> VideoStream:
    streams = video_streams(container)
    if not streams:
        raise Refusal(
            "no_video",
            "The file has no video track (only sound, a cover picture or data). Upload a video.",
        )
    stream = _main(streams)
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
