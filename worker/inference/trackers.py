"""The tracker of a project: its active checkpoint on this machine's device, loaded once per process."""

import functools
import logging
import os

import numpy as np
import torch
from django.conf import settings

from engine.errors import MaskloopError
from engine.models import Masklet
from engine.services import checkpoints
from engine.services.checkpoints import BUNDLED
from worker.inference import weights
from worker.sam2 import checkpoint
from worker.sam2.tracker import FramePrompt, Tracker

logger = logging.getLogger(__name__)

KEPT = 2  #: checkpoints that stay loaded


class CheckpointUnusable(MaskloopError):
    status = 500
    code = "checkpoint_unusable"
    message = "The project's checkpoint cannot be loaded."


def of_project(project_id: int) -> Tracker:
    """Raises `CheckpointUnusable` with a sentence that says why."""
    return load(checkpoints.active_location(project_id))


def of_masklet(masklet: Masklet) -> Tracker:
    """The weights that its work began with. Raises `CheckpointUnusable`."""
    return load(checkpoints.location_for(masklet))


def load(location: str) -> Tracker:
    """The tracker of a checkpoint, kept between runs. Raises `CheckpointUnusable`."""
    try:
        return _load(location, settings.DEVICE, settings.IMAGE_SIZE)
    except (OSError, ValueError, RuntimeError) as error:
        logger.warning("Checkpoint %s cannot be loaded", location, exc_info=True)
        raise CheckpointUnusable(f"The project's checkpoint cannot be loaded: {error}") from error


@functools.lru_cache(maxsize=KEPT)
def _load(location: str, device: str, image_size: int) -> Tracker:
    if threads := os.environ.get("MASKLOOP_THREADS"):
        torch.set_num_threads(int(threads))
    size = checkpoint.official_size_on(device, image_size)
    return Tracker(checkpoint.load(folder(location), device, official_size=size))


def folder(location: str) -> str:
    """A checkpoint's location as `worker.sam2` takes it: a folder of this machine, or a hub name."""
    return str(checkpoint.BUNDLED) if location == BUNDLED else weights.local(location)


def warm_up() -> Tracker:
    """Load the installation's checkpoint and use it once, so that the first click does not wait for that."""
    tracker = load(settings.CHECKPOINT)
    size = tracker.checkpoint.image_size
    black = np.zeros((size, size, 3), np.uint8)
    tracker.predict([black], FramePrompt(0, [(size / 2, size / 2)], [1]))
    return tracker
