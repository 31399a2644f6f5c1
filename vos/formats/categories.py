"""Labels where a format wants one of every object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from vos.dataset import Category, Header, VideoItem

UNLABELLED = "object"  #: what an object without a label is called in files


def name_of(header: Header, category: int | None) -> str:
    """A label's name; `object` for none."""
    return next((each.name for each in header.categories if each.id == category), UNLABELLED)


def by_name(names: Iterable[str]) -> tuple[Category, ...]:
    """Categories of a dataset that has names alone, numbered in the order of the alphabet."""
    ordered = sorted(set(names) - {UNLABELLED})
    return tuple(Category(number + 1, name) for number, name in enumerate(ordered))


def with_categories(video: VideoItem, categories: Mapping[int, int | None]) -> VideoItem:
    """Each track with its label by `categories` (by the track's id)."""
    return replace(
        video, tracks=tuple(replace(track, category=categories.get(track.id)) for track in video.tracks)
    )
