"""Between two checkpoints of one shape: most of what was learned lies on the first part of the way, most of what was
forgotten on the rest (WiSE-FT: Wortsman et al. 2022)."""

from pathlib import Path

import torch

from worker.sam2.training.model import existing_model, export


@torch.no_grad()
def blend(base: str | Path, tuned: str | Path, share: float, folder: Path) -> Path:
    """Writes the checkpoint that lies `share` (0 to 1) of the way from `base` to `tuned`, weight by weight; returns
    its folder. Raises ValueError where the two are not of one shape."""
    start, end = (existing_model(location) for location in (base, tuned))
    before, after = start.state_dict(), end.state_dict()
    if {name: value.shape for name, value in before.items()} != {
        name: value.shape for name, value in after.items()
    }:
        raise ValueError(f"{base} and {tuned} are not of one shape.")
    between = {
        name: torch.lerp(value.float(), after[name].float(), share).to(value.dtype)
        if value.is_floating_point()
        else after[name]
        for name, value in before.items()
    }
    export(end, between, folder)
    return folder
