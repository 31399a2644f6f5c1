"""Fit the prior on rendered footage: `python -m worker.preverifier.fit` (`make fit-preverifier`)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from vos import metrics, rle
from worker.preverifier import footage
from worker.preverifier.footage import RIGHT, Case
from worker.preverifier.model import REASONS, UNKNOWN, Prior
from worker.preverifier.signals import FRAME_SIGNALS, Look, frame_signals, masklet_signals, shrunk
from worker.render.textures import Split
from worker.sam2 import checkpoint
from worker.sam2.tracker import Tracker

FOLDS = 5
NATURAL = 2.0  #: how much more the tracker's own failures count than copies that were made wrong
TREES = {"n_estimators": 120, "max_depth": 4, "learning_rate": 0.08, "subsample": 0.6, "min_samples_leaf": 30}

Array = np.ndarray


@dataclass(frozen=True)
class Sample:
    """One masklet: its table, which masks are wrong, and why."""

    case: Case
    look: Look
    table: Array  #: [T, FRAME_SIGNALS]
    wrong: Array  #: bool [T]
    why: list[str]  #: of each frame, "" where it is right

    @property
    def unsatisfactory(self) -> bool:
        return bool(self.wrong.any())


def samples(split: Split, clips: Sequence[int], tracker: Tracker) -> Iterator[Sample]:
    for number in clips:
        cases = footage.cases(tracker, split, number)
        clip = footage.clip_of(split, number).frames
        pixels = {i: shrunk(frame, clip.shape[1:3]) for i, frame in enumerate(clip)}
        for case in cases:
            way = "natural" if case.way == "natural" else "refined"
            others = [other for other in cases if other.number != case.number and other.way == way]
            yield sample(case, others, pixels)


def sample(case: Case, others: Sequence[Case], pixels: dict[int, Array]) -> Sample:
    counts = [{i: frame["counts"] for i, frame in enumerate(other.frames)} for other in others]
    look = Look(case.size, dict(enumerate(case.frames)), case.prompted, counts, case.again, pixels)
    wrong = case.iou() < RIGHT
    why = [reason(case, others, i) if bad else "" for i, bad in enumerate(wrong)]
    return Sample(case, look, frame_signals(look), wrong, why)


def reason(case: Case, others: Sequence[Case], i: int) -> str:
    """Why a mask that is wrong is wrong, told from the truth, in the words of `REASONS`."""
    mask, true = case.masks()[i], {"size": case.size, "counts": case.truth[i]}
    found, right = rle.decode(mask), rle.decode(true)  # type: ignore[arg-type]
    if not found.any() or not right.any():
        return "wrong_when_hidden"
    if any(
        metrics.iou(found, rle.decode({"size": case.size, "counts": other.truth[i]})) > 0.4
        for other in others
    ):
        return "wrong_object"
    inside, covered = (found & right).sum() / found.sum(), (found & right).sum() / right.sum()
    if max(inside, covered) < 0.6:
        return "drifts"
    return "leaks" if inside < covered else "misses_parts"


def without(each: Sample, rng: np.random.Generator) -> Sample:
    """The same masklet, were there no second opinion, or no frames, or neither: the prior is to do without too."""
    table = each.table.copy()
    if rng.random() < 0.7:
        table[:, FRAME_SIGNALS.index("disagrees") :] = np.nan
    else:
        table[:, [FRAME_SIGNALS.index("blurred_edge"), FRAME_SIGNALS.index("recoloured")]] = np.nan
    return replace(each, table=table)


def fit(found: Sequence[Sample], *, seed: int = 0) -> Prior:
    """The whole prior. The masklet's part is fitted on chances of trees that did not see its clip."""
    rng = np.random.default_rng(seed)
    poorer = [without(each, rng) for each in found if rng.random() < 0.3]
    every = [*found, *poorer]
    chances = out_of_fold(every)
    signals = np.stack(
        [masklet_signals(each.table, chance) for each, chance in zip(every, chances, strict=True)]
    )
    scaler = StandardScaler().fit(signals)
    whole = LogisticRegression(C=0.3, max_iter=2000).fit(
        np.clip(scaler.transform(signals), -5, 5),
        [each.unsatisfactory for each in every],
        sample_weight=[NATURAL if each.case.way == "natural" else 1.0 for each in every],
    )
    trees, start = _laid_out(_boosted(every, seed))
    return Prior(
        **trees,
        start=np.array(start),
        mean=scaler.mean_,
        spread=scaler.scale_,
        weights=whole.coef_[0],
        bias=whole.intercept_[0],
        **_reasons(every),
    )


