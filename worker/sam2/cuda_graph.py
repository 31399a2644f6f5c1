"""Recorded steps: on a GPU one object's step is bound by how fast kernels are launched, not by what they compute.

So a step of tracking is recorded as a CUDA graph and played again with one launch. That wants fixed shapes: what is
remembered of each object is copied into its row of buffers that are as long as the longest memory may get, the rest
of a row is masked, and there are a power of two of rows. Objects may come and go, and grow old, within a buffer
without anything being recorded or compiled again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from transformers import Sam2VideoModel

from worker.sam2.attention import KeysValues, MemoryAttention
from worker.sam2.features import FrameFeatures
from worker.sam2.memory import FrameMemory, LookBack
from worker.sam2.step import StepOutput, step

LEAST_MAPS = 8  # six recent frames and two conditioning ones
LEAST_POINTERS = 32
WARM_UPS = 3


@dataclass(frozen=True)
class Shape:
    """Of the buffers: rows for objects, places for memory maps and for pointer tokens in each."""

    objects: int
    maps: int
    pointers: int

    @classmethod
    def that_holds(cls, seen: Sequence[LookBack]) -> Shape:
        pointers = [look.pointers.keys[0].shape[1] for look in seen if look.pointers is not None]
        return cls(
            objects=power_of_two(len(seen)),
            maps=max(LEAST_MAPS, power_of_two(max(len(look.maps) for look in seen))),
            pointers=max(LEAST_POINTERS, power_of_two(max(pointers, default=0))),
        )


class GraphedStep:
    """Plays a model's tracking step, recorded once for each `Shape`. Without CUDA it only computes in the buffers."""

    def __init__(self, model: Sam2VideoModel) -> None:
        self.model = model
        self.recordings: dict[Shape, _Recording] = {}

    def __call__(self, features: FrameFeatures, seen: Sequence[LookBack]) -> StepOutput:
        """A frame's step for B objects, none of them prompted, each of which looks back on `seen`."""
        shape = Shape.that_holds(seen)
        if shape not in self.recordings:
            self.recordings[shape] = _Recording(self.model, features, shape)
        return self.recordings[shape].play(features, seen)


class _Recording:
    def __init__(self, model: Sam2VideoModel, features: FrameFeatures, shape: Shape) -> None:
        self.model = model
        self.attention = MemoryAttention.of(model)
        self.area = features.low.shape[-2] * features.low.shape[-1]
        self.room = shape.maps * self.area  # the pointers come after the maps
        self.features = features.alone()
        length = self.room + shape.pointers
        wide = [layer.cross.k_proj.out_features for layer in self.attention.layers]
        narrow = [layer.value_channels for layer in self.attention.layers]
        self.memory = KeysValues(
            tuple(features.low.new_zeros(shape.objects, length, channels) for channels in wide),
            tuple(features.low.new_zeros(shape.objects, length, channels) for channels in narrow),
            torch.zeros(shape.objects, length, dtype=torch.bool, device=features.low.device),
        )
        self.graph: torch.cuda.CUDAGraph | None = None
        self.output: StepOutput | None = None

    def play(self, features: FrameFeatures, seen: Sequence[LookBack]) -> StepOutput:
        self._fill(features, seen)
        if features.low.device.type != "cuda":
            self.output = self._step()
        elif self.graph is None:
            self._record()
        if self.graph is not None:
            self.graph.replay()
        assert self.output is not None
        return _rows(self.output, len(seen))

    def _fill(self, features: FrameFeatures, seen: Sequence[LookBack]) -> None:
        """Copy what differs from frame to frame into the buffers, in as few launches as there are kinds of copies."""
        mask = self.memory.mask
        assert mask is not None
        shown = torch.zeros(mask.shape, dtype=torch.bool)
        shown[:, 0] = True  # a row without an object must see something, or it is not a number
        places: list[Tensor] = list(_tensors(self.features))
        found: list[Tensor] = list(_tensors(features))
        keys: list[Tensor] = []
        ages: list[Tensor] = []
        key_places: list[Tensor] = []
        for row, look in enumerate(seen):
            for number, (offset, memory) in enumerate(look.maps):
                span = slice(number * self.area, (number + 1) * self.area)
                shown[row, span] = True
                keys += [layer[0] for layer in memory.keys]
                ages += self.attention.ages(offset)
                key_places += [layer[row, span] for layer in self.memory.keys]
                found += [layer[0] for layer in memory.values]
                places += [layer[row, span] for layer in self.memory.values]
            if look.pointers is not None:
                span = slice(self.room, self.room + look.pointers.keys[0].shape[1])
                shown[row, span] = True
                for part, buffers in (
                    (look.pointers.keys, self.memory.keys),
                    (look.pointers.values, self.memory.values),
                ):
                    found += [layer[0] for layer in part]
                    places += [layer[row, span] for layer in buffers]
        torch._foreach_copy_(places + key_places, found + list(torch._foreach_add(keys, ages)))
        mask.copy_(shown, non_blocking=True)

    def _record(self) -> None:
        """Run the step until its libraries have settled, then record it."""
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM_UPS):
                self._step()
        torch.cuda.current_stream().wait_stream(aside)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.output = self._step()

    def _step(self) -> StepOutput:
        return step(self.model, self.features, self.memory)


def power_of_two(number: int) -> int:
    """The least power of two that is not below a number."""
    return 1 << max(number - 1, 0).bit_length()


def _tensors(features: FrameFeatures) -> tuple[Tensor, ...]:
    return features.low, *features.skips


def _rows(output: StepOutput, objects: int) -> StepOutput:
    """The objects' own rows, in memory of their own: the next step overwrites the buffers."""

    def own(tensor: Tensor) -> Tensor:
        return tensor[:objects].clone()

    assert output.memory is not None
    spatial = output.memory.spatial
    kept = KeysValues(tuple(map(own, spatial.keys)), tuple(map(own, spatial.values)))
    return replace(
        output,
        candidates=own(output.candidates),
        ious=own(output.ious),
        chosen=own(output.chosen),
        object_score=own(output.object_score),
        logits=own(output.logits),
        token=own(output.token),
        memory=FrameMemory(kept, own(output.memory.pointer)),
    )
