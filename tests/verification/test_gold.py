"""Known answers: made, given unseen, counted; and what an attacker among the reviewers can learn of them."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction

from annotation import metrics
from engine import storage
from engine.errors import InvalidInput, NotAllowed, WrongState
from engine.models import Masklet, MaskletStatus, ReleaseItem, Role
from engine.services import projects, store
from tests import factories
from tests.factories import Team
from tests.http import Caller, refusal
from tests.verification.conftest import submitted
from verification.models import GoldItem, Review, Verdict
from verification.services import gold, policies, queue, verdicts
from vos import rle

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(team: Team) -> Masklet:
    """An accepted masklet that no reviewer of the tests has seen."""
    return accepted(team)


def accepted(team: Team) -> Masklet:
    """Accepted by a word of the owner's, so that any reviewer may be given it."""
    masklet = submitted(team)
    factories.revision(masklet, team.annotator)
    return verdicts.decide(actor=team.owner, masklet_id=masklet.pk, kind="satisfactory")


def mixed_in(team: Team, share: float = 0.5, **values: Any) -> None:
    policies.change(actor=team.owner, project=team.project, gold_share=share, **values)


def until_gold(team: Team, person: User) -> Review:
    """Claims until a known answer comes; what comes before is left open."""
    for _ in range(60):
        review = queue.claim_next(actor=person, project_id=team.project.pk)
        assert review is not None
        if review.gold:
            return review
        queue.give_back(actor=person, review_id=review.pk, token=review.token)
    raise AssertionError("no known answer came")


def answer(review: Review, kind: str) -> Verdict:
    comment = "No." if kind == "unsatisfactory" else ""
    return verdicts.give(
        actor=review.person, review_id=review.pk, token=review.token, kind=kind, comment=comment
    )


# Made.


def test_an_owner_makes_right_and_wrong_ones(team: Team, source: Masklet) -> None:
    items = gold.make(actor=team.owner, masklet_id=source.pk)
    assert [item.kind == "clean" for item in items] == [True, False]
    clean, wrong = (storage.get_masks(item.key) for item in items)
    assert source.revision is not None
    assert clean == storage.get_masks(source.revision.key)
    assert wrong != clean
    assert set(wrong["frames"]) == set(clean["frames"])


def test_each_wanted_kind_is_made_as_long_as_it_can_be(team: Team, source: Masklet) -> None:
    kinds = ["shifted", "eroded", "lost", "flickers", "slipped"]
    made = gold.make(actor=team.owner, masklet_id=source.pk, kinds=kinds, severity=0.7)
    assert [item.kind for item in made] == kinds
    assert gold.make(actor=team.owner, masklet_id=source.pk, kinds=kinds) == [], "they are there"
    with pytest.raises(InvalidInput, match="no other object"):
        gold.make(actor=team.owner, masklet_id=source.pk, kinds=["merged"])


def test_only_owners_make_it_and_only_of_what_people_accepted(team: Team, source: Masklet) -> None:
    with pytest.raises(NotAllowed):
        gold.make(actor=team.annotator, masklet_id=submitted(team).pk)
    with pytest.raises(WrongState, match="found satisfactory"):
        gold.make(actor=team.owner, masklet_id=submitted(team).pk)


# Given and counted.


def test_it_comes_among_what_waits_and_moves_no_masklet(team: Team, source: Masklet) -> None:
    waiting = submitted(team)
    gold.make(actor=team.owner, masklet_id=source.pk)
    mixed_in(team)
    answer(until_gold(team, team.reviewer), "reject")
    statuses = dict(Masklet.objects.values_list("pk", "status"))
    assert statuses == {source.pk: MaskletStatus.ACCEPTED, waiting.pk: MaskletStatus.IN_VERIFICATION}


def test_it_comes_only_where_something_waits(team: Team, source: Masklet) -> None:
    gold.make(actor=team.owner, masklet_id=source.pk)
    mixed_in(team)
    assert queue.claim_next(actor=team.reviewer, project_id=team.project.pk) is None


def test_nobody_gets_what_they_know(team: Team, source: Masklet) -> None:
    submitted(team)
    gold.make(actor=team.owner, masklet_id=source.pk)
    mixed_in(team)
    projects.add_member(
        actor=team.owner, project=team.project, username=team.annotator.username, role=Role.REVIEWER
    )
    policy = policies.of(team.project.pk)
    assert gold.offer(team.annotator, policy) is None, "who made it"
    answer(until_gold(team, team.reviewer), "satisfactory")
    assert gold.offer(team.reviewer, policy) is None, "who has had a copy of it"


def test_what_is_reopened_or_retired_is_given_no_more(team: Team, source: Masklet) -> None:
    other = accepted(team)
    for masklet in (source, other):
        gold.make(actor=team.owner, masklet_id=masklet.pk)
    verdicts.reopen(actor=team.owner, masklet_id=source.pk, reason="Hm.")
    gold.retire(actor=team.owner, masklet_id=other.pk)
    mixed_in(team)
    assert gold.offer(team.reviewer, policies.of(team.project.pk)) is None


