"""The frame contract as a file: which source moment each annotated frame shows, and its hash.

`manifest.jsonl` has a header on its first line and one annotated frame on every other line.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FORMAT = "maskloop-manifest/1"


@dataclass(frozen=True)
class Warned:
    """Something about the source that the user should know although the video was taken."""

    code: str
    message: str


@dataclass(frozen=True)
class ManifestFrame:
    """One annotated frame."""

    frame_idx: int
    timeline_idx: int
    """Its frame in the proxy: `annotate_every * frame_idx`."""
    pts: float
    """When the source shows it, in seconds, on the source's own clock (which need not start at 0)."""
    sha256: str
    """Of the bytes of the JPEG file."""


@dataclass(frozen=True)
class Manifest:
    """What the decoder wrote. From here on this *is* the video."""

    width: int
    height: int
    fps: float
    annotate_every: int
    timeline_frame_count: int
    frame_count: int
    duration: float
    """Seconds on the timeline: `timeline_frame_count / fps`."""
    frames: tuple[ManifestFrame, ...]
    source_sha256: str
    decoder: str
    proxy_sha256: str = ""
    """Empty in manifests that were written before there was one."""
    warnings: tuple[Warned, ...] = ()

    def write(self, path: Path) -> None:
        header = {"format": FORMAT, **asdict(self)}
        del header["frames"]
        with path.open("w", encoding="utf-8") as file:
            for line in (header, *map(asdict, self.frames)):
                file.write(json.dumps(line, separators=(",", ":")) + "\n")

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Raises ValueError when the file is no manifest."""
        with path.open(encoding="utf-8") as file:
            return cls.parse(file)

    @classmethod
    def parse(cls, lines: Iterable[str]) -> "Manifest":
        """Like `read`, from the lines themselves."""
        rows = [json.loads(line) for line in lines if line.strip()]
        if not rows or rows[0].pop("format", None) != FORMAT:
            raise ValueError(f"not a {FORMAT} file")
        header = rows[0]
        header["warnings"] = tuple(Warned(**row) for row in header["warnings"])
        return cls(**header, frames=tuple(ManifestFrame(**row) for row in rows[1:]))
