"""Writing what the timeline shows: JPEG frames to annotate, the proxy, the thumbnail."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av

from worker.decode.geometry import Geometry
from worker.decode.picture import Developer, Thumbnail, to_jpeg, to_rgb
from worker.decode.proxy import Proxy
from worker.decode.timeline import Slot, Timed

OnFrame = Callable[[int, int, float], None]
"""Called with frame_idx, timeline_idx and the source's pts in seconds once the JPEG is written."""


class Writer:
    """Takes the slots of the timeline in order. Use as a context manager."""

    def __init__(
        self,
        out_dir: Path,
        geometry: Geometry,
        *,
        fps: Fraction,
        annotate_every: int,
        threads: int,
        on_frame: OnFrame,
    ) -> None:
        self.timeline_frame_count = 0
        self.annotated = 0
        self.different = 0
        self._last_jpeg = b""
        self._out_dir = out_dir
        self._annotate_every = annotate_every
        self._on_frame = on_frame
        self._developer = Developer(geometry, threads=threads)
        self._thumbnail = Thumbnail()
        self._developed: tuple[Timed[av.VideoFrame], av.VideoFrame] | None = None
        width, height = geometry.stored
        (out_dir / "frames").mkdir()
        self._proxy = Proxy(out_dir / "proxy.mp4", fps=fps, width=width, height=height, threads=threads)

    def add(self, slot: Slot[av.VideoFrame]) -> None:
        picture = self._picture(slot.source)
        frame_idx, between = divmod(slot.timeline_idx, self._annotate_every)
        if not between:
            # The same picture goes into the JPEG and into the proxy: one frame, one set of coordinates.
            jpeg = to_jpeg(to_rgb(picture))
            (self._out_dir / "frames" / f"{frame_idx:05d}.jpg").write_bytes(jpeg)
            self.annotated += 1
            self.different += jpeg != self._last_jpeg
            self._last_jpeg = jpeg
            self._thumbnail.offer(picture)
            self._on_frame(frame_idx, slot.timeline_idx, float(slot.source.time))
        self._proxy.add(slot.timeline_idx, picture)
        self.timeline_frame_count = slot.timeline_idx + 1

    def _picture(self, source: Timed[av.VideoFrame]) -> av.VideoFrame:
        """The developed frame; a slow source shows the same one in several slots."""
        if self._developed is None or self._developed[0] is not source:
            self._developed = (source, self._developer.develop(source.frame))
        return self._developed[1]

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._proxy.close(finish=kind is None)
        if kind is None:
            (self._out_dir / "thumbnail.jpg").write_bytes(self._thumbnail.jpeg)
