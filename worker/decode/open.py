"""Opening a file that somebody else made. Runs in the child only.

Three walls, each enough on its own for the known tricks (playlists and concat scripts named `.mp4`,
which make FFmpeg read other files or the network): our own look at the first bytes chooses the one
demuxer, FFmpeg may use no other format and no protocol but `file`, and codecs outside the list are
refused by our own `if`, because FFmpeg's `codec_whitelist` is not enforced on decoding when given
to `av.open`.
"""

from pathlib import Path
from typing import Literal

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from worker.decode.limits import Limits
from worker.decode.refusal import Refusal

Demuxer = Literal["mov", "matroska", "mpegts"]

# Names that FFmpeg gives these demuxers and decoders. Few on purpose: each one more is more code to
# attack.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts"
CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d"})
ATTACHED_PICTURE = 0x400
HEAD_BYTES = 4096
# FFmpeg's own pixel wall stands this much higher than ours, so that ours can say what is wrong.
HEADROOM = 4

MP4_FIRST_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
USE_INSTEAD = "Convert it to an MP4 with H.264 video and upload that."


def open_untrusted(path: Path, limits: Limits) -> tuple[InputContainer, VideoStream]:
    """The container and its first real video stream, ready to decode; raises Refusal."""
    demuxer = sniff(path)
    options = {
        "format_whitelist": FORMATS,
        "protocol_whitelist": "file",
        "max_pixels": str(HEADROOM * limits.max_pixels),
        "enable_drefs": "0",
    }
    try:
        # "file:" keeps a path from being read as any other protocol, whatever its characters.
        container = av.open(f"file:{path}", format=demuxer, options=options, metadata_errors="replace")
    except av.error.MemoryError:
        raise
    except (av.error.FFmpegError, ValueError) as error:
        raise _unreadable(path, demuxer) from error
    return container, _choose(container, limits)


def sniff(path: Path) -> Demuxer:
    """Which demuxer the first bytes ask for; raises Refusal for everything that is not on the list."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head[4:8] in MP4_FIRST_BOXES:
        return "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if _is_transport_stream(head):
        return "mpegts"
    raise Refusal(
        "unsupported_container",
        "This is not a video file that can be read here: MP4, MOV, MKV, WebM and MPEG-TS are. "
        "If it is a video, convert it to MP4 with H.264 and upload that.",
    )


def _is_transport_stream(head: bytes) -> bool:
    """Whether the sync byte comes back every 188 bytes (or 192, on camera disks), from any start."""
    return any(
        all(head[start + n * size : start + n * size + 1] == b"\x47" for n in range(8))
        for size in (188, 192)
        for start in range(size)
    )


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
    return [s for s in container.streams.video if not int(s.disposition) & ATTACHED_PICTURE]


def _choose(container: InputContainer, limits: Limits) -> VideoStream:
    streams = video_streams(container)
    if not streams:
        raise Refusal(
            "no_video",
            "The file has no video track (only sound, a cover picture or data). Upload a video.",
        )
    stream = streams[0]
    codec = stream.codec_context.name if stream.codec_context is not None else None
    if codec not in CODECS:
        raise Refusal(
            "unsupported_codec",
            f"The video is coded as {codec or 'something unknown'}; H.264, HEVC, VP8, VP9 and AV1 "
            f"can be read. {USE_INSTEAD}",
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
