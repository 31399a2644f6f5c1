"""Freeze: what was seen when somebody asked for it becomes the items of a release, a part at a time."""

from django.db import transaction

from engine import lifecycle
from engine.models import ReleaseStatus
from engine.services import releases, runs
from worker.runs import Work


def freeze(work: Work) -> None:
    """Write the parts that are not written yet, then make the release FROZEN.

    A part and the progress that tells of it are one transaction, so that another attempt goes on after the last one.
    Stopped on the way, the release is a draft again that holds nothing.
    """
    run, release = work.run, work.run.release
    assert release is not None
    if not run.progress_done:
        _clear(work)  # what a freeze that failed has left
    sizes = {part.position: len(part.masklet_ids) for part in run.parts.all()}  # type: ignore[attr-defined]
    total, done = sum(sizes.values()), 0
    for position, size in sizes.items():
        done += size
        if done <= run.progress_done:
            continue
        if work.cancelled:
            _clear(work)
            with transaction.atomic():
                releases.forget(release)
                runs.record_cancelled(run)
            return
        with transaction.atomic():
            work.progress(done, total, unit="masklets")  # holds the run
            releases.pin(run, position)
    with transaction.atomic():
        runs.hold(run)
        releases.forget(release)
        releases.describe(release)
        lifecycle.change(release, ReleaseStatus.FROZEN, actor=run.actor)
        runs.succeed(run, {"masklets": total})


def _clear(work: Work) -> None:
    while True:
        with transaction.atomic():
            runs.hold(work.run)
            if not releases.unpin(work.run):
                return
        work.alive()
