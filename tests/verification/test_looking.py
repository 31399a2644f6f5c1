"""What a reviewer is shown: the masks, and what was sent back before."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.services import masklets, queue as annotators
from engine import lifecycle
from engine.models import Masklet, MaskletStatus
from tests import factories
from tests.factories import Team
from tests.http import Caller, refusal
from verification.models import Review
from verification.services import queue, verdicts

pytestmark = pytest.mark.django_db


def say(team: Team, review: Review, kind: str, **words: Any) -> int:
    said = verdicts.give(
        actor=team.reviewer, review_id=review.pk, token=str(review.token), kind=kind, **words
    )
    return said.pk


def claim(team: Team, masklet: Masklet) -> Review:
    return queue.claim(actor=team.reviewer, masklet_id=masklet.pk, takeover=True)


def mended(team: Team, masklet: Masklet) -> Review:
    """The annotator makes new masks on frames 0 and 1 and submits; the reviewer has it again."""
    masklet.refresh_from_db()
    lifecycle.change(masklet, MaskletStatus.ANNOTATING, actor=team.annotator)
    factories.revision(masklet, team.annotator, {idx: factories.disc_mask(idx) for idx in (0, 1)})
    lifecycle.change(masklet, MaskletStatus.IN_VERIFICATION, actor=team.annotator)
    return claim(team, masklet)


def previous(team: Team, review: Review) -> dict[str, Any] | None:
    answer = Caller(team.reviewer).get(f"reviews/{review.pk}/previous/")
    return None if answer.status_code == 204 else dict(answer.json())


def test_what_was_sent_back_is_shown_with_its_words_its_pins_and_its_masks(
    team: Team, masklet: Masklet
) -> None:
    first = claim(team, masklet)
    pin = {"frame_idx": 0, "note": "leaks here", "strokes": [[[1.0, 2.0]]]}
    say(team, first, "unsatisfactory", comment="The tail is missing.", reasons=["misses_parts"], pins=[pin])
    told = previous(team, again := mended(team, masklet))
    assert told is not None
    assert (told["verdict"], told["comment"]) == ("unsatisfactory", "The tail is missing.")
    assert told["reasons"] == ["misses_parts"]
    assert [(each["frame_idx"], each["note"], each["strokes"]) for each in told["pins"]] == [
        (0, "leaks here", [[[1.0, 2.0]]])
    ]
    assert set(told["masks"]["frames"]) == {"0"}, "the masks that it was about"
    now = Caller(team.reviewer).get(f"reviews/{again.pk}/masks/").json()
    assert set(now["frames"]) == {"0", "1"}
    for shown in (told["masks"], now):
        assert {tuple(frame) for frame in shown["frames"].values()} == {("counts",)}, "no scores of a model"


def test_of_several_the_last_is_shown(team: Team, masklet: Masklet) -> None:
    say(team, claim(team, masklet), "unsatisfactory", comment="first")
    say(team, mended(team, masklet), "unsatisfactory", comment="second")
    told = previous(team, mended(team, masklet))
    assert told is not None
    assert told["comment"] == "second"
    assert set(told["masks"]["frames"]) == {"0", "1"}


def test_a_verdict_that_was_taken_back_is_not_shown(team: Team, masklet: Masklet) -> None:
    review = claim(team, masklet)
    verdict = say(team, review, "unsatisfactory", comment="no, it is right")
    taken_back = verdicts.undo(actor=team.reviewer, verdict_id=verdict)
    assert previous(team, taken_back) is None


def test_what_was_accepted_and_reopened_has_nothing_that_was_sent_back(team: Team, masklet: Masklet) -> None:
    say(team, claim(team, masklet), "satisfactory")
    masklet.refresh_from_db()
    verdicts.reopen(actor=team.owner, masklet_id=masklet.pk, reason="look again")
    assert previous(team, claim(team, masklet)) is None


def test_only_whoever_reviews_reads_it(team: Team, masklet: Masklet) -> None:
    review = claim(team, masklet)
    for other in (team.annotator, team.owner, team.stranger):
        assert refusal(Caller(other).get(f"reviews/{review.pk}/previous/"))[0] == 404
        assert refusal(Caller(other).get(f"reviews/{review.pk}/masks/"))[0] == 404


def test_a_filter_that_there_is_not_is_told(team: Team, masklet: Masklet) -> None:
    review = claim(team, masklet)
    assert refusal(Caller(team.reviewer).get(f"reviews/{review.pk}/previous/?revision=1"))[0] == 400


def test_why_the_annotator_would_discard_it_is_shown_while_they_would(team: Team, masklet: Masklet) -> None:
    def shown() -> Any:
        return (
            Caller(team.reviewer)
            .post(f"masklets/{masklet.pk}/review/", {"takeover": True})
            .json()["discard_reason"]
        )

    assert shown() is None
    say(team, claim(team, masklet), "unsatisfactory", comment="Mend it.")
    held = annotators.claim(actor=team.annotator, masklet_id=masklet.pk)
    masklets.discard(
        actor=team.annotator, assignment_id=held.pk, token=held.token, reason="It is a reflection."
    )
    assert shown() == "It is a reflection."
    say(team, claim(team, masklet), "unsatisfactory", comment="No, it is an object.")
    mended(team, masklet)
    assert shown() is None
