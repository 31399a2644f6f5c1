import pytest
import torch
from transformers.models.sam2_video.modeling_sam2_video import get_1d_sine_pe

from tests.worker.sam2.tiny import tiny_model
from worker.sam2.attention import KeysValues, MemoryAttention, attend, constant, per_object, sine_position

AREA, CHANNELS, MEMORY = 64, 128, 64


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("late", [False, True], ids=["projected first", "projected late"])
@torch.inference_mode()
def test_memory_attention_is_the_models_own(late: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two memory maps, one of a conditioning frame and one three frames old, and three object pointers."""
    monkeypatch.setattr("worker.sam2.attention.is_written_out", lambda *_: late)
    monkeypatch.setattr("worker.sam2.attention.MANY_QUERIES", 32)
    model = tiny_model()
    attention = MemoryAttention(model)
    frame, position = noise(1, AREA, CHANNELS), noise(1, AREA, CHANNELS, seed=1)
    maps = [noise(1, AREA, MEMORY, seed=2), noise(1, AREA, MEMORY, seed=3)]
    tokens, ages = noise(1, 6, MEMORY, seed=4), noise(1, 6, MEMORY, seed=5)

    table = model.memory_temporal_positional_encoding
    expected = model.memory_attention(
        current_vision_features=frame.transpose(0, 1),
        current_vision_position_embeddings=position.transpose(0, 1),
        memory=torch.cat([*maps, tokens], dim=1).transpose(0, 1),
        memory_posision_embeddings=torch.cat(
            [attention.place + table[-1][0], attention.place + table[2][0], ages], dim=1
        ).transpose(0, 1),
        num_object_pointer_tokens=6,
    )[0]

    old, recent = (attention.remember(spatial) for spatial in maps)
    pointers = attention.project_pointers(tokens, ages)
    keys = zip(attention.aged(old, 0), attention.aged(recent, 3), pointers.keys, strict=True)
    values = zip(old.values, recent.values, pointers.values, strict=True)
    seen = KeysValues(*(tuple(torch.cat(layer, dim=1) for layer in layers) for layers in (keys, values)))
    assert seen.values[0].shape[-1] == (MEMORY if late else CHANNELS)
    torch.testing.assert_close(attention(frame, position, [seen]), expected, atol=1e-4, rtol=1e-4)


@torch.inference_mode()
def test_objects_with_memories_of_different_lengths_are_what_each_is_alone() -> None:
    attention = MemoryAttention.of(tiny_model())
    frame, position = noise(1, AREA, CHANNELS), noise(1, AREA, CHANNELS, seed=1)
    long, short = (
        attention.remember(noise(1, AREA, MEMORY, seed=2)),
        attention.project_pointers(noise(1, 5, MEMORY, seed=3), noise(1, 5, MEMORY, seed=4)),
    )
    together = attention(frame, position, [long, short])
    for row, memory in enumerate((long, short)):
        alone = attention(frame, position, [memory])
        torch.testing.assert_close(together[row : row + 1], alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("many", [1, 1000], ids=["keys laid out", "keys as they are"])
def test_written_out_attention_is_the_fused_one(
    masked: bool, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.sam2.attention.MANY_QUERIES", many)
    monkeypatch.setattr("worker.sam2.attention.SCORES_AT_A_TIME", 2**10)  # so that it is done in parts
    query, key, value = noise(2, 4, 40, 16), noise(2, 4, 60, 16, seed=1), noise(2, 4, 60, 16, seed=2)
    mask = noise(2, 1, 1, 60, seed=3) > 0 if masked else None
    fused = attend(query, key, value, mask)
    written = attend(query.requires_grad_(), key, value, mask)
    torch.testing.assert_close(written, fused, atol=1e-5, rtol=1e-5)


def test_constants_are_kept_for_frozen_weights_only() -> None:
    module, calls = torch.nn.Linear(2, 2), []
    for _ in range(2):
        with torch.inference_mode():
            constant(module, "name", lambda: calls.append("learning"))
    module.requires_grad_(False)
    for _ in range(2):
        with torch.inference_mode():
            constant(module, "name", lambda: calls.append("frozen"))
    assert calls == ["learning", "learning", "frozen"]


def test_one_frame_is_seen_by_several_objects_without_a_copy() -> None:
    one = noise(1, 4)
    assert per_object(one, 3).data_ptr() == one.data_ptr()
    assert per_object(noise(2, 4), 6)[:3].equal(per_object(noise(2, 4)[:1], 3))


def test_sine_positions_are_those_of_the_reference() -> None:
    values = torch.tensor([0.0, 0.2, 1.0])
    torch.testing.assert_close(sine_position(values, 128), get_1d_sine_pe(values, 128))
