"""The throw-away process. It reads one file, writes one folder and speaks JSON lines on its first
output.

Started by `sandbox`, with one argument: the job as JSON. Messages: `frame` for each annotated frame
written, then one of `done`, `refused` or `failed`. What happens without a last message is for the
parent to interpret.
"""

import errno
import json
import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from worker.decode import lockdown
from worker.decode.limits import Limits
from worker.decode.refusal import Refusal

OURS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
"""Errors of the machine. Any other may have been provoked by the file and must not earn it a second try."""
OUT_OF_MEMORY = "The video needs more memory than one video may use. Scale it down and upload it again."


def main() -> None:
    job = json.loads(sys.argv[1])
    limits = Limits(**job["limits"])
    # Nothing that a library prints may end up among our messages.
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def send(kind: str, **message: Any) -> None:
        pipe.write(json.dumps({"type": kind, **message}) + "\n")
        pipe.flush()

    lock(job, limits)
    if job["out_dir"] is None:  # asked only whether the walls stand and the decoder loads behind them
        import av  # noqa: F401
        import simplejpeg  # noqa: F401

        return
    try:
        work(job, limits, send)
    except Refusal as refusal:
        send("refused", code=refusal.code, message=refusal.message)
    except MemoryError:
        send("refused", code="out_of_memory", message=OUT_OF_MEMORY)
    except ImportError as error:
        # A decoder that does not load is our fault and no fault of the file.
        send("failed", errno=errno.ELIBACC, message=str(error))
    except OSError as error:
        if error.errno == errno.EFBIG:
            send(
                "refused",
                code="too_large",
                message="The video becomes too large when it is converted. Shorten it.",
            )
        elif error.errno in (errno.ENOMEM, errno.EAGAIN):
            send("refused", code="out_of_memory", message=OUT_OF_MEMORY)
        elif error.errno in OURS:
            send("failed", errno=error.errno, message=str(error))
        else:
            raise
    # Leave without running the libraries' own tear-down: everything is written, and it has nothing
    # to add.
    os._exit(0)


def lock(job: dict[str, Any], limits: Limits) -> None:
    """Put up the walls that the job's level is made of. Raises OSError where one of them cannot be had."""
    lockdown.limit(
        memory_mb=limits.memory_mb, cpu_seconds=limits.cpu_seconds, file_bytes=limits.max_output_bytes
    )
    if sys.platform != "linux":
        return
    if job["level"] != "bubblewrap":  # which sees to it itself
        lockdown.live_with(job["parent_pid"])
    if job["level"] == "kernel":
        lockdown.leave(read=job["readable"], write=job["out_dir"])
    if job["level"] in ("bubblewrap", "kernel"):
        lockdown.filter_calls()


def work(job: dict[str, Any], limits: Limits, send: Any) -> None:
    # FFmpeg is loaded only now, inside the limits.
    import av

    from worker.decode.decoding import decode

    av.logging.set_level(None)

    def on_frame(frame_idx: int, timeline_idx: int, pts: float, expected: int) -> None:
        send(
            "frame",
            frame_idx=frame_idx,
            timeline_idx=timeline_idx,
            pts=round(pts, 6),
            expected=expected,
        )

    decoded = decode(
        Path(job["source"]),
        Path(job["out_dir"]),
        fps=Fraction(job["fps"]),
        annotate_every=job["annotate_every"],
        limits=limits,
        on_frame=on_frame,
    )
    send(
        "done",
        width=decoded.width,
        height=decoded.height,
        timeline_frame_count=decoded.timeline_frame_count,
        warnings=[[warned.code, warned.message] for warned in decoded.warnings],
        decoder=f"PyAV {av.__version__} (FFmpeg {av.ffmpeg_version_info})",
    )


if __name__ == "__main__":
    main()
