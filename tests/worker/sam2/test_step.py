from dataclasses import fields

import torch
from torch import Tensor

from tests.worker.sam2.tiny import SIDE, TinyClip, blob, tiny_model
from worker.sam2 import image
from worker.sam2.features import FrameFeatures, encode_frames
from worker.sam2.memory import FrameMemory, MemoryBank
from worker.sam2.step import (
    Prompts,
    StepOutput,
    condition,
    decode,
    encode_memory,
    stability,
    step,
)


def features_of(idx: int) -> FrameFeatures:
    with torch.no_grad():
        return encode_frames(tiny_model(), image.preprocess(TinyClip()[idx], SIDE)[None])


def clicks(*points: tuple[float, float]) -> Prompts:
    """One positive click for each object."""
    coordinates = torch.tensor(points)[:, None]
    return Prompts(coordinates, torch.ones(len(points), 1, dtype=torch.int32))


def track(prompts: Prompts, objects: int) -> StepOutput:
    """The second frame's output for `objects` objects that were clicked on the first."""
    model = tiny_model()
    bank = MemoryBank(model, frame_count=10)
    with torch.no_grad():
        first = step(model, features_of(0), None, prompts)
        assert first.memory is not None
        bank.add(0, first.memory, conditioning=True)
        return step(model, features_of(1), bank.read(1))


def test_a_batch_of_objects_gives_what_each_gives_alone() -> None:
    points = [(24.0, 36.0), (60.0, 60.0), (90.0, 90.0)]
    together = track(clicks(*points), 3)
    for row, point in enumerate(points):
        alone = track(clicks(point), 1)
        for name in ("candidates", "ious", "object_score", "logits", "full_logits", "pointer"):
            left, right = getattr(together, name)[row], getattr(alone, name)[0]
            torch.testing.assert_close(left, right, atol=1e-3, rtol=1e-4)


def test_a_batch_of_painted_masks_gives_what_each_gives_alone() -> None:
    model, features = tiny_model(), features_of(0)
    masks = torch.cat([image.mask_to_input(blob(0), SIDE), torch.zeros(1, SIDE, SIDE)])
    with torch.no_grad():
        together = step(model, features, None, Prompts(mask=masks))
        alone = step(model, features, None, Prompts(mask=masks[1:]))
    assert together.object_score.tolist() == [10.0, -10.0]
    torch.testing.assert_close(together.pointer[1:], alone.pointer)
    torch.testing.assert_close(together.pointer[1:], model.no_object_pointer)
    assert together.memory is not None
    assert alone.memory is not None
    torch.testing.assert_close(
        together.memory[1:].spatial.keys[0], alone.memory.spatial.keys[0], atol=1e-4, rtol=1e-4
    )


def test_shapes_are_as_documented() -> None:
    output = track(clicks((24.0, 36.0), (60.0, 60.0)), 2)
    shapes = {
        field.name: tuple(value.shape)
        for field in fields(output)
        if isinstance(value := getattr(output, field.name), Tensor)
    }
    assert shapes == {
        "candidates": (2, 3, 32, 32),
        "ious": (2, 3),
        "chosen": (2,),
        "object_score": (2,),
        "logits": (2, 32, 32),
        "token": (2, 128),
    }
    assert output.pointer.shape == (2, 128)
    assert output.full_logits.shape == (2, 128, 128)
    assert isinstance(output.memory, FrameMemory)
    assert output.memory.spatial.values[0].shape == (2, 64, 128)


def test_three_candidates_for_one_point_and_one_for_two() -> None:
    model, features = tiny_model(), features_of(0)
    two = Prompts(torch.tensor([[[24.0, 36.0], [30.0, 40.0]]]), torch.tensor([[1, 0]]).int())
    with torch.no_grad():
        assert step(model, features, None, clicks((24.0, 36.0))).candidates.shape[1] == 3
        assert step(model, features, None, two).candidates.shape[1] == 1
        assert step(model, features, None, two, multimask=True).candidates.shape[1] == 3


def test_gradients_reach_the_image_encoder_through_memory() -> None:
    model = tiny_model()
    pixels = torch.stack([image.preprocess(TinyClip()[idx], SIDE) for idx in (0, 1)])
    features = encode_frames(model, pixels)
    first, second = features[0:1], features[1:2]
    prompted = decode(model, first, condition(model, first, None), clicks((24.0, 36.0)), multimask=True)
    bank = MemoryBank(model, frame_count=8)
    memory = encode_memory(model, first, prompted, binary=False)
    bank.add(0, memory, conditioning=True)
    tracked = step(model, second, bank.read(1), remember=False)
    weights = [
        model.memory_encoder.projection.weight,
        model.memory_temporal_positional_encoding,
        model.object_pointer_proj.proj_out.weight,
        next(model.vision_encoder.parameters()),
    ]
    gradients = torch.autograd.grad(tracked.candidates.sum(), weights)
    assert all(gradient.abs().sum() > 0 for gradient in gradients)


def test_stability_compares_a_mask_cut_higher_and_lower() -> None:
    logits = torch.full((3, 4, 4), -5.0)
    logits[0, :2] = 5.0
    logits[1, :1], logits[1, 1:2] = 5.0, 0.5
    assert stability(logits).tolist() == [1.0, 0.5, 1.0]
