"""The work itself, from an opened file to frames, proxy and thumbnail. Runs in the child only.

Everything streams: memory holds two decoded frames and what the codecs keep, however long the video
is.
"""

import itertools
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from worker.decode import archive, timeline
from worker.decode.clock import Clock, clock_of, declared_duration, is_as_long
from worker.decode.endings import is_cut
from worker.decode.geometry import Geometry, plan, sane_aspect, turns_of
from worker.decode.limits import Limits
from worker.decode.manifest import Warned
from worker.decode.open import a_picture, open_untrusted, refuse_size, video_streams
from worker.decode.picture import Look, display_matrix, is_see_through
from worker.decode.refusal import Refusal
from worker.decode.writer import Writer

ALPHA_LOST = "The video is transparent in places; its transparency was left out."
SHORTFALL = 1.0
"""Seconds by which a video may end before its header says so without being called cut."""
FEW, MOSTLY = 4, 0.75
"""Of so many annotated frames, and more, at least this share shows a picture of its own in ordinary footage."""
DECODED_TO_STORED = 4
"""How many times the pixels that are stored may be decoded: 8K becomes 4K, 120 frames a second become 24."""
PREDICTED = frozenset({"h264", "hevc"})
"""Codecs with a frame in every packet, so that a packet without one lost it; the decoder does not say so."""
RESIZED = PREDICTED | {"vp8", "vp9", "av1", "libdav1d"}
"""Codecs whose pictures change their size in a call or a broadcast."""
KEY_FRAMES = 50
"""So many are looked at beforehand for the largest picture: calls start small."""
FEW_DAMAGED = 3
"""So many damaged frames never refuse a video: a short one may end in a broken frame."""

OnFrame = Callable[[int, int, float, int], None]
"""What `Writer` tells, and how many annotated frames to expect in all (0: unknown)."""


@dataclass(frozen=True)
class Decoded:
    width: int
    height: int
    timeline_frame_count: int
    warnings: list[Warned]


@dataclass
class Tally:
    """What was seen on the way through the file."""

    decoded: int = 0
    damaged: int = 0
    """Frames that were shown although the decoder says that they are broken."""
    lost: int = 0
    """Packets that gave an error instead of frames."""
    dropped: int = 0
    """Packets before which some are missing."""
    pixels: int = 0
    """Of all decoded frames."""
    repaired: int = 0
    cut: bool = False
    packets: int = 0
    """That should give a frame each."""
    end: Fraction = Fraction(0)
    """Of the last frame, in seconds after the first."""
    told_from: Fraction | None = None
    told_to: Fraction = Fraction(0)
    """What the timestamps say before they are mended."""
    times: list[Fraction] = field(default_factory=list)
    warnings: dict[str, str] = field(default_factory=dict)

    def note(self, stamped: timeline.Stamped[av.VideoFrame]) -> None:
        """What the timestamps say, right or wrong: who judges whether the file is cut needs it."""
        if stamped.time is None:
            return
        until = stamped.time + (stamped.duration or 0)
        if self.told_from is None:
            self.told_from, self.told_to = stamped.time, until
        self.told_from, self.told_to = min(self.told_from, stamped.time), max(self.told_to, until)

    def warn(self, code: str, message: str) -> None:
        self.warnings.setdefault(code, message)


def decode(
    source: Path,
    out_dir: Path,
    *,
    fps: Fraction,
    annotate_every: int,
    limits: Limits,
    on_frame: OnFrame,
) -> Decoded:
    """Write `frames/`, `proxy.mp4` and `thumbnail.jpg` into `out_dir`; raises Refusal."""
    pace = Pace(fps, annotate_every)
    if archive.is_archive(source):
        return decode_pictures(source, out_dir, pace, limits, on_frame)
    return decode_film(source, out_dir, pace, limits, on_frame)


@dataclass(frozen=True)
class Pace:
    """Of the timeline: frames a second, and which of them are annotated."""

    fps: Fraction
    annotate_every: int


