import torch

from tests.worker.sam2.tiny import SIDE, TinyClip, tiny_model
from worker.sam2 import image
from worker.sam2.features import FeatureCache, FrameFeatures, encode_frames


def features(size: int = 1) -> FrameFeatures:
    tensor = torch.zeros(size, 1, 1, 1)
    return FrameFeatures(tensor, (tensor, tensor), tensor)  # 12 bytes a frame


def test_frames_are_encoded_together_as_they_are_alone() -> None:
    pixels = torch.stack([image.preprocess(TinyClip()[idx], SIDE) for idx in (0, 5)])
    with torch.no_grad():
        together, alone = encode_frames(tiny_model(), pixels), encode_frames(tiny_model(), pixels[1:])
    assert together.low.shape == (2, 128, 8, 8)
    assert [skip.shape for skip in together.skips] == [(2, 16, 32, 32), (2, 32, 16, 16)]
    second = together[1:]
    torch.testing.assert_close(second.low, alone.low, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(second.position, alone.position)


def test_one_frame_is_seen_by_several_objects_without_a_copy() -> None:
    one = features()
    three = one.expand(3)
    assert three.low.shape[0] == 3
    assert three.low.data_ptr() == one.low.data_ptr()


def test_the_least_recently_used_features_leave_first() -> None:
    cache = FeatureCache(capacity=24)
    cache.put("a", features())
    cache.put("b", features())
    assert cache.get("a") is not None
    cache.put("c", features())
    assert cache.get("b") is None
    assert cache.get("a") is not None
    assert (len(cache), cache.nbytes) == (2, 24)


def test_a_frame_that_is_put_twice_counts_once() -> None:
    cache = FeatureCache(capacity=100)
    cache.put("a", features())
    cache.put("a", features(2))
    assert (len(cache), cache.nbytes) == (1, 24)


def test_features_larger_than_the_cache_are_kept_until_the_next() -> None:
    cache = FeatureCache(capacity=10)
    cache.put("a", features())
    assert cache.get("a") is not None
    cache.put("b", features())
    assert cache.get("a") is None
