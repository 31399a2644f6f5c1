"""The tracker: SAM 2 over time. `predict` makes a prompt a mask, `propagate` a masklet, `propagate_all` several.

What it does not do is what makes it quick: a frame is encoded once for all objects and all propagations that the
cache outlives, a memory is projected once, and after a correction only the span is computed that it changes.
"""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Collection, Generator, Hashable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar, cast

import numpy as np
import torch

from worker.sam2 import image, refine
from worker.sam2.checkpoint import Checkpoint
from worker.sam2.cuda_graph import GraphedStep
from worker.sam2.features import FeatureCache, FrameFeatures, encode_frames
from worker.sam2.image import Frame, Mask
from worker.sam2.memory import MemoryBank, nearest_frames
from worker.sam2.prompt import FramePrompt, check, check_mask, stacked, to_model
from worker.sam2.spans import Span, confidence_of
from worker.sam2.step import POSITIVE, Prompts, StepOutput, stability, step

__all__ = ["FrameMask", "FramePrompt", "FrameSource", "Steering", "Track", "TrackState", "Tracker", "step"]

# Frames that are encoded together once a propagation is under way.
ENCODED_TOGETHER = 4

K = TypeVar("K", bound=Hashable)


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

    @property
    def confidence(self) -> float:
        """0..1, how sure the model is of it."""
        return confidence_of(
            shown=bool(self.mask.any()), predicted_iou=self.predicted_iou, object_score=self.object_score
        )


@dataclass(frozen=True)
class TrackState:
    """What is known of an object before it is propagated.

    prompts     what people said, at most one for each frame
    masks       masks that are there (of the other direction, of a run that was interrupted): they prime the memory
                of the frames just passed, and on a prompted frame the mask is the prompt's answer and stays
    unanswered  prompted frames whose mask in `masks` is older than the prompt: it is refined, as `predict` does
    before      the masks that a correction corrects. A propagation that agrees with them again leaves the rest of
                them as they are and goes on at the next of `changed`; without them all of `order` is done anew
    confidence  0..1, the model's in `before`: towards another prompted frame the surer masks stay
    changed     the frames whose prompts `before` has not seen
    """

    prompts: Sequence[FramePrompt] = ()
    masks: Mapping[int, Mask] = field(default_factory=dict)
    before: Mapping[int, Mask] = field(default_factory=dict)
    changed: frozenset[int] = frozenset()
    confidence: Mapping[int, float] = field(default_factory=dict)
    unanswered: frozenset[int] = frozenset()

    @property
    def told(self) -> list[int]:
        """The frames of which anything is known."""
        return [*self.masks, *(prompt.frame_idx for prompt in self.prompts)]


@dataclass
class Steering(Generic[K]):
    """What a caller decides between two frames of `propagate_all`, by putting names into these sets.

    dropped  objects that are followed no further
    renewed  objects whose last mask becomes a conditioning frame, as if it had been prompted; of those made so only
             the last stays. Emptied when it was done
    """

    dropped: set[K] = field(default_factory=set)
    renewed: set[K] = field(default_factory=set)


