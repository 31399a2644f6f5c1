"""Does the pre-verifier find what is wrong, say where, and keep its promise? On rendered clips of the test split.

    python -m benchmarks.verify.preverifier           all clips (a quarter of an hour; later minutes, tracks are kept)
    python -m benchmarks.verify.preverifier --quick   few clips and projects, for a look

A masklet is unsatisfactory if its IoU with the truth is below 0.75 on any frame. The prior was fitted on clips of the
validation split. The last line is one JSON object; what its keys mean: docs/preverifier.md.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from verification import bound
from verification.evidence import auc, calibration_error
from worker.preverifier import footage
from worker.preverifier.fit import Sample, samples
from worker.preverifier.model import Opinion, opinion
from worker.sam2 import checkpoint
from worker.sam2.tracker import Tracker

PLACES = 3  #: that are looked at
#: What people submit after a look of their own, and how much of it may stay wrong.
SUBMITTED_WRONG, LEFT_WRONG = 0.2, 0.02
SUBMITTED = 20_000
PROMISED = 0.95
#: Of the simulated projects: a precision just short of the promise, the hardest to tell from one that keeps it.
TRUE_PRECISION = 0.94
VERDICTS = 1_000
SOUND, FALLEN, SOUND_FOR = 0.99, 0.85, 400  #: of those whose precision falls, after so many verdicts

Array = np.ndarray


@dataclass(frozen=True)
class Seen:
    sample: Sample
    opinion: Opinion

    @property
    def natural(self) -> bool:
        return self.sample.case.way == "natural"

    @property
    def copy(self) -> bool:
        """Made wrong on purpose."""
        return self.sample.case.way not in ("natural", "refined")


def figures(seen: Sequence[Seen]) -> dict[str, float | int]:
    natural = [each for each in seen if each.natural]
    # A copy that stays above the line everywhere is neither right as a person means it, nor wrong as it is counted.
    injected = [each for each in seen if not each.natural and each.copy == each.sample.unsatisfactory]
    chance = np.concatenate([each.opinion.chances for each in seen])
    wrong = np.concatenate([each.sample.wrong for each in seen])
    return {
        "masklets": len(seen),
        "natural": len(natural),
        "natural_unsatisfactory": int(_unsatisfactory(natural).sum()),
        "injected": len(injected),
        "injected_unsatisfactory": int(_unsatisfactory(injected).sum()),
        "preverifier_auc_natural": _auc(natural),
        "preverifier_auc_injected": _auc(injected),
        "preverifier_ece": calibration_error(_chances(seen), _unsatisfactory(seen)) or 0.0,
        "preverifier_ece_natural": calibration_error(_chances(natural), _unsatisfactory(natural)) or 0.0,
        "frame_auc": auc(chance, wrong) or 0.0,
        "frame_ece": calibration_error(chance, wrong) or 0.0,
        **_places(natural),
        **_looks(natural),
    }


def _chances(seen: Sequence[Seen]) -> Array:
    return np.array([each.opinion.wrong for each in seen])


def _unsatisfactory(seen: Sequence[Seen]) -> Array:
    return np.array([each.sample.unsatisfactory for each in seen], dtype=bool)


def _auc(seen: Sequence[Seen]) -> float:
    return auc(_chances(seen), _unsatisfactory(seen)) or 0.0


def _places(seen: Sequence[Seen]) -> dict[str, float]:
    """Of unsatisfactory masklets: a wrong frame among those named first, and the true reason there."""
    found, told, right = 0, 0, 0
    bad = [each for each in seen if each.sample.unsatisfactory]
    for each in bad:
        named = each.opinion.places[:PLACES]
        found += any(each.sample.wrong[place.frame_idx] for place in named)
        for place in named:
            truth = each.sample.why[place.frame_idx]
            told, right = told + bool(truth), right + (truth == place.reason)
    return {"where_recall": found / len(bad), "why_accuracy": right / max(1, told)}


def _looks(seen: Sequence[Seen], *, seed: int = 0) -> dict[str, float]:
    """Looks until no more than LEFT_WRONG of all are wrong and unseen, likeliest first and in any order."""
    rng = np.random.default_rng(seed)
    chance, wrong = _chances(seen), _unsatisfactory(seen)
    count = round(SUBMITTED * SUBMITTED_WRONG)
    drawn = np.concatenate(
        [
            rng.choice(np.flatnonzero(wrong), count),
            rng.choice(np.flatnonzero(~wrong), SUBMITTED - count),
        ]
    )
    rng.shuffle(drawn)

    def looks(order: Array) -> int:
        left = count - np.cumsum(wrong[drawn][order])
        return int(np.argmax(left <= LEFT_WRONG * SUBMITTED)) + 1

    likeliest, any_order = looks(np.argsort(-chance[drawn], kind="stable")), looks(np.arange(SUBMITTED))
    return {"looks_with": likeliest / SUBMITTED, "looks_without": any_order / SUBMITTED} | {
        "looks_ratio": likeliest / any_order
    }


# --- The promise -----------------------------------------------------------------------------


def peeking(projects: int, *, seed: int = 0) -> dict[str, float]:
    """Owners who look after each verdict, at each threshold, and switch on at the first good moment: the share to whom
    that was ever allowed although it was right less often than promised; and how soon it ends where it falls."""
    rng = np.random.default_rng(seed)
    error = bound.CHANCE_OF_ERROR / (2 * len(bound.THRESHOLDS))
    fooled, after = 0, []
    for _ in range(projects):
        chance = rng.uniform(0, max(bound.THRESHOLDS), VERDICTS)
        right = rng.random(VERDICTS) < TRUE_PRECISION
        fooled += any(
            (
                bound.lower_bounds(bound.passing(chance.tolist(), right.tolist(), at), error=error)
                >= PROMISED
            ).any()
            for at in bound.THRESHOLDS
        )
        rate = np.where(np.arange(VERDICTS) < SOUND_FOR, SOUND, FALLEN)
        lower = bound.lower_bounds(rng.random(VERDICTS) < rate, error=error)
        if lower[SOUND_FOR - 1] >= PROMISED:
            after.append(int((lower[SOUND_FOR:] < PROMISED).argmax()) + 1)
    return {
        "projects": projects,
        "false_passes_under_peeking": fooled / projects,
        "breach_seen_after_verdicts": float(np.median(after)) if after else 0.0,
    }


def measured(*, quick: bool) -> dict[str, float | int]:
    """All figures of this page; few clips and projects where a look is enough."""
    tracker = Tracker(checkpoint.load(checkpoint.BUNDLED, "cpu"))
    began = time.perf_counter()
    clips = footage.FEW_CLIPS if quick else footage.CLIPS
    seen = [Seen(each, opinion(each.look)) for each in samples("test", clips, tracker)]
    print(f"{len(seen)} masklets of {len(clips)} clips after {time.perf_counter() - began:.0f} s")
    found: dict[str, float | int] = {"clips": len(clips)}
    found |= figures(seen) | peeking(40 if quick else 400)
    return found | {"seconds": time.perf_counter() - began}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few clips and projects, for a look")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(json.dumps({name: round(value, 4) for name, value in measured(quick=options.quick).items()}))


if __name__ == "__main__":
    main()
