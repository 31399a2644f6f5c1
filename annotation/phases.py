"""The three protocols of the data engine (SAM 2 paper §5.1): what each lets an annotator do, and why not more."""

from collections.abc import Collection
from dataclasses import dataclass

from engine.errors import MaskloopError, WrongState
from engine.models import PromptKind


class WrongPhase(MaskloopError):
    status = 409
    code = "wrong_phase"
    message = "The phase of this masklet does not allow that."


class Unannotated(WrongState):
    """Frames that the machine never came to, and nobody spoke of."""

    code = "unannotated"


@dataclass(frozen=True)
class Protocol:
    """One phase. In all of them frames are prompted with clicks, boxes and masks (brush and eraser)."""

    phase: int
    name: str
    summary: str
    propagates: bool = True
    every_frame: bool = False  #: each annotated frame gets its mask by hand
    remembers: bool = False  #: a click on a tracked frame is read in the light of the other frames
    masks_only: bool = False  #: propagation takes masks; a correction makes its frame's mask from scratch


PROTOCOLS = {
    1: Protocol(
        1,
        "SAM per frame",
        "Make the mask of every frame by itself, with clicks, boxes, brush and eraser. Nothing is propagated.",
        propagates=False,
        every_frame=True,
    ),
    2: Protocol(
        2,
        "SAM + SAM 2 Mask",
        "Make the first frame's mask, propagate it, and where it goes wrong make that frame's mask from scratch "
        "and propagate again.",
        masks_only=True,
    ),
    3: Protocol(
        3,
        "SAM 2",
        "Click, propagate, and where it goes wrong refine with a click or two; SAM 2 remembers the object.",
        remembers=True,
    ),
}


def check_propagation(phase: int) -> None:
    """Raise `WrongPhase` where nothing is propagated."""
    if not PROTOCOLS[phase].propagates:
        raise WrongPhase("In phase 1 every frame gets its own mask; nothing is propagated.")


def is_fresh(phase: int, kind: str, positive: bool | None, *, refines: bool) -> bool:
    """Whether a prompt begins its frame's mask from scratch; `refines`: the frame has been prompted since the last
    propagation. Raises `WrongPhase` for what would refine a mask that the phase wants made anew.
    """
    if not PROTOCOLS[phase].masks_only or refines:
        return False
    if kind == PromptKind.CLICK and positive is False:
        raise WrongPhase(
            "In phase 2 a correction makes the frame's mask from scratch. Begin with a click on the object, a box, "
            "or the brush."
        )
    return True


def check_complete(phase: int, *, masked: Collection[int], frame_count: int) -> None:
    """Refuse while frames have neither a mask nor a word that the object is absent: they would become false truth.

    Raises `WrongPhase` where each frame is made by hand, `Unannotated` where masks are propagated.
    """
    left = sorted(set(range(frame_count)) - set(masked))
    if not left:
        return
    if PROTOCOLS[phase].every_frame:
        what = f"{len(left)} frames have" if len(left) > 1 else "One frame has"
        raise WrongPhase(
            f"In phase 1 every frame gets a mask or is marked absent. {what} neither yet, first frame {left[0]}.",
            frames=left[:100],
        )
    what = f"{len(left)} frames were" if len(left) > 1 else "One frame was"
    raise Unannotated(
        f"{what} never tracked, first frame {left[0]}. Propagate through the whole video before you submit.",
        frames=left[:100],
    )