class Tracker:
    """Runs a checkpoint over videos. Not for several threads at once.

    `reference=True` does as `Sam2VideoModel` of transformers does: a prompt on a frame that was not tracked yet is read
    without memory, one on a tracked frame (with a known mask) does not make it a conditioning frame, and masks are
    not cleaned. Without it corrections last and refine what is known. It is not Meta's own predictor, which agrees on
    clicks, boxes and either direction but treats masks and corrections in another way (docs/tracker.md, "Parity").
    """

    def __init__(
        self, checkpoint: Checkpoint, *, reference: bool = False, features: FeatureCache | None = None
    ) -> None:
        self.checkpoint = checkpoint
        self.reference = reference
        self._recorder = GraphedStep(checkpoint.model) if checkpoint.device.type == "cuda" else None
        self._cache = FeatureCache.of(checkpoint.device) if features is None else features

    def predict(
        self,
        frames: FrameSource,
        prompt: FramePrompt,
        previous: Mask | None = None,
        *,
        conditioning: Mapping[int, Mask] | None = None,
        known: Mapping[int, Mask] | None = None,
    ) -> FrameMask:
        """The mask that a prompt means on its own frame. `previous` is the mask that it refines, unless it comes with
        one; what is drawn, and what clicks only take from, changes where they are (`refine`).

        Without `conditioning` it is read from the frame alone: where the features are cached a prompt encoder and a
        mask decoder, no more. With it, the masks of other prompted frames, it is read in the light of their memory
        and of the `known` masks just before the frame, which is what a click on a tracked frame is about.
        """
        idx = prompt.frame_idx
        size = _frame_size(frames, idx)
        check(prompt, size, len(frames))
        if previous is not None:
            check_mask(previous, size, "The previous mask")
        base = previous if prompt.mask is None else prompt.mask
        if prompt.mask is not None and not prompt.points:
            return mask_as_given(idx, prompt.mask)
        if base is not None and not base.any() and not prompt.names_object:
            return mask_as_given(idx, base)  # from nothing, nothing is taken
        track = Track(self, frames)
        if conditioning:
            self._remember(track, conditioning, known or {}, idx)
        there = base is not None and bool(base.any()) and not self.reference
        if base is None or not (there and refine.is_local(prompt, base, remembered=bool(conditioning))):
            return self._frame_masks(idx, track.look(idx, self._to_model(prompt, size, base)), size)[0]
        inner = refine.standing_for(base, prompt)
        told = replace(prompt, points=[inner, *prompt.points], labels=[POSITIVE, *prompt.labels])
        found = self._frame_masks(idx, track.look(idx, self._to_model(told, size, base)), size)[0]
        return replace(found, mask=refine.refined(base, found.mask, prompt, inner))

    def _remember(
        self, track: Track, conditioning: Mapping[int, Mask], known: Mapping[int, Mask], frame_idx: int
    ) -> None:
        """What a prompted frame looks back on: the nearest conditioning frames, and the frames just before it."""
        nearest = nearest_frames(conditioning, frame_idx, track.bank.conditioning_limit)
        for idx in nearest:
            self.adopt([track], idx, [conditioning[idx]], conditioning=True)
        for idx in range(frame_idx - track.bank.recent_limit, frame_idx):
            if idx in known and idx not in nearest:
                self.adopt([track], idx, [known[idx]])

    def propagate(
        self,
        frames: FrameSource,
        prompts: Sequence[FramePrompt],
        *,
        order: Sequence[int],
        known: Mapping[int, Mask] | None = None,
        before: Mapping[int, Mask] | None = None,
        changed: frozenset[int] = frozenset(),
        confidence: Mapping[int, float] | None = None,
        unanswered: frozenset[int] = frozenset(),
    ) -> Generator[FrameMask, None, None]:
        """Masks of one object on the frames in `order`, one by one: see `TrackState` and `propagate_all`."""
        told = TrackState(prompts, known or {}, before or {}, changed, confidence or {}, unanswered)
        found = self.propagate_all(frames, {None: told}, order=order)
        return (masks[None] for masks in found)

    def propagate_all(
        self,
        frames: FrameSource,
        objects: Mapping[K, TrackState],
        *,
        order: Sequence[int],
        steering: Steering[K] | None = None,
    ) -> Generator[dict[K, FrameMask], None, None]:
        """Masks of the frames in `order` (ascending or descending), frame by frame; close the iterator to cancel.

        Objects may be prompted differently, on different frames, in `order` or not; each keeps a memory of its own
        and all of a frame are computed together. Prompted frames are conditioning frames; the first prompt that
        names an object is read without memory, the others in its light. A frame on which nothing had to be computed
        is left out, an object whose mask stays as it was (`TrackState.before`) is left out of its frame. `steering` is
        read after each frame. Raises ValueError at once when the arguments do not fit the video.
        """
        size = self._checked_size(frames, objects, order)
        return self._propagate(frames, objects, order, size, Steering() if steering is None else steering)

    @torch.inference_mode()
    def advance(
        self,
        tracks: Sequence[Track],
        frame_idx: int,
        prompts: Prompts | None = None,
        *,
        reverse: bool = False,
        conditioning: bool = False,
        isolated: bool = False,
    ) -> StepOutput:
        """Segment a frame of one video for each of `tracks` in the light of its memory (not if `isolated`), perhaps
        with prompts, and remember it."""
        if prompts is None and self._recorder is not None:
            seen = [track.bank.look_back(frame_idx, reverse=reverse) for track in tracks]
            output = self._recorder(tracks[0].features(frame_idx), seen)
            return _remembered(tracks, frame_idx, output, conditioning)
        memories = [] if isolated else [track.bank.read(frame_idx, reverse=reverse) for track in tracks]
        looked_back = [memory for memory in memories if memory is not None]
        assert len(looked_back) in (0, len(tracks)), "Objects without a memory are prompted on their own"
        output = step(self.checkpoint.model, tracks[0].features(frame_idx), looked_back or None, prompts)
        return _remembered(tracks, frame_idx, output, conditioning)

    @torch.inference_mode()
    def adopt(
        self, tracks: Sequence[Track], frame_idx: int, masks: Sequence[Mask], *, conditioning: bool = False
    ) -> StepOutput:
        """Remember a frame with a mask for each of `tracks` that is given."""
        device, side = self.checkpoint.device, self.checkpoint.image_size
        inputs = torch.cat([image.mask_to_input(mask, side, device) for mask in masks])
        output = step(self.checkpoint.model, tracks[0].features(frame_idx), None, Prompts(mask=inputs))
        return _remembered(tracks, frame_idx, output, conditioning)

    def _propagate(
        self,
        frames: FrameSource,
        objects: Mapping[K, TrackState],
        order: Sequence[int],
        size: tuple[int, int],
        steering: Steering[K],
    ) -> Generator[dict[K, FrameMask], None, None]:
        reverse = _runs_backward(order, [idx for known in objects.values() for idx in known.told])
        key = _key_of(frames)
        ways = {
            name: _Way(self, Track(self, frames, key), known, order, size, reverse)
            for name, known in objects.items()
        }
        self._start_together(ways.values(), size)
        for way in ways.values():
            way.start()
        for place, idx in enumerate(order):
            for name in steering.dropped & ways.keys():
                del ways[name]
            going = {name: way for name, way in ways.items() if way.span.reaches(idx)}
            if not going:
                continue
            upcoming = order[place : place + min(place + 1, ENCODED_TOGETHER)]
            self._encode_ahead(next(iter(going.values())).track, upcoming)
            found = {name: way.done[idx] for name, way in going.items() if idx in way.done}
            moving = {name: way for name, way in going.items() if name not in found}
            for way in moving.values():
                way.recall(idx)
            alone = {name: way for name, way in moving.items() if idx in way.corrections}
            for name, way in alone.items():
                prompted = self._to_model(way.corrections[idx], size)
                output = self.advance([way.track], idx, prompted, reverse=reverse)
                found[name] = self._frame_masks(idx, output, size)[0]
            together = [name for name in moving if name not in alone]
            if together:
                output = self.advance([ways[name].track for name in together], idx, reverse=reverse)
                found |= zip(together, self._frame_masks(idx, output, size), strict=True)
            new = {
                name
                for name, way in going.items()
                if way.span.passed(idx, found[name].mask, found[name].confidence)
            }
            if new:
                yield {name: found[name] for name in going if name in new}
            for name in steering.renewed & going.keys():
                going[name].renew(found[name])
            steering.renewed.clear()

    def _start_together(self, ways: Collection[_Way], size: tuple[int, int]) -> None:
        """Read, in one batch a frame, the first prompts that need nothing but their own frame."""
        alike: defaultdict[tuple[int, int], list[_Way]] = defaultdict(list)
        for way in ways:
            if way.prompts and way.prompts[0].frame_idx not in way.known.masks:
                tokens = way.tokens_of(way.prompts[0])
                if tokens is not None:
                    alike[way.prompts[0].frame_idx, tokens].append(way)
        for (idx, tokens), group in alike.items():
            tracks, first = [way.track for way in group], [way.prompts[0] for way in group]
            if tokens == 0:
                masks = [cast(Mask, prompt.mask) for prompt in first]
                self.adopt(tracks, idx, masks, conditioning=True)
                found = [mask_as_given(idx, mask) for mask in masks]
            else:
                told = stacked([self._to_model(prompt, size) for prompt in first])
                output = self.advance(tracks, idx, told, conditioning=True, isolated=True)
                found = self._frame_masks(idx, output, size)
            for way, mask in zip(group, found, strict=True):
                way.done[idx] = mask

    def _encode_ahead(self, track: Track, upcoming: Sequence[int]) -> None:
        """Encode a frame and, with it, those that come next and are not in the cache."""
        if not track.has_features(upcoming[0]):
            track.encode([idx for idx in upcoming if not track.has_features(idx)])

    def _to_model(self, prompt: FramePrompt, size: tuple[int, int], previous: Mask | None = None) -> Prompts:
        return to_model(
            prompt,
            size,
            self.checkpoint.image_size,
            previous=previous,
            device=self.checkpoint.device,
        )

    def _frame_masks(self, frame_idx: int, output: StepOutput, size: tuple[int, int]) -> list[FrameMask]:
        """What people see of B objects."""
        masks = image.masks_from_logits(output.logits, size)
        scores = torch.stack([output.predicted_iou, output.object_score, stability(output.logits)])
        return [
            FrameMask(frame_idx, mask if self.reference else image.clean(mask), *row)
            for mask, row in zip(masks, scores.float().T.tolist(), strict=True)
        ]

    def _checked_size(
        self, frames: FrameSource, objects: Mapping[K, TrackState], order: Sequence[int]
    ) -> tuple[int, int]:
        """The frames' (height, width), if everything fits the video; ValueError if not."""
        if not all(known.prompts or known.masks for known in objects.values()):
            raise ValueError("Nothing to propagate: give at least one prompt or one known mask.")
        _check_order(order, len(frames))
        size = _frame_size(frames, order[0])
        for known in objects.values():
            _check_known(known, size, len(frames))
        return size


