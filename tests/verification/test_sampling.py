from typing import Any

import pytest

from annotation.services import masklets as desk, queue as annotators
from engine.errors import WrongState
from engine.models import Masklet, MaskletStatus, Membership, ReleaseItem
from engine.services import projects
from tests import factories
from tests.factories import Team
from tests.verification.test_rounds import give, now, policy, refine, submit
from verification.models import Probe, SamplingDraw
from verification.services import probes, queue, risk, sampling, verdicts

pytestmark = pytest.mark.django_db


def test_what_is_not_drawn_is_accepted_unseen_and_says_so(team: Team) -> None:
    policy(team, look_share=0.0)
    masklet = submit(team)
    assert (now(masklet).status, now(masklet).passed_by) == (MaskletStatus.ACCEPTED, "sampling")
    drawn = SamplingDraw.objects.get()
    assert (drawn.about, drawn.share, drawn.taken) == ("look", 0.0, False)
    release = factories.frozen_release(team)
    assert release.unseen_count == 1
    assert ReleaseItem.objects.get(release=release).passed_by == "sampling"


def test_what_is_reopened_or_was_sent_back_is_always_looked_at(team: Team) -> None:
    masklet = submit(team)
    give(team.reviewer, masklet, "unsatisfactory")
    policy(team, look_share=0.0)
    refine(team, team.annotator)
    assert now(masklet).status == MaskletStatus.IN_VERIFICATION


def test_a_discard_is_always_looked_at(team: Team) -> None:
    policy(team, look_share=0.0)
    video = factories.ready_video(team.project, team.owner, stored=False)
    held = desk.select_object(actor=team.annotator, video_id=video.pk)
    masklet = desk.discard(actor=team.annotator, assignment_id=held.pk, token=held.token, reason="Glare.")
    assert masklet.status == MaskletStatus.IN_VERIFICATION


def test_trusted_people_are_looked_at_less(team: Team) -> None:
    policy(team, trusted_share=0.0, trusted_rate=0.9, trusted_after=2)
    for _ in range(2):
        give(team.reviewer, submit(team))
    assert sampling.record_of(team.annotator, team.project.pk) == (2, 2)
    assert now(submit(team)).passed_by == "sampling"
    assert now(submit(team, team.second_annotator)).status == MaskletStatus.IN_VERIFICATION


def test_an_owners_word_about_a_person_comes_first(team: Team) -> None:
    member = Membership.objects.get(project=team.project, user=team.annotator)
    projects.change_member(actor=team.owner, project=team.project, membership_id=member.pk, look_share=0.0)
    assert now(submit(team)).passed_by == "sampling"


def test_draws_keep_their_share(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    masklet = submit(team)
    taken = [sampling.draw(masklet, SamplingDraw.About.LOOK, 0.3, because="test") for _ in range(400)]
    assert 70 < sum(taken) < 170
    rows = SamplingDraw.objects.filter(because="test")
    assert all(row.taken == (row.drawn < row.share) for row in rows)


def test_the_likeliest_wrong_comes_first_and_age_still_counts(team: Team) -> None:
    calm, doubtful = submit(team), submit(team)
    risk.move(doubtful, 0.9)
    first = queue.claim_next(actor=team.reviewer, project_id=team.project.pk)
    assert first is not None
    assert first.masklet == doubtful
    queue.give_back(actor=team.reviewer, review_id=first.pk, token=first.token)
    Masklet.objects.filter(pk=calm.pk).update(review_rank=0)
    oldest = queue.claim_next(actor=team.reviewer, project_id=team.project.pk)
    assert oldest is not None
    assert oldest.masklet == calm
    queue.give_back(actor=team.reviewer, review_id=oldest.pk, token=oldest.token)
    Masklet.objects.filter(pk=doubtful.pk).update(priority=1)
    wanted = queue.claim_next(actor=team.reviewer, project_id=team.project.pk)
    assert wanted is not None
    assert wanted.masklet == doubtful


def test_a_newcomers_masklets_are_riskier_until_they_are_known(team: Team) -> None:
    first = now(submit(team)).risk
    assert first > 0
    for _ in range(3):
        give(team.reviewer, submit(team))
    assert now(submit(team)).risk < first + 0.1


def test_the_preverifiers_word_takes_the_place_of_doubt(team: Team) -> None:
    masklet = submit(team)
    assert masklet.revision_id is not None
    assert risk.rescore(masklet, revision_id=masklet.revision_id, score=0.05)
    assert now(masklet).risk > 0.9
    assert now(masklet).preverifier_score == 0.05
    assert not risk.rescore(masklet, revision_id=masklet.revision_id + 1, score=0.9), "too late"


# Probes.


def begun(team: Team) -> Probe:
    policy(team, probe_share=1.0)
    submit(team)
    return Probe.objects.get()


def test_a_share_of_objects_is_made_by_a_second_person_unseen(team: Team) -> None:
    probe = begun(team)
    assert (probe.masklet.probe, probe.masklet.status) == (True, MaskletStatus.SELECTED)
    assert annotators.claim_next(actor=team.annotator, project_id=team.project.pk) is None
    held = annotators.claim_next(actor=team.second_annotator, project_id=team.project.pk)
    assert held is not None
    assert held.masklet == probe.masklet
    assert held.masklet.revision is not None
    assert held.masklet.revision.frame_count == 1, "the selection, and no more of what the first made"


def test_how_far_two_people_agree_is_scored(team: Team) -> None:
    begun(team)
    held = annotators.claim_next(actor=team.second_annotator, project_id=team.project.pk)
    assert held is not None
    factories.revision(held.masklet, team.second_annotator)
    desk.submit(actor=team.second_annotator, assignment_id=held.pk, token=held.token)
    assert now(held.masklet).status == MaskletStatus.ACCEPTED
    assert probes.score_waiting() == 1
    assert probes.score_waiting() == 0
    probe = Probe.objects.get()
    assert (probe.person, probe.j, probe.f) == (team.second_annotator, 1.0, 1.0)


def test_a_probe_is_in_no_release(team: Team) -> None:
    test_how_far_two_people_agree_is_scored(team)
    reference = Probe.objects.get().reference.masklet
    review = queue.claim_next(actor=team.reviewer, project_id=team.project.pk)
    assert review is not None
    assert review.masklet == reference, "by the queue, though nothing of it is shown"
    verdicts.give(actor=team.reviewer, review_id=review.pk, token=review.token, kind="satisfactory")
    release = factories.frozen_release(team)
    assert [item.masklet for item in ReleaseItem.objects.filter(release=release)] == [reference]


def test_other_annotators_do_not_see_what_a_probe_is_held_against(team: Team) -> None:
    from tests.http import Caller

    reference = begun(team).reference.masklet
    seen: Any = Caller(team.second_annotator).get(f"masklets/?video={reference.video_id}").json()
    assert reference.pk not in {row["id"] for row in seen["results"]}
    own: Any = Caller(team.annotator).get(f"masklets/?video={reference.video_id}").json()
    assert reference.pk in {row["id"] for row in own["results"]}


def test_an_owner_has_gold_made_once_more(team: Team) -> None:
    masklet = submit(team)
    give(team.reviewer, masklet)
    probes.make(actor=team.owner, masklet_id=masklet.pk)
    with pytest.raises(WrongState, match="already"):
        probes.make(actor=team.owner, masklet_id=masklet.pk)
