"""From the picture as it is coded to the picture as people see it: upright, with square pixels,
even-sized.
"""

import math
import struct
from dataclasses import dataclass
from fractions import Fraction

# Display matrix (a, b, c, d) → filters. A coded pixel (x, y) is shown at (ax + cy, bx + dy).
TURNS: dict[tuple[int, int, int, int], tuple[str, ...]] = {
    (1, 0, 0, 1): (),
    (0, 1, -1, 0): ("transpose=clock",),
    (-1, 0, 0, -1): ("hflip", "vflip"),
    (0, -1, 1, 0): ("transpose=cclock",),
    (-1, 0, 0, 1): ("hflip",),
    (1, 0, 0, -1): ("vflip",),
    (0, 1, 1, 0): ("transpose=cclock_flip",),
    (0, -1, -1, 0): ("transpose=clock_flip",),
}
ONE = 1 << 16  # the matrix is in 16.16 fixed point
SANE_ASPECT = (Fraction(1, 4), Fraction(4))


@dataclass(frozen=True)
class Geometry:
    """How to bring one coded picture into its stored form: scale, then turn, then crop."""

    coded: tuple[int, int]
    scaled: tuple[int, int]
    aspect: Fraction
    """How many times as wide as high a coded pixel is shown."""
    turns: tuple[str, ...]
    stored: tuple[int, int]
    """Width and height of the JPEG frames and of the proxy, the same for both."""
    shrunk: bool = False
    """Whether it had to become smaller."""

    @property
    def cropped(self) -> bool:
        """Whether a row or a column is left out."""
        return sorted(self.scaled) != sorted(self.stored)


def turns_of(display_matrix: bytes | None) -> tuple[str, ...] | None:
    """Filters that put a picture upright; None when the matrix is no quarter turn or mirror image."""
    if display_matrix is None:
        return ()
    if len(display_matrix) != 36:
        return None
    a, b, _, c, d, *_ = struct.unpack("=9i", display_matrix)
    return TURNS.get((_unit(a), _unit(b), _unit(c), _unit(d)))


def quarter_turn(degrees: int) -> bytes:
    """The display matrix that turns a picture counter-clockwise, as FFmpeg counts; upright for no quarter turn."""
    cosine, sine = {90: (0, 1), -90: (0, -1), 180: (-1, 0), -180: (-1, 0)}.get(degrees, (1, 0))
    return struct.pack("=9i", cosine * ONE, -sine * ONE, 0, sine * ONE, cosine * ONE, 0, 0, 0, 1 << 30)


def plan(
    width: int,
    height: int,
    *,
    aspect: Fraction,
    turns: tuple[str, ...],
    max_side: int | None = None,
    max_pixels: int | None = None,
) -> Geometry:
    """The stored size of a coded picture of `width` × `height` whose pixels are `aspect` times as
    wide as high.

    Wide pixels stretch the width and tall ones the height, so nothing is lost. The proxy's 4:2:0
    needs even sides: a picture that is scaled anyway is scaled to even ones, any other loses its
    last column or row, in the frames as in the proxy, so that one pixel has the same coordinates in
    both.
    """
    shown_width = width * max(aspect, Fraction(1))
    shown_height = height / min(aspect, Fraction(1))
    shrink = Fraction(1)
    if max_side is not None:
        shrink = min(shrink, max_side / max(shown_width, shown_height))
    if max_pixels is not None and (area := shown_width * shown_height * shrink**2) > max_pixels:
        shrink *= Fraction(math.sqrt(max_pixels / area)).limit_denominator(10_000)
    scaled = (width, height)
    if aspect != 1 or shrink != 1:
        scaled = (_even(shown_width * shrink), _even(shown_height * shrink))
    upright = scaled[::-1] if any(turn.startswith("transpose") for turn in turns) else scaled
    stored = (upright[0] & ~1, upright[1] & ~1)
    return Geometry(
        coded=(width, height), scaled=scaled, aspect=aspect, turns=turns, stored=stored, shrunk=shrink < 1
    )


def sane_aspect(aspect: Fraction | None) -> Fraction | None:
    """The pixel aspect ratio to believe: 1 where the file says nothing, None where it says
    nonsense.
    """
    if not aspect:
        return Fraction(1)
    return aspect if SANE_ASPECT[0] <= aspect <= SANE_ASPECT[1] else None


def _unit(value: int) -> int:
    """1, 0 or -1 in fixed point; anything else becomes 2, which no turn has."""
    return {ONE: 1, -ONE: -1, 0: 0}.get(value, 2)


def _even(value: Fraction) -> int:
    return max(2, 2 * int((value / 2 + Fraction(1, 2)) // 1))
