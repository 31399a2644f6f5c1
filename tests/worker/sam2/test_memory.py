import pytest
import torch

from tests.worker.sam2.tiny import tiny_model
from worker.sam2.memory import FrameMemory, MemoryBank, nearest_frames, sine_position

AREA, CHANNELS, HIDDEN = 64, 64, 128
POINTER_TOKENS = HIDDEN // CHANNELS


def memory_of(idx: int, objects: int = 1) -> FrameMemory:
    return FrameMemory(
        torch.full((objects, AREA, CHANNELS), float(idx)),
        torch.full((objects, HIDDEN), float(idx)),
    )


def bank_with(conditioning: list[int], recent: list[int], **options: int) -> MemoryBank:
    bank = MemoryBank(tiny_model(**options), frame_count=100)
    for idx in conditioning:
        bank.add(idx, memory_of(idx), conditioning=True)
    for idx in recent:
        bank.add(idx, memory_of(idx))
    return bank


def frames_seen(bank: MemoryBank, frame_idx: int, *, reverse: bool = False) -> tuple[list, list]:
    """The frames of the spatial memories and of the object pointers that are read."""
    memory = bank.read(frame_idx, reverse=reverse)
    assert memory is not None
    assert memory.tokens.shape == (1, *memory.positions.shape[1:])
    values = memory.tokens[0, :, 0].int().tolist()
    spatial = len(values) - memory.pointer_tokens
    return values[:spatial:AREA], values[spatial::POINTER_TOKENS]


def test_an_empty_bank_has_nothing_to_say() -> None:
    assert bank_with([], []).read(3) is None


def test_recent_frames_leave_first_in_first_out_and_pointers_stay_longer() -> None:
    bank = bank_with([0], list(range(1, 30)))
    assert list(bank.recent) == [24, 25, 26, 27, 28, 29]
    assert list(bank.pointers) == list(range(15, 30))
    spatial, pointers = frames_seen(bank, 30)
    assert spatial == [0, 24, 25, 26, 27, 28, 29]
    assert pointers == [0, *range(29, 14, -1)]


def test_time_runs_backward_too() -> None:
    spatial, pointers = frames_seen(bank_with([9], [8, 7, 6]), 5, reverse=True)
    assert spatial == [9, 8, 7, 6]
    assert pointers == [9, 6, 7, 8]


def test_pointers_of_prompts_still_to_come_are_hidden() -> None:
    spatial, pointers = frames_seen(bank_with([0, 8], [1]), 2)
    assert spatial == [0, 8, 1]
    assert pointers == [0, 1]


def test_only_the_nearest_conditioning_frames_are_read_and_near_others_count_as_recent() -> None:
    spatial, _ = frames_seen(bank_with([0, 10, 12], [11], max_cond_frame_num=1), 13)
    assert spatial == [12, 10, 11]


def test_a_recent_frame_that_is_prompted_moves_to_the_conditioning_frames() -> None:
    bank = bank_with([0], [1, 2])
    bank.add(2, memory_of(2), conditioning=True)
    assert list(bank.recent) == [1]
    assert frames_seen(bank, 3) == ([0, 2, 1], [0, 2, 1])
    assert 2 in bank
    assert 3 not in bank


@pytest.mark.parametrize(
    ("frame_idx", "limit", "expected"),
    [(5, -1, [0, 4, 9, 20]), (5, 4, [0, 4, 9, 20]), (5, 2, [4, 9]), (5, 3, [4, 9, 0])],
)
def test_nearest_frames_takes_one_on_each_side_first(frame_idx: int, limit: int, expected: list[int]) -> None:
    assert nearest_frames([0, 4, 9, 20], frame_idx, limit) == expected


def test_several_objects_share_a_bank() -> None:
    bank = MemoryBank(tiny_model(), frame_count=10)
    bank.add(0, memory_of(0, objects=3), conditioning=True)
    bank.add(1, memory_of(1, objects=3))
    memory = bank.read(2)
    assert memory is not None
    assert memory.tokens.shape == (3, 2 * AREA + 2 * POINTER_TOKENS, CHANNELS)


def test_memories_are_stored_in_bfloat16_unless_they_need_their_gradients() -> None:
    memory = memory_of(0)
    memory.spatial.requires_grad_()
    bank = MemoryBank(tiny_model(), frame_count=10, dtype=None)
    bank.add(0, memory, conditioning=True)
    read = bank.read(1)
    assert read is not None
    read.tokens.sum().backward()
    assert memory.spatial.grad is not None
    assert bank_with([], [1]).recent[1].dtype == torch.bfloat16


def test_sine_positions_are_those_of_the_reference() -> None:
    from transformers.models.sam2_video.modeling_sam2_video import get_1d_sine_pe

    values = torch.tensor([0.0, 0.2, 1.0])
    torch.testing.assert_close(sine_position(values, 128), get_1d_sine_pe(values, 128))