class Track:
    """One object on its way through a video: a memory bank, and the video's features."""

    @torch.inference_mode()
    def __init__(self, tracker: Tracker, frames: FrameSource, key: Hashable | None = None) -> None:
        self.tracker = tracker
        self.frames = frames
        self.bank = MemoryBank(tracker.checkpoint.model, frame_count=len(frames))
        self._key: Hashable = _key_of(frames) if key is None else key

    @torch.inference_mode()
    def look(self, frame_idx: int, prompts: Prompts) -> StepOutput:
        """Answer a prompt in the light of what was remembered, and remember nothing."""
        memory = self.bank.read(frame_idx)
        seen = None if memory is None else [memory]
        return step(self.tracker.checkpoint.model, self.features(frame_idx), seen, prompts, remember=False)

    def has_features(self, frame_idx: int) -> bool:
        return (self._key, frame_idx) in self.tracker._cache

    def features(self, frame_idx: int) -> FrameFeatures:
        """Image features of a frame, from the cache if they are there."""
        found = self.tracker._cache.get((self._key, frame_idx))
        return found if found is not None else self.encode([frame_idx])

    @torch.inference_mode()
    def encode(self, frame_indices: Sequence[int]) -> FrameFeatures:
        """Encode frames together and keep their features; the first one's are returned."""
        checkpoint = self.tracker.checkpoint
        pixels = [
            image.preprocess(self.frames[idx], checkpoint.image_size, checkpoint.device)
            for idx in frame_indices
        ]
        features = encode_frames(checkpoint.model, torch.stack(pixels))
        first, *ahead = frame_indices
        for row, idx in enumerate(ahead, start=1):
            self.tracker._cache.put((self._key, idx), features[row : row + 1].alone())
        features = features[:1].alone() if ahead else features
        self.tracker._cache.put((self._key, first), features)
        return features