def test_answers_are_counted_with_intervals(team: Team) -> None:
    submitted(team)
    mixed_in(team)
    for _ in range(2):
        masklet = accepted(team)
        gold.make(actor=team.owner, masklet_id=masklet.pk, kinds=["clean"])
        answer(until_gold(team, team.reviewer), "satisfactory")
        masklet = accepted(team)
        gold.make(actor=team.owner, masklet_id=masklet.pk, kinds=["shifted"])
        answer(until_gold(team, team.reviewer), "satisfactory")
    masklet = accepted(team)
    gold.make(actor=team.owner, masklet_id=masklet.pk, kinds=["shifted"])
    answer(until_gold(team, team.reviewer), "reject")
    (told,) = gold.tallies(team.project, policies.of(team.project.pk))
    assert (told["sensitivity"]["value"], told["sensitivity"]["of"]) == (pytest.approx(1 / 3), 3)
    assert (told["specificity"]["value"], told["specificity"]["of"]) == (1.0, 2)
    assert told["sensitivity"]["low"] < 1 / 3 < told["sensitivity"]["high"]
    assert [kind["kind"] for kind in told["kinds"]] == ["shifted"]


def test_who_is_below_the_line_is_paused_with_the_figures_and_let_in_again(team: Team) -> None:
    submitted(team)
    mixed_in(team, pause_below=0.8, pause_after=2)
    for _ in range(2):
        gold.make(actor=team.owner, masklet_id=accepted(team).pk, kinds=["lost"])
        answer(until_gold(team, team.reviewer), "satisfactory")
    with pytest.raises(gold.Paused, match="0 of your 2 answers") as refused:
        queue.claim_next(actor=team.reviewer, project_id=team.project.pk)
    assert refused.value.details == {"right": 0, "seen": 2}
    with pytest.raises(NotAllowed):
        gold.let_in(actor=team.reviewer, project=team.project, username=team.reviewer.username)
    gold.let_in(actor=team.owner, project=team.project, username=team.reviewer.username)
    assert queue.claim_next(actor=team.reviewer, project_id=team.project.pk) is not None


def test_an_answer_can_be_taken_back_like_any_verdict(team: Team, source: Masklet) -> None:
    submitted(team)
    gold.make(actor=team.owner, masklet_id=source.pk, kinds=["lost"])
    mixed_in(team)
    verdict = answer(until_gold(team, team.reviewer), "satisfactory")
    again = verdicts.undo(actor=team.reviewer, verdict_id=verdict.pk)
    answer(again, "reject")
    (told,) = gold.tallies(team.project, policies.of(team.project.pk))
    assert (told["answers"], told["sensitivity"]["value"]) == (1, 1.0)


# Never counted as data.


def test_its_masks_outlive_the_sweep(team: Team, source: Masklet) -> None:
    items = gold.make(actor=team.owner, masklet_id=source.pk)
    assert all(store._is_named(item.key) for item in items)
    GoldItem.objects.all().delete()
    assert [store._is_named(item.key) for item in items] == [True, False], (
        "the clean one is the revision's too"
    )


def test_no_release_and_no_figure_holds_a_copy(team: Team, source: Masklet) -> None:
    before = metrics.table(actor=team.owner, project=team.project, by="phase", filters=metrics.Filters())
    gold.make(actor=team.owner, masklet_id=source.pk)
    release = factories.frozen_release(team)
    assert [item.revision_id for item in ReleaseItem.objects.filter(release=release)] == [source.revision_id]
    after = metrics.table(actor=team.owner, project=team.project, by="phase", filters=metrics.Filters())
    assert before == after


def test_the_database_refuses_a_release_with_a_probe(team: Team, source: Masklet) -> None:
    release = factories.frozen_release(team)
    probe = accepted(team)
    Masklet.objects.filter(pk=probe.pk).update(probe=True)
    with pytest.raises(DatabaseError, match="measured by"), transaction.atomic():
        ReleaseItem.objects.create(release=release, masklet=probe, revision=probe.revision)


# What an attacker among the reviewers sees.


@pytest.fixture
def two(team: Team, source: Masklet) -> tuple[Caller, dict[str, Any], dict[str, Any]]:
    """A reviewer who holds a known answer and a masklet that waits: both as the API gave them."""
    for _ in range(3):
        submitted(team)
    gold.make(actor=team.owner, masklet_id=source.pk, kinds=["clean", "shifted"])
    mixed_in(team)
    caller = Caller(team.reviewer)
    path = f"projects/{team.project.pk}/queue/review/next/"
    held: dict[bool, dict[str, Any]] = {}
    for _ in range(60):
        told = caller.post(path)
        if told.status_code == 204:
            break
        review = Review.objects.get(pk=told.json()["id"])
        if (review.gold is not None) in held:
            caller.post(f"reviews/{review.pk}/give-back/", lease_token=review.token)
        held.setdefault(review.gold is not None, told.json())
        if len(held) == 2:
            return caller, held[True], held[False]
    raise AssertionError("not both came")


