"""The work itself, from an opened file to frames, proxy and thumbnail. Runs in the child only.

Everything streams: memory holds two decoded frames and what the codecs keep, however long the video
is.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from worker.decode import timeline
from worker.decode.geometry import Geometry, plan, sane_aspect, turns_of
from worker.decode.limits import Limits
from worker.decode.manifest import Warned
from worker.decode.open import open_untrusted, refuse_size, video_streams
from worker.decode.picture import Look, display_matrix
from worker.decode.refusal import Refusal
from worker.decode.writer import Writer

SHORTFALL = 1.0
"""Seconds by which a video may end before its header says so without being called cut."""
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
    repaired: int = 0
    cut: bool = False
    end: Fraction = Fraction(0)
    """Of the last frame, in seconds after the first."""
    warnings: dict[str, str] = field(default_factory=dict)

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
    container, stream = open_untrusted(source, limits)
    with container:
        declared = declared_duration(container, stream)
        if declared > limits.max_duration + SHORTFALL:
            raise too_long(limits)
        expected = timeline.frame_count(round(declared * fps), annotate_every)
        tally = Tally()
        if len(video_streams(container)) > 1:
            tally.warn("first_stream", "The file has several video tracks; the first one was taken.")
        timed = watch(frames_of(container, stream, tally, limits), tally, step_of(stream, fps), limits)
        slots = timeline.lay(timed, fps)
        first = next(slots, None)
        if first is None:
            raise nothing_decoded(tally)
        geometry = geometry_of(first.source.frame, stream, tally, limits)
        with Writer(
            out_dir,
            geometry,
            fps=fps,
            annotate_every=annotate_every,
            threads=limits.threads,
            on_frame=lambda idx, timeline_idx, pts: on_frame(idx, timeline_idx, pts, expected),
        ) as writer:
            for slot in itertools.chain([first], slots):
                if slot.timeline_idx >= limits.max_timeline_frames:
                    raise too_many_frames(limits.max_timeline_frames)
                if (slot.timeline_idx + 1) * math.prod(geometry.stored) > limits.max_total_pixels:
                    raise too_much(*geometry.stored, limits)
                writer.add(slot)
    judge(tally, declared, limits)
    warnings = [Warned(*item) for item in tally.warnings.items()]
    return Decoded(*geometry.stored, writer.timeline_frame_count, warnings)


def frames_of(
    container: InputContainer, stream: VideoStream, tally: Tally, limits: Limits
) -> Iterator[timeline.Stamped[av.VideoFrame]]:
    """Every frame that decodes, in the order of showing; damage is counted and stepped over."""
    size: tuple[int, int] | None = None
    for packet in packets_of(container, stream, tally):
        try:
            frames = stream.decode(packet)
        except MemoryError:
            raise
        except (av.error.FFmpegError, ValueError):
            tally.lost += 1
            continue
        for frame in frames:
            tally.decoded += 1
            tally.damaged += bool(frame.is_corrupt)
            if tally.decoded > limits.max_source_frames:
                raise too_many_frames(limits.max_source_frames)
            size = size or (frame.width, frame.height)
            if (frame.width, frame.height) != size:
                raise Refusal(
                    "size_changes",
                    f"The picture changes from {size[0]}×{size[1]} to {frame.width}×{frame.height} "
                    "on the way. Cut the video where it changes and upload the parts.",
                )
            yield stamp(frame)


def packets_of(container: InputContainer, stream: VideoStream, tally: Tally) -> Iterator[Packet | None]:
    """The stream's packets; None, like the empty packet at the end, empties the decoder."""
    try:
        yield from container.demux(stream)
    except MemoryError:
        raise
    except av.error.FFmpegError:
        # The rest of the file cannot be read; what the decoder still holds can be shown.
        tally.cut = True
        yield None


def stamp(frame: av.VideoFrame) -> timeline.Stamped[av.VideoFrame]:
    base = frame.time_base
    if not base:
        return timeline.Stamped(frame, None)
    time = None if frame.pts is None else frame.pts * Fraction(base)
    duration = frame.duration * Fraction(base) if frame.duration else None
    return timeline.Stamped(frame, time, duration)


