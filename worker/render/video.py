"""Frames to a file that browsers play."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np


def write_mp4(path: Path | str, frames: np.ndarray, fps: float = 24.0, *, crf: int = 18) -> None:
    """Writes frames (uint8 [T, H, W, 3] RGB, even height and width) as H.264 yuv420p, faststart."""
    height, width = frames.shape[1:3]
    if height % 2 or width % 2:
        raise ValueError(f"H.264 in yuv420p needs an even size, not {width}x{height}.")
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": str(crf), "preset": "medium"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
