"""Measure: the figures of a frozen release, masklet by masklet, and in sum."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import transaction

from engine import storage
from engine.models import Release, ReleaseItem, ReleaseVideo
from engine.services import runs
from vos.statistics import Measures, Statistics, Summary, VideoSummary, measure as measured
from worker.runs import Work

AT_ONCE = 200  #: masklets between two signs of progress
FETCHERS = 4


def measure(work: Work) -> None:
    """Look at what was not looked at yet; another attempt goes on after it. Then add up."""
    run, release = work.run, work.run.release
    assert release is not None
    items = ReleaseItem.objects.filter(release=release)
    total, done = items.count(), items.filter(measures__isnull=False).count()
    todo = items.filter(measures__isnull=True).select_related("masklet__video", "revision").order_by("pk")
    with ThreadPoolExecutor(FETCHERS, thread_name_prefix="measure") as fetchers:
        while some := list(todo[:AT_ONCE]):
            work.stop_if_cancelled()
            for item, measures in zip(some, fetchers.map(_look, some), strict=True):
                item.measures = measures
                work.alive()
            done += len(some)
            with transaction.atomic():
                work.progress(done, total, unit="masklets")  # holds the run
                ReleaseItem.objects.bulk_update(some, ["measures"])
    told = summary(release)
    with transaction.atomic():
        runs.hold(run)
        Release.objects.filter(pk=release.pk).update(statistics=told)
        runs.succeed(run, {"masklets": total})


def _look(item: ReleaseItem) -> Measures:
    """Threads have no database connection: everything was read before."""
    stored, video = storage.get_masks(item.revision.key), item.masklet.video
    size = stored["size"]
    masks: dict[int, Any] = {
        int(idx): {"size": size, "counts": frame["counts"]} for idx, frame in stored["frames"].items()
    }
    return measured(
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
