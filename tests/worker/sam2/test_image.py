import numpy as np
import pytest
import torch
from PIL import Image

from tests.worker.sam2.tiny import TinyClip, blob
from worker.sam2 import image


def levels(pixels: torch.Tensor) -> np.ndarray:
    """The bytes that were normalised: [H, W, 3]."""
    mean, std = torch.tensor(image.MEAN)[:, None, None], torch.tensor(image.STD)[:, None, None]
    return ((pixels * std + mean) * 255).round().permute(1, 2, 0).numpy()


@pytest.mark.parametrize("size", [64, 128, 256])
def test_frames_are_resized_as_pillow_resizes_them(size: int) -> None:
    frame = TinyClip()[3]
    pixels = image.preprocess(frame, size)
    expected = np.asarray(
        Image.fromarray(frame).resize((size, size), Image.Resampling.BILINEAR), dtype=np.float32
    )
    assert pixels.shape == (3, size, size)
    assert np.abs(levels(pixels) - expected).max() <= 1


def test_a_frame_of_the_right_size_keeps_its_levels() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    frame.setflags(write=False)
    assert (levels(image.preprocess(frame, 64)) == frame).all()


def test_frames_of_a_batch_are_preprocessed_as_they_are_alone() -> None:
    clip = TinyClip()
    stacked = torch.from_numpy(np.stack([clip[0], clip[1]])).permute(0, 3, 1, 2)
    batch = image.normalise(stacked, 128)
    torch.testing.assert_close(batch[1], image.preprocess(clip[1], 128))


def test_a_mask_keeps_its_place_through_the_model_size() -> None:
    mask = blob(4)
    there = image.mask_to_input(mask, 128)
    assert set(there.unique().tolist()) == {0.0, 1.0}
    back = image.masks_from_logits(there * 20 - 10, mask.shape)[0]
    assert (back & mask).sum() / (back | mask).sum() > 0.9


def test_small_holes_are_filled_and_small_components_dropped() -> None:
    mask = np.zeros((1037, 1401), bool)
    mask[100:300, 100:300] = True
    mask[150:160, 150:160] = False  # 100 px
    mask[200:220, 200:220] = False  # 400 px
    mask[500:510, 500:519] = True  # 190 px
    mask[600:610, 600:621] = True  # 210 px
    cleaned = image.clean(mask)
    assert cleaned[155, 155]
    assert not cleaned[210, 210]
    assert not cleaned[505, 505]
    assert cleaned[605, 605]


def test_what_is_small_depends_on_the_frame() -> None:
    mask = np.zeros((270, 480), bool)
    mask[100:200, 100:200] = True
    mask[10:15, 10:15] = True  # 25 px, 200 px at the paper's resolution are 18 here
    mask[30:33, 30:33] = True
    cleaned = image.clean(mask)
    assert cleaned[12, 12]
    assert not cleaned[31, 31]


def test_the_largest_component_stays_however_small_it_is() -> None:
    mask = np.zeros((1037, 1401), bool)
    mask[5:9, 5:9] = True
    mask[20:22, 20:22] = True
    cleaned = image.clean(mask)
    assert cleaned[6, 6]
    assert cleaned.sum() == 16


def test_an_empty_mask_stays_empty_and_a_full_one_full() -> None:
    assert not image.clean(np.zeros((90, 160), bool)).any()
    assert image.clean(np.ones((90, 160), bool)).all()


def test_diagonal_neighbours_are_one_component() -> None:
    mask = np.eye(40, dtype=bool)
    assert (image.remove_small_components(mask, 40) == mask).all()
