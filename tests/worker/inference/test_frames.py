import numpy as np
import pytest

from engine import storage
from engine.errors import ObjectDamaged
from engine.models import Video
from tests import factories
from worker.inference import frames
from worker.inference.frames import FrameCache, FrameMissing, VideoFrames


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "_cache", FrameCache())


def test_frames_are_fetched_and_decoded_when_asked_for(video: Video) -> None:
    source = VideoFrames(video)
    assert len(source) == 12
    frame = source[3]
    assert (frame.shape, frame.dtype) == ((factories.HEIGHT, factories.WIDTH, 3), np.uint8)
    assert np.abs(frame.astype(int) - factories.disc_frame(3)).mean() < 20


def test_a_frame_is_fetched_once(video: Video) -> None:
    first = VideoFrames(video)[3]
    storage.delete_prefix(video.frame_key(3))
    assert VideoFrames(video)[3] is first


@pytest.mark.parametrize("order", [range(12), range(11, -1, -1)])
def test_frames_that_come_next_are_fetched_ahead_and_arrive_in_order(video: Video, order: range) -> None:
    source = VideoFrames(video, order=order)
    for idx in order:
        expected = storage.get(video.frame_key(idx))
        np.testing.assert_array_equal(source[idx], frames.simplejpeg.decode_jpeg(expected))


def test_a_frame_that_is_missing_is_told(video: Video) -> None:
    storage.delete_prefix(video.frame_key(2))
    with pytest.raises(FrameMissing, match="Frame 2"):
        VideoFrames(video, order=range(12))[2]


def test_a_frame_that_is_no_jpeg_is_told(video: Video) -> None:
    storage.put(video.frame_key(2), b"nonsense", content_type="image/jpeg")
    with pytest.raises(FrameMissing, match="Frame 2"):
        VideoFrames(video)[2]


def test_a_frame_that_is_another_picture_is_told(video: Video) -> None:
    storage.put(video.frame_key(2), storage.get(video.frame_key(3)), content_type="image/jpeg")
    with pytest.raises(FrameMissing, match="not what was stored") as told:
        VideoFrames(video)[2]
    assert told.value.details == {"key": video.frame_key(2)}


def test_a_manifest_that_is_missing_is_told(video: Video) -> None:
    storage.delete(video.manifest_key)
    with pytest.raises(ObjectDamaged, match="manifest"):
        VideoFrames(video)[2]


def test_the_cache_stays_within_its_bytes() -> None:
    cache = FrameCache(capacity=250)
    for idx in range(5):
        cache.put((1, idx), np.zeros(100, np.uint8))
    assert [idx for idx in range(5) if cache.get((1, idx)) is not None] == [3, 4]
