import numpy as np
import pytest
import torch

from tests.worker.sam2.training.conftest import Squares
from worker.render import Clip, render_clip
from worker.sam2.training.footage import Batches, Rendered, batches, squared


def test_a_batch_is_the_same_whenever_it_is_asked_for() -> None:
    data = Batches([(Rendered(side=64), 1.0)], 64, clips=2, frames=2, objects=3)

    (frames, masks), (again, _) = data[7], data[7]

    assert frames.shape == (2, 2, 64, 64, 3)
    assert masks.shape == (2, 2, 3, 64, 64)
    assert torch.equal(frames, again)


def test_every_chosen_object_is_seen_in_the_first_frame() -> None:
    _, masks = Batches([(Rendered(side=64), 1.0)], 64, clips=3, frames=2, objects=3)[0]

    assert masks[:, 0].flatten(2).any(2).all()


def test_no_object_comes_twice_while_others_are_left_out(squares: Squares) -> None:
    for step in range(5):
        _, masks = Batches([(squares, 1.0)], 64, clips=1, frames=1, objects=2)[step]

        assert not torch.equal(masks[0, 0, 0], masks[0, 0, 1])


def test_footage_is_mixed_by_weight(squares: Squares) -> None:
    class Red(Squares):
        def clip(self, rng: np.random.Generator, frames: int) -> Clip:
            clip = super().clip(rng, frames)
            return Clip(np.full_like(clip.frames, (255, 0, 0)), clip.masks)

    data = Batches([(Red(), 3.0), (squares, 1.0)], 64, clips=80, frames=1, objects=1)

    frames, _ = data[0]

    assert 0.6 < (frames[:, 0, 0, 0, 1] == 0).float().mean() < 0.9


def test_time_and_sides_change_places_now_and_then(squares: Squares) -> None:
    data = Batches([(squares, 1.0)], 64, clips=1, frames=2, objects=1)
    frames, _ = Batches([(squares, 1.0)], 64, clips=40, frames=2, objects=1)[0]

    reds = (frames[..., 0] > 150) & (frames[..., 1] < 100)
    middles = torch.stack([red.nonzero()[:, 1].float().mean() for red in reds.flatten(0, 1)]).view(-1, 2)

    assert data.frames == 2
    assert {bool(goes_right) for goes_right in middles[:, 1] > middles[:, 0]} == {True, False}


def test_footage_that_shows_nothing_is_refused() -> None:
    class Nothing:
        def clip(self, rng: np.random.Generator, frames: int) -> Clip:
            return Clip(np.zeros((frames, 8, 8, 3), np.uint8), np.zeros((frames, 1, 8, 8), bool))

    with pytest.raises(ValueError, match="shows no object"):
        Batches([(Nothing(), 1.0)], 64, clips=1, frames=1, objects=1)[0]


def test_batches_come_in_the_order_of_the_steps(squares: Squares) -> None:
    data = Batches([(squares, 1.0)], 64, clips=1, frames=1, objects=1)

    frames = [frames for frames, _ in batches(data, 3, 5, loaders=0)]

    assert len(frames) == 2
    assert torch.equal(frames[0], data[3][0])


def test_a_squeezed_mask_keeps_its_share_of_the_frame() -> None:
    clip = render_clip(2, width=160, height=90, frames=1)

    _, masks = squared(clip, 64)

    assert masks.mean() == pytest.approx(clip.masks.mean(), rel=0.1)
