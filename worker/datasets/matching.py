"""Which video of a project each video of an archive is: of the same source, of our exports, or of the same name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.models import DatasetImport, Project, Video, VideoStatus
from vos.dataset import file_name

OURS = re.compile(r"maskloop_(\d{6,18})")


@dataclass(frozen=True)
class Matched:
    """A video of the archive and the project's own; None where one is made of its pictures or its film."""

    name: str
    video: Video | None


def match(row: DatasetImport, told: Sequence[dict[str, Any]]) -> tuple[list[Matched], list[str]]:
    """In the order of `told`, and a sentence for each that does not fit: then nothing is taken."""
    problems: list[str] = []
    named = _Named(row.project)
    found = [_one(row, video, named, problems) for video in told]
    seen: dict[int, str] = {}
    problems += [
        f"{seen[each.video.pk]} and {each.name} are both {each.video.name} of this project."
        for each in found
        if each.video and seen.setdefault(each.video.pk, each.name) != each.name
    ]
    return found, problems


def _one(row: DatasetImport, told: dict[str, Any], named: _Named, problems: list[str]) -> Matched:
    name = told["name"]
    if name in row.videos:  # made by an attempt before this one
        return Matched(name, None)
    candidates = _candidates(named, told)
    if len(candidates) > 1:
        names = ", ".join(f"{video.name} ({video.pk})" for video in candidates[:4])
        problems.append(f"{name} could be several videos of this project: {names}.")
    if not candidates:
        if not (told["pictures"] or told["film"]):
            problems.append(f"{name} is no video of this project, and the archive has no pictures of it.")
        return Matched(name, None)
    video = candidates[0]
    problems += _misfits(told, video)
    return Matched(name, video)


class _Named:
    """The videos of a project that there are to match, and what archives may call them."""

    def __init__(self, project: Project) -> None:
        self.rows = Video.objects.filter(project=project, status=VideoStatus.READY, removed_at=None).order_by(
            "pk"
        )

    def of(self, *names: str) -> set[int]:
        """Ids of those that one of `names` may mean."""
        return {pk for name in names for pk in self._by_name.get(name, ())}

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        """Read once, however many videos the archive has."""
        found: dict[str, list[int]] = {}
        for pk, name in self.rows.values_list("pk", "name").iterator():
            for called in _names(name):
                found.setdefault(called, []).append(pk)
        return found


def _candidates(named: _Named, told: dict[str, Any]) -> list[Video]:
    rows = named.rows
    if (ours := OURS.fullmatch(told["name"])) and told["source_sha256"]:
        same = list(rows.filter(pk=int(ours[1]), source_sha256=told["source_sha256"]))
        if same:
            return same
    if told["source_sha256"]:
        return list(rows.filter(source_sha256=told["source_sha256"])[:5])
    return list(rows.filter(pk__in=named.of(told["source_name"] or told["name"], told["name"]))[:5])


def _names(name: str) -> set[str]:
    """What an archive may call a video of that file name."""
    stem = name.rpartition(".")[0] or name
    return {name, stem, file_name(name), file_name(stem)}


def _misfits(told: dict[str, Any], video: Video) -> list[str]:
    name, problems = told["name"], []
    if (told["width"], told["height"]) != (video.width, video.height):
        problems.append(
            f"{name}: its frames are {told['width']} × {told['height']} (width × height), but {video.name} is"
            f" {video.width} × {video.height}."
        )
    if len(told["steps"]) != video.frame_count:
        problems.append(
            f"{name}: it has {len(told['steps'])} annotated frames, but {video.name} has {video.frame_count}."
        )
    return problems
