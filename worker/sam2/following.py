"""Following: a batch of seeds of one frame through a video, forward and back, all of them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from rlemasklib import RLEMask

from worker.sam2.appearance import Looks, estrangement, looks_of
from worker.sam2.filters import FilterSettings, Scores, Seen, flooded, scores_of, trial_score
from worker.sam2.seeds import Seed
from worker.sam2.tracker import FrameMask, FramePrompt, FrameSource, Steering, Track, Tracker, TrackState


class Following:
    """Where a batch of seeds is. `seen` has, for each of them, what was seen of it by frame_idx.

    gone              frames without the object after which it is followed back in time no further
    renew_every       frames after which what a sure track looks like is remembered for good, 0 for never
    renew_confidence  how sure it must be
    """

    def __init__(
        self,
        tracker: Tracker,
        frames: FrameSource,
        seeds: Sequence[Seed],
        filters: FilterSettings,
        *,
        gone: int,
        renew_every: int,
        renew_confidence: float,
        cancelled: Callable[[], bool],
    ) -> None:
        self.tracker, self.frames, self.seeds, self.filters = tracker, frames, seeds, filters
        self.gone, self.renew_every, self.renew_confidence = gone, renew_every, renew_confidence
        self.cancelled = cancelled
        self.first_frame = seeds[0].frame_idx
        self.seen: list[dict[int, Seen]] = [{} for _ in seeds]
        self.fallen: set[int] = set()
        self._encoded = Track(tracker, frames)
        self._first: Looks | None = None

    def frames_passed(self) -> Iterator[int]:
        """Follow all seeds; tells after each frame how many were gone through. Stops early once cancelled."""
        order = range(self.first_frame, len(self.frames))
        back = range(self.first_frame - 1, -1, -1)
        passed = 0
        for way, decide in ((order, self._forward), (back, self._back)):
            steering: Steering[int] = Steering(dropped=set(self.fallen))
            going = {row: self._known(row) for row in range(len(self.seeds)) if row not in self.fallen}
            if not way or not going:
                continue
            for found in self.tracker.propagate_all(self.frames, going, order=way, steering=steering):
                self._note(found)
                decide(found, steering)
                passed += 1
                yield passed
                if self.cancelled():
                    return

    def scores(self, row: int) -> Scores:
        """What the filters look at, of one seed."""
        return scores_of(self.seen[row], self.first_frame, self.filters)

    def _known(self, row: int) -> TrackState:
        seed = self.seeds[row]
        return TrackState([FramePrompt(seed.frame_idx, mask=seed.mask.to_array().astype(bool))])

    def _note(self, found: dict[int, FrameMask]) -> None:
        idx = next(iter(found.values())).frame_idx
        strange = self._estrangement(idx, found)
        for row, mask in found.items():
            frame = Seen(
                RLEMask.from_array(mask.mask),
                mask.predicted_iou,
                mask.object_score,
                mask.stability,
                strange[row],
            )
            if idx == self.first_frame:  # the seed's mask was given: what the model thought of it counts
                seed = self.seeds[row]
                frame = Seen(seed.mask, seed.predicted_iou, seed.object_score, seed.stability)
            self.seen[row][idx] = frame

    @torch.inference_mode()
    def _estrangement(self, idx: int, found: dict[int, FrameMask]) -> dict[int, float]:
        now = looks_of(self._encoded.features(idx), [mask.mask for mask in found.values()])
        if self._first is None:  # the seeds' own frame comes first, with all of them
            self._first = now
        rows = torch.tensor(list(found), device=now.objects.device)
        first = Looks(self._first.objects[rows], self._first.grounds[rows])
        return dict(zip(found, estrangement(now, first).tolist(), strict=True))

    def _forward(self, found: dict[int, FrameMask], steering: Steering[int]) -> None:
        """Drop what does not hold its trial or floods, and renew what is sure."""
        idx = next(iter(found.values())).frame_idx
        age = idx - self.first_frame
        if age + 1 == self.filters.trial_frames:
            for row in found:
                if (
                    trial_score(self.seen[row], self.first_frame, self.filters)
                    < self.filters.trial_confidence
                ):
                    self.fallen.add(row)
        for row in found:
            if flooded(self.seen[row][idx].mask, self.seeds[row].mask, self.filters):
                self.fallen.add(row)
        steering.dropped |= self.fallen
        if self.renew_every and age and age % self.renew_every == 0:
            sure = {
                row
                for row, mask in found.items()
                if mask.mask.any() and mask.confidence >= self.renew_confidence
            }
            steering.renewed |= sure - steering.dropped

    def _back(self, found: dict[int, FrameMask], steering: Steering[int]) -> None:
        """Stop where the object has not been for a while."""
        idx = next(iter(found.values())).frame_idx
        for row in found:
            last = [self.seen[row].get(idx + before) for before in range(self.gone)]
            if all(frame is not None and not frame.mask.any() for frame in last):
                steering.dropped.add(row)
