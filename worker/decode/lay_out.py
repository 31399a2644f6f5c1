"""SA-V's mp4s as the JPEG frames that training reads, each decoded in a throw-away child.

`{video}.mp4` becomes a folder `{video}` with every annotated frame, named by its number in the video.
"""

import shutil
import tempfile
from pathlib import Path

from worker.decode.ingest import ingest
from worker.decode.limits import Limits

FPS = 24.0


def lay_out(film: Path, *, every: int = 4, limits: Limits | None = None, unsandboxed: bool = False) -> Path:
    """The folder beside `film`, with frames 0, `every`, 2 × `every` … of it. One that is there stays as it is.

    Raises what `ingest` raises, and then leaves nothing behind.
    """
    target = film.with_suffix("")
    if target.is_dir():
        return target
    with tempfile.TemporaryDirectory(prefix=".lay-out-", dir=film.parent) as made:
        folder = Path(made)
        ingest(film, folder / "ingest", fps=FPS, annotate_every=every, limits=limits, unsandboxed=unsandboxed)
        (folder / "frames").mkdir()
        for frame in sorted((folder / "ingest" / "frames").iterdir()):
            frame.rename(folder / "frames" / f"{every * int(frame.stem):05d}.jpg")
        shutil.move(folder / "frames", target)
    return target
