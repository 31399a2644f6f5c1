"""Previews of candidates: the object with a little of its surroundings, its mask drawn on it, as a small JPEG."""

import hashlib

import numpy as np
import simplejpeg
from PIL import Image
from scipy.ndimage import binary_erosion

from engine import storage
from engine.models import Video
from vos import rle
from worker.inference.frames import VideoFrames

SIDE = 192  #: pixels of the longer side
MARGIN = 0.35  #: of the object's longer side, on each side of it
QUALITY = 80
FILL = np.array([255, 255, 255], float)  # neutral: the pages give each object its colour


def put(video: Video, frames: VideoFrames, frame_idx: int, counts: str) -> str:
    """Draw and store it; returns its key, which is named by its content."""
    mask = rle.decode({"size": [video.height or 0, video.width or 0], "counts": counts})
    body = simplejpeg.encode_jpeg(drawn(frames[frame_idx], mask), quality=QUALITY)
    key = f"{video.prefix}/candidates/{hashlib.sha256(body).hexdigest()}.jpg"
    storage.put(key, body, content_type="image/jpeg")
    return key


def drawn(frame: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3] RGB of a frame [H, W, 3] around a bool [H, W] mask: what is not the object is dimmed, the mask's
    edge is light. The whole frame where the mask is empty."""
    rows, columns = _around(mask)
    picture = Image.fromarray(frame[rows, columns])
    scale = SIDE / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = np.asarray(picture.resize(size, Image.Resampling.BILINEAR), float)
    inside = np.asarray(Image.fromarray(mask[rows, columns]).resize(size, Image.Resampling.NEAREST), bool)
    edge = inside & ~binary_erosion(inside, iterations=2, border_value=1)
    small[~inside] *= 0.45
    small[edge] = FILL
    return np.ascontiguousarray(small.round().astype(np.uint8))


def _around(mask: np.ndarray) -> tuple[slice, slice]:
    if not mask.any():
        return slice(None), slice(None)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    margin = round(MARGIN * max(np.ptp(rows), np.ptp(columns))) + 4
    return (
        slice(max(0, rows[0] - margin), rows[-1] + margin + 1),
        slice(max(0, columns[0] - margin), columns[-1] + margin + 1),
    )
