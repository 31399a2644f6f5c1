"""The tracker: SAM 2 over time for one object. `predict` makes a prompt a mask, `propagate` a masklet."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

from worker.sam2 import image
from worker.sam2.checkpoint import Checkpoint
from worker.sam2.features import FeatureCache, FrameFeatures, encode_frames
from worker.sam2.image import Frame, Mask
from worker.sam2.memory import MemoryBank
from worker.sam2.prompt import FramePrompt, agrees, check, check_mask, to_model
from worker.sam2.step import Prompts, StepOutput, stability, step

__all__ = ["FrameMask", "FramePrompt", "FrameSource", "Track", "Tracker", "step"]

FEATURE_CACHE_BYTES = 256 * 2**20


class FrameSource(Protocol):
    """A video's frames (uint8 [H, W, 3] RGB), decoded when asked for.

    If it has a `key` (hashable, the same for the same video) image features are reused between calls, else only
    within one.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, idx: int, /) -> Frame: ...


@dataclass(frozen=True)
class FrameMask:
    """An object's mask on one frame ([H, W] bool, empty if absent) and what the model thinks of it.

    predicted_iou  0..1    the model's own estimate
    object_score   logit   at 0 or below it holds the object for absent
    stability      0..1    IoU of the mask cut 1 logit above and 1 below the edge
    """

    frame_idx: int
    mask: Mask
    predicted_iou: float
    object_score: float
    stability: float


