"""What one video may cost."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Upper bounds for one ingest; whatever goes past one of them is refused, never cut silently."""

    max_source_bytes: int = 8 * 1024**3
    max_pixels: int = 8192 * 4608
    """Pixels of one frame that is decoded: 8K in every shape."""
    max_stored_pixels: int = 4096 * 2304
    """Larger frames are scaled down to it: 4K in every shape (3840×2160, 2160×3840, 4096×2160)."""
    max_side: int = 4096
    """Frames with a longer side are scaled down to it."""
    min_side: int = 16
    max_duration: float = 600.0
    """Seconds on the timeline."""
    max_timeline_frames: int = 36_000
    max_total_pixels: int = 8_000_000_000
    """Pixels of a frame times frames of the timeline: what decoding and storing cost, whatever the file weighs."""
    max_source_frames: int = 75_000
    """Decoded frames, counted while decoding: ten minutes of 120 frames per second and a little."""
    max_damaged_share: float = 0.05
    """Above this share of damaged frames the video is refused instead of stored with a warning."""
    wall_seconds: float = 3600.0
    cpu_seconds: int = 7200
    memory_mb: int = 4096
    """Address space of the child. It is more than it uses: libraries and thread stacks count too."""
    max_output_bytes: int = 4 * 1024**3
    """Size of the largest single file that the child may write."""
    max_total_bytes: int = 16 * 1024**3
    """Size of all that the child may write; looked at twice a second."""
    threads: int = 2
    """Decoder and encoder threads, each."""
