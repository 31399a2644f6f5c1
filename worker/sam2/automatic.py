"""Automatic masklets: candidates from grids, text and what nothing explains, followed together, filtered over time.

    for track in generate(tracker, frames, existing=masklets):
        store(track)  # what passed and what fell, with the reason

It goes frame by frame: first the frame where everything starts, then later ones for what entered. The seeds of a frame
are followed in batches, and a batch's tracks are handed over as soon as it is done, so that a run that is cut off goes
on from those that it stored (`resume`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np
from rlemasklib import RLEMask

from vos.rle import MaskFrame
from worker.sam2.filters import (
    Fate,
    FilterSettings,
    Masks,
    Scores,
    Seen,
    fate_of,
    greatest_iou,
    scores_of,
    spread_out,
)
from worker.sam2.following import Following
from worker.sam2.grid import SeedSettings, distinct, grid_seeds
from worker.sam2.seeds import Box, Seed, Source
from worker.sam2.suppression import matching
from worker.sam2.tracker import FramePrompt, FrameSource, Tracker

__all__ = ["Fate", "Settings", "Track", "generate"]


@dataclass(frozen=True)
class Settings:
    """How masklets are generated; defaults suit the bundled checkpoint (docs/automatic.md).

    seeds, filters     what a seed and what a masklet must be
    look_every         frames from one look for what entered to the next; 0 looks at the first frame alone
    most               masklets that pass in a video, spread over sizes and places
    most_tried         seeds that are followed in a video, so that a crowd costs no more than this
    together           candidates that are followed in one batch, at most
    memory             bytes that a batch may take, about; a large frame or model makes batches smaller
    surer              what looks like a track that fell is tried again where its seed is so many times as good: what
                       enters the frame may be seen better later. None never tries again; nobody has measured others
    gone               frames without the object after which it is followed back in time no further
    renew_every        frames after which what a sure track looks like is remembered for good; 0 never
    renew_confidence   0..1, how sure the model must be of it then
    """

    seeds: SeedSettings = field(default_factory=SeedSettings)
    filters: FilterSettings = field(default_factory=FilterSettings)
    look_every: int = 4
    most: int = 64
    most_tried: int = 256
    together: int = 64
    memory: int = 2**31
    surer: float | None = None
    gone: int = 3
    renew_every: int = 0
    renew_confidence: float = 0.9


@dataclass(frozen=True)
class Track:
    """A candidate and what became of it.

    first_frame  where it was seeded; it may be seen before that
    point, box   what it was asked with, in pixels of the frame; one of the two
    masks        by frame_idx, of the frames that it was followed on; empty where the object is absent
    scores       what the filters looked at (`filters.Scores`), by name
    fate         passed, or why it fell
    label        the word that text found it by
    """

    first_frame: int
    source: Source
    point: tuple[float, float] | None
    box: Box | None
    masks: Mapping[int, MaskFrame]
    scores: Mapping[str, float]
    fate: Fate
    label: str = ""

    @property
    def key(self) -> tuple[int, str, tuple[float, ...], str]:
        """What tells the tracks of a video apart, the same in a run that goes on."""
        place = self.point if self.point is not None else self.box
        assert place is not None, "a track was asked for with a point or a box"
        return self.first_frame, self.source, tuple(round(value, 2) for value in place), self.label


Detect = Callable[[np.ndarray], Sequence[tuple[Box, str, float]]]  #: a frame to boxes with a word and a score


def generate(
    tracker: Tracker,
    frames: FrameSource,
    *,
    sources: Sequence[Source] = ("grid", "unexplained"),
    settings: Settings | None = None,
    existing: Sequence[Mapping[int, str]] = (),
    detect: Detect | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
    resume: Sequence[Track] = (),
) -> Iterator[Track]:
    """The candidates of a video, those that fell too, a batch at a time.

    `existing` are masklets that are there (COCO RLE `counts` by frame_idx): nothing is generated twice. `detect` finds
    what the "text" source looks for. `resume` are the tracks of an earlier call with the same arguments: they are not
    handed over again. `on_progress` is told frames that were gone through, of how many. Stops early, without an error,
    once `cancelled` says so. Raises ValueError for a video without frames or "text" without `detect`.
    """
    if not len(frames):
        raise ValueError("The video has no frames.")
    if "text" in sources and detect is None:
        raise ValueError("Text finds nothing without a model for it: set MASKLOOP_CONCEPTS.")
    keyed = frames if hasattr(frames, "key") else _Keyed(frames)
    return _Generation(
        tracker, keyed, sources, settings or Settings(), existing, detect, on_progress, cancelled, resume
    ).tracks()


class _Keyed:
    """Frames under a key of their own, so that each is encoded once."""

    def __init__(self, frames: FrameSource) -> None:
        self.frames, self.key = frames, object()

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, idx: int, /) -> np.ndarray:
        return self.frames[idx]


def _track(seed: Seed, seen: Mapping[int, Seen], scores: Scores, fate: Fate) -> Track:
    masks: dict[int, MaskFrame] = {
        idx: {
            "counts": frame.mask.to_dict()["counts"].decode("ascii"),
            "predicted_iou": frame.predicted_iou,
            "object_score": frame.object_score,
            "stability": frame.stability,
        }
        for idx, frame in sorted(seen.items())
    }
    return Track(
        seed.frame_idx, seed.source, seed.point, seed.box, masks, asdict(scores), fate, label=seed.label
    )


@dataclass
class _Generation:
    """One call of `generate`, with what it found so far."""

    tracker: Tracker
    frames: FrameSource
    sources: Sequence[Source]
    settings: Settings
    existing: Sequence[Mapping[int, str]]
    detect: Detect | None
    on_progress: Callable[[int, int], None]
    cancelled: Callable[[], bool]
    resume: Sequence[Track]
    passed: list[Masks] = field(default_factory=list)
    fallen: list[tuple[Masks, float]] = field(default_factory=list)  # with the scores of their seeds
    tried: int = 0

    def __post_init__(self) -> None:
        height, width = self.frames[0].shape[:2]
        self.size = height, width
        self.there: list[Masks] = [self._decoded(counts) for counts in self.existing]

    def tracks(self) -> Iterator[Track]:
        looks = self._looks()
        for turn, frame_idx in enumerate(looks):
            if self.cancelled():
                return
            earlier = [track for track in self.resume if track.first_frame == frame_idx]
            seeds = self._seeds(frame_idx)
            done = {track.key for track in earlier}
            for track in earlier:
                self._remember(track)
            yield from self._followed([seed for seed in seeds if seed.key not in done], turn, len(looks))
            self.on_progress((turn + 1) * len(self.frames), len(looks) * len(self.frames))

    def _looks(self) -> list[int]:
        """The frames on which seeds are looked for."""
        every = self.settings.look_every
        later = range(every, len(self.frames), every) if every else ()
        return [0, *(later if {"unexplained", "text"} & set(self.sources) else ())]

    # --- Seeds ---------------------------------------------------------------------------------------

    def _seeds(self, frame_idx: int) -> list[Seed]:
        """What to follow from a frame, in the order in which to do it: new things only."""
        known = [masks[frame_idx] for masks in (*self.there, *self.passed) if frame_idx in masks]
        found: list[Seed] = []
        if "text" in self.sources and self.detect is not None:
            found += self._detected(frame_idx)
        first = frame_idx == 0 and "grid" in self.sources
        if first or "unexplained" in self.sources:
            rules = self.settings.seeds
            grids = rules.grids if first else rules.late_grids
            explained = RLEMask.union(known) if known else None
            source: Source = "grid" if first else "unexplained"
            found += grid_seeds(
                self.tracker, self.frames, frame_idx, grids, rules, source=source, explained=explained
            )
        new = [
            seed
            for seed in distinct(found, self.settings.seeds)
            if matching(seed.mask, known) < self.settings.filters.duplicate and not self._refused(seed)
        ]
        return [new[row] for row in spread_out([seed.mask for seed in new], [seed.score for seed in new])]

    def _refused(self, seed: Seed) -> bool:
        """Whether a track that fell is where the seed is, and began with a mask about as good."""
        settings, idx = self.settings, seed.frame_idx
        tried = [
            masks[idx]
            for masks, score in self.fallen
            if idx in masks and (settings.surer is None or seed.score < settings.surer * score)
        ]
        return matching(seed.mask, tried) >= settings.seeds.alike

    def _detected(self, frame_idx: int) -> Iterator[Seed]:
        assert self.detect is not None
        for box, label, score in self.detect(self.frames[frame_idx]):
            found = self.tracker.predict(self.frames, FramePrompt(frame_idx, box=box))
            if found.mask.any():
                mask = RLEMask.from_array(found.mask)
                yield Seed(
                    frame_idx,
                    "text",
                    mask,
                    found.predicted_iou * score,
                    found.object_score,
                    found.stability,
                    box=box,
                    label=label,
                )

    # --- Following ------------------------------------------------------------------------------------

    def _followed(self, seeds: Sequence[Seed], turn: int, turns: int) -> Iterator[Track]:
        """The tracks of the seeds, batch by batch, and those for which there is no room any more."""
        at_a_time = self._together()
        total = turns * len(self.frames)
        waiting = list(seeds)
        while waiting and not self.cancelled():
            room = min(self.settings.most - len(self.passed), self.settings.most_tried - self.tried)
            if room <= 0:
                yield from (self._surplus(seed) for seed in waiting)
                return
            batch, waiting = waiting[: min(at_a_time, room)], waiting[min(at_a_time, room) :]
            share = turn + (len(seeds) - len(waiting) - len(batch)) / len(seeds)
            follow = self._following(batch)
            for passed in follow.frames_passed():
                part = passed * len(batch) / len(seeds) / len(self.frames)
                self.on_progress(int((share + part) * len(self.frames)), total)
            if self.cancelled():
                return
            self.tried += len(batch)
            yield from self._judged(batch, follow)

    def _following(self, batch: Sequence[Seed]) -> Following:
        settings = self.settings
        return Following(
            self.tracker,
            self.frames,
            batch,
            settings.filters,
            gone=settings.gone,
            renew_every=settings.renew_every,
            renew_confidence=settings.renew_confidence,
            cancelled=self.cancelled,
        )

    def _together(self) -> int:
        """How many candidates are followed at a time, for the memory that they may take."""
        config = self.tracker.checkpoint.model.config
        side = self.tracker.checkpoint.image_size // 16
        itemsize = self.tracker.checkpoint.model.dtype.itemsize
        layers, channels = config.memory_attention_num_layers, config.memory_attention_hidden_size
        bank = (config.num_maskmem + 2) * side * side * layers * channels * 2 * itemsize
        drawn = (4 * side) ** 2 * 4 * 8 + self.size[0] * self.size[1] * 2
        # What is remembered is put together once more for each frame.
        return int(np.clip(self.settings.memory // (2 * bank + drawn), 1, self.settings.together))

    def _judged(self, batch: Sequence[Seed], follow: Following) -> Iterator[Track]:
        """The batch's tracks with their fates, the surest first: of two that are the same that one passes."""
        rules = self.settings.filters
        frame_count = len(self.frames)
        scored = [(seed, follow.seen[row], follow.scores(row)) for row, seed in enumerate(batch)]
        for seed, seen, own in sorted(scored, key=lambda one: -one[2].confidence * one[2].stability):
            masks = {idx: frame.mask for idx, frame in seen.items()}
            scores = replace(
                own,
                existing=greatest_iou(masks, self.there),
                duplicate=greatest_iou(masks, self.passed),
            )
            fate = fate_of(scores, frame_count - seed.frame_idx, rules)
            track = _track(seed, seen, scores, fate)
            self._keep(masks, fate, scores.seed)
            yield track

    def _surplus(self, seed: Seed) -> Track:
        """A seed that was not followed: its one mask, and what the model thinks of it."""
        seen = {
            seed.frame_idx: Seen(seed.mask, seed.predicted_iou, seed.object_score, seed.stability),
        }
        scores = scores_of(seen, seed.frame_idx, self.settings.filters)
        return _track(seed, seen, scores, Fate.SURPLUS)

    def _remember(self, track: Track) -> None:
        """A track of an earlier call."""
        self.tried += track.fate != Fate.SURPLUS
        masks = self._decoded({idx: mask["counts"] for idx, mask in track.masks.items()})
        self._keep(masks, track.fate, track.scores.get("seed", 1.0))

    def _keep(self, masks: Masks, fate: Fate, seed: float) -> None:
        if fate == Fate.PASSED:
            self.passed.append(masks)
        elif fate not in (Fate.SURPLUS, Fate.DUPLICATE, Fate.EXISTING):
            self.fallen.append((masks, seed))

    def _decoded(self, counts: Mapping[int, str]) -> Masks:
        size = list(self.size)
        return {idx: RLEMask.from_dict({"size": size, "counts": text}) for idx, text in counts.items()}