def out_of_fold(found: Sequence[Sample]) -> list[Array]:
    """[T] chances of each sample's masks, by trees fitted on the other clips."""
    clips = [each.case.clip for each in found]
    chances: list[Array] = [np.empty(0)] * len(found)
    for fitted, asked in GroupKFold(FOLDS).split(clips, groups=clips):
        trees = _boosted([found[i] for i in fitted], 0)
        for i in asked:
            chances[i] = trees.predict_proba(_known(found[i].table))[:, 1]
    return chances


def _known(table: Array) -> Array:
    return np.where(np.isnan(table), UNKNOWN, table)


def _boosted(found: Sequence[Sample], seed: int) -> GradientBoostingClassifier:
    table = np.concatenate([each.table for each in found])
    wrong = np.concatenate([each.wrong for each in found])
    return GradientBoostingClassifier(**TREES, random_state=seed).fit(_known(table), wrong)


def _laid_out(boosted: GradientBoostingClassifier) -> tuple[dict[str, Array], float]:
    """scikit-learn's trees end to end, as `Prior` has them, and the log-odds before the first."""
    parts = [tree.tree_ for tree in boosted.estimators_[:, 0]]
    roots = np.cumsum([0, *(part.node_count for part in parts)])[:-1]
    inside = [part.children_left >= 0 for part in parts]

    def along(arrays: Sequence[Array]) -> Array:
        return np.concatenate(arrays)

    odds = boosted.init_.class_prior_
    return {
        "roots": roots.astype(np.int32),
        "signal": along([np.where(i, p.feature, -1) for p, i in zip(parts, inside, strict=True)]).astype(
            np.int16
        ),
        "cut": along([p.threshold for p in parts]),
        "left": along(
            [np.where(i, p.children_left + r, 0) for p, i, r in zip(parts, inside, roots, strict=True)]
        ),
        "right": along(
            [np.where(i, p.children_right + r, 0) for p, i, r in zip(parts, inside, roots, strict=True)]
        ),
        "value": along([boosted.learning_rate * p.value[:, 0, 0] for p in parts]),
    }, float(np.log(odds[1] / odds[0]))


def _reasons(found: Sequence[Sample]) -> dict[str, Array]:
    table = np.concatenate([each.table[each.wrong] for each in found])
    words = [word for each in found for word in each.why if word]
    mean = np.nanmean(table, axis=0)
    spread = np.nanstd(table, axis=0) + 1e-6
    known = (np.where(np.isnan(table), mean, table) - mean) / spread
    told = LogisticRegression(C=0.3, max_iter=2000, class_weight="balanced").fit(known, words)
    order = [list(told.classes_).index(word) for word in REASONS]
    return {
        "reason_mean": mean,
        "reason_spread": spread,
        "reason_weights": told.coef_[order],
        "reason_bias": told.intercept_[order],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few clips, for a look; nothing is kept")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    tracker = Tracker(checkpoint.load(checkpoint.BUNDLED, "cpu"))
    clips = footage.FEW_CLIPS if options.quick else footage.CLIPS
    found = list(samples("validation", clips, tracker))
    fitted = fit(found)
    if not options.quick:
        fitted.save()
    wrong = np.concatenate([each.wrong for each in found])
    bad = sum(each.unsatisfactory for each in found)
    sys.stdout.write(
        f"Fitted on {len(found)} masklets, {bad} of them unsatisfactory, with {len(wrong)} masks, {wrong.mean():.0%} "
        "of them wrong.\n"
    )


if __name__ == "__main__":
    main()
