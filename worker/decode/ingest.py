"""The parent's side: start the child, listen to it, believe nothing, and keep all of the result or
none of it.
"""

import hashlib
import json
import logging
import math
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

from worker.decode import sandbox, timeline
from worker.decode.guard import Guard, kill, timeout
from worker.decode.limits import Limits
from worker.decode.manifest import Manifest, ManifestFrame, Warned
from worker.decode.refusal import CODES, Refusal

log = logging.getLogger(__name__)

LINE_BYTES = 64 * 1024

OnProgress = Callable[[int, int], None]
"""Called with the annotated frames done and expected (0 while unknown). May raise to stop the
ingest.
"""


def ingest(
    source: Path,
    out_dir: Path,
    *,
    fps: float = 24.0,
    annotate_every: int = 4,
    limits: Limits | None = None,
    on_progress: OnProgress | None = None,
    unsandboxed: bool = False,
) -> Manifest:
    """Decode `source` into `out_dir`: `frames/00000.jpg` …, `proxy.mp4`, `thumbnail.jpg` and
    `manifest.jsonl`.

    The proxy has exactly `timeline_frame_count` frames at `fps`, and annotated frame j is its frame
    `annotate_every * j`, pixel for pixel at the same coordinates. A file that is cut off or
    slightly damaged keeps the part that decodes and gets a warning.

    Raises NoSandbox when nothing walls the decoder in here and `unsandboxed` does not allow that, Refusal when the file
    cannot become a video, and OSError when the failure is ours (a full disk). After any exception, one from
    `on_progress` included, nothing is left behind in `out_dir`.
    """
    if not (1 <= fps <= 240 and annotate_every >= 1):
        raise ValueError("fps must be from 1 to 240, annotate_every at least 1")
    limits = limits or Limits()
    source = source.resolve(strict=True)
    refuse_file(source, limits)
    made = not out_dir.exists()
    out_dir.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".ingest-", dir=out_dir.resolve()))
    try:
        # SIGKILL of this process leaves only the staging folder, never half a result.
        manifest = _decode(
            source,
            staging,
            fps=Fraction(fps).limit_denominator(1001),
            annotate_every=annotate_every,
            limits=limits,
            on_progress=on_progress or (lambda done, total: None),
            unsandboxed=unsandboxed,
        )
        manifest.write(staging / "manifest.jsonl")
        for name in ("frames", "proxy.mp4", "thumbnail.jpg", "manifest.jsonl"):  # the manifest last
            _replace(staging / name, out_dir / name)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        if made:
            shutil.rmtree(out_dir, ignore_errors=True)
        raise
    staging.rmdir()
    return manifest


def refuse_file(source: Path, limits: Limits) -> None:
    """Raises Refusal for what needs no look inside."""
    status = source.stat()
    if not stat.S_ISREG(status.st_mode):
        raise Refusal("no_video", "This is not a file. Choose a video file.")
    if status.st_size == 0:
        raise Refusal("no_video", "The file is empty (0 bytes). Choose the video again and upload it.")
    if status.st_size > limits.max_source_bytes:
        raise Refusal(
            "too_large",
            f"The file has {status.st_size / 1e9:.1f} GB; at most "
            f"{limits.max_source_bytes / 1e9:.1f} GB can be read. Cut or compress the video and upload it again.",
        )


def _decode(
    source: Path,
    staging: Path,
    *,
    fps: Fraction,
    annotate_every: int,
    limits: Limits,
    on_progress: OnProgress,
    unsandboxed: bool,
) -> Manifest:
    moments: list[tuple[int, float]] = []
    last: dict[str, Any] = {"type": "nothing"}
    with tempfile.TemporaryFile() as errors:
        child = sandbox.spawn(
            source,
            staging,
            fps=fps,
            annotate_every=annotate_every,
            limits=limits,
            errors=errors,
            unsandboxed=unsandboxed,
        )
        guard = Guard(child, staging, limits)
        guard.start()
        try:
            for last in _messages(child):
                if last["type"] != "frame":
                    break
                moments.append((last["timeline_idx"], last["pts"]))
                if len(moments) > limits.max_timeline_frames:
                    raise _crashed()
                on_progress(len(moments), last["expected"] and max(len(moments), last["expected"]))
            # It says nothing after its last message; what keeps it is its own end, or the alarm.
            child.wait()
        finally:
            guard.stop()
            _end(child)
        if guard.refusal is not None:
            raise guard.refusal
        _judge(child.returncode, last=last, errors=errors)
    try:
        manifest = _manifest(
            source, staging, last, moments, fps=fps, annotate_every=annotate_every, limits=limits
        )
    except (KeyError, TypeError, ValueError, OverflowError, FileNotFoundError) as error:
        raise _crashed() from error
    on_progress(manifest.frame_count, manifest.frame_count)
    return manifest


