"""Frozen releases of made-up masklets: rows as the services make them, real objects in the store."""

from __future__ import annotations

import hashlib
import json
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from django.contrib.auth.models import User

from engine import lifecycle, storage
from engine.models import (
    Masklet,
    MaskletStatus,
    Project,
    Release,
    Revision,
    RevisionKind,
    Run,
    RunKind,
    Video,
    VideoStatus,
)
from engine.services import projects, releases
from vos import rle
from worker.datasets.freeze import freeze
from worker.datasets.measure import measure
from worker.runs import perform

MASKLETS, MASKS, EVERY = 10, 80, 4
HEIGHT, WIDTH = 480, 848
PROXY = bytes(random.Random(0).randbytes(64 * 1024))
SHAPES = 64


def shapes() -> list[str]:
    """RLEs as masks of people have them: blobs with a ragged edge."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    found = []
    for _ in range(SHAPES):
        y, x, radius = rng.uniform(60, 420), rng.uniform(60, 780), rng.uniform(20, 110)
        angle = np.arctan2(rows - y, columns - x)
        edge = radius * (
            1 + 0.15 * np.sin(angle * rng.integers(3, 9)) + 0.08 * np.sin(angle * rng.integers(11, 30))
        )
        found.append(rle.encode(np.hypot(rows - y, columns - x) < edge)["counts"])
    return [rle.empty(height=HEIGHT, width=WIDTH)["counts"], *found]


def project_of(owner: User, name: str) -> Project:
    return projects.create_project(actor=owner, name=name)


def release_of(owner: User, *, videos: int, name: str) -> Release:
    """`videos` videos of ten accepted masklets with eighty masks each, frozen."""
    project = project_of(owner, name)
    known = shapes()
    made = Video.objects.bulk_create(_video(project, owner, n) for n in range(videos))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(_store_video, made))
        for begin in range(0, videos, 100):
            _store_masklets(pool, made[begin : begin + 100], owner, known)
    release = releases.create_release(actor=owner, project=project, name=name)
    perform(releases.freeze(actor=owner, release=release).pk, freeze)
    perform(Run.objects.get(release=release, kind=RunKind.MEASURE).pk, measure)  # as it comes by itself
    release.refresh_from_db()
    assert release.statistics is not None
    return release


def _video(project: Project, owner: User, n: int) -> Video:
    timeline = EVERY * (MASKS - 1) + 1
    return Video(
        project=project, created_by=owner, name=f"clip {n}.mp4", status=VideoStatus.READY, fps=24.0,
        annotate_every=EVERY, width=WIDTH, height=HEIGHT, frame_count=MASKS, timeline_frame_count=timeline,
        duration=timeline / 24, source_sha256=hashlib.sha256(f"{project.pk} {n}".encode()).hexdigest(),
    )  # fmt: skip


def _store_video(video: Video) -> None:
    frames = [
        {"frame_idx": j, "timeline_idx": EVERY * j, "pts": j / 6, "sha256": f"{j:064x}"} for j in range(MASKS)
    ]
    lines = [json.dumps(each) for each in ({"format": "maskloop-manifest/1"}, *frames)]
    storage.put(video.manifest_key, "\n".join(lines).encode(), content_type="application/x-ndjson")
    storage.put(video.proxy_key, PROXY, content_type="video/mp4")


def _store_masklets(pool: ThreadPoolExecutor, videos: list[Video], owner: User, known: list[str]) -> None:
    rows = Masklet.objects.bulk_create(
        Masklet(project=video.project, video=video, object_id=n + 1, created_by=owner)
        for video in videos
        for n in range(MASKLETS)
    )
    stored = list(pool.map(lambda row: storage.put_masks(row.project_id, _content(row.pk, known)), rows))
    made = Revision.objects.bulk_create(
        Revision(
            masklet=row, number=1, kind=RevisionKind.PROPAGATE, sha256=sha256, key=key, frame_count=MASKS,
            actor=owner, edited_frames=[0],
        )
        for row, (sha256, key) in zip(rows, stored, strict=True)
    )  # fmt: skip
    for row, revision in zip(rows, made, strict=True):
        row.revision = revision
    Masklet.objects.bulk_update(rows, ["revision"])
    for row in rows:
        for status in (MaskletStatus.ANNOTATING, MaskletStatus.IN_VERIFICATION, MaskletStatus.ACCEPTED):
            lifecycle.change(row, status, actor=owner)


def _content(seed: int, known: list[str]) -> dict[str, Any]:
    """One shape that wanders among others, and is away for a while."""
    drawn = random.Random(seed)
    first, away = drawn.randrange(1, SHAPES), drawn.randrange(MASKS)
    frames = {}
    for j in range(MASKS):
        shape = 0 if away <= j < away + 8 else 1 + (first + j) % SHAPES
        frames[str(j)] = {
            "counts": known[shape], "predicted_iou": round(drawn.random(), 4),
            "object_score": 5.0, "stability": round(drawn.random(), 4),
        }  # fmt: skip
    return {"size": [HEIGHT, WIDTH], "frames": frames}