def watch(
    frames: Iterator[timeline.Stamped[av.VideoFrame]], tally: Tally, step: Fraction, limits: Limits
) -> Iterator[timeline.Timed[av.VideoFrame]]:
    """Frames with rising times, noting what is odd about them and refusing what is too long."""
    start: Fraction | None = None
    for timed in timeline.rising(frames, step):
        start = timed.time if start is None else start
        tally.end = timed.end - start
        if tally.end > limits.max_duration:
            raise too_long(limits)
        tally.repaired += timed.repaired
        note_look(Look.of(timed.frame), tally)
        yield timed


def note_look(look: Look, tally: Tally) -> None:
    if look.hdr:
        tally.warn("hdr_tonemapped", "The video is HDR; its colours were brought into the standard range.")
    if look.interlaced:
        tally.warn("interlaced", "The video is interlaced; one field of each frame is shown.")


def geometry_of(frame: av.VideoFrame, stream: VideoStream, tally: Tally, limits: Limits) -> Geometry:
    """How this video's pictures come out; raises Refusal when they would be too large or too small."""
    refuse_size(frame.width, frame.height, limits)
    turns = turns_of(display_matrix(frame))
    if turns is None:
        tally.warn(
            "rotation_ignored",
            "The file asks for a rotation that is no quarter turn; it was ignored.",
        )
        turns = ()
    aspect = sane_aspect(stream.sample_aspect_ratio)
    if aspect is None:
        tally.warn(
            "aspect_ignored",
            "The file asks for pixels of an impossible shape; square ones were used.",
        )
        aspect = Fraction(1)
    geometry = plan(frame.width, frame.height, aspect=aspect, turns=turns, max_side=limits.max_side)
    refuse_size(*geometry.stored, limits)
    if min(geometry.stored) < limits.min_side:
        raise Refusal(
            "too_small",
            f"The picture is only {frame.width}×{frame.height}; at least {limits.min_side} pixels "
            "a side are needed. Upload a larger video.",
        )
    return geometry


def step_of(stream: VideoStream, fps: Fraction) -> Fraction:
    """Seconds from one frame to the next where the timestamps do not tell."""
    rate = stream.average_rate or stream.guessed_rate
    return 1 / Fraction(rate) if rate and 1 <= rate <= 1000 else 1 / fps


def declared_duration(container: InputContainer, stream: VideoStream) -> float:
    """The shortest duration in seconds that the headers claim, 0 when they claim none. It may be a lie."""
    claims = []
    if stream.duration and stream.time_base:
        claims.append(float(stream.duration * stream.time_base))
    if container.duration:
        # Matroska counts its duration from zero, the others from the first frame.
        late = max(0, container.start_time or 0)
        claims.append((container.duration - late) / av.time_base)
    return min((claim for claim in claims if claim > 0), default=0.0)


def judge(tally: Tally, declared: float, limits: Limits) -> None:
    """Refuse what is too damaged to annotate; warn of the rest."""
    read = float(tally.end)
    if declared - read > SHORTFALL:
        tally.warn("truncated", f"The file is cut off: {read:.1f} of {declared:.1f} seconds could be read.")
    elif tally.cut:
        tally.warn("truncated", f"The file is cut off; {read:.1f} seconds could be read.")
    if damaged := tally.damaged + tally.lost:
        share = damaged / (tally.decoded + tally.lost)
        if damaged > FEW_DAMAGED and share > limits.max_damaged_share:
            raise Refusal(
                "corrupt",
                f"{share:.0%} of the frames are damaged. Upload the original file, or an undamaged part.",
            )
        tally.warn("damaged", f"{damaged} of {tally.decoded + tally.lost} frames are damaged.")
    if tally.repaired:
        tally.warn(
            "timestamps_repaired",
            f"{tally.repaired} of {tally.decoded} frames had no usable timestamp and were spaced evenly.",
        )


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