def _end(child: "subprocess.Popen[bytes]") -> None:
    kill(child)
    child.wait()
    if child.stdout is not None:
        child.stdout.close()


def _messages(child: "subprocess.Popen[bytes]") -> Iterator[dict[str, Any]]:
    """The child's lines as objects with a `type`, those of frames with their numbers.

    Whoever took over the child may write anything here; all of that is a crash.
    """
    assert child.stdout is not None
    while line := child.stdout.readline(LINE_BYTES):
        try:
            message = json.loads(line)
            if message["type"] == "frame":
                for key in ("timeline_idx", "expected"):
                    message[key] = int(message[key])
                message["pts"] = float(message["pts"])
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise _crashed() from error
        yield message


def _judge(returncode: int, *, last: dict[str, Any], errors: IO[bytes]) -> None:
    """Raise what the child's end means; return when it finished its work."""
    # bubblewrap passes a signal on as 128 + its number.
    died_of = -returncode if returncode < 0 else returncode - 128
    if died_of == signal.SIGXCPU:
        raise timeout()
    if died_of == signal.SIGKILL:
        raise Refusal(
            "out_of_memory",
            "The video needs more memory than there is. Scale it down and upload it again.",
        )
    kind = last.get("type")
    if returncode == 0 and kind == "done":
        return
    if returncode == 0 and kind == "refused" and last.get("code") in CODES:
        raise Refusal(last["code"], str(last.get("message"))[:500])
    if returncode == 0 and kind == "failed" and isinstance(last.get("errno"), int):
        raise OSError(last["errno"], str(last.get("message"))[:500])
    errors.seek(0, os.SEEK_END)
    errors.seek(max(0, errors.tell() - 4000))
    log.warning("decoder ended with %s: %s", returncode, errors.read().decode(errors="replace"))
    raise _crashed()


def _manifest(
    source: Path,
    staging: Path,
    done: dict[str, Any],
    moments: list[tuple[int, float]],
    *,
    fps: Fraction,
    annotate_every: int,
    limits: Limits,
) -> Manifest:
    """Check the child's claims against its files and against each other; raises ValueError when
    they do not hold.
    """
    width, height = int(done["width"]), int(done["height"])
    count = int(done["timeline_frame_count"])
    if not (0 < count <= limits.max_timeline_frames and 0 < width * height <= limits.max_pixels):
        raise ValueError("sizes out of bounds")
    if len(moments) != timeline.frame_count(count, annotate_every):
        raise ValueError("frames are missing")
    _require_kinds(staging, len(moments))
    frames = []
    for frame_idx, (timeline_idx, pts) in enumerate(moments):
        if timeline_idx != frame_idx * annotate_every or not math.isfinite(pts):
            raise ValueError("frames are out of order")
        sha256 = _sha256(staging / "frames" / f"{frame_idx:05d}.jpg")
        frames.append(ManifestFrame(frame_idx, timeline_idx, pts, sha256))
    return Manifest(
        width=width,
        height=height,
        fps=float(fps),
        annotate_every=annotate_every,
        timeline_frame_count=count,
        frame_count=len(frames),
        duration=float(count / fps),
        frames=tuple(frames),
        source_sha256=_sha256(source),
        proxy_sha256=_sha256(staging / "proxy.mp4"),
        decoder=str(done["decoder"])[:100],
        warnings=tuple(
            Warned(str(code)[:100], str(message)[:500]) for code, message in done["warnings"][:20]
        ),
    )


def _require_kinds(staging: Path, frame_count: int) -> None:
    """Plain files only, and only the agreed ones: a link in here would make us hand out what it
    points to.
    """
    frames = staging / "frames"
    if not stat.S_ISDIR(frames.lstat().st_mode):
        raise ValueError("frames is no folder")
    expected = {frames / f"{idx:05d}.jpg" for idx in range(frame_count)}
    expected |= {frames, staging / "proxy.mp4", staging / "thumbnail.jpg"}
    if {*staging.iterdir(), *frames.iterdir()} != expected:
        raise ValueError("files are missing or too many")
    if not all(stat.S_ISREG(path.lstat().st_mode) for path in expected - {frames}):
        raise ValueError("not a plain file")


def _replace(made: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    made.replace(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _crashed() -> Refusal:
    return Refusal(
        "crashed",
        "The decoder crashed on this file, so it is probably damaged. Convert it to MP4 with H.264 and upload that.",
    )
