"""JSON of datasets: piece by piece out, without trust in; labels where a format wants one of every object."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vos.dataset import Category, DatasetInvalid, Header, VideoItem
from vos.formats import categories, texts


@pytest.mark.parametrize("values", [[], [1], [{"a": [1, 2]}, "ä", None, 0.5]])
def test_a_list_in_pieces_is_the_list(values: list[Any]) -> None:
    assert json.loads(b"".join(texts.listed(iter(values)))) == values


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]])
def test_numbers_that_json_does_not_know_are_not_written(value: Any) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        texts.dumps(value)


@pytest.mark.parametrize(
    ("content", "value"),
    [(b"{}", {}), (b"\xef\xbb\xbf[1]", [1]), ('"ж"'.encode(), "ж"), (b" 1.5 ", 1.5)],
)
def test_json_is_read_with_or_without_a_mark_at_its_beginning(content: bytes, value: Any) -> None:
    assert texts.parse_json(content, "a.json") == value


@pytest.mark.parametrize(
    "content", [b"", b"{", b"NaN", b"[Infinity]", b"\xff\xfe", b"{'a': 1}", b"[" * 100_000]
)
def test_what_is_no_json_is_refused_by_the_files_name(content: bytes) -> None:
    with pytest.raises(DatasetInvalid, match=r"a\.json (is no JSON|is nested too deeply)"):
        texts.parse_json(content, "a.json")


@pytest.mark.parametrize(("category", "name"), [(7, "cat"), (18, "dog"), (None, "object"), (99, "object")])
def test_an_object_without_a_label_is_an_object(header: Header, category: int | None, name: str) -> None:
    assert categories.name_of(header, category) == name


@pytest.mark.parametrize(
    ("names", "numbered"),
    [
        ([], ()),
        (["object"], ()),
        (["dog", "cat", "dog", "object"], (Category(1, "cat"), Category(2, "dog"))),
    ],
)
def test_names_alone_are_numbered_by_the_alphabet(names: list[str], numbered: tuple[Category, ...]) -> None:
    assert categories.by_name(names) == numbered


def test_labels_are_given_by_the_tracks_ids(video: VideoItem) -> None:
    labelled = categories.with_categories(video, {5: 7})
    assert [(track.id, track.category) for track in labelled.tracks] == [(2, None), (5, 7)]
    assert [track.category for track in video.tracks] == [18, None]
