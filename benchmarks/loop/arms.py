"""Does a model learn from its own masklets without people? Three retrainings of equal budget on the same clips: on all
that was proposed, on what the pre-verifier alone let pass, and on what the reviewer accepted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.effort.client import Person
from benchmarks.effort.footage import ClipToAnnotate
from benchmarks.loop import footage
from benchmarks.loop.automatic import masks_of
from benchmarks.loop.footage import NEW_LOOK, Size
from worker.render.clips import Clip
from worker.sam2 import checkpoint
from worker.sam2.evaluation import evaluate
from worker.sam2.training.finetune import FinetuneSettings, finetune
from worker.sam2.training.footage import Footage as Drawn, Rendered

PASSES = 0.2  #: the chance of being wrong below which the pre-verifier lets a masklet pass
RENDERED = 0.35  #: share of rendered footage, as in the rounds

Judged = Mapping[str, Any]
"""Of one masklet: `fate`, `wrong`, `accepted`, as `automatic` notes them."""


def is_in(arm: str, row: Judged) -> bool:
    """Whether a masklet is trained on in an arm."""
    if arm == "raw":
        return True
    if arm == "preverified":
        return row["wrong"] is not None and row["wrong"] < PASSES
    return bool(row["accepted"])


ARMS = ("raw", "preverified", "verified")


@dataclass(frozen=True)
class Labelled:
    """Clips with the masks that an arm believes, drawn evenly, from any start."""

    clips: Sequence[Clip]

    def clip(self, rng: np.random.Generator, frames: int) -> Clip:
        whole = self.clips[int(rng.integers(len(self.clips)))]
        begin = int(rng.integers(max(len(whole.frames) - frames, 0) + 1))
        part = slice(begin, begin + frames)
        order = np.resize(np.arange(len(whole.frames))[part], frames)
        return Clip(whole.frames[order], whole.masks[order])


def labelled(
    owner: Person, made: Sequence[ClipToAnnotate], judged: Mapping[str, Sequence[Judged]], arm: str
) -> Labelled | None:
    """The clips with an arm's masklets; None where it has none."""
    found = []
    for clip in made:
        kept = [row["masklet"] for row in judged[clip.name] if is_in(arm, row)]
        masks = [masks_of(owner, masklet, clip.frames.shape[:3]) for masklet in kept]
        if masks:
            found.append(Clip(clip.frames, np.stack(masks, axis=1)))
    return Labelled(found) if found else None


def count(made: Sequence[ClipToAnnotate], judged: Mapping[str, Sequence[Judged]], arm: str) -> int:
    return sum(is_in(arm, row) for clip in made for row in judged[clip.name])


def train(
    labels: Labelled, out: Path, *, steps: int, size: Size, test_clips: int, base: Path
) -> float | None:
    """J&F from one click on clips of the new look that nobody annotates, after `steps` steps from `base`."""
    settings = FinetuneSettings(steps=steps, device="cpu", threads=2)
    side = checkpoint.load(base, "cpu").image_size
    mix: list[tuple[Drawn, float]] = [(labels, 1 - RENDERED), (Rendered(side=side), RENDERED)]
    model = finetune(base, mix, out, settings=settings)
    return evaluate(model, footage.test_clips(test_clips, size, NEW_LOOK), device="cpu").jf_1_click


def compare(
    labels: Mapping[str, Labelled | None], out: Path, *, steps: int, size: Size, test_clips: int,
    base: Path = checkpoint.BUNDLED,
) -> dict[str, float | None]:  # fmt: skip
    """`arm_raw_jf`, `arm_preverified_jf`, `arm_verified_jf`; None for an arm that nothing fell to."""
    return {
        f"arm_{arm}_jf": None
        if (some := labels[arm]) is None
        else train(some, out / arm, steps=steps, size=size, test_clips=test_clips, base=base)
        for arm in ARMS
    }