class Tracker:
    """Runs a checkpoint over videos. Not for several threads at once.

    `reference=True` does as the official predictor and `Sam2VideoModel` do: a prompt on a frame that was not tracked
    yet is read without memory, one on a tracked frame (with a `known` mask) does not make it a conditioning frame,
    and masks are not cleaned. Without it corrections last and refine what is known.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        *,
        reference: bool = False,
        feature_cache_bytes: int = FEATURE_CACHE_BYTES,
        memory_dtype: torch.dtype | None = torch.bfloat16,
    ) -> None:
        self.checkpoint = checkpoint
        self.reference = reference
        self.memory_dtype = memory_dtype
        self._cache = FeatureCache(feature_cache_bytes)

    def predict(self, frames: FrameSource, prompt: FramePrompt, previous: Mask | None = None) -> FrameMask:
        """The mask that a prompt means on its own frame, without memory. `previous` is the mask that it refines.

        On a frame whose features are cached this is a prompt encoder and a mask decoder, no more.
        """
        size = _frame_size(frames, prompt.frame_idx)
        check(prompt, size, len(frames))
        if previous is not None:
            check_mask(previous, size, "The previous mask")
        if prompt.mask is not None:
            return given(prompt.frame_idx, prompt.mask)
        track = Track(self, frames)
        prompts = self._to_model(prompt, size, previous)
        return self._frame_mask(prompt.frame_idx, track.look(prompt.frame_idx, prompts), size)

    def propagate(
        self,
        frames: FrameSource,
        prompts: Sequence[FramePrompt],
        *,
        order: Sequence[int],
        known: Mapping[int, Mask] | None = None,
    ) -> Generator[FrameMask, None, None]:
        """Masks of the frames in `order` (ascending or descending), one by one; close the iterator to cancel.

        Prompted frames, in `order` or not, are conditioning frames; the first of `prompts` that names the object is
        read without memory, the others in its light. `known` are masks that are already there (of the other
        direction, of a run that was interrupted, of the revision that is corrected): they prime the memory of the
        frames just passed, and on a prompted frame the known mask stays if it agrees with the prompt and is refined
        by it, as `predict` does, if not. Raises ValueError at once when the arguments do not fit the video.
        """
        known = known or {}
        size = self._checked_size(frames, prompts, order, known)
        return self._propagate(frames, list(prompts), order, known, size)

    def _propagate(
        self,
        frames: FrameSource,
        prompts: list[FramePrompt],
        order: Sequence[int],
        known: Mapping[int, Mask],
        size: tuple[int, int],
    ) -> Generator[FrameMask, None, None]:
        reverse = _runs_backward(order, [*known, *(prompt.frame_idx for prompt in prompts)])
        track = Track(self, frames)
        corrections: dict[int, FramePrompt] = {}
        done: dict[int, FrameMask] = {}
        if self.reference:
            tracked = (p for p in prompts if p.frame_idx in known and p.mask is None)
            corrections = {prompt.frame_idx: prompt for prompt in tracked}
        # A click that only says "not here" is read after those that say where the object is.
        for prompt in sorted(prompts, key=lambda prompt: not prompt.names_object):
            idx = prompt.frame_idx
            if idx not in corrections:
                done[idx] = self._start(track, prompt, known.get(idx), size)
        for idx in order:
            if idx in done:
                yield done[idx]
                continue
            self._recall(track, idx, known, reverse)
            correction = corrections.get(idx)
            prompted = self._to_model(correction, size) if correction is not None else None
            output = track.advance(idx, prompted, reverse=reverse)
            yield self._frame_mask(idx, output, size)

    def _start(
        self, track: Track, prompt: FramePrompt, known: Mask | None, size: tuple[int, int]
    ) -> FrameMask:
        """Make a prompted frame a conditioning frame."""
        idx = prompt.frame_idx
        if prompt.mask is not None:
            track.adopt(idx, prompt.mask, conditioning=True)
            return given(idx, prompt.mask)
        if known is not None and agrees(prompt, known):
            track.adopt(idx, known, conditioning=True)
            return given(idx, known)
        output = track.advance(
            idx,
            self._to_model(prompt, size, known),
            conditioning=True,
            reverse=all(other > idx for other in track.bank.conditioning),
            isolated=self.reference or known is not None,  # then it is what `predict` shows
        )
        return self._frame_mask(idx, output, size)

    def _recall(self, track: Track, frame_idx: int, known: Mapping[int, Mask], reverse: bool) -> None:
        """Remember the known masks of the frames just passed, farthest first."""
        for distance in range(track.bank.recent_limit, 0, -1):
            passed = frame_idx + distance if reverse else frame_idx - distance
            if passed in known and passed not in track.bank:
                track.adopt(passed, known[passed])

    def features(self, frames: FrameSource, frame_idx: int, key: Hashable) -> FrameFeatures:
        """Image features of a frame, from the cache if they are there."""
        features = self._cache.get((key, frame_idx))
        if features is None:
            model, device = self.checkpoint.model, self.checkpoint.device
            pixels = image.preprocess(frames[frame_idx], self.checkpoint.image_size, device)
            features = encode_frames(model, pixels[None])
            self._cache.put((key, frame_idx), features)
        return features

    def _to_model(self, prompt: FramePrompt, size: tuple[int, int], previous: Mask | None = None) -> Prompts:
        return to_model(
            prompt,
            size,
            self.checkpoint.image_size,
            previous=previous,
            device=self.checkpoint.device,
        )

    def _frame_mask(self, frame_idx: int, output: StepOutput, size: tuple[int, int]) -> FrameMask:
        mask = image.mask_from_logits(output.logits[0], size)
        return FrameMask(
            frame_idx=frame_idx,
            mask=mask if self.reference else image.clean(mask),
            predicted_iou=output.predicted_iou.item(),
            object_score=output.object_score.item(),
            stability=stability(output.logits).item(),
        )

    def _checked_size(
        self,
        frames: FrameSource,
        prompts: Sequence[FramePrompt],
        order: Sequence[int],
        known: Mapping[int, Mask],
    ) -> tuple[int, int]:
        """The frames' (height, width), if everything fits the video; ValueError if not."""
        if not prompts and not known:
            raise ValueError("Nothing to propagate: give at least one prompt or one known mask.")
        prompted = [prompt.frame_idx for prompt in prompts]
        if len(set(prompted)) < len(prompted):
            raise ValueError("A frame takes one prompt: put its points together.")
        _check_order(order, len(frames))
        size = _frame_size(frames, order[0])
        for prompt in prompts:
            check(prompt, size, len(frames))
        for idx, mask in known.items():
            if not 0 <= idx < len(frames):
                raise ValueError(
                    f"A mask is known for frame {idx}, the video has frames 0 to {len(frames) - 1}."
                )
            check_mask(mask, size, f"The known mask of frame {idx}")
        return size


