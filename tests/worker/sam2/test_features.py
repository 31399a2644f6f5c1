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
    assert [skip.shape for skip in together.skips] == [(2, 1024, 16), (2, 256, 32)]
    second = together[1:]
    torch.testing.assert_close(second.low, alone.low, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(second.position, alone.position)


def test_the_least_recently_used_features_leave_first() -> None:
    cache = FeatureCache(capacity=24)
    cache.put("a", features())
    cache.put("b", features())
    assert cache.get("a") is not None
    cache.put("c", features())
    assert cache.get("b") is None
    assert cache.get("a") is not None
    assert (len(cache), cache.nbytes) == (2, 24)


def test_no_more_frames_are_kept_than_a_clip_has() -> None:
    cache = FeatureCache(capacity=1000, frames=2)
    for name in "abc":
        cache.put(name, features())
    assert [name in cache for name in "abc"] == [False, True, True]


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


def test_what_leaves_the_device_comes_back_from_below() -> None:
    below = FeatureCache(capacity=24)
    cache = FeatureCache(capacity=12, below=below)
    for name in "abcd":
        cache.put(name, features())
    assert "a" not in cache  # there is room for three
    assert [name in cache for name in "bcd"] == [True] * 3
    assert cache.get("b") is not None
    assert (len(cache), cache.nbytes, below.nbytes) == (3, 12, 24)


def test_features_of_a_batch_can_be_kept_without_the_batch() -> None:
    batch = features(4)
    one = batch[:1].alone()
    assert one.low.untyped_storage().nbytes() == one.low.nbytes
    assert batch[:1].low.untyped_storage().nbytes() > one.low.nbytes
