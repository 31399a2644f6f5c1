"""Export: a frozen release in the format of SA-V, the dataset that SAM 2 was published with.

A video becomes `{video_id}.mp4`, whose frame `annotate_every * j` is annotated frame j, and beside it
`{video_id}_manual.json` and `{video_id}_auto.json` where it has such masklets. A zip holds all of it.
The same release gives the same bytes every time.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from django.db import transaction

from engine import lifecycle, storage
from engine.errors import ObjectDamaged, WrongState
from engine.models import ExportFile, MaskletStatus, Release, ReleaseItem, ReleaseStatus, Source, Video
from engine.services import revisions, runs
from vos.formats import sav
from worker import scratch
from worker.runs import Work

CONTENT_TYPES = {".mp4": "video/mp4", ".json": "application/json", ".zip": "application/zip"}
#: What every member of the zip is dated, so that the same content is the same zip.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def export(work: Work) -> None:
    """Write the release's files below its prefix, list them as `ExportFile` rows, and make it EXPORTED.

    An attempt that follows another, and an export of what was exported before, write the same again.
    """
    run, release = work.run, work.run.release
    assert release is not None
    _refuse_rejected(release)
    videos = items_by_video(release)
    with scratch.folder(needs=_space_for([video for video, _ in videos])) as folder:
        writer = ExportWriter(work, release, folder)
        for done, (video, items) in enumerate(videos):
            if work.cancelled:
                writer.throw_away()
                runs.record_cancelled(run)
                return
            work.progress(done, len(videos), unit="videos")
            _add_video(writer, video, items)
        writer.close()
    with transaction.atomic():
        work.progress(len(videos), len(videos), unit="videos")  # holds the run
        _refuse_rejected(release)  # nor one that was rejected while this went on
        ExportFile.objects.filter(release=release).delete()
        ExportFile.objects.bulk_create(writer.files)
        if release.status == ReleaseStatus.FROZEN:
            lifecycle.change(release, ReleaseStatus.EXPORTED, actor=run.actor)
        runs.succeed(run, {"files": len(writer.files)})


def _refuse_rejected(release: Release) -> None:
    """What an owner reopened after the freeze and a reviewer then rejected is no ground truth."""
    rejected = release.items.filter(masklet__status=MaskletStatus.REJECTED)  # type: ignore[attr-defined]
    if item := rejected.select_related("masklet__video").first():
        raise WrongState(
            f"{item.masklet} was rejected after this release was frozen"
            f" ({rejected.count()} in all). Freeze a new release and export that one."
        )


def items_by_video(release: Release) -> list[tuple[Video, list[ReleaseItem]]]:
    """The videos of a release, each with what is pinned of it."""
    items = ReleaseItem.objects.filter(release=release).select_related("masklet__video", "revision")
    ordered = items.order_by("masklet__video_id", "masklet__object_id")
    return [(video, list(group)) for video, group in groupby(ordered, key=lambda item: item.masklet.video)]


def _space_for(videos: list[Video]) -> int:
    """Bytes on the worker's disk: every proxy in the zip, one of them beside it, and room for the rest."""
    sizes = [storage.size_of(video.proxy_key) or 0 for video in videos]
    return sum(sizes) + max(sizes, default=0) + 64 * 2**20


def video_id(video: Video) -> str:
    return f"maskloop_{video.pk:06d}"


def _add_video(writer: "ExportWriter", video: Video, items: list[ReleaseItem]) -> None:
    clip = _clip(video)
    with writer.file(f"{clip.video_id}.mp4") as path:
        try:
            storage.get_file(video.proxy_key, path, on_bytes=writer.moves)
        except FileNotFoundError as error:
            raise ObjectDamaged(
                f"The proxy of {video.name} is missing from the object store.", key=video.proxy_key
            ) from error
    for source in (Source.MANUAL, Source.AUTO):
        tracked = [_tracked(item, video) for item in items if item.masklet.source == source]
        if tracked:
            with writer.file(f"{clip.video_id}_{source.value}.json") as path:
                path.write_text(json.dumps(sav.annotation(clip, tracked, auto=source == Source.AUTO)))


def _clip(video: Video) -> sav.Clip:
    return sav.Clip(
        video_id=video_id(video),
        fps=video.fps,
        timeline_frame_count=video.timeline_frame_count or 0,
        height=video.height or 0,
        width=video.width or 0,
        environment=video.environment,
        split=video.split,
    )


def _tracked(item: ReleaseItem, video: Video) -> sav.Tracked:
    """What every frame says. A frame without a mask is unannotated, which SA-V cannot say: it is no absence."""
    stored = revisions.load(item.revision, video=video)
    frames = [stored["frames"].get(str(j)) for j in range(video.frame_count or 0)]
    if unannotated := frames.count(None):
        raise WrongState(
            f"{item.masklet} has {unannotated} of {len(frames)} frames that were never annotated."
            " Reopen it, track or mark those frames, and freeze a new release."
        )
    return sav.Tracked(
        rles=[{"size": stored["size"], "counts": frame["counts"]} for frame in frames if frame],
        stabilities=[float(frame["stability"]) for frame in frames if frame],
        edited_frame_count=len(item.revision.edited_frames),
    )


class ExportWriter:
    """The files of an export on their way out: each is hashed, put into S3 and into the zip, and listed."""

    def __init__(self, work: Work, release: Release, folder: Path) -> None:
        self.work = work
        self.release = release
        self.folder = folder
        self.files: list[ExportFile] = []
        self._name = f"{re.sub(r'[^A-Za-z0-9._-]+', '-', release.name)}-sa-v.zip"
        self._zip = zipfile.ZipFile(folder / self._name, "w", zipfile.ZIP_STORED)

    @property
    def prefix(self) -> str:
        return f"{self.release.prefix}/sa-v"

    @contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """A path to write the file to; on leaving it is taken along and the path is gone."""
        path = self.folder / name
        yield path
        member = zipfile.ZipInfo(name, date_time=ZIP_DATE)
        member.file_size = path.stat().st_size
        with path.open("rb") as source, self._zip.open(member, "w") as target:
            while chunk := source.read(2**20):
                target.write(chunk)
                self.moves()
        self._send(path)

    def moves(self, _: int = 0) -> None:
        """Bytes have gone: the work is not hung."""
        self.work.alive()

    def close(self) -> None:
        """Send the zip after the files that it holds."""
        self._zip.close()
        self._send(self.folder / self._name)

    def throw_away(self) -> None:
        """Leave nothing in S3, unless it lay there before this export."""
        self._zip.close()
        if self.release.status == ReleaseStatus.FROZEN:
            storage.delete_prefix(f"{self.prefix}/")

    def _send(self, path: Path) -> None:
        key = f"{self.prefix}/{path.name}"
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        storage.put_file(key, path, content_type=CONTENT_TYPES[path.suffix], on_bytes=self.moves)
        self.files.append(
            ExportFile(release=self.release, name=path.name, key=key, size=path.stat().st_size, sha256=sha256)
        )
        path.unlink()
