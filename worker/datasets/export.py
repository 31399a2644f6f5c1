"""Export: a frozen release in one of the formats of `vos.formats`, a video at a time.

A video that is written is a row with its files and their hashes, so another attempt goes on after it; the files that
need all videos are written at the end. The same release gives the same bytes every time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing

from django.db import transaction

from engine import storage
from engine.errors import WrongState
from engine.models import Export, ExportFile, ExportPart, MaskletStatus, Release, ReleaseVideo
from engine.run_kinds import ExportParams
from engine.services import exports, runs
from vos.formats import FORMATS
from worker.datasets import children, datasheet
from worker.datasets.jobs import header, jobs
from worker.datasets.recorder import Parts, Recorder, parts_prefix
from worker.datasets.sink import StoreSink
from worker.datasets.stored import Stored
from worker.runs import Cancelled, Work

#: Its readers know no frame that nobody looked at: such a release is refused, not told as absences.
WHOLE = {"sav"}
SUMS = "SHA256SUMS"


def export(work: Work) -> None:
    """Write the release, list its files as `ExportFile` rows, and make the export WRITTEN."""
    run, release = work.run, work.run.release
    assert release is not None
    row = Export.objects.select_related("release__project").get(
        release=release, format=run.params_as(ExportParams).format
    )
    refuse_rejected(release)
    try:
        _write_videos(work, row)
        sink, sums = _finish(work, row)
    except Cancelled:
        _throw_away(work, row)
        return
    with transaction.atomic():
        runs.hold(run)
        refuse_rejected(release)  # nor one that was rejected while this went on
        exports.finish(row, run, sink.files, sha256=hashlib.sha256(sums).hexdigest())
        runs.succeed(run, {"files": row.file_count, "format": row.format})


def refuse_rejected(release: Release) -> None:
    """What an owner reopened after the freeze and a reviewer then rejected is no ground truth."""
    rejected = release.items.filter(masklet__status=MaskletStatus.REJECTED)  # type: ignore[attr-defined]
    if item := rejected.select_related("masklet__video").first():
        raise WrongState(
            f"{item.masklet} was rejected after this release was frozen"
            f" ({rejected.count()} in all). Freeze a new release and export that one."
        )


def _write_videos(work: Work, row: Export) -> None:
    total = ReleaseVideo.objects.filter(release=row.release).count()
    done = ExportPart.objects.filter(export=row).count()
    recorder = Recorder(work, row, done=done, total=total)
    todo = jobs(row, whole=row.format in WHOLE)
    with closing(children.done(todo, count=total - done)) as written:
        for job, answer in written:
            work.stop_if_cancelled()
            work.alive()
            if answer is not None:
                recorder.add(job, answer)
    recorder.note()


def _finish(work: Work, row: Export) -> tuple[StoreSink, bytes]:
    """The files that need all videos, what is told of the release, and the hashes of all of them."""
    with StoreSink(row.prefix, moved=work.alive) as sink:
        FORMATS[row.format].finish(header(row.release), Parts(work, row), sink)
        sink.put("DATASHEET.md", datasheet.written(row).encode())
        sums = b"".join(_sums(row, sink.files))
        sink.put(SUMS, sums)
    return sink, sums


def _sums(row: Export, last: list[Stored]) -> Iterator[bytes]:
    """As `sha256sum -c` reads them, in the order of the names."""
    of_videos = ExportFile.objects.filter(export=row, part__isnull=False).values_list("name", "sha256")
    named = dict(of_videos.iterator()) | {file.name: file.sha256 for file in last}
    for name in sorted(named):
        yield f"{named[name]}  {name}\n".encode()


def _throw_away(work: Work, row: Export) -> None:
    """What was stopped leaves nothing."""
    with transaction.atomic():
        runs.hold(work.run)
        exports.forget(row)
        runs.record_cancelled(work.run)
    storage.delete_prefix(f"{row.prefix}/")
    storage.delete_prefix(parts_prefix(row))
