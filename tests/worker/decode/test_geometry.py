import struct
from fractions import Fraction

import pytest

from worker.decode.geometry import plan, sane_aspect, turns_of

ONE = 1 << 16


def matrix(a: int, b: int, c: int, d: int) -> bytes:
    return struct.pack("=9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)


def stored(width, height, aspect=1, turns=(), max_side=None):
    return plan(width, height, aspect=Fraction(aspect), turns=turns, max_side=max_side).stored


def test_an_even_picture_stays_as_it_is():
    geometry = plan(1280, 720, aspect=Fraction(1), turns=())
    assert geometry.scaled == geometry.stored == (1280, 720)


def test_an_odd_picture_loses_its_last_column_and_row_and_is_not_scaled():
    geometry = plan(641, 479, aspect=Fraction(1), turns=())
    assert (geometry.scaled, geometry.stored) == ((641, 479), (640, 478))


def test_a_quarter_turn_swaps_the_sides():
    assert stored(320, 240, turns=("transpose=clock",)) == (240, 320)


def test_wide_pixels_stretch_the_width_and_tall_ones_the_height():
    assert stored(720, 576, Fraction(16, 15)) == (768, 576)
    assert stored(720, 480, Fraction(8, 9)) == (720, 540)


def test_pixels_are_squared_before_the_picture_is_turned():
    assert stored(720, 576, Fraction(16, 15), turns=("transpose=clock",)) == (576, 768)


def test_a_longest_side_shrinks_and_never_enlarges():
    assert stored(3840, 2160, max_side=1920) == (1920, 1080)
    assert stored(1080, 1920, max_side=960) == (540, 960)
    assert stored(640, 360, max_side=1920) == (640, 360)


def test_no_matrix_means_no_turn():
    assert turns_of(None) == ()


@pytest.mark.parametrize(
    "odd",
    [matrix(0, 0, 0, 0), matrix(46340, 46340, -46340, 46340), matrix(2 * ONE, 0, 0, ONE), b"", b"x" * 35],
    ids=["zero", "45 degrees", "stretched", "empty", "short"],
)
def test_a_matrix_that_is_no_quarter_turn_is_not_obeyed(odd):
    assert turns_of(odd) is None


@pytest.mark.parametrize("nothing", [None, Fraction(0)])
def test_an_unknown_pixel_shape_is_square(nothing):
    assert sane_aspect(nothing) == 1


def test_an_impossible_pixel_shape_is_not_believed():
    assert sane_aspect(Fraction(65535)) is None
    assert sane_aspect(Fraction(4, 3)) == Fraction(4, 3)
