import pytest

from worker.sam2.legs import is_changed, legs


@pytest.mark.parametrize("from_frame", [0, 2, 4])
def test_both_ways_are_the_same_wherever_one_looks_from(from_frame: int) -> None:
    assert legs("both", from_frame, 5, {2}) == [range(2, 5), range(1, -1, -1)]


@pytest.mark.parametrize(
    ("direction", "from_frame", "prompted", "expected"),
    [
        ("both", 0, {0}, [[0, 1, 2, 3, 4]]),
        ("both", 0, {4}, [[4], [3, 2, 1, 0]]),
        ("both", 0, {0, 4}, [[0, 1, 2], [4], [3]]),
        ("both", 0, {1, 2}, [[1], [0], [2, 3, 4]]),
        ("forward", 2, {2}, [[2, 3, 4]]),
        ("forward", 1, {3}, [[3, 4], [2, 1]]),
        ("forward", 3, {1}, [[1, 2, 3, 4]]),
        ("forward", 4, {0, 4}, [[4]]),
        ("backward", 2, {2}, [[2], [1, 0]]),
        ("backward", 3, {0}, [[0, 1, 2, 3]]),
        ("backward", 1, {3}, [[3], [2, 1, 0]]),
        ("backward", 0, {0, 4}, [[0]]),
    ],
)
def test_every_way_begins_at_a_prompted_frame(
    direction: str, from_frame: int, prompted: set[int], expected: list[list[int]]
) -> None:
    assert [list(leg) for leg in legs(direction, from_frame, 5, prompted)] == expected


FIRST, THERE, BACK, ON, RETURN, LAST = (
    range(6),
    range(10, 16),
    range(19, 15, -1),
    range(20, 26),
    range(29, 25, -1),
    range(30, 40),
)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [({20}, [THERE, BACK, ON, RETURN]), ({17}, [THERE, BACK]), ({35}, [LAST]), (set(), [])],
    ids=["a prompted frame", "one that is prompted no more", "at the end", "none"],
)
def test_a_prompt_changes_the_ways_from_it_and_to_it(changed: set[int], expected: list[range]) -> None:
    ways = [FIRST, THERE, BACK, ON, RETURN, LAST]
    assert [way for way in ways if is_changed(way, {0, 10, 20, 30}, changed)] == expected
