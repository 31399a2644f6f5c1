"""What was written comes back, for datasets drawn by chance; and that this would be noticed if it did not."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks import roundtrips
from vos.dataset import Dataset, Header, VideoItem
from vos.formats import FORMATS, Format

WRITABLE = [each.name for each in roundtrips.WRITABLE]


@pytest.mark.parametrize("name", WRITABLE)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(dataset=roundtrips.datasets())
def test_what_a_format_can_hold_comes_back(name: str, dataset: Dataset) -> None:
    assert not roundtrips.try_one(FORMATS[name], dataset)


def test_every_format_but_two_can_be_written() -> None:
    assert set(FORMATS) - set(WRITABLE) == {"cvat", "image_sequence"}


@pytest.mark.parametrize("name", WRITABLE)
def test_a_writer_that_forgot_something_would_be_found(name: str, video: VideoItem, header: Header) -> None:
    honest = FORMATS[name]

    def forgetful(given: VideoItem, sink: object) -> object:
        dog, hand = given.tracks
        assert honest.writes is not None
        return honest.writes(replace(given, tracks=(replace(dog, masks=hand.masks), hand)), sink)

    broken: Format = replace(honest, writes=forgetful)
    assert roundtrips.try_one(honest, Dataset([video], header)) == []
    assert roundtrips.try_one(broken, Dataset([video], header))


def test_counting_is_what_the_benchmark_prints() -> None:
    found = roundtrips.count(24)
    assert found["roundtrip_cases"] >= 24
    assert found["roundtrip_mismatches"] == 0