def decode_film(source: Path, out_dir: Path, pace: Pace, limits: Limits, on_frame: OnFrame) -> Decoded:
    """Lay a film on the timeline and write its annotated frames. Raises `Refusal`."""
    container, stream = open_untrusted(source, limits)
    with container:
        clock = clock_of(source, container, stream, pace.fps, limits)
        declared = declared_duration(container, stream) * float(clock.scale)
        if declared > limits.max_duration + SHORTFALL and is_as_long(source, limits, pace.fps):
            raise too_long(limits)
        tally = Tally(cut=is_cut(source))
        note_stream(container, stream, tally)
        timed = watch(frames_of(container, stream, clock, tally, limits), tally, clock, limits)
        first = next(timed, None)
        if first is None:
            raise nothing_decoded(tally)
        size = largest_size(source, first.frame, limits)
        geometry = geometry_of(first.frame, size, stream.sample_aspect_ratio, tally, limits)
        expected = timeline.frame_count(
            round(min(declared, limits.max_duration) * pace.fps), pace.annotate_every
        )
        writer = write(
            itertools.chain([first], timed), geometry, out_dir, pace, tally, limits, on_frame, expected
        )
        if container.format.name == "gif" and tally.decoded == 1:
            raise a_picture()
        judge(tally, declared, stream, limits)
    return decoded(writer, geometry, tally)


def decode_pictures(source: Path, out_dir: Path, pace: Pace, limits: Limits, on_frame: OnFrame) -> Decoded:
    """Lay an archive's numbered pictures on the timeline, one a frame. Raises `Refusal`."""
    entries = archive.pictures(source, limits)
    step, tally = pace.annotate_every / pace.fps, Tally()
    stamped = counted(archive.frames_of(source, entries, step, limits), tally, limits)
    timed = watch(stamped, tally, Clock(step, None), limits)
    first = next(timed)
    geometry = geometry_of(first.frame, (first.frame.width, first.frame.height), None, tally, limits)
    frames = itertools.chain([first], timed)
    writer = write(frames, geometry, out_dir, pace, tally, limits, on_frame, len(entries))
    return decoded(writer, geometry, tally)


def write(
    timed: Iterable[timeline.Timed[av.VideoFrame]],
    geometry: Geometry,
    out_dir: Path,
    pace: Pace,
    tally: Tally,
    limits: Limits,
    on_frame: OnFrame,
    expected: int,
) -> Writer:
    """Write what the frames become; raises Refusal when that gets too much."""
    if geometry.shrunk:
        tally.warn("scaled_down", scaled_down(geometry))
    with Writer(
        out_dir,
        geometry,
        fps=pace.fps,
        annotate_every=pace.annotate_every,
        threads=limits.threads,
        on_frame=lambda idx, timeline_idx, pts: on_frame(idx, timeline_idx, pts, expected),
    ) as writer:
        for slot in timeline.lay(timed, pace.fps):
            if slot.timeline_idx >= limits.max_timeline_frames:
                raise too_many_frames(limits.max_timeline_frames)
            if (slot.timeline_idx + 1) * math.prod(geometry.stored) > limits.max_total_pixels:
                raise too_much(*geometry.stored, limits)
            writer.add(slot)
    return writer


def decoded(writer: Writer, geometry: Geometry, tally: Tally) -> Decoded:
    if writer.annotated >= FEW and writer.different < MOSTLY * writer.annotated:
        tally.warn(
            "repeated_pictures",
            f"Pictures repeat: {writer.annotated} annotated frames show {writer.different} different pictures.",
        )
    warnings = [Warned(*item) for item in tally.warnings.items()]
    return Decoded(*geometry.stored, writer.timeline_frame_count, warnings)


def frames_of(
    container: InputContainer, stream: VideoStream, clock: Clock, tally: Tally, limits: Limits
) -> Iterator[timeline.Stamped[av.VideoFrame]]:
    """Every frame that decodes, in the order of showing; damage is counted and stepped over."""
    size: tuple[int, int] | None = None
    # An AVI's timestamps are of its packets, in the order of decoding: the first frame to be shown has the first.
    is_avi, waiting = container.format.name == "avi", deque[int | None]()
    for packet in packets_of(container, stream, tally):
        if is_avi and packet is not None and packet.size:
            waiting.append(packet.pts)
        try:
            frames = stream.decode(packet)
        except MemoryError:
            raise
        except (av.error.FFmpegError, ValueError):
            tally.lost += bool(tally.decoded or "starts_late" not in tally.warnings)
            continue
        if packet is not None and packet.size and (tally.decoded or frames or packet.is_keyframe):
            tally.packets += not packet.is_discard
        for frame in frames:
            size = count(frame, size, tally, limits)
            pts = waiting.popleft() if is_avi and waiting else frame.pts
            stamped = clock.stamp(frame, pts)
            tally.note(stamped)
            yield stamped


def counted(
    frames: Iterator[timeline.Stamped[av.VideoFrame]], tally: Tally, limits: Limits
) -> Iterator[timeline.Stamped[av.VideoFrame]]:
    size: tuple[int, int] | None = None
    for stamped in frames:
        size = count(stamped.frame, size, tally, limits)
        yield stamped