class Track:
    """One object on its way through a video: a memory bank and the verbs that carry it from frame to frame."""

    def __init__(self, tracker: Tracker, frames: FrameSource) -> None:
        self.tracker = tracker
        self.frames = frames
        self.model = tracker.checkpoint.model
        self.bank = MemoryBank(self.model, frame_count=len(frames), dtype=tracker.memory_dtype)
        self._key: Hashable = getattr(frames, "key", None) or object()

    @torch.inference_mode()
    def look(self, frame_idx: int, prompts: Prompts) -> StepOutput:
        """Answer a prompt from its frame alone and remember nothing."""
        return step(self.model, self._features(frame_idx), None, prompts, remember=False)

    @torch.inference_mode()
    def advance(
        self,
        frame_idx: int,
        prompts: Prompts | None = None,
        *,
        reverse: bool = False,
        conditioning: bool = False,
        isolated: bool = False,
    ) -> StepOutput:
        """Segment a frame in the light of the memory (not if `isolated`), perhaps with a prompt, and remember it."""
        memory = None if isolated else self.bank.read(frame_idx, reverse=reverse)
        output = step(self.model, self._features(frame_idx), memory, prompts)
        return self._remember(frame_idx, output, conditioning)

    @torch.inference_mode()
    def adopt(self, frame_idx: int, mask: Mask, *, conditioning: bool = False) -> StepOutput:
        """Remember a frame with a mask that is given."""
        given_mask = image.mask_to_input(mask, self.tracker.checkpoint.image_size, self.model.device)
        output = step(self.model, self._features(frame_idx), None, Prompts(mask=given_mask))
        return self._remember(frame_idx, output, conditioning)

    def _remember(self, frame_idx: int, output: StepOutput, conditioning: bool) -> StepOutput:
        assert output.memory is not None
        self.bank.add(frame_idx, output.memory, conditioning=conditioning)
        return output

    def _features(self, frame_idx: int) -> FrameFeatures:
        return self.tracker.features(self.frames, frame_idx, self._key)


def given(frame_idx: int, mask: Mask) -> FrameMask:
    """A mask that people gave or accepted, unchanged; the scores are those that SAM 2 gives a mask prompt."""
    present = bool(np.any(mask))
    return FrameMask(frame_idx, np.asarray(mask, dtype=bool), 1.0, 10.0 if present else -10.0, 1.0)


def _frame_size(frames: FrameSource, frame_idx: int) -> tuple[int, int]:
    if not 0 <= frame_idx < len(frames):
        raise ValueError(f"There is no frame {frame_idx}: the video has frames 0 to {len(frames) - 1}.")
    frame = frames[frame_idx]
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        raise ValueError(
            f"A frame is uint8 with shape (height, width, 3), not {frame.dtype} {tuple(frame.shape)}."
        )
    return frame.shape[0], frame.shape[1]


def _check_order(order: Sequence[int], frame_count: int) -> None:
    if not order:
        raise ValueError("The order is empty: name at least one frame to segment.")
    outside = [idx for idx in order if not 0 <= idx < frame_count]
    if outside:
        raise ValueError(f"The order names frame {outside[0]}, the video has frames 0 to {frame_count - 1}.")
    steps = np.diff(np.asarray(order))
    if not (np.all(steps > 0) or np.all(steps < 0)):
        raise ValueError("The order must run one way, ascending or descending, without repeats.")


def _runs_backward(order: Sequence[int], anchors: Sequence[int]) -> bool:
    """Whether time runs backward; for a single frame, away from the nearest frame that is known or prompted."""
    if len(order) > 1:
        return order[0] > order[1]
    return min(anchors, key=lambda idx: abs(idx - order[0])) > order[0]
