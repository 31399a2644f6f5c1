"""What whoever gets a dataset must know of it: a page in Markdown, beside its files."""

from __future__ import annotations

from engine.models import Export
from engine.models.release import Lineage
from vos.dataset import Category
from vos.formats import FORMATS

#: What is said of masklets that no person looked at, by what accepted them.
UNSEEN = {
    "preverifier": "without a person's look: passed by a model that had shown how often it is right",
    "sampling": "without a person's look: left out of the verification by a random draw",
}


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


def _made(lineage: Lineage | None) -> list[str]:
    if lineage is None:
        return []
    project, work = lineage.project, lineage.annotated
    phases = ", ".join(f"{count:,} in phase {phase}" for phase, count in lineage.masklets_by_phase.items())
    sources = ", ".join(f"{count:,} {source}" for source, count in lineage.masklets_by_source.items())
    when = f", from {work.first} to {work.last}" if work.first else ""
    return [
        "## How it was made",
        "",
        f"- Frames a second: {project.fps:g}, of which every {project.annotate_every}. is annotated.",
        f"- Masklets: {sources}; {phases}.",
        f"- {work.people:,} people gave {work.prompts:,} prompts{when}.",
        f"- Checkpoints: {', '.join(each.name for each in lineage.checkpoints) or 'none'}.",
        "",
    ]


def _verified(lineage: Lineage | None) -> list[str]:
    if lineage is None:
        return []
    told = lineage.verification
    who = "somebody who had no hand in it" if lineage.project.separate_verification else "a reviewer"
    passed_by = told.passed_by or {"person": told.pinned}
    seen, total = passed_by.get("person", 0), told.pinned
    return [
        "## How it was verified",
        "",
        f"- {seen:,} of {total:,} masklets were watched and found satisfactory by {who}.",
        *[f"- {passed_by[name]:,} {words}." for name, words in UNSEEN.items() if name in passed_by],
        f"- Verdicts: {told.accepted:,}, by {told.reviewers:,} people, on {told.pinned:,} masklets.",
        f"- Sent back to be refined: {told.sent_back:,} times; reopened: {told.reopened:,} times.",
        "",
    ]


def _labels(labels: list[Category]) -> list[str]:
    if not labels:
        return []
    return ["## Labels", "", *[f"{each.id}. {each.name}" for each in labels], ""]