def count(
    frame: av.VideoFrame, size: tuple[int, int] | None, tally: Tally, limits: Limits
) -> tuple[int, int]:
    """Add a frame to the tally; the answer is the first one's size. Raises Refusal when it is one too many."""
    tally.decoded += 1
    tally.damaged += bool(frame.is_corrupt)
    if tally.decoded > limits.max_source_frames:
        raise too_many_frames(limits.max_source_frames)
    refuse_size(frame.width, frame.height, limits)
    tally.pixels += frame.width * frame.height
    if tally.pixels > DECODED_TO_STORED * limits.max_total_pixels:
        raise too_much(frame.width, frame.height, limits)
    size = size or (frame.width, frame.height)
    if (frame.width, frame.height) != size:
        tally.warn(
            "size_changes",
            f"The picture changes from {size[0]}×{size[1]} to {frame.width}×{frame.height} "
            "on the way; all frames were brought to one size.",
        )
    return size


def packets_of(container: InputContainer, stream: VideoStream, tally: Tally) -> Iterator[Packet | None]:
    """The stream's packets; None, like the empty packet at the end, empties the decoder."""
    first, broken = True, False
    try:
        for packet in container.demux(stream):
            if packet.size:
                broken = bool(packet.is_corrupt)
                tally.dropped += broken
                if first and not packet.is_keyframe:
                    tally.warn(
                        "starts_late",
                        "The video starts in the middle of a group of pictures; what cannot be shown was left out.",
                    )
                first = False
            elif broken:  # the last one: it is not all there
                tally.cut, tally.dropped = True, tally.dropped - 1
            yield packet
    except MemoryError:
        raise
    except av.error.FFmpegError:
        # The rest of the file cannot be read; what the decoder still holds can be shown.
        tally.cut = True
        yield None


def note_stream(container: InputContainer, stream: VideoStream, tally: Tally) -> None:
    """What is left out of the file."""
    if len(video_streams(container)) > 1:
        tally.warn("several_streams", "The file has several video tracks; the main one was taken.")
    pixels = stream.format
    is_gif = container.format.name == "gif"  # always has alpha, rarely uses it: its frames tell
    has_alpha = not is_gif and pixels is not None and any(part.is_alpha for part in pixels.components)
    if has_alpha or stream.metadata.get("alpha_mode") == "1":
        tally.warn("alpha_lost", ALPHA_LOST)


def watch(
    frames: Iterator[timeline.Stamped[av.VideoFrame]], tally: Tally, clock: Clock, limits: Limits
) -> Iterator[timeline.Timed[av.VideoFrame]]:
    """Frames with rising times, noting what is odd about them and refusing what is too long."""
    start: Fraction | None = None
    for timed in timeline.rising(frames, clock.step, clock.believed, Fraction(limits.max_duration)):
        start = timed.time if start is None else start
        tally.end = timed.end - start
        if tally.end > limits.max_duration:
            raise too_long(limits)
        tally.repaired += timed.repaired
        tally.times.append(timed.time)
        note_look(Look.of(timed.frame), tally)
        if "alpha_lost" not in tally.warnings and is_see_through(timed.frame):
            tally.warn("alpha_lost", ALPHA_LOST)
        yield timed


def note_look(look: Look, tally: Tally) -> None:
    if look.hdr:
        tally.warn("hdr_tonemapped", "The video is HDR; its colours were brought into the standard range.")
    if look.interlaced:
        tally.warn("interlaced", "The video is interlaced; one field of each frame is shown.")


def largest_size(source: Path, first: av.VideoFrame, limits: Limits) -> tuple[int, int]:
    """Width and height of the largest picture among the first key frames; that of the first frame if they agree."""
    size = (first.width, first.height)
    container, stream = open_untrusted(source, limits)
    with container:
        if stream.codec_context.name not in RESIZED:
            return size
        keys = (packet for packet in container.demux(stream) if packet.is_keyframe and packet.size)
        try:
            for packet in itertools.chain(
                itertools.islice(keys, KEY_FRAMES), [None]
            ):  # and what it still holds
                for frame in stream.decode(packet):
                    refuse_size(frame.width, frame.height, limits)
                    size = max(size, (frame.width, frame.height), key=math.prod)
        except MemoryError:
            raise
        except (av.error.FFmpegError, ValueError):
            pass  # the reading proper will tell
    return size