class _Way:
    """One object's way through the frames of a propagation: what it starts from and how far it is."""

    def __init__(
        self,
        tracker: Tracker,
        track: Track,
        known: TrackState,
        order: Sequence[int],
        size: tuple[int, int],
        reverse: bool,
    ) -> None:
        self.tracker, self.track, self.known = tracker, track, known
        self.size, self.reverse = size, reverse
        prompted = [prompt.frame_idx for prompt in known.prompts]
        self.span = Span(order, known.before, known.changed, confidence=known.confidence, prompted=prompted)
        self.corrections: dict[int, FramePrompt] = {}
        if tracker.reference:
            tracked = (p for p in known.prompts if p.frame_idx in known.masks and p.mask is None)
            self.corrections = {prompt.frame_idx: prompt for prompt in tracked}
        # A click that only says "not here" is read after those that say where the object is.
        ordered = sorted(known.prompts, key=lambda prompt: not prompt.names_object)
        self.prompts = [prompt for prompt in ordered if prompt.frame_idx not in self.corrections]
        self.done: dict[int, FrameMask] = {}
        self._renewed: int | None = None

    def start(self) -> None:
        """Make the prompted frames that are not `done` yet conditioning frames, one in the light of the other."""
        for prompt in self.prompts:
            if prompt.frame_idx not in self.done:
                self.done[prompt.frame_idx] = self._start(prompt)

    @staticmethod
    def tokens_of(prompt: FramePrompt) -> int | None:
        """How many points say what a prompt says, 0 for a mask as it is, None for a mask that points refine."""
        if prompt.mask is not None:
            return None if prompt.points else 0
        return len(prompt.points) + (0 if prompt.box is None else 2)

    def renew(self, found: FrameMask) -> None:
        """Make a frame that was just passed a conditioning frame, in place of the last one that was made so."""
        if self._renewed is not None:
            self.track.bank.conditioning.pop(self._renewed, None)
        if found.frame_idx not in self.track.bank.conditioning:
            self.tracker.adopt([self.track], found.frame_idx, [found.mask], conditioning=True)
            self._renewed = found.frame_idx

    def _start(self, prompt: FramePrompt) -> FrameMask:
        """Make a prompted frame a conditioning frame."""
        idx = prompt.frame_idx
        known = self.known.masks.get(idx)
        if prompt.mask is not None and not prompt.points:
            known = prompt.mask
        elif prompt.mask is not None if known is None else idx in self.known.unanswered:
            known = self._answer(prompt, known)
        if known is not None:
            self.tracker.adopt([self.track], idx, [known], conditioning=True)
            return mask_as_given(idx, known)
        output = self.tracker.advance(
            [self.track],
            idx,
            self.tracker._to_model(prompt, self.size),
            conditioning=True,
            reverse=all(other > idx for other in self.track.bank.conditioning),
            isolated=self.tracker.reference,
        )
        return self.tracker._frame_masks(idx, output, self.size)[0]

    def _answer(self, prompt: FramePrompt, previous: Mask | None) -> Mask:
        """The mask of a prompt that nobody has seen yet: the one that `predict` will show."""
        there = ChainMap(*(cast(MutableMapping[int, Mask], m) for m in (self.known.before, self.known.masks)))
        others = {p.frame_idx for p in self.known.prompts} - {prompt.frame_idx}
        return self.tracker.predict(
            self.track.frames,
            prompt,
            previous,
            conditioning={idx: there[idx] for idx in others if idx in there},
            known=there,
        ).mask

    def recall(self, frame_idx: int) -> None:
        """Remember the known masks of the frames just passed, farthest first."""
        for distance in range(self.track.bank.recent_limit, 0, -1):
            passed = frame_idx + distance if self.reverse else frame_idx - distance
            if passed in self.track.bank:
                continue
            mask = self.span.kept(passed)
            mask = self.known.masks.get(passed) if mask is None else mask
            if mask is not None:
                self.tracker.adopt([self.track], passed, [mask])


