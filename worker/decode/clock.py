"""What the headers say of time, for what the frames leave open. Each of it may be a lie."""

import itertools
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from worker.decode import boxes, timeline
from worker.decode.limits import Limits
from worker.decode.open import SLOWEST, has_no_clock, open_untrusted

FASTEST, LOOKED_AT = 1000, 100
"""Frames a second that are believed, and how many frames are asked."""
DURATION_TAG = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Clock:
    """What is known of a stream's timestamps: seconds from one frame to the next where they do not tell, the longest
    time that is believed, and what a timestamp counts for (0: it is worth nothing)."""

    step: Fraction
    believed: Fraction | None
    scale: Fraction = Fraction(1)

    def stamp(self, frame: av.VideoFrame, pts: int | None) -> timeline.Stamped[av.VideoFrame]:
        """The frame with its time, `pts` of its stream's units."""
        base = frame.time_base
        if not base or not self.scale:
            return timeline.Stamped(frame, None)
        time = None if pts is None else pts * Fraction(base) * self.scale
        duration = frame.duration * Fraction(base) * self.scale if frame.duration else None
        return timeline.Stamped(frame, time, duration)


def clock_of(
    source: Path, container: InputContainer, stream: VideoStream, fps: Fraction, limits: Limits
) -> Clock:
    """Headers are asked for what timestamps leave open, no more."""
    step = step_of(stream, fps)
    longest = max(durations(container, stream), default=0.0)
    believed = Fraction(longest).limit_denominator(1000) + timeline.JUMP if longest else None
    if container.format.name == "mpegts":  # its length is a guess from the timestamps, and its clock may jump
        believed = Fraction(0)
    distance = median_step(stamps_of(source, limits, LOOKED_AT))
    if distance and stream.time_base and distance * stream.time_base * FASTEST < 1:
        return Clock(step, believed, Fraction(0))
    if has_no_clock(stream):
        # What the container says by another clock tells the truth, if frames have a sane distance then.
        held = boxes.length_of_footage(source) / stream.frames if stream.frames else Fraction(0)
        rate = stream.average_rate or Fraction(0)
        if held * rate and held < SLOWEST:
            return Clock(step, believed, held * rate)
        return Clock(1 / fps, believed, Fraction(0))
    return Clock(step, believed)


def step_of(stream: VideoStream, fps: Fraction) -> Fraction:
    """Seconds from one frame to the next where the timestamps do not tell."""
    length = (stream.duration or 0) * (stream.time_base or 0)
    mean = stream.frames / length if length else None
    rates = (mean, stream.average_rate, stream.guessed_rate)
    return next((1 / Fraction(rate) for rate in rates if rate and 1 <= rate <= 1000), 1 / fps)


def declared_duration(container: InputContainer, stream: VideoStream) -> float:
    """The shortest duration in seconds that the headers claim for the video, 0 when they claim none. It may be a
    lie."""
    return min(durations(container, stream), default=0.0)


def durations(container: InputContainer, stream: VideoStream) -> list[float]:
    """What the headers claim. The container's own claim counts if there is nothing but the video in it: sound and
    subtitles may go on."""
    claims = []
    if stream.duration and stream.time_base:
        claims.append(float(stream.duration * stream.time_base))
    told = DURATION_TAG.fullmatch(stream.metadata.get("DURATION", ""))
    # Matroska counts its durations from zero, the others from the first frame.
    late = max(0, container.start_time or 0) / av.time_base
    if stream.start_time and stream.time_base:
        late = max(late, float(stream.start_time * stream.time_base))
    if told:
        hours, minutes, seconds = map(float, told.groups())
        claims.append(3600 * hours + 60 * minutes + seconds - late)
    if container.duration and len(container.streams) == 1:
        claims.append(container.duration / av.time_base - late)
    return [claim for claim in claims if claim > 0]


def is_as_long(source: Path, limits: Limits, fps: Fraction) -> bool:
    """Whether there are frames for a duration that is too long, without decoding one: their usual distance times
    their number."""
    container, stream = open_untrusted(source, limits)
    with container:
        scale = clock_of(source, container, stream, fps, limits).scale
        base = scale * (stream.time_base or 1 / fps)
    stamps = stamps_of(source, limits)
    usual = median_step(stamps) * base
    return usual < limits.max_duration < len(stamps) * usual


def stamps_of(source: Path, limits: Limits, most: int | None = None) -> list[int]:
    """The timestamps of the first packets, in order; none where the file breaks off before."""
    container, stream = open_untrusted(source, limits)
    with container:
        try:
            packets = itertools.islice(container.demux(stream), most)
            return sorted(packet.pts for packet in packets if packet.pts is not None)
        except av.error.FFmpegError:
            return []


def median_step(stamps: list[int]) -> int:
    """Between neighbours; 0 where there are none."""
    steps = sorted(after - before for before, after in itertools.pairwise(stamps))
    return steps[len(steps) // 2] if steps else 0
