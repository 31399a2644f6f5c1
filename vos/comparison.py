"""Whether one model is better than another on the same videos."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE, RESAMPLES = 0.95, 9999


@dataclass(frozen=True)
class Gain:
    """mean in -1..1 and its interval, over `videos` videos."""

    mean: float
    low: float
    high: float
    videos: int


def by_video(values: Iterable[tuple[Hashable, float]]) -> dict[Hashable, float]:
    """The mean of each video's values: masklets of one video are not independent, videos are."""
    found: dict[Hashable, list[float]] = {}
    for video, value in values:
        found.setdefault(video, []).append(value)
    return {video: float(np.mean(each)) for video, each in found.items()}


def paired_gain(
    before: dict[Hashable, float],
    after: dict[Hashable, float],
    *,
    confidence: float = CONFIDENCE,
    seed: int = 0,
) -> Gain:
    """The mean over videos of `after` less `before`, with its bootstrap interval over videos (bias-corrected and
    accelerated; Efron 1987). Raises ValueError unless both name the same two or more videos."""
    if before.keys() != after.keys() or len(before) < 2:
        raise ValueError("Both must be measured on the same videos, two at least.")
    gains = np.array([after[video] - before[video] for video in sorted(before, key=str)])
    mean = float(gains.mean())
    if np.ptp(gains) < 1e-9:
        return Gain(mean, mean, mean, len(gains))
    # Where every resample falls on one side the acceleration is not defined; then percentiles.
    for method in ("BCa", "percentile"):
        interval = stats.bootstrap(
            (gains,), np.mean, confidence_level=confidence, n_resamples=RESAMPLES, method=method,
            rng=np.random.default_rng(seed),
        ).confidence_interval  # fmt: skip
        if np.isfinite([interval.low, interval.high]).all():
            break
    # Both ends as cautious as the observed videos allow: an interval holds its mean.
    return Gain(mean, min(float(interval.low), mean), max(float(interval.high), mean), len(gains))
