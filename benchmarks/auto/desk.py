"""An annotator's page without a server: one object of a clip, its prompts and its masks.

It answers what `benchmarks.effort.client.Held` answers over the API, and asks the tracker as the worker does: a click
refines the mask that is there in the light of the other prompted frames, a propagation goes from each prompted frame
outward and does again only what a correction changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vos import rle
from vos.rle import MaskFrame, Rle
from worker.sam2.frames import KeyedFrames
from worker.sam2.legs import is_changed, legs
from worker.sam2.prompt import FramePrompt
from worker.sam2.spans import confidence_of
from worker.sam2.tracker import Tracker


class Desk:
    """One object in somebody's hands. It begins with nothing, or with the masks of a candidate and the one mask, of
    `first_frame`, that they came from."""

    def __init__(
        self,
        tracker: Tracker,
        footage: KeyedFrames,
        masks: Mapping[int, MaskFrame] | None = None,
        first_frame: int = 0,
    ) -> None:
        self.tracker, self.footage = tracker, footage
        self.size = list(footage.frames.shape[1:3])
        self.prompts: dict[int, FramePrompt] = {}
        self.found: dict[int, np.ndarray] = {}
        self.confidence: dict[int, float] = {}
        self.changed: set[int] = set()
        self.tracked = masks is not None
        if masks is not None:
            self._begin(masks, first_frame)

    def _begin(self, masks: Mapping[int, MaskFrame], first_frame: int) -> None:
        absent = np.zeros(self.size, bool)
        for idx in range(len(self.footage)):
            frame = masks.get(idx)
            mask = absent if frame is None else self._decoded({"size": self.size, "counts": frame["counts"]})
            score = -10.0 if frame is None else frame["object_score"]
            iou = 0.0 if frame is None else frame["predicted_iou"]
            self._show(
                idx, mask, confidence_of(shown=bool(mask.any()), predicted_iou=iou, object_score=score)
            )
        self.prompts[first_frame] = FramePrompt(first_frame, mask=self.found[first_frame])

    def prompt(self, frame_idx: int, **what: Any) -> str:
        """A click (x, y, positive) or a mask (rle), as `kind` says; the counts of the mask that comes of it."""
        if what["kind"] == "mask":
            told = FramePrompt(frame_idx, mask=self._decoded(what["rle"]))
        else:
            so_far = self.prompts.get(frame_idx, FramePrompt(frame_idx))
            told = FramePrompt(
                frame_idx,
                points=[*so_far.points, (what["x"], what["y"])],
                labels=[*so_far.labels, int(what["positive"])],
                mask=so_far.mask,
            )
        others = self.prompts.keys() - {frame_idx}
        previous = self.found.get(frame_idx)
        found = self.tracker.predict(
            self.footage,
            told,
            previous,
            conditioning={idx: self.found[idx] for idx in others} if previous is not None else {},
            known=self.found,
        )
        self.prompts[frame_idx] = told
        self.changed.add(frame_idx)
        self._show(frame_idx, found.mask, found.confidence)
        return str(rle.encode(found.mask)["counts"])

    def propagate(self, direction: str, from_frame: int) -> None:
        ways = legs(direction, from_frame, len(self.footage), self.prompts)
        before = dict(self.found) if self.tracked else {}
        sure = dict(self.confidence) if self.tracked else {}
        again = [leg for leg in ways if not self.tracked or is_changed(leg, self.prompts, self.changed)]
        anew = {idx for leg in again for idx in leg} - self.prompts.keys()
        known = {idx: mask for idx, mask in self.found.items() if idx not in anew}
        for leg in again:
            for found in self.tracker.propagate(
                self.footage,
                list(self.prompts.values()),
                order=leg,
                known=known,
                before=before,
                changed=frozenset(self.changed),
                confidence=sure,
            ):
                self._show(found.frame_idx, found.mask, found.confidence)
                known[found.frame_idx] = found.mask
        self.tracked, self.changed = True, set()

    def masks(self) -> dict[str, Any]:
        """Frames as `GET /api/masklets/{id}/masks/` gives them."""
        frames = {str(idx): {"counts": rle.encode(mask)["counts"]} for idx, mask in self.found.items()}
        return {"frames": frames, "suggested_frames": []}

    def report(self, entries: list[dict[str, Any]]) -> None:
        """Nobody keeps a ledger here."""

    def _decoded(self, mask: Rle) -> np.ndarray:
        return np.asarray(rle.decode(mask), bool)

    def _show(self, idx: int, mask: np.ndarray, confidence: float) -> None:
        self.found[idx], self.confidence[idx] = mask, confidence
