"""Rendered footage with exact masks: for the demo, the tests, the benchmarks and the first training."""

from worker.render.clips import Clip, render_clip
from worker.render.video import write_mp4

__all__ = ["Clip", "render_clip", "write_mp4"]
