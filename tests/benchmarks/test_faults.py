"""The audit of the faults benchmark finds what is wrong in rows."""

from typing import Any

import pytest

from benchmarks.faults import audit
from benchmarks.faults.broken_names import NAMES
from benchmarks.faults.record import Record


class Rows:
    """A stack whose database says what the test wants."""

    project = 1

    def __init__(self, **tables: list[tuple[Any, ...]]) -> None:
        self.tables = tables

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return next((rows for name, rows in self.tables.items() if f"_{name}" in query), [])


class Api:
    def __init__(self, *prompts: int) -> None:
        self.prompts = prompts

    def get(self, path: str) -> Any:
        return {"prompts": [{"id": pk} for pk in self.prompts]}


@pytest.fixture
def record() -> Record:
    return Record(prompts={7: (1, 3.5)}, objects={1: "fish"}, submits=[1], verdicts={4: 1})


def check_prompts(record: Record, stored: list[tuple[Any, ...]], *listed: int) -> None:
    stack: Any = Rows(prompt=stored)
    api: Any = Api(*listed)
    audit._prompts(stack, api, record)


def test_a_prompt_that_is_there_once_is_well(record: Record) -> None:
    check_prompts(record, [(1, 3.5)], 7)
    assert not record.lost + record.twice


def test_a_prompt_that_is_gone_from_rows_or_api_is_lost(record: Record) -> None:
    check_prompts(record, [], 7)
    check_prompts(record, [(1, 3.5)])
    assert len(record.lost) == 2


def test_a_prompt_that_is_there_twice_is_found(record: Record) -> None:
    check_prompts(record, [(1, 3.5), (1, 3.5)], 7)
    assert len(record.twice) == 1


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([("queued", "running"), ("running", "succeeded")], 0),
        ([("queued", "running"), ("queued", "running"), ("running", "succeeded")], 1),
        ([("running", "succeeded"), ("running", "failed")], 1),
    ],
)
def test_two_changes_from_one_status_are_found(
    record: Record, steps: list[tuple[str, str]], found: int
) -> None:
    stack: Any = Rows(transition=[("run", 1, *step) for step in steps])
    audit._ledger(stack, record)
    assert len(record.twice) == found


def test_a_submit_or_a_verdict_without_its_row_is_lost(record: Record) -> None:
    stack: Any = Rows(masklet=[(1, "fish")])
    audit._objects_and_verdicts(stack, record)
    assert record.lost == ["the submit of masklet 1", "verdict 4"]


def test_there_are_six_broken_builds() -> None:
    assert len(NAMES) == len(set(NAMES)) == 6
