"""The gate: on what ground a checkpoint may become champion, and what an evaluation says of it."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine.errors import GateRefuses, WrongState
from engine.models import Checkpoint, Evaluation, EvaluationSet, Project, Promotion, PromotionKind, Run
from engine.models.evaluation import Example, Guard, Slice, VideoGain
from engine.services import evaluation_sets
from vos.comparison import by_video, paired_gain

JUDGED_BY = "jf_1_click"  #: people click more than they paint
#: What a candidate may lose at most, by guarded slice.
ALLOWED = {"old_look": 0.02, "old_look_absence": 0.05, "absence": 0.05, "small": 0.03}
FEWEST_FRAMES = 10  #: with the object gone, for its recall to count
EXAMPLES = 6

Found = Mapping[str, Any]
"""One object's figures, as `worker.sam2.evaluation.ObjectFigures` has them, with its `source` and `masklet`."""


def last(project_id: int) -> Promotion | None:
    """The newest promotion of the project, or None."""
    return Promotion.objects.filter(project_id=project_id).order_by("-number").first()


@dataclass(frozen=True)
class Standing:
    """What a project's candidates are judged by now."""

    held: EvaluationSet | None
    promotion: Promotion | None  #: that made the champion


def standing(project_id: int) -> Standing:
    return Standing(evaluation_sets.current(project_id), last(project_id))


def ground(
    checkpoint: Checkpoint, *, actor: User | None, reason: str, now: Standing | None = None
) -> tuple[PromotionKind, Evaluation | None]:
    """Why `checkpoint` may be promoted now. Raises `GateRefuses` with a sentence that says what is missing.

    `now` spares a list of checkpoints asking for it again; so do their prefetched promotions and evaluations.
    """
    if checkpoint.promotions.all():
        return PromotionKind.ROLLBACK, None
    now = now or standing(checkpoint.project_id)
    if now.held is None:
        if actor is None or not reason.strip():
            raise GateRefuses(
                "Nothing is held out to judge this checkpoint by. Say why it is promoted all the same; "
                "the reason is kept."
            )
        return PromotionKind.UNJUDGED, None
    return PromotionKind.GATE, _passing(checkpoint, now.held, now.promotion)


def _passing(checkpoint: Checkpoint, held: EvaluationSet, promotion: Promotion | None) -> Evaluation:
    judged = checkpoint.evaluations.all()
    told: Evaluation | None = next((each for each in judged if each.evaluation_set_id == held.pk), None)
    if told is None:
        raise GateRefuses(f"It was not judged on {held}. Evaluate it first.")
    if promotion is not None and told.champion_id != promotion.checkpoint_id:
        raise GateRefuses(
            f"It was judged beside {told.champion}, which is champion no more. Evaluate it again."
        )
    if not told.passed:
        raise GateRefuses(why_not(told))
    return told


def why_not(told: Evaluation) -> str:
    """What an evaluation that did not pass lacks, in a sentence or two."""
    said = []
    if told.gain_low <= 0:
        said.append(
            f"It does not beat {told.champion} beyond chance: J&F from one click {told.gain:+.3f}, "
            f"between {told.gain_low:+.3f} and {told.gain_high:+.3f}."
        )
    for name, guard in told.guards.items():
        if not guard.holds:
            said.append(
                f"It loses too much on {name.replace('_', ' ')}: {guard.after:.3f} after "
                f"{guard.before:.3f}, {guard.allowed:.2f} may be lost."
            )
    return " ".join(said)


def refusal(checkpoint: Checkpoint, now: Standing | None = None) -> str:
    """Why the gate keeps this checkpoint out at present; nothing where it would let it pass."""
    if checkpoint.run_id and not checkpoint.evaluation:
        return "It has no figures yet."
    try:
        ground(checkpoint, actor=None, reason="", now=now)
    except GateRefuses as error:
        return error.message
    return ""


# What the worker leaves behind.


@transaction.atomic
def record(
    run: Run,
    checkpoint: Checkpoint,
    *,
    held: EvaluationSet,
    champion: Checkpoint,
    before: Sequence[Found],
    after: Sequence[Found],
    old_before: Sequence[Found],
    old_after: Sequence[Found],
    figures: Mapping[str, Mapping[str, Slice]],
) -> Evaluation:
    """One attempt on `held`: the objects' figures with the champion (`before`) and with the candidate (`after`), on
    what is held out and on the old look. Raises `WrongState` where the set cannot judge any more."""
    Project.objects.select_for_update(no_key=True).get(pk=held.project_id)  # attempts come one by one
    if not evaluation_sets.attempts_left(held):
        raise WrongState(
            f"{held} has judged {held.attempts_allowed} candidates. Renew it, then evaluate again."
        )
    ours, theirs = (by_video((row["source"], row[JUDGED_BY]) for row in rows) for rows in (before, after))
    gain = paired_gain(ours, theirs)
    return Evaluation.objects.create(
        evaluation_set=held,
        number=evaluation_sets.attempts(held) + 1,
        checkpoint=checkpoint,
        champion=champion,
        run=run,
        gain=gain.mean,
        gain_low=max(gain.low, -1.0),
        gain_high=min(gain.high, 1.0),
        videos=[VideoGain(str(source), ours[source], theirs[source]) for source in ours],
        guards=guarded(before, after, old_before, old_after),
        figures={which: dict(slices) for which, slices in figures.items()},
        examples=differing(before, after),
    )


def guarded(
    before: Sequence[Found], after: Sequence[Found], old_before: Sequence[Found], old_after: Sequence[Found]
) -> dict[str, Guard]:
    """The slices that could be measured: the old look always, the others where there is enough of them."""
    small = [[row["jf_mask"] for row in rows if row["size"] == "small"] for rows in (before, after)]
    old = [[row["jf_mask"] for row in rows] for rows in (old_before, old_after)]
    found = {
        "old_look": (_mean(old[0]), _mean(old[1]), len(old[0])),
        "small": (_mean(small[0]), _mean(small[1]), len(small[0])),
    }
    for name, pair in (("absence", (before, after)), ("old_look_absence", (old_before, old_after))):
        recalls = [recall(rows, "absent") for rows in pair]
        frames = sum(row["absent"] for row in pair[0])
        if frames >= FEWEST_FRAMES or name == "old_look_absence":
            found[name] = (recalls[0], recalls[1], frames)
    return {name: Guard(a, b, ALLOWED[name], n) for name, (a, b, n) in found.items() if n or name != "small"}


def recall(rows: Iterable[Found], of: str) -> float:
    """Share of the frames whose object is `of` ("present", "absent") that were called so; 1 where there is none."""
    counted = [(row[of], row[f"{of}_called"]) for row in rows]
    frames = sum(n for n, _ in counted)
    return sum(called for _, called in counted) / frames if frames else 1.0


def _mean(values: Sequence[float]) -> float:
    return statistics.fmean(values) if values else 0.0


def differing(before: Sequence[Found], after: Sequence[Found]) -> list[Example]:
    """The masklets on which the two differ most, either way."""
    pairs = [
        (row, other, other[JUDGED_BY] - row[JUDGED_BY]) for row, other in zip(before, after, strict=True)
    ]
    pairs.sort(key=lambda pair: -abs(pair[2]))
    return [
        Example(row["masklet"], row["video"], before=row[JUDGED_BY], after=other[JUDGED_BY])
        for row, other, _ in pairs[:EXAMPLES]
    ]