def test_both_are_told_alike(two: tuple[Caller, dict[str, Any], dict[str, Any]]) -> None:
    caller, known, natural = two
    assert set(known) == set(natural)
    for name in set(known) - {"id", "video", "video_name", "token", "lease_until"}:
        assert known[name] == natural[name], name
    for noun in ("masks", "previous"):
        answers = [caller.get(f"reviews/{each['id']}/{noun}/") for each in (known, natural)]
        assert len({each.status_code for each in answers}) == 1
        if noun == "masks":
            assert len({tuple(sorted(each.json())) for each in answers}) == 1
            keys = {tuple(frame) for each in answers for frame in each.json()["frames"].values()}
            assert keys == {("counts",)}


def test_neither_can_be_found_among_masklets(
    team: Team, two: tuple[Caller, dict[str, Any], dict[str, Any]], source: Masklet
) -> None:
    """Whoever could list what waits would know a known answer by its absence; whoever could see what is
    accepted, by its masks."""
    caller, known, natural = two
    assert caller.get(f"masklets/?project={team.project.pk}").json()["results"] == []
    for video in (known["video"], natural["video"]):
        assert caller.get(f"masklets/?video={video}").json()["results"] == []
        assert caller.get(f"videos/{video}/").json()["masklet_counts"] == {}
    for masklet in Masklet.objects.all():
        for path in ("", "masks/", "revisions/", "prompts/", "verdicts/", "history/", "preverifier/"):
            assert refusal(caller.get(f"masklets/{masklet.pk}/{path}")) == (404, "not_found")
        for path in ("review/", "claim/", "reopen/", "decide/"):
            body = (
                {"reason": "x"} if path == "reopen/" else {"verdict": "reject"} if path == "decide/" else {}
            )
            assert refusal(caller.post(f"masklets/{masklet.pk}/{path}", body)) == (404, "not_found"), path
    assert caller.get(f"runs/?project={team.project.pk}").json()["results"] == []


def test_no_count_tells(team: Team, two: tuple[Caller, dict[str, Any], dict[str, Any]]) -> None:
    caller, *_ = two
    counts = caller.get(f"projects/{team.project.pk}/").json()["counts"]
    assert (counts["to_verify"], counts["accepted"]) == (None, None)
    assert Caller(team.owner).get(f"projects/{team.project.pk}/").json()["counts"]["to_verify"] == 3


def test_only_owners_read_what_is_known(
    team: Team, two: tuple[Caller, dict[str, Any], dict[str, Any]]
) -> None:
    caller, *_ = two
    for path in ("gold/", "reviewers/", "review-policy/", "agreement/", "verification/", "escalated/"):
        assert refusal(caller.get(f"projects/{team.project.pk}/{path}"))[0] == 403, path
    for path in ("queue/annotation/", "audit/"):
        assert refusal(caller.get(f"projects/{team.project.pk}/{path}"))[0] == 403, path


def test_what_is_given_back_comes_again_either_way(
    two: tuple[Caller, dict[str, Any], dict[str, Any]], team: Team
) -> None:
    """A masklet that is given back is the first that its reviewer gets again; so is a known answer."""
    caller, known, _ = two
    caller.post(f"reviews/{known['id']}/give-back/", lease_token=known["token"])
    again = caller.post(f"projects/{team.project.pk}/queue/review/next/").json()
    masks = [caller.get(f"reviews/{each['id']}/masks/").json() for each in (known, again)]
    assert masks[0] == masks[1]


def test_ids_are_of_one_sequence(two: tuple[Caller, dict[str, Any], dict[str, Any]]) -> None:
    caller, known, natural = two
    given = [
        caller.post(f"reviews/{each['id']}/verdict/", {"verdict": "reject"}, lease_token=each["token"]).json()
        for each in (known, natural)
    ]
    assert set(given[0]) == set(given[1])
    assert abs(given[0]["id"] - given[1]["id"]) == 1
    assert abs(known["id"] - natural["id"]) <= Review.objects.count()


def test_the_masks_of_a_copy_are_valid_masks(team: Team, source: Masklet) -> None:
    kinds = ["shifted", "leaked", "eroded", "dilated", "holes", "lost", "slipped"]
    for item in gold.make(actor=team.owner, masklet_id=source.pk, kinds=kinds):
        content = storage.get_masks(item.key)
        for frame in content["frames"].values():
            height, width = content["size"]
            rle.check({"size": content["size"], "counts": frame["counts"]}, height=height, width=width)


def test_the_kinds_are_twelve_and_clean() -> None:
    from verification.models.gold import KINDS

    assert len(KINDS) == 13
    assert GoldItem._meta.get_field("kind").max_length >= max(map(len, KINDS))  # type: ignore[union-attr]
