"""Strategies to annotate an object: the three phases of the data engine (SAM 2 paper, §5.1), the two protocols of the
paper's interactive evaluation (§6.1, appendix E.1.2), and looking only where the server says."""

from collections.abc import Callable

from benchmarks.effort.annotator import GOOD, Annotator

ROUNDS = 8  # corrections at most; in the protocols of the evaluation: frames that are prompted
AROUND = 1  # frame on each side of a doubted place that is looked at with it


def phase_1(person: Annotator) -> None:
    """SAM per frame: each frame from scratch, absent ones marked; nothing is propagated."""
    for frame in person.frames:
        person.look([frame])
        person.make(frame)
    person.read()
    person.note()


def phase_2(person: Annotator) -> None:
    """SAM + SAM 2 Mask: the worst frame of a look at the whole clip is made anew from scratch."""
    person.make(0)
    _correct(person, person.make, everywhere)


def phase_3(person: Annotator) -> None:
    """SAM 2: the worst frame of a look at the whole clip is refined with up to three clicks."""
    person.refine(0)
    _correct(person, person.refine, everywhere)


def look_here(person: Annotator) -> None:
    """As phase 3, but only what the server doubts is looked at."""
    person.refine(0)
    _correct(person, person.refine, doubted)


def offline(person: Annotator) -> None:
    """Three clicks on the first frame, then in each pass on the frame with the lowest IoU not prompted yet."""
    for _ in range(ROUNDS):
        person.look(person.frames)
        left = [frame for frame in person.frames if frame not in person.effort.edited]
        frame = person.observed.worst(left) if person.moments else 0
        if frame is None:
            return
        person.click_three(frame)
        person.propagate(frame, "both")


def online(person: Annotator) -> None:
    """One pass: three clicks on the first frame, then on each frame where the IoU falls below 0.75 on the way."""
    person.look(person.frames)
    frame: int | None = 0
    for _ in range(ROUNDS):
        if frame is None:
            return
        person.click_three(frame)
        person.propagate(frame, "forward")
        ahead = range(frame + 1, len(person.observed))
        frame = next((later for later in ahead if person.observed.iou(later) < GOOD), None)


def everywhere(person: Annotator) -> int | None:
    """Looks at the whole clip; the worst frame that needs work."""
    return person.observed.worst(person.look(person.frames))


def doubted(person: Annotator) -> int | None:
    """Looks at one doubted place after another; the worst frame of the first that needs work."""
    for place in person.suggested_frames:
        first, last = place["first_frame"] - AROUND, place["last_frame"] + AROUND
        bad = person.look([frame for frame in range(first, last + 1) if frame in person.frames])
        if bad:
            return person.observed.worst(bad)
    return None


def _correct(person: Annotator, mend: Callable[[int], None], find: Callable[[Annotator], int | None]) -> None:
    """Propagates; finds a frame, mends it and propagates again, until there is none."""
    person.propagate(0, "forward")
    for _ in range(ROUNDS):
        frame = find(person)
        if frame is None:
            return
        mend(frame)
        person.propagate(frame, "both")


STRATEGIES: dict[str, Callable[[Annotator], None]] = {
    "phase_1": phase_1,
    "phase_2": phase_2,
    "phase_3": phase_3,
    "offline": offline,
    "online": online,
    "look_here": look_here,
}