def geometry_of(
    frame: av.VideoFrame,
    size: tuple[int, int],
    pixel_aspect: Fraction | None,
    tally: Tally,
    limits: Limits,
) -> Geometry:
    """How this video's pictures, of which the largest has `size`, come out; raises Refusal when they would be too
    large or too small."""
    width, height = size
    refuse_size(width, height, limits)
    turns = turns_of(display_matrix(frame))
    if turns is None:
        tally.warn(
            "rotation_ignored",
            "The file asks for a rotation that is no quarter turn; it was ignored.",
        )
        turns = ()
    aspect = sane_aspect(pixel_aspect)
    if aspect is None:
        tally.warn(
            "aspect_ignored",
            "The file asks for pixels of an impossible shape; square ones were used.",
        )
        aspect = Fraction(1)
    geometry = plan(
        width,
        height,
        aspect=aspect,
        turns=turns,
        max_side=limits.max_side,
        max_pixels=limits.max_stored_pixels,
    )
    if geometry.cropped:
        tally.warn(
            "cropped",
            f"The picture has an odd side ({width}×{height}); its last row or column was cut off.",
        )
    if min(geometry.stored) < limits.min_side:
        raise Refusal(
            "too_small",
            f"The picture is only {width}×{height}; at least {limits.min_side} pixels "
            "a side are needed. Upload a larger video.",
        )
    return geometry


def judge(tally: Tally, declared: float, stream: VideoStream, limits: Limits) -> None:
    """Refuse what is too damaged to annotate; warn of the rest."""
    read = float(tally.end)
    told = float(tally.told_to - (tally.told_from or 0))
    unseen = 0
    if stream.codec_context.name in PREDICTED:
        # The two fields of a frame may come in a packet each.
        fields = "interlaced" in tally.warnings
        unseen = 0 if fields else max(0, tally.packets - tally.decoded - tally.lost)
    if unseen > FEW_DAMAGED and unseen > tally.decoded:
        raise Refusal(
            "corrupt",
            f"Only {tally.decoded} of {tally.packets} frames can be decoded. Upload the original file.",
        )
    if tally.cut:
        is_short = SHORTFALL < declared - max(read, told) < limits.max_duration
        whole = f" of {declared:.1f}" if is_short else ""
        tally.warn("truncated", f"The file is cut off: {read:.1f}{whole} seconds could be read.")
    if damaged := tally.damaged + tally.lost:
        share = damaged / (tally.decoded + tally.lost)
        if damaged > FEW_DAMAGED and share > limits.max_damaged_share:
            raise Refusal(
                "corrupt",
                f"{share:.0%} of the frames are damaged. Upload the original file, or an undamaged part.",
            )
        tally.warn("damaged", f"{damaged} of {tally.decoded + tally.lost} frames are damaged.")
    hidden = stream.frames - tally.packets
    if tally.packets < hidden <= limits.max_source_frames and not tally.cut:
        tally.warn(
            "frames_hidden",
            f"The file hides {hidden} of its {stream.frames} frames; they were left out.",
        )
    if missing := max(unseen, timeline.missing(tally.times)):
        tally.warn(
            "frames_missing",
            f"The recording has gaps (frames missing: about {missing}); pictures after a gap may be damaged.",
        )
    if tally.dropped:
        tally.warn(
            "packets_dropped", "Parts of the recording are missing; frames after a gap may be damaged."
        )
    if tally.repaired:
        tally.warn(
            "timestamps_repaired",
            f"{tally.repaired} of {tally.decoded} frames had no usable timestamp; they were fitted in.",
        )


def scaled_down(geometry: Geometry) -> str:
    coded, stored = geometry.coded, geometry.stored
    return f"The video is {coded[0]}×{coded[1]}; its frames were scaled down to {stored[0]}×{stored[1]}."


def nothing_decoded(tally: Tally) -> Refusal:
    if tally.lost or tally.cut:
        return Refusal(
            "corrupt",
            "No frame of the video can be decoded: the file is damaged or encrypted. "
            "Upload the original file.",
        )
    return Refusal("no_frames", "The video track has no frames. Upload another file.")


def too_long(limits: Limits) -> Refusal:
    return Refusal(
        "too_long",
        f"The video is longer than {limits.max_duration:g} seconds. "
        "Cut it into shorter clips and upload those.",
    )


def too_much(width: int, height: int, limits: Limits) -> Refusal:
    most = limits.max_total_pixels // (width * height)
    return Refusal(
        "too_much",
        f"At {width}×{height} a video may have at most {most} frames here. "
        "Cut it into shorter clips or scale it down.",
    )


def too_many_frames(most: int) -> Refusal:
    return Refusal("too_many_frames", f"The video has more than {most} frames. Cut it into shorter clips.")
