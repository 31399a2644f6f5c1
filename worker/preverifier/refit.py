"""Fit a project's version of the pre-verifier on what people said, and put it to use if that shows it to be better."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.metrics import log_loss, roc_auc_score

from engine.draws import place_of
from engine.models import Preverifier, PreverifierScore
from engine.preverification import Figures, Fit
from engine.services import preverifiers, runs
from worker.preverifier.model import Adjustment, adjust, restored, stored
from worker.runs import Work

KEPT_ASIDE = 0.25  #: share of the videos whose verdicts no version is fitted on
FEWEST_ASIDE = 12  #: verdicts, some of either kind, by which a version can be judged
GAIN = 0.005  #: of the loss; less is no gain that anybody would notice
STEPS = 3

Array = np.ndarray
Row = tuple[int, list[float], str]  #: (video, signals, verdict)


def fit_preverifier(work: Work) -> None:
    """1. Fit on the verdicts about most videos. 2. Judge it and the version in use on those about the rest, which no
    version is ever fitted on. 3. The better one looks at what is submitted from then on, and at what waits."""
    project_id = work.run.project_id
    rows = _said(project_id)
    aside = [row for row in rows if is_aside(row[0])]
    rest = [row for row in rows if not is_aside(row[0])]
    fitted = adjust(*_table(rest)) if rest else Adjustment()
    work.progress(1, STEPS, unit="steps")
    former = preverifiers.active(project_id)
    figures = compare(aside, former=restored(former.params if former else None), candidate=fitted)
    work.stop_if_cancelled()
    made = preverifiers.record_version(work.run, params=stored(fitted), fitted_on=len(rest), figures=figures)
    work.progress(2, STEPS, unit="steps")
    if figures.better and made.status == "candidate":
        preverifiers.promote(work.run, made)
    if made.status == "active":
        preverifiers.score_anew(work.run, made, _waiting(work, made))
    runs.succeed(work.run, {"preverifier": made.pk, "better": figures.better})


def is_aside(video_id: int) -> bool:
    """By a hash of the id, so that it is aside for every version."""
    return place_of(f"verdicts of video {video_id}") < KEPT_ASIDE


def compare(aside: list[Row], *, former: Adjustment, candidate: Adjustment) -> Figures:
    """Figures of both on the same verdicts, whether the candidate is better, and in a sentence why or why not.

    Better: a lower loss (of the logarithm), which asks for honest chances as much as for telling right from wrong.
    """
    signals, wrong = _table(aside)
    if len(aside) < FEWEST_ASIDE or wrong.all() or not wrong.any():
        return Figures(
            len(aside),
            better=False,
            note=f"Nobody can tell: of the videos kept aside there are {len(aside)} verdicts, and {FEWEST_ASIDE} or "
            "more are needed, some of either kind.",
        )
    before, after = _fit(former.chances(signals), wrong), _fit(candidate.chances(signals), wrong)
    better = after.loss < before.loss - GAIN
    note = (
        "It tells better what people say about videos that it was not fitted on."
        if better
        else "It does not tell better what people say about videos that it was not fitted on."
    )
    return Figures(len(aside), better, note, before, after)


def _fit(chance: Array, wrong: Array) -> Fit:
    return Fit(loss=float(log_loss(wrong, chance)), auc=float(roc_auc_score(wrong, chance)))


def _said(project_id: int) -> list[Row]:
    """Verdicts of people, in the order in which they came."""
    rows = PreverifierScore.objects.judged().filter(project=project_id).order_by("judged_at", "id")
    return list(rows.values_list("masklet__video_id", "signals", "verdict"))


def _table(rows: list[Row]) -> tuple[Array, Array]:
    """Signals [N, MASKLET_SIGNALS], and whether people were not content [N]."""
    signals = np.array([signals for _, signals, _ in rows], dtype=float)
    return signals, np.array([verdict != "satisfactory" for _, _, verdict in rows], dtype=bool)


def _waiting(work: Work, version: Preverifier) -> Iterator[tuple[int, float]]:
    """(id, chance) of every score that waits for a verdict."""
    adjustment = restored(version.params)
    rows = PreverifierScore.objects.waiting().filter(project=version.project_id).order_by("pk")
    for pk, signals in rows.values_list("pk", "signals").iterator(chunk_size=1_000):
        work.alive()
        yield pk, float(adjustment.chances(np.array([signals]))[0])
