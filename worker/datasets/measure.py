"""Measure: the figures of a frozen release, masklet by masklet, and in sum."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import transaction

from engine import packs, storage
from engine.models import Release, ReleaseItem, ReleaseVideo
from engine.services import runs
from vos.statistics import Measures, Statistics, Summary, VideoSummary, measure as measured_of
from worker.runs import Work

AT_ONCE = 200  #: masklets between two signs of progress, and what else their videos hold
FETCHERS = 4
AHEAD = 32  #: masklets whose masks are in memory
LARGEST_PACK = 32 * 2**20  #: bytes before packing; what is beyond is read from its own object


def measure(work: Work) -> None:
    """Look at what was not looked at yet; another attempt goes on after it. Then add up."""
    run, release = work.run, work.run.release
    assert release is not None
    items = ReleaseItem.objects.filter(release=release)
    total, done = items.count(), items.filter(measures__isnull=False).count()
    todo = items.filter(measures__isnull=True).order_by("masklet__video_id")
    with ThreadPoolExecutor(FETCHERS, thread_name_prefix="measure") as fetchers:
        while some := list(todo.values_list("masklet__video_id", flat=True)[:AT_ONCE]):
            measured = [item for video in sorted(set(some)) for item in _measured(work, video, fetchers)]
            done += len(measured)
            with transaction.atomic():
                work.progress(done, total, unit="masklets")  # holds the run
                ReleaseItem.objects.bulk_update(measured, ["measures"], batch_size=AT_ONCE)
    told = summary(release)
    with transaction.atomic():
        runs.hold(run)
        Release.objects.filter(pk=release.pk).update(statistics=told)
        runs.succeed(run, {"masklets": total})


def _measured(work: Work, video_id: int, fetchers: ThreadPoolExecutor) -> list[ReleaseItem]:
    """What was not measured yet of a video, not saved. All its masks become one object on the way, since they are read
    here anyhow and every export reads them again."""
    release, lines, size, measured = work.run.release, [], 0, []
    assert release is not None
    items = ReleaseItem.objects.filter(release=release, masklet__video=video_id)
    for item, text in _fetched(list(items.select_related("masklet__video", "revision")), fetchers):
        work.stop_if_cancelled()
        work.alive()
        if size + len(text) <= LARGEST_PACK:
            lines.append(text)
            size += len(text)
        if item.measures is None:
            item.measures = _look(item, text)
            measured.append(item)
    packs.put(release.pack_key(video_id), lines)
    return measured


def _fetched(items: list[ReleaseItem], fetchers: ThreadPoolExecutor) -> Iterator[tuple[ReleaseItem, bytes]]:
    """Threads have no database connection: everything was read before."""
    for begin in range(0, len(items), AHEAD):
        some = items[begin : begin + AHEAD]
        yield from zip(
            some, fetchers.map(storage.get_masks_text, [item.revision.key for item in some]), strict=True
        )


def _look(item: ReleaseItem, text: bytes) -> Measures:
    stored, video = json.loads(text), item.masklet.video
    size = stored["size"]
    masks: dict[int, Any] = {
        int(idx): {"size": size, "counts": frame["counts"]} for idx, frame in stored["frames"].items()
    }
    return measured_of(
        masks, height=video.height or 0, width=video.width or 0, edited=item.revision.edited_frames
    )


def summary(release: Release) -> Statistics:
    """The figures of all that `release` pins, which was measured before."""
    objects, films = Summary(), VideoSummary()
    items = ReleaseItem.objects.filter(release=release).select_related("masklet")
    for item in items.only("measures", "label", "masklet__source", "masklet__phase").iterator():
        assert item.measures is not None
        masklet = item.masklet
        objects.add(item.measures, source=masklet.source, phase=masklet.phase, label=item.label)
    rows = ReleaseVideo.objects.filter(release=release).values_list(
        "video__duration", "video__frame_count", "split", "environment"
    )
    for seconds, frames, split, environment in rows.iterator():
        films.add(seconds=seconds or 0.0, frames=frames or 0, split=split, environment=environment)
    return objects.told(films)
