"""Taking a checkpoint along: its files as `transformers` reads them (`Sam2VideoModel.from_pretrained`), and its card:
where it comes from and what it can do."""

from __future__ import annotations

from dataclasses import dataclass

from engine import storage
from engine.errors import WrongState
from engine.models import Checkpoint, Evaluation

SCHEME = "s3:"
FILES = {"config.json": "application/json", "model.safetensors": "application/octet-stream"}


@dataclass(frozen=True)
class Exported:
    """Presigned links by file name, the weights' SHA-256, and the text of README.md."""

    files: dict[str, str]
    sha256: str
    model_card: str


def export(checkpoint: Checkpoint) -> Exported:
    """Raises `WrongState` where its weights do not lie in the object store: then its location is the way to them."""
    if not checkpoint.location.startswith(SCHEME):
        where = checkpoint.location or "the installation's own checkpoint"
        raise WrongState(f"Its weights are not kept here. They are {where}.")
    place = checkpoint.location.removeprefix(SCHEME)
    links = {
        name: storage.link(f"{place}/{name}", content_type=kind, download_as=name)
        for name, kind in FILES.items()
    }
    return Exported(links, place.rsplit("/", 1)[-1], card(checkpoint))


def card(checkpoint: Checkpoint) -> str:
    """README.md of the folder."""
    told = (
        Evaluation.objects.filter(checkpoint=checkpoint).select_related("champion", "evaluation_set").first()
    )
    parts = [
        "---\nlibrary_name: transformers\npipeline_tag: mask-generation\ntags: [sam2, video-segmentation]\n---",
        f"# {checkpoint.name}",
        "A SAM 2 for video segmentation, retrained with Maskloop on masklets that people verified.",
        USE,
        "## Where it comes from\n\n" + _lineage(checkpoint),
        "## What it can do\n\n" + (_figures(told) if told else "It was not judged on held-out masklets."),
    ]
    return "\n\n".join(parts) + "\n"


USE = """```python
from transformers import Sam2VideoModel

model = Sam2VideoModel.from_pretrained("this/folder")
```"""


def _lineage(checkpoint: Checkpoint) -> str:
    lines: list[str] = []
    row: Checkpoint | None = checkpoint
    while row is not None:
        release = row.run.release if row.run else None
        how = (
            f"trained on release “{release.name}” ({release.masklet_count} masklets)" if release else "given"
        )
        lines.append(f"{len(lines) + 1}. {row.name}: {how}")
        row = row.parent
    return "\n".join(lines)


def _figures(told: Evaluation) -> str:
    """As they were measured beside the champion of that time."""
    held = told.evaluation_set
    head = (
        f"On {held.video_count} videos that no training saw ({held}, `{held.sha256[:12]}`), "
        f"beside {told.champion.name}: J&F from one click {told.gain:+.3f}, "
        f"95 % between {told.gain_low:+.3f} and {told.gain_high:+.3f}."
    )
    rows = [f"| {name} | {guard.before:.3f} | {guard.after:.3f} |" for name, guard in told.guards.items()]
    champions = told.figures.get("champion", {})
    for name, figures in told.figures.get("candidate", {}).items():
        before, after = champions.get(name), figures.jf_1_click
        if before and before.jf_1_click is not None and after is not None:
            rows.append(f"| J&F from one click, {name} | {before.jf_1_click:.3f} | {after:.3f} |")
    return "\n".join([head, "", "| slice | before | this one |", "|---|---|---|", *rows])
