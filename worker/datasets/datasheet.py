"""What whoever gets a dataset must know of it: a page in Markdown, beside its files."""

from __future__ import annotations

from typing import Any

from engine.models import Export
from vos.dataset import Category
from vos.formats import FORMATS


def written(export: Export) -> str:
    """From what was pinned with the release alone, so that it is the same every time."""
    release, lineage = export.release, export.release.lineage
    format = FORMATS[export.format]
    frozen = release.frozen_at.date().isoformat() if release.frozen_at else ""
    lines = [
        f"# {release.project.name}, {release.name}",
        "",
        release.project.description,
        "",
        f"Frozen on {frozen}: {release.masklet_count:,} masklets in {release.video_count:,} videos.",
        f"Written as {format.title}.",
        "",
        *_made(lineage),
        *_verified(lineage),
        *_labels(release.labels),
        "## What the format cannot hold",
        "",
        *[f"- {sentence}" for sentence in format.lost],
        "",
        "`maskloop_index.json` keeps our ids, labels, attributes and the times of the frames; `SHA256SUMS` has the",
        "hash of every file (`sha256sum -c SHA256SUMS`).",
        "",
    ]
    return "\n".join(lines)


def _made(lineage: dict[str, Any]) -> list[str]:
    if not lineage:
        return []
    project, work = lineage["project"], lineage["annotated"]
    phases = ", ".join(f"{count:,} in phase {phase}" for phase, count in lineage["masklets_by_phase"].items())
    sources = ", ".join(f"{count:,} {source}" for source, count in lineage["masklets_by_source"].items())
    when = f", from {work['from']} to {work['to']}" if work["from"] else ""
    return [
        "## How it was made",
        "",
        f"- Frames a second: {project['fps']:g}, of which every {project['annotate_every']}. is annotated.",
        f"- Masklets: {sources}; {phases}.",
        f"- {work['people']:,} people gave {work['prompts']:,} prompts{when}.",
        f"- Checkpoints: {', '.join(each['name'] for each in lineage['checkpoints']) or 'none'}.",
        "",
    ]


def _verified(lineage: dict[str, Any]) -> list[str]:
    if not lineage:
        return []
    told, apart = lineage["verification"], lineage["project"]["separate_verification"]
    who = "somebody who had no hand in it" if apart else "a reviewer"
    return [
        "## How it was verified",
        "",
        f"- Every masklet was watched and found satisfactory by {who}.",
        f"- Verdicts: {told['accepted']:,}, by {told['reviewers']:,} people, on {told['pinned']:,} masklets.",
        f"- Sent back to be refined: {told['sent_back']:,} times; reopened: {told['reopened']:,} times.",
        "",
    ]


def _labels(labels: list[Category]) -> list[str]:
    if not labels:
        return []
    return ["## Labels", "", *[f"{each.id}. {each.name}" for each in labels], ""]
