"""Freeze: what was seen when somebody asked for it becomes the items of a release, a part at a time."""

from contextlib import suppress

from django.contrib.auth.models import User
from django.db import transaction

from engine import lifecycle
from engine.errors import NotAllowed, NotFound, TooManyRuns
from engine.models import Release, ReleaseStatus
from engine.services import releases, runs, statistics
from worker.runs import Cancelled, Work


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
        try:
            work.stop_if_cancelled()
        except Cancelled:
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
        if run.actor:
            _measure(release, run.actor)


def _measure(release: Release, owner: User) -> None:
    """Its figures come by themselves, unless the project has no run left or its owner is none any more."""
    with suppress(TooManyRuns, NotAllowed, NotFound), transaction.atomic():
        statistics.request(actor=owner, release=release)


def _clear(work: Work) -> None:
    while True:
        with transaction.atomic():
            runs.hold(work.run)
            if not releases.unpin(work.run):
                return
        work.alive()
