"""What a video shows, as a few numbers: perceptual hashes of its pictures, so that copies of it are found."""

from collections.abc import Sequence

import imagehash
import numpy as np
from PIL import Image

MOST = 64  #: pictures of one video
#: A picture whose grey values differ less than this (standard deviation, 0..255) looks like any other dull one.
DULL = 6.0


def sampled(frame_count: int, *, a_second: float) -> list[int]:
    """Frames to look at: about one a second, at most `MOST`, spread evenly."""
    wanted = min(MOST, max(1, round(frame_count / a_second)))
    return [int(idx) for idx in np.linspace(0, frame_count - 1, wanted).round()]


def hashes(pictures: Sequence[Image.Image]) -> list[int]:
    """64-bit perceptual hash of each picture that is not dull, as signed numbers, each once."""
    found = []
    for picture in pictures:
        grey = picture.convert("L")
        if np.asarray(grey).std() >= DULL:
            bits = np.packbits(imagehash.phash(grey).hash.flatten())
            found.append(int(bits.view(">i8")[0]))
    return list(dict.fromkeys(found))