def _key_of(frames: FrameSource) -> Hashable:
    """The video's own key, or one that nothing else will ever have (an `id` comes again once its object is gone)."""
    key: Hashable = getattr(frames, "key", None)
    return object() if key is None else key


def _remembered(
    tracks: Sequence[Track], frame_idx: int, output: StepOutput, conditioning: bool
) -> StepOutput:
    """Put a step's memory into each object's bank."""
    assert output.memory is not None
    for row, track in enumerate(tracks):
        track.bank.add(frame_idx, output.memory[row : row + 1], conditioning=conditioning)
    return output


def mask_as_given(frame_idx: int, mask: Mask) -> FrameMask:
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


def _check_known(known: TrackState, size: tuple[int, int], frame_count: int) -> None:
    prompted = [prompt.frame_idx for prompt in known.prompts]
    if len(set(prompted)) < len(prompted):
        raise ValueError("A frame takes one prompt: put its points together.")
    for prompt in known.prompts:
        check(prompt, size, frame_count)
    for masks in (known.masks, known.before):
        for idx in masks:
            if not 0 <= idx < frame_count:
                raise ValueError(
                    f"A mask is known for frame {idx}, the video has frames 0 to {frame_count - 1}."
                )
        for idx in list(masks)[:1]:  # the others are of the same masklet, and may still have to be decoded
            check_mask(masks[idx], size, f"The known mask of frame {idx}")
