"""Names of SAM 2's authors, for each model that they published; tensors without content."""

from typing import Any

import pytest
import torch
from torch import Tensor

from tests.worker.sam2 import official_names
from worker.sam2 import intake, official

POINTS = "prompt_encoder.point_embed.weight"
TABLES = intake.TABLES


def theirs(config: Any, shapes: dict[str, tuple[int, ...]], *, of_2_1: bool) -> dict[str, Tensor]:
    """What the authors would have stored of such a model."""
    named = official_names.pairs(config["blocks_per_stage"], of_2_1=of_2_1)
    found = {name: torch.empty(shapes[ours], device="meta") for name, ours in named}
    rows, width = shapes[POINTS]
    assert rows == 4
    return found | {name: torch.empty((1, width), device="meta") for name in official_names.points()}


def shapes_of(family: tuple[int, int], *, of_2_1: bool) -> dict[str, tuple[int, ...]]:
    """As `transformers` makes the model, by nothing but what tells it apart."""
    names = [f"image_encoder.trunk.blocks.{n}.norm1.weight" for n in range(family[1])]
    told: dict[str, Tensor] = {name: torch.empty(1, device="meta") for name in names}
    told[official.PATCHES] = torch.empty((family[0], 3, 7, 7), device="meta")
    if of_2_1:
        told |= {
            name: torch.empty(1, device="meta")
            for name in ("no_obj_embed_spatial", "obj_ptr_tpos_proj.weight")
        }
    return intake.shapes_of(official.config_of(told))


@pytest.mark.parametrize("of_2_1", [True, False])
@pytest.mark.parametrize("family", official.FAMILIES)
def test_every_tensor_of_theirs_has_its_place(family: tuple[int, int], of_2_1: bool) -> None:
    shapes = shapes_of(family, of_2_1=of_2_1)
    _, ours = official.translate(theirs(official.FAMILIES[family], shapes, of_2_1=of_2_1))
    assert {name: tuple(tensor.shape) for name, tensor in ours.items()} == shapes


def test_the_sizes_are_those_that_were_published() -> None:
    """Millions of parameters, as the authors' table has them: tiny, small, base plus, large."""
    counts = []
    for family in official.FAMILIES:
        shapes = shapes_of(family, of_2_1=True)
        shapes.pop(TABLES[0])
        counts.append(sum(torch.Size(shape).numel() for shape in shapes.values()) / 1e6)
    assert counts == pytest.approx([38.9, 46.0, 80.8, 224.4], abs=0.2)


def test_names_of_theirs_are_names_of_ours() -> None:
    for name, ours in official_names.pairs([1, 2, 7, 2]):
        assert official.name_of(name) == ours


@pytest.mark.parametrize(
    ("tensors", "sentence"),
    [
        ({"backbone.conv1.weight": torch.zeros(3)}, "no tensor image_encoder.trunk.patch_embed"),
        ({official.PATCHES: torch.zeros(7, 3, 7, 7)}, "7 wide with 0 blocks. Known are: 96 wide with 12"),
    ],
)
def test_what_is_no_sam_2_is_refused(tensors: dict[str, Tensor], sentence: str) -> None:
    with pytest.raises(official.Unknown, match=sentence):
        official.translate(tensors)
