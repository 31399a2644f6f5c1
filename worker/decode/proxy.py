"""The mp4 that browsers play and releases export: one encoded frame for every frame of the
timeline.
"""

from fractions import Fraction
from pathlib import Path

import av

from worker.decode.picture import BT709, LIMITED

GOP = 12
"""Short and without B-frames: any frame is exact and at most twelve decodes away when somebody
scrubs.
"""
OPTIONS = {"preset": "veryfast", "crf": "20", "sc_threshold": "0", "keyint_min": str(GOP)}


class Proxy:
    """Writes `path` as H.264 at `fps`. Frames come in timeline order."""

    def __init__(self, path: Path, *, fps: Fraction, width: int, height: int, threads: int) -> None:
        self._time_base = 1 / fps
        options = {"movflags": "+faststart"}
        self._container = av.open(str(path), "w", format="mp4", options=options)
        stream = self._container.add_stream("libx264", rate=fps, options=OPTIONS)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, "yuv420p"
        context.gop_size, context.max_b_frames = GOP, 0
        context.time_base = self._time_base
        context.thread_count = threads
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = LIMITED
        self._stream = stream

    def add(self, timeline_idx: int, picture: av.VideoFrame) -> None:
        picture.pts, picture.time_base = timeline_idx, self._time_base
        self._encode(picture)

    def close(self, *, finish: bool) -> None:
        """Close the file; without `finish` what the encoder still holds is dropped."""
        try:
            if finish:
                self._encode(None)
        finally:
            self._container.close()

    def _encode(self, picture: av.VideoFrame | None) -> None:
        try:
            packets = self._stream.encode(picture)
        except av.error.ExternalError as error:
            # x264 has one word for every failure, and memory is all that it can lack here.
            raise MemoryError from error
        self._container.mux(packets)
