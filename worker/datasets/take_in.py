"""Take in: somebody's archive becomes videos and masklets, all of it or, with a list of what is wrong, nothing.

1. Read it behind walls; refuse what is no dataset.
2. Find for each of its videos the project's own, or else the pictures to make one of; refuse what does not fit.
3. Only then bring in what is new, and give each video its masklets, a video at a time. Another attempt goes on.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from engine import storage
from engine.errors import MaskloopError
from engine.models import DatasetImport, Video, VideoStatus
from engine.services import imports, ingest, runs
from vos import rle
from vos.dataset import Category, Stretch
from worker import scratch
from worker.datasets import reading
from worker.datasets.matching import Matched, match
from worker.decode import NoSandbox
from worker.runs import Work

LOOK_EVERY = 0.5  #: seconds, while a video of it is read


def take_in(work: Work) -> None:
    run, row = work.run, work.run.dataset_import
    assert row is not None
    try:
        with scratch.folder(needs=3 * row.bytes + 256 * 2**20) as folder:
            archive, out = folder / "archive.zip", folder / "out"
            out.mkdir()
            storage.get_file(row.source_key, archive, on_bytes=lambda _: work.alive())
            matched = _understood(work, row, archive, out)
            for place, (told, found) in enumerate(zip(reading.videos(out), matched, strict=True)):
                work.progress(place, len(matched), unit="videos")
                if found.name not in row.taken:
                    video = found.video or _brought(work, row, archive, out, told)
                    _give(work, row, reading.header(out), told, video)
    except reading.Refused as refused:
        _refuse(work, row, refused)
        return
    except NoSandbox as error:
        raise MaskloopError(str(error)) from error
    with transaction.atomic():
        work.progress(len(matched), len(matched), unit="videos")
        imports.finish(row)
        runs.succeed(run, {"videos": len(row.taken), "masklets": row.masklet_count})


def _understood(work: Work, row: DatasetImport, archive: Path, out: Path) -> list[Matched]:
    """What each of its videos is here. Raises `Refused` with all that does not fit."""
    reading.read(archive, out, row.format, _moves(work), unsandboxed=settings.UNSANDBOXED_VIDEO)
    told = [{**video, "tracks": []} for video in reading.videos(out)]
    matched, problems = match(row, told)
    if problems:
        raise reading.Refused(problems[:50], len(problems))
    return matched


def _moves(work: Work) -> Any:
    def moved() -> None:
        work.alive()
        work.stop_if_cancelled()

    return moved


def _brought(work: Work, row: DatasetImport, archive: Path, out: Path, told: dict[str, Any]) -> Video:
    """A video of the project made from the archive's pictures, or its film; read as any other is."""
    video = Video.objects.filter(pk=row.videos.get(told["name"], 0)).first()
    if video is None:
        format = reading.header(out)["format"]
        source = reading.media(
            archive, out, format, told["name"], _moves(work), unsandboxed=settings.UNSANDBOXED_VIDEO
        )
        video = _made(row, told, source)
        source.unlink()
    while video.status == VideoStatus.EXTRACTING:
        _moves(work)()
        time.sleep(LOOK_EVERY)
        video.refresh_from_db()
    if video.status != VideoStatus.READY:
        raise MaskloopError(f"{told['name']} could not become a video: {video.failure_message}")
    if video.frame_count != len(told["steps"]):
        raise MaskloopError(
            f"{told['name']} has {len(told['steps'])} annotated frames in the archive, but {video.frame_count} as a"
            " video. None of its masks was taken."
        )
    return video


def _made(row: DatasetImport, told: dict[str, Any], source: Path) -> Video:
    """Pictures are one annotated frame each; a film is laid on the timeline that the archive tells."""
    every = 1 if told["pictures"] else told["annotate_every"]
    fps = told["fps"] / told["annotate_every"] if told["pictures"] else told["fps"]
    name = told["source_name"] or told["name"]
    video = ingest.create(
        actor=row.created_by, project=row.project, name=name, size=source.stat().st_size, fps=max(fps, 1.0),
        annotate_every=every, split=told["split"] if told["split"] != "train" else "",
        environment=told["environment"] if told["environment"] in {"Indoor", "Outdoor"} else "",
    )  # fmt: skip
    storage.put_file(video.source_key, source, content_type="application/octet-stream")
    with transaction.atomic():
        row.videos = row.videos | {told["name"]: video.pk}
        row.save(update_fields=["videos"])
        ingest.start(video, actor=row.created_by)
    return video


def _give(work: Work, row: DatasetImport, header: dict[str, Any], told: dict[str, Any], video: Video) -> None:
    """A video's masklets, in the transaction that notes them as taken."""
    names = {each["id"]: each["name"] for each in header["categories"]}
    with transaction.atomic():
        runs.hold(work.run)
        categories = [Category(**each) for each in header["categories"]]
        imports.admit_words(row, categories, dict(_said(told)))
        for track in told["tracks"]:
            work.alive()
            imports.receive(
                video,
                actor=row.created_by,
                run=work.run,
                frames=dict(_frames(video, track)),
                source=track["source"],
                provenance=f"import of {row.name}",
                policy=row.policy,
                edited=[idx for idx in track["edited"] if 0 <= idx < (video.frame_count or 0)],
                label=names.get(track["category"], ""),
                attributes=track["attributes"],
                frame_attributes=[Stretch(**each) for each in track["frame_attributes"]],
            )
        row.taken = [*row.taken, told["name"]]
        row.masklet_count += len(told["tracks"])
        row.save(update_fields=["taken", "masklet_count"])


def _said(told: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for track in told["tracks"]:
        yield from track["attributes"].items()
        yield from ((each["name"], each["value"]) for each in track["frame_attributes"])


def _frames(video: Video, track: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    """Checked once more, by the video that they are laid on."""
    size = [video.height or 0, video.width or 0]
    for idx, counts in track["masks"].items():
        mask = rle.check({"size": size, "counts": counts}, height=size[0], width=size[1])
        yield int(idx), imports.mask_frame(mask, score=track["score"], stability=track["stability"].get(idx))


def _refuse(work: Work, row: DatasetImport, refused: reading.Refused) -> None:
    with transaction.atomic():
        runs.hold(work.run)
        imports.refuse(row, refused.problems, refused.count)
        runs.fail(
            work.run,
            code="dataset_refused",
            message=f"Nothing was taken. {refused.problems[0]}"
            + (f" ({refused.count} problems in all.)" if refused.count > 1 else ""),
        )
