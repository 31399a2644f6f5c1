import pytest
from hypothesis import given, strategies as st

from verification.decision import Kind, Next, Opinion, Rule, decide

S, U, R = (kind.value for kind in Kind)


ONE = Rule(1, 1)


def after(*kinds: str, rule: Rule = ONE, **values: int) -> tuple[Next, str]:
    return tuple(decide([Opinion(kind) for kind in kinds], rule, **values))  # type: ignore[return-value]


@pytest.mark.parametrize("kind", [S, U, R])
def test_one_reviewer_decides_alone_where_one_is_wanted(kind: str) -> None:
    assert after(kind) == (Next.CLOSE, kind)
    assert after() == (Next.WAIT, "")


@pytest.mark.parametrize(
    ("kinds", "then"),
    [
        ([S], (Next.WAIT, "")),
        ([S, S], (Next.CLOSE, S)),
        ([S, U], (Next.WAIT, "")),
        ([S, U, U], (Next.CLOSE, U)),
        ([S, U, R], (Next.ASK_SENIOR, "")),
    ],
)
def test_two_of_three(kinds: list[str], then: tuple[Next, str]) -> None:
    assert after(*kinds, rule=Rule(3, 2)) == then


def test_who_cannot_agree_any_more_is_not_asked_further() -> None:
    assert after(S, U, rule=Rule(3, 3)) == (Next.ASK_SENIOR, "")


def test_a_senior_and_an_owner_decide_alone() -> None:
    opinions = [Opinion(S), Opinion(U), Opinion(R, decides=True)]
    assert decide(opinions, Rule(2, 2)) == (Next.CLOSE, R)


def test_once_too_often_unsatisfactory_asks_the_owner() -> None:
    assert after(U, failed_rounds=1, cap=3) == (Next.CLOSE, U)
    assert after(U, failed_rounds=2, cap=3) == (Next.ASK_OWNER, U)
    assert after(S, failed_rounds=9, cap=3) == (Next.CLOSE, S)


@pytest.mark.parametrize(
    ("there", "rule"), [(5, Rule(3, 2)), (2, Rule(2, 2)), (1, Rule(1, 1)), (0, Rule(1, 1))]
)
def test_a_small_team_is_asked_for_no_more_than_it_is(there: int, rule: Rule) -> None:
    assert Rule(3, 2).for_team(there) == rule


@pytest.mark.parametrize(("reviewers", "agreeing"), [(2, 3), (0, 0), (1, 0)])
def test_a_rule_that_nobody_can_satisfy_is_none(reviewers: int, agreeing: int) -> None:
    with pytest.raises(ValueError, match="cannot agree"):
        Rule(reviewers, agreeing)


@given(st.lists(st.sampled_from([S, U, R]), max_size=9), st.integers(1, 9), st.data())
def test_a_full_round_never_waits_and_a_decision_has_its_votes(
    kinds: list[str], reviewers: int, data: st.DataObject
) -> None:
    rule = Rule(reviewers, data.draw(st.integers(1, reviewers)))
    said: list[str] = []
    for kind in kinds[:reviewers]:
        said.append(kind)
        then = decide([Opinion(each) for each in said], rule)
        if then.next is Next.CLOSE:
            assert said.count(then.kind) == rule.agreeing
            return
        if then.next is Next.ASK_SENIOR:
            left = reviewers - len(said)
            assert all(said.count(each) + left < rule.agreeing for each in (S, U, R))
            return
    assert len(said) < reviewers
