"""Signals of the moving disc, right and made wrong."""

import numpy as np
import pytest

from tests import factories
from vos import rle
from vos.corruptions import CORRUPTIONS, CannotCorrupt, Corruption, corrupt
from worker.preverifier.signals import FRAME_SIGNALS, MASKLET_SIGNALS, Look, frame_signals, masklet_signals

FRAMES = 16
SIZE = [factories.HEIGHT, factories.WIDTH]
DISC = [rle.encode(factories.disc_mask(i)) for i in range(FRAMES)]
PIXELS = {i: factories.disc_frame(i) for i in range(FRAMES)}


def look(masks: list[rle.Rle] = DISC, *, again: list[rle.Rle] | None = None, **fields: object) -> Look:
    def frames(of: list[rle.Rle]) -> dict[int, rle.MaskFrame]:
        scores = {"predicted_iou": 0.95, "object_score": 8.0, "stability": 0.98}
        return {i: {"counts": mask["counts"], **scores} for i, mask in enumerate(of)}  # type: ignore[typeddict-item]

    told = {"prompted": [0], "pixels": PIXELS} | fields
    return Look(SIZE, frames(masks), again=frames(again) if again else {}, **told)  # type: ignore[arg-type]


def column(table: np.ndarray, name: str) -> np.ndarray:
    return np.asarray(table[:, FRAME_SIGNALS.index(name)])


def made(kind: Corruption) -> list[rle.Rle]:
    return corrupt(DISC, kind, severity=0.7, seed=1)


def test_a_right_masklet_agrees_with_itself_and_lies_on_edges() -> None:
    table = frame_signals(look(again=DISC))
    assert table.shape == (FRAMES, len(FRAME_SIGNALS))
    assert column(table, "disagrees").max() == 0
    assert column(table, "alone").max() == 0
    assert column(table, "jump").max() < 0.1
    assert column(table, "prompted").tolist() == [1.0] + [0.0] * (FRAMES - 1)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("flickers", "alone"),
        ("slipped", "disagrees"),
        ("leaked", "extra"),
        ("eroded", "missed"),
        ("holes", "pierced"),
        ("shifted", "blurred_edge"),
        ("dilated", "blurred_edge"),
        ("absent_when_present", "only_here"),
    ],
)
def test_each_way_to_be_wrong_shows_in_a_signal(kind: Corruption, name: str) -> None:
    right, wrong = frame_signals(look(again=DISC)), frame_signals(look(made(kind), again=DISC))
    assert np.nanmax(np.abs(column(wrong, name))) > np.nanmax(np.abs(column(right, name))) + 0.05


def test_an_object_that_lies_on_another_says_so() -> None:
    other = {i: mask["counts"] for i, mask in enumerate(DISC)}
    table = frame_signals(look(others=[other]))
    assert column(table, "on_others").tolist() == [1.0] * FRAMES
    assert column(table, "is_other").tolist() == [1.0] * FRAMES


def test_what_is_not_there_is_missing_and_not_zero() -> None:
    table = frame_signals(look(pixels={}))
    for name in ("disagrees", "extra", "blurred_edge", "recoloured"):
        assert np.isnan(column(table, name)).all(), name


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_signals_of_the_masklet_are_finite_whatever_it_looks_like(kind: Corruption) -> None:
    try:
        masks = corrupt(DISC, kind, severity=1, seed=0, neighbour=DISC[::-1])
    except CannotCorrupt:
        masks = [rle.empty(height=SIZE[0], width=SIZE[1])] * FRAMES
    table = frame_signals(look(masks, pixels={}))
    for chance in (np.zeros(FRAMES), np.ones(FRAMES)):
        signals = masklet_signals(table, chance)
        assert signals.shape == (len(MASKLET_SIGNALS),)
        assert np.isfinite(signals).all()


def test_a_single_frame_is_enough() -> None:
    assert frame_signals(look(DISC[:1])).shape == (1, len(FRAME_SIGNALS))
