import pytest
import torch
from torch import Tensor

from tests.worker.sam2.tiny import tiny_model
from worker.sam2.attention import KeysValues, MemoryAttention
from worker.sam2.memory import FrameMemory, MemoryBank, nearest_frames

AREA, CHANNELS, HIDDEN = 64, 64, 128
POINTER_TOKENS = HIDDEN // CHANNELS


def memory_of(idx: int, objects: int = 1) -> FrameMemory:
    marked = torch.full((objects, AREA, CHANNELS), float(idx))
    return FrameMemory(KeysValues((marked,), (marked,)), torch.full((objects, HIDDEN), float(idx)))


class Unprojected(MemoryAttention):
    """Leaves memories as they are, so that a test sees whose they are, and marks keys with their offset."""

    def project_pointers(self, tokens: Tensor, positions: Tensor) -> KeysValues:
        return KeysValues((tokens,), (tokens,))

    def ages(self, offset: int) -> tuple[Tensor, ...]:
        return (torch.full((AREA, CHANNELS), float(offset)),)


def bank_with(conditioning: list[int], recent: list[int], **options: int) -> MemoryBank:
    bank = MemoryBank(tiny_model(**options), frame_count=100)
    bank.attention = Unprojected(bank.model)
    for idx in conditioning:
        bank.add(idx, memory_of(idx), conditioning=True)
    for idx in recent:
        bank.add(idx, memory_of(idx))
    return bank


def frames_seen(bank: MemoryBank, frame_idx: int, *, reverse: bool = False) -> tuple[list, list]:
    """The frames of the spatial memories and of the object pointers that are read."""
    memory = bank.read(frame_idx, reverse=reverse)
    assert memory is not None
    values = memory.values[0][0, :, 0].int().tolist()
    spatial = len(values) // AREA * AREA
    return values[:spatial:AREA], values[spatial::POINTER_TOKENS]


def test_recent_frames_are_as_old_as_they_are_and_prompted_ones_have_no_age() -> None:
    memory = bank_with([0], [5, 6, 7]).read(9)
    assert memory is not None
    offsets = (memory.keys[0] - memory.values[0])[0, : 4 * AREA : AREA, 0].int().tolist()
    assert offsets == [0, 4, 3, 2]


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
    bank = bank_with([], [])
    bank.add(0, memory_of(0, objects=3), conditioning=True)
    bank.add(1, memory_of(1, objects=3))
    memory = bank.read(2)
    assert memory is not None
    assert memory.values[0].shape == (3, 2 * AREA + 2 * POINTER_TOKENS, CHANNELS)
    assert memory[1:].objects == 2
