"""Ingest: lay an uploaded source on the project's timeline and store what came out of it."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings
from django.db import transaction
from PIL import Image

from engine import lifecycle, storage
from engine.errors import MaskloopError
from engine.models import Video, VideoStatus
from engine.models.video import Warned
from engine.services import runs, splits
from worker import decode, scratch
from worker.runs import Work
from worker.videos import pictures

UPLOADS_AT_ONCE = 4
TELL_EVERY = 0.25  #: seconds

CONTENT_TYPES = {
    "manifest.jsonl": "application/x-ndjson",
    "thumbnail.jpg": "image/jpeg",
    "proxy.mp4": "video/mp4",
}


class SourceRefused(MaskloopError):
    """The source is no video that can be used here; the decoder's code and sentence say why."""

    def __init__(self, refusal: decode.Refusal) -> None:
        super().__init__(refusal.message)
        self.code = refusal.code


def ingest(work: Work) -> None:
    """Decode the source, store frames, manifest, thumbnail and proxy, and make the video READY.

    The keys are the same in every attempt, so a later one writes over what an earlier one left.
    """
    run, video = work.run, work.run.video
    assert video is not None
    try:
        with scratch.folder(needs=_space_for(video)) as folder:
            manifest = _decode(work, video, folder)
            _store(work, video, folder / "out", manifest.frame_count)
            picture_hashes = _hashes(folder / "out" / "frames", manifest)
            stored = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    except decode.Refusal as refusal:
        raise SourceRefused(refusal) from refusal
    except decode.NoSandbox as error:
        raise MaskloopError(str(error)) from error
    with transaction.atomic():
        runs.hold(run)
        lifecycle.change(
            video,
            VideoStatus.READY,
            actor=None,
            width=manifest.width,
            height=manifest.height,
            timeline_frame_count=manifest.timeline_frame_count,
            frame_count=manifest.frame_count,
            duration=manifest.duration,
            bytes=stored,
            source_sha256=manifest.source_sha256,
            picture_hashes=picture_hashes,
            warnings=[Warned(warned.code, warned.message) for warned in manifest.warnings],
        )
        _find_copies(video)
        runs.succeed(run, {"frames": manifest.frame_count})


def _hashes(frames: Path, manifest: decode.Manifest) -> list[int]:
    seen = pictures.sampled(manifest.frame_count, a_second=manifest.fps / manifest.annotate_every)
    return pictures.hashes([Image.open(frames / f"{idx:05d}.jpg") for idx in seen])


def _find_copies(video: Video) -> None:
    """A copy goes to the side of the dataset where the first one is, and whoever brought it is told."""
    alike = splits.regroup(video)
    if same := next((other for other in alike if other.source_sha256 == video.source_sha256), None):
        sentence = f"This is the same file as {same.name}, which the project has already."
    elif alike:
        sentence = f"This looks like {alike[0].name}, so both are kept on one side of every split."
    else:
        return
    video.warnings = [*video.warnings, Warned("copy", sentence)]
    video.save(update_fields=["warnings"])


def _space_for(video: Video) -> int:
    """Bytes: the source, and as much again and more for its frames and proxy."""
    size = storage.size_of(video.source_key)
    if size is None:
        raise MaskloopError("The uploaded file is no longer there. Upload it again.")
    return 3 * size + 256 * 2**20


def _decode(work: Work, video: Video, folder: Path) -> decode.Manifest:
    source = folder / "source"
    storage.get_file(video.source_key, source, on_bytes=lambda _: work.alive())
    tell = _percent(work, begin=0, end=80)
    return decode.ingest(
        source,
        folder / "out",
        fps=video.fps,
        annotate_every=video.annotate_every,
        limits=decode.Limits(max_total_pixels=settings.VIDEO_PIXELS),
        on_progress=tell,
        unsandboxed=settings.UNSANDBOXED_VIDEO,
    )


def _store(work: Work, video: Video, out: Path, frame_count: int) -> None:
    tell = _percent(work, begin=80, end=100)
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
        try:
            uploads = pool.map(
                lambda idx: storage.put(
                    video.frame_key(idx),
                    (out / "frames" / f"{idx:05d}.jpg").read_bytes(),
                    content_type="image/jpeg",
                ),
                range(frame_count),
            )
            for done, _ in enumerate(uploads, start=1):
                tell(done, frame_count)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    for name, content_type in CONTENT_TYPES.items():
        key = f"{video.prefix}/{name}"
        storage.put_file(key, out / name, content_type=content_type, on_bytes=lambda _: work.alive())


def _percent(work: Work, *, begin: int, end: int) -> Callable[[int, int], None]:
    """Tells `done` of `total` as percents from `begin` to `end` of the whole, a few times a second.

    Raises `Cancelled` when somebody cancelled.
    """
    told, stands_at = -TELL_EVERY, -1

    def tell(done: int, total: int) -> None:
        nonlocal told, stands_at
        if done != stands_at:  # a frame is progress, though it may be less than a percent
            stands_at = done
            work.alive()
        work.stop_if_cancelled()
        now = time.monotonic()
        if total and (now - told >= TELL_EVERY or done == total):
            told = now
            work.progress(begin + (end - begin) * done // total, 100, unit="percent")

    return tell
