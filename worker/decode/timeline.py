"""Laying frames that come at any time onto a constant timeline. Pure arithmetic on exact fractions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Stamped(Generic[T]):
    """A frame as the source gives it: `time` and `duration` in seconds, None where the source does
    not say.
    """

    frame: T
    time: Fraction | None
    duration: Fraction | None = None


@dataclass(frozen=True)
class Timed(Generic[T]):
    """A frame with a time that rises from frame to frame; `end` is when it stops being shown."""

    frame: T
    time: Fraction
    end: Fraction
    repaired: bool = False


@dataclass(frozen=True)
class Slot(Generic[T]):
    """Frame number `timeline_idx` of the timeline shows `source`."""

    timeline_idx: int
    source: Timed[T]


def rising(frames: Iterable[Stamped[T]], step: Fraction) -> Iterator[Timed[T]]:
    """Give every frame a time later than the one before it.

    A frame without a time, or with one that does not rise, follows its predecessor by `step`
    (seconds). That one rule covers missing timestamps, a clock that jumps back in joined
    recordings, and timestamps that are all equal.
    """
    last: Fraction | None = None
    for stamped in frames:
        time = stamped.time
        repaired = time is None or (last is not None and time <= last)
        if time is None or repaired:
            time = Fraction(0) if last is None else last + step
        held = stamped.duration if stamped.duration is not None and stamped.duration > 0 else step
        last = time
        yield Timed(stamped.frame, time, time + held, repaired)


def lay(frames: Iterable[Timed[T]], fps: Fraction) -> Iterator[Slot[T]]:
    """Lay frames onto a timeline of `fps` that starts with the first frame: each slot shows the
    nearest frame.

    Slot k stands at `start + k / fps`; between two equally near frames the earlier one wins. The
    timeline ends where the last frame's duration ends, so a slower source repeats frames and a
    faster one drops some. Holds two frames at a time. No frames give no slots; one frame gives at
    least one.
    """
    ahead = iter(frames)
    shown = next(ahead, None)
    if shown is None:
        return
    start, index = shown.time, 0
    for following in ahead:
        middle = (shown.time + following.time) / 2
        while start + index / fps <= middle:
            yield Slot(index, shown)
            index += 1
        shown = following
    total = max(1, round_half_up((shown.end - start) * fps))
    while index < total:
        yield Slot(index, shown)
        index += 1


def round_half_up(value: Fraction) -> int:
    """To the nearest integer, and up from the middle (Python's own `round` goes to the even one)."""
    return int((value + Fraction(1, 2)) // 1)


def frame_count(timeline_frame_count: int, annotate_every: int) -> int:
    """How many frames of the timeline are annotated: 0, k, 2k, …"""
    return -(-timeline_frame_count // annotate_every)
