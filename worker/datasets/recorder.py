"""Which videos of an export are written, noted some at a time: a request and a transaction each would cost more than to
write a video. A worker that dies loses what it had not noted yet, and that is written again, the same."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.db import transaction

from engine import packs
from engine.errors import ObjectDamaged
from engine.models import Export, ExportPart
from engine.services import exports, runs
from worker.datasets.part import Done, Job
from worker.datasets.stored import Stored
from worker.runs import Work

EVERY = 0.5  #: seconds
MOST = 4 * 2**20  #: characters of parts that wait
PACKS_AT_HAND = 4  #: children end their videos in another order than they began them, but not much


class Recorder:
    """`done` of `total` videos are written."""

    def __init__(self, work: Work, row: Export, *, done: int, total: int) -> None:
        self._work, self._row = work, row
        self._done, self._total = done, total
        self._waiting: list[tuple[int, Done]] = []
        self._size = 0
        self._noted = time.monotonic()
        work.progress(done, total, unit="videos")

    def add(self, job: Job, done: Done) -> None:
        """One more is written; it is noted now or soon. Raises `RunLost`."""
        self._waiting.append((job["video"]["id"], done))
        self._size += len(done["part"])
        if time.monotonic() - self._noted >= EVERY or self._size > MOST:
            self.note()

    def note(self) -> None:
        """All that wait. Raises `RunLost`."""
        if not self._waiting:
            return
        lines = [done["part"].encode() for _, done in self._waiting]
        hashes = [packs.sha256_of(line) for line in lines]
        key = f"{parts_prefix(self._row)}{hashlib.sha256(''.join(hashes).encode()).hexdigest()}.gz"
        packs.put(key, lines)
        written = [
            exports.WrittenVideo(video, key, sha256, [Stored(**file) for file in done["files"]])
            for (video, done), sha256 in zip(self._waiting, hashes, strict=True)
        ]
        self._done += len(written)
        with transaction.atomic():
            self._work.progress(self._done, self._total, unit="videos")  # holds the run
            exports.record_parts(self._row, written)
        self._waiting, self._size, self._noted = [], 0, time.monotonic()


def parts_prefix(row: Export) -> str:
    """Below it lies what is kept of the videos until the end."""
    return f"{row.release.prefix}/parts/{row.format}/"


class Parts:
    """What the format has kept of each video, in the videos' order; read anew each time, a few packs at a time."""

    def __init__(self, work: Work, row: Export) -> None:
        self._work, self._row = work, row

    def __iter__(self) -> Iterator[dict[str, Any]]:
        pack = lru_cache(PACKS_AT_HAND)(packs.get)
        kept = ExportPart.objects.filter(export=self._row).order_by("video_id")
        for key, sha256 in kept.values_list("key", "sha256"):
            self._work.stop_if_cancelled()
            self._work.alive()
            part = pack(key).get(sha256)
            if part is None:
                self._forget(key)
                raise ObjectDamaged("A part of this export is missing or damaged. Write it again.", key=key)
            yield json.loads(part)

    def _forget(self, key: str) -> None:
        """So that to write it again helps."""
        with transaction.atomic():
            runs.hold(self._work.run)
            ExportPart.objects.filter(export=self._row, key=key).delete()
