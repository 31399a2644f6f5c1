"""A video's frames, as the tracker takes them: fetched from S3 and decoded when asked for, the last ones kept."""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from threading import Lock

import numpy as np
import simplejpeg
from cachetools import LRUCache

from engine import storage
from engine.errors import ObjectDamaged
from engine.models import Video
from engine.services import store

KEPT_BYTES = 128 * 2**20
AHEAD = 4  #: frames that are fetched before they are asked for

Key = tuple[int, int]  #: (video id, frame_idx)


class FrameMissing(ObjectDamaged):
    code = "frame_missing"
    message = "A frame of this video is missing from the object store or is not what was stored."


class FrameCache:
    """Decoded frames, the last ones asked for, up to `capacity` bytes. Safe for threads.

    A frame that is larger than that is kept until the next one comes.
    """

    def __init__(self, capacity: int = KEPT_BYTES) -> None:
        self._frames: LRUCache[Key, np.ndarray] = LRUCache(
            capacity, getsizeof=lambda frame: min(frame.nbytes, capacity)
        )
        self._lock = Lock()

    def get(self, key: Key) -> np.ndarray | None:
        """uint8 [H, W, 3], or None."""
        with self._lock:
            return self._frames.get(key)

    def put(self, key: Key, frame: np.ndarray) -> None:
        """Keep `frame`, uint8 [H, W, 3], and let the longest unused go."""
        with self._lock:
            self._frames[key] = frame


_cache = FrameCache()
_fetchers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="frames")


class VideoFrames:
    """`worker.sam2`'s FrameSource: uint8 [H, W, 3] RGB by frame_idx. `order` says what will be asked for."""

    def __init__(self, video: Video, *, order: Sequence[int] = ()) -> None:
        self.video = video
        self.key = ("video", video.pk)  # the tracker keeps image features by it
        self._order = list(order)
        self._place = {frame_idx: place for place, frame_idx in enumerate(self._order)}
        self._coming: dict[int, Future[np.ndarray]] = {}

    def __len__(self) -> int:
        return self.video.frame_count or 0

    def __getitem__(self, idx: int, /) -> np.ndarray:
        coming = self._coming.pop(idx, None)
        self._fetch_ahead(idx)
        return coming.result() if coming else self._frame(idx)

    def _fetch_ahead(self, idx: int) -> None:
        if idx in self._place:
            place = self._place[idx]
            for ahead in self._order[place + 1 : place + 1 + AHEAD]:
                if ahead not in self._coming and _cache.get((self.video.pk, ahead)) is None:
                    self._coming[ahead] = _fetchers.submit(self._frame, ahead)

    def _frame(self, idx: int) -> np.ndarray:
        key = (self.video.pk, idx)
        frame = _cache.get(key)
        if frame is None:
            frame = self._fetch(idx)
            _cache.put(key, frame)
        return frame

    def _fetch(self, idx: int) -> np.ndarray:
        frame: np.ndarray = simplejpeg.decode_jpeg(
            stored_frame(self.video, idx, self._hashes), colorspace="RGB"
        )
        return frame

    @cached_property
    def _hashes(self) -> dict[int, str]:
        return store.frame_hashes(self.video)


def stored_frame(video: Video, idx: int, hashes: Mapping[int, str]) -> bytes:
    """The JPEG, as it was stored. Raises `FrameMissing`."""
    key = video.frame_key(idx)
    try:
        body = storage.get(key)
    except FileNotFoundError as error:
        raise FrameMissing(
            f"Frame {idx} of {video.name} is missing from the object store.", key=key
        ) from error
    if hashlib.sha256(body).hexdigest() != hashes.get(idx):
        raise FrameMissing(f"Frame {idx} of {video.name} is not what was stored.", key=key)
    return body
