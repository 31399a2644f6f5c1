"""How good a candidate is beside its base, on footage that neither was trained on."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings

from worker.render import Clip, render_clip
from worker.retraining.dataset import Footage
from worker.runs import Work
from worker.sam2.checkpoint import official_size_on
from worker.sam2.evaluation import evaluate

LONGEST = 48  #: annotated frames of a clip: eight seconds
MOST_CLIPS = 12
RENDERED_CLIPS, RENDERED_FRAMES = 4, 16


class Cancelled(Exception):
    """Somebody cancelled on the way."""


class Comparison:
    """The same footage for both checkpoints, and how much of it there is."""

    def __init__(self, work: Work, footage: Footage, *, steps: int) -> None:
        self.work, self.footage, self.steps = work, footage, steps
        stretches = footage.aside.stretches(longest=LONGEST) if footage.aside else []
        self.clips = 2 * (min(len(stretches), MOST_CLIPS) + RENDERED_CLIPS)
        self._done = 0

    @property
    def total(self) -> int:
        """What the run's progress counts to: a step of training or a clip of this."""
        return self.steps + self.clips

    def compare(self, base: str, candidate: str) -> dict[str, Any]:
        """Figures of both by kind of footage, as `Checkpoint.evaluation` keeps them. Raises `Cancelled`."""
        aside = self.footage.aside
        return {
            "held_out": self._both(base, candidate, self._kept_aside) if aside else None,
            "rendered": self._both(base, candidate, _rendered),
            "note": self.footage.note,
            "trained_on": self.footage.trained_on,
            "kept_aside": self.footage.kept_aside,
        }

    def _both(
        self, base: str, candidate: str, clips: Callable[[], Iterator[Clip]]
    ) -> dict[str, dict[str, Any]]:
        return {
            name: self._figures(folder, clips())
            for name, folder in (("base", base), ("candidate", candidate))
        }

    def _figures(self, folder: str, clips: Iterator[Clip]) -> dict[str, Any]:
        size = official_size_on(settings.DEVICE, settings.IMAGE_SIZE)
        found = evaluate(
            folder,
            self._counted(clips),
            device=settings.DEVICE,
            official_size=size,
            cancelled=self._stop,
        )
        self._stop()
        return {name: value for name, value in found.as_dict().items() if _is_told(value)}

    def _counted(self, clips: Iterator[Clip]) -> Iterator[Clip]:
        for clip in clips:
            self._stop()
            yield clip
            self._done += 1
            self.work.progress(min(self.steps + self._done, self.total), self.total, unit="steps")

    def _stop(self) -> bool:
        if self.work.cancelled:
            raise Cancelled
        return False

    def _kept_aside(self) -> Iterator[Clip]:
        assert self.footage.aside is not None
        return self.footage.aside.clips(longest=LONGEST, most=MOST_CLIPS)


def _rendered() -> Iterator[Clip]:
    """Clips that no training sees."""
    for seed in range(RENDERED_CLIPS):
        yield render_clip(seed, frames=RENDERED_FRAMES, fps=6.0, split="test")


def _is_told(value: Any) -> bool:
    """Whether JSON can say it: a figure that could not be taken is left out."""
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))
