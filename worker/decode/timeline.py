"""Laying frames that come at any time onto a constant timeline. Pure arithmetic on exact fractions."""

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

T = TypeVar("T")

AHEAD = 5
"""Frames that are looked at to tell a frame's wrong timestamp from a clock that jumped."""
JUMP = Fraction(10)
"""Seconds; a picture that stays longer than this is doubted where nothing else speaks for it."""


REGULAR, OFTEN = 8, Fraction(9, 10)
"""Of so many steps from frame to frame, and more, at least this share is alike in a regular recording."""


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


def rising(
    frames: Iterable[Stamped[T]],
    step: Fraction,
    believed: Fraction | None = None,
    longest: Fraction | None = None,
) -> Iterator[Timed[T]]:
    """Give every frame a time later than the one before it.

    A frame without a time, or whose time does not fit between the frames around it, comes at most `step` seconds
    after its predecessor and before the next that fits. A clock that jumps, back as in joined recordings, or forward
    by more than `JUMP` to more than `believed` seconds after the first frame, or by more than `longest` (None: any time
    is believed), goes on from where it was. Holds `AHEAD` frames and one.
    """
    clock = _Clock(step, believed, longest)
    for stamped, ahead in _with_next(frames, AHEAD):
        yield clock.timed(stamped, ahead)


class _Clock:
    """The believed time of the frames so far, and how far the source's own clock is off by now."""

    def __init__(self, step: Fraction, believed: Fraction | None, longest: Fraction | None) -> None:
        self._step, self._believed, self._longest = step, believed, longest
        self._start: Fraction | None = None
        self._last: Fraction | None = None
        self._offset = Fraction(0)

    def timed(self, stamped: Stamped[T], ahead: Sequence[Stamped[T]]) -> Timed[T]:
        own = None if stamped.time is None else stamped.time + self._offset
        later = [other.time + self._offset for other in ahead if other.time is not None]
        time = self._first(own, later) if self._last is None else self._next(own, later, self._last)
        held = stamped.duration if stamped.duration is not None and stamped.duration > 0 else self._step
        if self._start is None:
            self._start = time
        if time != own or self._is_doubted(held, time + held):
            held = self._step
        self._last = time
        return Timed(stamped.frame, time, time + held, time != own)

    def _first(self, own: Fraction | None, later: list[Fraction]) -> Fraction:
        if own is None:
            return later[0] - self._step if later else Fraction(0)
        strays = len(later) > 1 and own > later[0] and later[0] < later[1]
        return later[0] - self._step if strays else own

    def _next(self, own: Fraction | None, later: list[Fraction], last: Fraction) -> Fraction:
        fitting = [(k, time) for k, time in enumerate(later) if time > last]
        if own is not None and own > last:
            earlier = [(k, time) for k, time in fitting if time < own]
            if earlier:  # the others go on before it
                return self._between(last, earlier)
            if not self._is_doubted(own - last, own):
                return own
        elif fitting or own is None or not later or later[0] <= own:
            twin_at_the_end = own == last and not later
            return last + self._step / 2 if twin_at_the_end else self._between(last, fitting)
        self._offset += last + self._step - own
        return last + self._step

    def _between(self, last: Fraction, fitting: list[tuple[int, Fraction]]) -> Fraction:
        if not fitting:
            return last + self._step
        k, following = fitting[0]
        return last + min(self._step, (following - last) / (k + 2))

    def _is_doubted(self, held: Fraction, until: Fraction) -> bool:
        """Whether a picture should stay for `held` seconds, until then."""
        if self._longest is not None and held > self._longest:
            return True
        beyond = (
            self._believed is not None and self._start is not None and until - self._start > self._believed
        )
        return held > JUMP and beyond


def _with_next(frames: Iterable[Stamped[T]], count: int) -> Iterator[tuple[Stamped[T], Sequence[Stamped[T]]]]:
    """Each frame with up to `count` that come after it."""
    window: deque[Stamped[T]] = deque()
    for frame in frames:
        window.append(frame)
        if len(window) > count:
            yield window.popleft(), window
    while window:
        yield window.popleft(), window


def missing(times: Sequence[Fraction]) -> int:
    """How many frames a recording lacks whose frames otherwise come regularly; 0 where they do not.

    A gap is a lone step as long as two usual ones or more, between usual ones.
    """
    steps = [after - before for before, after in itertools.pairwise(times)]
    if len(steps) < REGULAR:
        return 0
    usual = sorted(steps)[len(steps) // 2]
    plain = [abs(step - usual) * 4 <= usual for step in steps]
    gaps = [
        step
        for step, before, after in zip(steps, [True, *plain], [*plain[1:], True], strict=False)
        if 4 * step >= 7 * usual and before and after
    ]
    if sum(plain) + len(gaps) < len(steps) * OFTEN:
        return 0
    return sum(round_half_up(gap / usual) - 1 for gap in gaps)


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
