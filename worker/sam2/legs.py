"""Legs: the ways that a propagation goes, each from a prompted frame outward.

A frame is reached from the prompted frame that is nearest to it, so that the same prompts give the same masks
wherever a person looks from, and no frame is segmented before something of its object is known.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise


def legs(direction: str, from_frame: int, frame_count: int, prompted: Collection[int]) -> list[range]:
    """The frames to do: from each of the `prompted` frames forward, then backward, half of the way to the next one.

    `direction` "both" does every frame; "forward" those from `from_frame` on and "backward" those up to it, with those
    that have to be passed to get there.
    """
    places = sorted(idx for idx in prompted if idx < frame_count)
    middles = [-1, *((one + other) // 2 for one, other in pairwise(places)), frame_count - 1]
    found = []
    for place, before, middle in zip(places, middles, middles[1:], strict=False):
        first, last = before + 1, middle
        if direction == "forward" and last >= from_frame:
            first = max(first, min(place, from_frame))
        elif direction == "backward" and first <= from_frame:
            last = min(last, max(place, from_frame))
        elif direction != "both":
            continue
        found += [range(place, last + 1), range(place - 1, first - 1, -1)]
    return [leg for leg in found if leg]


def is_changed(leg: range, prompted: Collection[int], changed: Collection[int]) -> bool:
    """Whether a prompt was changed where a leg begins, on its way, or at the prompted frame that it goes towards."""
    first, last = min(leg[0], leg[-1]), max(leg[0], leg[-1])
    begin = max((idx for idx in prompted if idx <= first), default=first)
    end = min((idx for idx in prompted if idx >= last), default=last)
    return any(begin <= idx <= end for idx in changed)
