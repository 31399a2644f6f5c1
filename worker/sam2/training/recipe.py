"""The recipe of the bundled checkpoint: what is seen, in which order, how fast it is learned.

Images first, then clips, then a higher resolution; at last, as SAM 2 does, the image encoder is frozen
and the clips get longer.
"""

from dataclasses import dataclass, field, replace

from worker.sam2.training.interaction import Annotator

# One first prompt in eight is a click on a wrong mask that is there already.
EDITS = Annotator(mask=0.42, click=0.27, box=0.19, edit=0.12)


@dataclass(frozen=True)
class Stage:
    """One stretch of training.

    A step sees `clips` clips of `frames` frames at `size` pixels and `objects` objects in each. The
    learning rate runs linearly between `rates`; the image encoder learns at `encoder` times that (0:
    not at all), its blocks from last to first at `layer_decay` times the one after. `images` is the
    share of steps that take their frames as single images. A stage takes `steps` steps or, where `steps` is 0,
    lasts `minutes`.
    """

    name: str
    steps: int
    size: int
    clips: int
    frames: int
    objects: int
    rates: tuple[float, float]
    encoder: float = 1.0
    layer_decay: float = 1.0
    images: float = 0.0
    minutes: float = 0.0
    annotator: Annotator = field(default_factory=Annotator)

    def done(self, steps: int, seconds: float) -> float:
        """The share of it that is over, after so many steps and seconds."""
        return steps / self.steps if self.steps else seconds / (60 * self.minutes)


# From nothing a model learns clicks first; these stages took about an hour and a quarter of one CPU core.
FROM_NOTHING = (
    Stage("images", 2769, 128, clips=8, frames=1, objects=4, rates=(8e-4, 4e-4), images=1.0),
    Stage("large images", 586, 256, clips=4, frames=1, objects=4, rates=(4e-4, 2e-4), images=1.0),
    Stage("short clips", 1474, 128, clips=4, frames=4, objects=2, rates=(4e-4, 3e-4)),
    Stage("large clips", 643, 256, clips=2, frames=4, objects=2, rates=(3e-4, 1.2e-4)),
)
# The same again in clips that are long enough to drift, to lose an object and to find it.
LONGER = (
    Stage(
        "eight frames",
        600,
        256,
        clips=2,
        frames=8,
        objects=4,
        rates=(2.5e-4, 1.6e-4),
        encoder=0.6,
        images=0.15,
    ),
    Stage(
        "frozen encoder",
        500,
        256,
        clips=2,
        frames=8,
        objects=4,
        rates=(1.5e-4, 4e-5),
        encoder=0.0,
        images=0.15,
    ),
    Stage(
        "sixteen frames", 300, 256, clips=1, frames=16, objects=5, rates=(6e-5, 2e-6), encoder=0.0, images=0.1
    ),
    Stage(
        "all together", 170, 256, clips=2, frames=10, objects=4, rates=(1e-4, 4e-6), encoder=0.5, images=0.2
    ),
)
# And once more, all parts together, in clips that are long for their objects: twelve frames, a sixth or a third of a
# second apart. They cost some of what single frames had taught, which the last stage brings back.
LONG = (
    Stage(
        "twelve frames",
        1200,
        256,
        clips=2,
        frames=12,
        objects=4,
        rates=(1.8e-4, 2e-6),
        encoder=0.5,
        images=0.15,
    ),
    Stage(
        "clicks again",
        360,
        256,
        clips=2,
        frames=10,
        objects=4,
        rates=(8e-5, 2e-6),
        encoder=0.5,
        images=0.5,
    ),
)
SMALL = FROM_NOTHING + LONGER + LONG


def larger(stages: tuple[Stage, ...], *, clips: int, steps: float) -> tuple[Stage, ...]:
    """The stages with `clips` times as many clips a step and `steps` times as many steps."""
    return tuple(
        replace(stage, clips=stage.clips * clips, steps=max(1, round(stage.steps * steps)))
        for stage in stages
    )


# What a GPU can afford: batches eight times as large, and four times as many.
FULL = larger(SMALL, clips=8, steps=4.0)


# What a GPU does in minutes, from nothing; `minutes` are shares of the time that there is.
IN_MINUTES: tuple[Stage, ...] = (
    Stage(
        "images",
        0,
        160,
        minutes=0.15,
        clips=64,
        frames=4,
        objects=4,
        rates=(8e-4, 7e-4),
        images=1.0,
        annotator=EDITS,
    ),
    Stage(
        "large images",
        0,
        320,
        minutes=0.11,
        clips=40,
        frames=4,
        objects=4,
        rates=(7e-4, 5e-4),
        images=1.0,
        annotator=EDITS,
    ),
    Stage(
        "short clips",
        0,
        160,
        minutes=0.14,
        clips=64,
        frames=5,
        objects=3,
        rates=(6e-4, 4e-4),
        images=0.2,
        annotator=EDITS,
    ),
    Stage(
        "eight frames",
        0,
        320,
        minutes=0.4,
        clips=32,
        frames=8,
        objects=3,
        rates=(4e-4, 1.2e-4),
        images=0.3,
        annotator=EDITS,
    ),
    Stage(
        "ten frames",
        0,
        320,
        minutes=0.2,
        clips=28,
        frames=10,
        objects=3,
        rates=(1.2e-4, 2e-6),
        encoder=0.5,
        images=0.4,
        annotator=EDITS,
    ),
)
# The same where there is no GPU, from weights that are there.
IN_MINUTES_ON_A_CPU: tuple[Stage, ...] = (
    Stage(
        "in minutes",
        0,
        320,
        minutes=1.0,
        clips=2,
        frames=6,
        objects=4,
        rates=(4e-5, 1e-6),
        encoder=0.7,
        images=0.5,
        annotator=EDITS,
    ),
)


def lasting(stages: tuple[Stage, ...], minutes: float) -> tuple[Stage, ...]:
    """The stages, whose `minutes` are shares, made to last `minutes` together."""
    whole = sum(stage.minutes for stage in stages)
    return tuple(replace(stage, minutes=minutes * stage.minutes / whole) for stage in stages)
