"""Import weights: somebody's checkpoint is fetched, unpacked and checked behind walls, and stored: a candidate.

Nothing is stored, and no row of a checkpoint is made, before every tensor was looked at. This process loads no torch:
the child does.
"""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import transaction
from huggingface_hub import snapshot_download

from engine import storage
from engine.errors import MaskloopError
from engine.models import CheckpointImport
from engine.services import checkpoint_imports, runs
from engine.services.checkpoints import BUNDLED
from worker import sam2, scratch
from worker.decode import NoSandbox
from worker.inference import weights
from worker.retraining import unpacking
from worker.runs import Work

STEPS = 3  #: fetched, checked, stored
UNREACHABLE = "{} is neither a folder of the worker's machine nor a model of the hub that it can reach now."


class Unreachable(MaskloopError):
    status = 502
    code = "checkpoint_unreachable"
    message = "The checkpoint's location cannot be reached."


def import_weights(work: Work) -> None:
    """Make a candidate of what the run's import names."""
    run, row = work.run, work.run.checkpoint_import
    assert row is not None
    # As it came, unpacked, and written anew.
    with scratch.folder(needs=3 * max(row.bytes, 2**28)) as folder:
        out = folder / "out"
        out.mkdir()
        source = _fetched(work, row, folder / "source")
        work.progress(1, STEPS, unit="steps")

        def moved() -> None:
            work.alive()
            work.stop_if_cancelled()

        try:
            facts = unpacking.take(source, out, moved, unsandboxed=settings.UNSANDBOXED_VIDEO)
        except unpacking.Refused as refused:
            _refuse(work, row, refused)
            return
        except NoSandbox as error:
            raise MaskloopError(str(error)) from error
        work.progress(2, STEPS, unit="steps")
        work.stop_if_cancelled()
        location = weights.send(out / unpacking.TAKEN, row.prefix)
        size = weights.size(out / unpacking.TAKEN)
    with transaction.atomic():
        work.progress(STEPS, STEPS, unit="steps")
        made = checkpoint_imports.finish(row, location, size=size)
        runs.succeed(run, {"checkpoint": made.pk} | facts)


def _fetched(work: Work, row: CheckpointImport, target: Path) -> Path:
    """The uploaded file, or a folder with the two files of a location, by itself. Raises `Unreachable`."""
    if not row.location:
        storage.get_file(row.source_key, target, on_bytes=lambda _: work.alive())
        return target
    target.mkdir()
    here = _folder(row.location)
    for name in weights.FILES:
        if (here / name).is_file():
            shutil.copyfile(here / name, target / name)
            work.alive()
    return target


def _folder(location: str) -> Path:
    """What the installation allows by name: a folder, or a model of the hub, of which nothing but two files is read."""
    if location == BUNDLED:
        return Path(sam2.__path__[0]) / "bundled"
    if Path(location).is_dir():
        return Path(location)
    try:
        return Path(snapshot_download(location, allow_patterns=list(weights.FILES)))
    except (OSError, ValueError) as error:
        raise Unreachable(UNREACHABLE.format(location)) from error


def _refuse(work: Work, row: CheckpointImport, refused: unpacking.Refused) -> None:
    with transaction.atomic():
        runs.hold(work.run)
        checkpoint_imports.refuse(row, refused.problems)
        runs.fail(work.run, code="checkpoint_refused", message=f"Nothing was taken. {refused.problems[0]}")
