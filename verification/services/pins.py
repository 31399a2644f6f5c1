"""Notes of a verdict on single frames, with strokes that show where."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from engine.errors import InvalidInput
from engine.models import Video
from verification.models import Pin, Verdict

MOST = 20  #: pins of a verdict
STROKES = 10  #: of a pin
POINTS = 200  #: of a stroke


def check(pins: Sequence[dict[str, Any]], video: Video) -> None:
    """Refuse pins that are outside the video, on a frame twice, or say nothing."""
    if len(pins) > MOST:
        raise InvalidInput(f"A verdict has at most {MOST} pins.")
    frames = [pin["frame_idx"] for pin in pins]
    if len(set(frames)) != len(frames):
        raise InvalidInput("A frame has one pin. Write both notes into it.")
    for pin in pins:
        _check_one(pin, video)


def _check_one(pin: dict[str, Any], video: Video) -> None:
    last = (video.frame_count or 0) - 1
    if not 0 <= pin["frame_idx"] <= last:
        raise InvalidInput(f"This video has the frames 0 to {last}; a pin is on frame {pin['frame_idx']}.")
    if not pin["note"].strip() and not pin["strokes"]:
        raise InvalidInput(f"Say what is wrong on frame {pin['frame_idx']}, or draw where.")
    if len(pin["strokes"]) > STROKES:
        raise InvalidInput(f"A pin has at most {STROKES} strokes.")
    for stroke in pin["strokes"]:
        if not 1 <= len(stroke) <= POINTS:
            raise InvalidInput(f"A stroke has 1 to {POINTS} points.")
        if not all(_is_inside(point, video) for point in stroke):
            raise InvalidInput(
                f"A stroke on frame {pin['frame_idx']} leaves the frame, "
                f"which is {video.width} × {video.height} pixels."
            )


def _is_inside(point: Sequence[float], video: Video) -> bool:
    if len(point) != 2 or not all(isfinite(side) for side in point):
        return False
    return 0 <= point[0] <= (video.width or 0) and 0 <= point[1] <= (video.height or 0)


def keep(verdict: Verdict, pins: Sequence[dict[str, Any]]) -> None:
    """Store the notes that a reviewer pinned on frames, with what they drew (frame pixels)."""
    Pin.objects.bulk_create(
        Pin(
            verdict=verdict,
            frame_idx=pin["frame_idx"],
            note=pin["note"].strip(),
            strokes=[[[round(x, 1), round(y, 1)] for x, y in stroke] for stroke in pin["strokes"]],
        )
        for pin in pins
    )
