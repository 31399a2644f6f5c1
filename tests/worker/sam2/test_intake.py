"""Somebody else's checkpoint: what is taken, and what is refused with which sentence."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.worker.sam2.tiny import tiny_model
from worker.sam2 import checkpoint, intake
from worker.sam2.intake import TABLES, Unfit

Tensors = dict[str, torch.Tensor]
SOME = "memory_encoder.projection.weight"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    tiny_model().save_pretrained(folder)
    return folder


def changed(source: Path, change: Callable[[Tensors], object]) -> None:
    tensors = load_file(source / "model.safetensors")
    change(tensors)
    save_file(tensors, source / "model.safetensors")


def described(source: Path, change: Callable[[dict[str, Any]], object]) -> None:
    told = json.loads((source / "config.json").read_text())
    change(told)
    (source / "config.json").write_text(json.dumps(told))


def test_what_is_taken_loads_and_is_the_same_model(source: Path, tmp_path: Path) -> None:
    described(source, lambda told: told.update(auto_map={"AutoModel": "evil.py"}, _name_or_path="../../x"))
    changed(source, lambda tensors: tensors.pop(TABLES[0]))
    taken = intake.take(source, tmp_path / "taken")
    assert taken.image_size == 128
    loaded = checkpoint.load(tmp_path / "taken", "cpu", torch.float32)
    wanted = tiny_model().state_dict()
    assert taken.parameters == sum(tensor.numel() for tensor in wanted.values())
    for name, tensor in loaded.model.state_dict().items():
        assert torch.equal(tensor, wanted[TABLES[1] if name == TABLES[0] else name]), name
    kept = (tmp_path / "taken" / "config.json").read_text()
    assert "evil" not in kept
    assert "../../x" not in kept


def test_weights_of_half_the_digits_are_taken(source: Path, tmp_path: Path) -> None:
    changed(source, lambda tensors: tensors.update({k: v.bfloat16() for k, v in tensors.items()}))
    intake.take(source, tmp_path / "taken")
    assert {t.dtype for t in load_file(tmp_path / "taken" / "model.safetensors").values()} == {torch.float32}


def _backbone(told: dict[str, Any]) -> dict[str, Any]:
    return told["vision_config"]["backbone_config"]  # type: ignore[no-any-return]


def _nested(depth: int) -> list[Any]:
    return [] if depth == 0 else [_nested(depth - 1)]


def _other_shape(tensors: Tensors) -> None:
    tensors[SOME] = torch.zeros(3, 5)


def _not_a_number(tensors: Tensors) -> None:
    tensors[SOME] = tensors[SOME].clone().fill_(float("nan"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda t: t.pop(SOME), rf"1 of its tensors are missing: {SOME}"),
        (lambda t: t.update(more=torch.zeros(2)), "1 tensors have no place in a SAM 2: more"),
        (_other_shape, rf"1 tensors have another shape: {SOME} is 3×5, not 64×128×1×1"),
        (_not_a_number, rf"1 tensors hold what is no number \(NaN or infinite\): {SOME}"),
        (
            lambda t: t.update({SOME: torch.zeros(3, dtype=torch.int64)}),
            f"{SOME} holds numbers of kind I64",
        ),
        (lambda t: [t.pop(name) for name in list(t)[:9]], "9 of its tensors are missing: .* and 6 others"),
    ],
)
def test_tensors_that_do_not_fit_are_named(
    source: Path, tmp_path: Path, change: Callable[[Tensors], object], sentence: str
) -> None:
    changed(source, change)
    with pytest.raises(Unfit, match=sentence):
        intake.take(source, tmp_path / "taken")
    assert not (tmp_path / "taken").exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda told: told.update(model_type="sam3_video"), "of the family 'sam3_video', not 'sam2_video'"),
        (lambda told: told.update(image_size=100), "says 100 pixels"),
        (lambda told: told.update(image_size="large"), "does not describe a SAM 2"),
        (
            lambda told: told.update(memory_attention_num_layers=10**9),
            "memory_attention_num_layers is nothing that",
        ),
        (
            lambda told: told.update(memory_attention_num_layers=300),
            "memory_attention_num_layers is nothing that",
        ),
        (lambda told: told.update(num_maskmem=_nested(400)), "num_maskmem is nothing that|nested too deeply"),
        (lambda told: told.update(num_maskmem={"a": 1}), "num_maskmem is nothing that"),
        (
            lambda told: _backbone(told).update(model_type="timm_wrapper"),
            "model_type is 'timm_wrapper', not 'sam2_hiera_det_model'",
        ),
        (
            lambda told: _backbone(told).update(blocks_per_stage=[1, 1, 60000, 1]),
            "60003 blocks",
        ),
        (
            lambda told: told.update(memory_fuser_hidden_act="os.system"),
            "no SAM 2 that could be built",
        ),
        (
            lambda told: told.update(num_maskmem=9),
            "memory_temporal_positional_encoding is 7×1×1×64, not 9×1×1×64",
        ),
    ],
)
def test_a_configuration_that_does_not_fit_says_where(
    source: Path, tmp_path: Path, change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    described(source, change)
    with pytest.raises(Unfit, match=sentence):
        intake.take(source, tmp_path / "taken")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("config.json", b"{", "is not JSON"),
        ("config.json", b"[]", "of the family None"),
        ("config.json", b" " * (2**20 + 1), "more than 1 MiB"),
        ("config.json", b"[" * 100_000, "is not JSON"),
        ("model.safetensors", b"\x80\x02}q\x00.", "model.safetensors cannot be read"),
        ("model.safetensors", b"", "model.safetensors cannot be read"),
        ("model.safetensors", (2**60).to_bytes(8, "little") + b"{}", "model.safetensors cannot be read"),
    ],
)
def test_files_that_are_something_else_are_refused(
    source: Path, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (source / name).write_bytes(content)
    with pytest.raises(Unfit, match=sentence):
        intake.take(source, tmp_path / "taken")


def test_without_weights_there_is_nothing(source: Path, tmp_path: Path) -> None:
    (source / "model.safetensors").unlink()
    with pytest.raises(Unfit, match=r"no model\.safetensors"):
        intake.take(source, tmp_path / "taken")


def test_it_takes_the_sizes_that_a_checkpoint_runs_at() -> None:
    assert intake.SIZES == checkpoint.SIZES
