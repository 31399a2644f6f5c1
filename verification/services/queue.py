"""The reviewers' queue: a masklet waits for the verdict of people who had no hand in it, the likeliest wrong first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from random import SystemRandom
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from engine import access, leases
from engine.errors import HeldByOther, LeaseLost, MaskloopError, OpenInAnotherTab, WrongState
from engine.models import Masklet, MaskletStatus, Role
from verification.models import GoldItem, Review, ReviewPolicy, Round
from verification.models.review import SEATED
from verification.services import gold, opinions, people, policies, rounds
from verification.services.opinions import Places

SKIPPING: dict[str, Any] = {"of": ("self",), "no_key": True, "skip_locked": True}
#: An owner's priority, then risk and age together (engine.models.masklet): the index of that name.
ORDER = ("-priority", "review_rank", "id")
TOGETHER = 6  #: masklets of one video that are reviewed in one go

_chance = SystemRandom()


class OwnMasklet(MaskloopError):
    status = 403
    code = "own_masklet"
    message = "You had a hand in this masklet. Another person must verify it."


class AlreadyJudged(MaskloopError):
    status = 409
    code = "already_judged"
    message = "You gave your verdict on this revision already; now others give theirs."


@transaction.atomic
def claim(*, actor: User, masklet_id: int, takeover: bool = False) -> Review:
    """Hold one masklet for a verdict on its current revision. A lease that has run out counts as free.

    Raises `OwnMasklet`, `AlreadyJudged`, `HeldByOther`, `OpenInAnotherTab` (the same person, without `takeover`),
    `gold.Paused` or `WrongState`.
    """
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.REVIEWER)
    if masklet.status != MaskletStatus.IN_VERIFICATION:
        words = MaskletStatus(masklet.status).label.lower()
        raise WrongState(f"This masklet does not wait for a verdict; it is {words}.", status=masklet.status)
    if masklet.escalated:
        raise WrongState("This masklet waits for an owner's decision.", status=masklet.status)
    if Masklet.objects.filter(people.not_for(actor, masklet.project), pk=masklet.pk).exists():
        raise OwnMasklet
    gold.refuse_paused(actor, policies.of(masklet.project_id))
    _lapse(masklet)
    round = rounds.current(masklet)
    held = Review.objects.open().filter(round=round)
    if mine := held.filter(person=actor).first():
        if not takeover:
            raise OpenInAnotherTab
        mine.take_over()
        mine.masklet = masklet
        return mine
    _check_seat(round, held, actor, masklet.project_id)
    return take(masklet, actor=actor, round=round, places=opinions.of_revision(round.revision_id))


def _check_seat(round: Round, held: QuerySet[Review], actor: User, project_id: int) -> None:
    seated = rounds.seated(round)
    if actor.pk in seated:
        raise AlreadyJudged
    if round.tied and not people.is_senior(actor, project_id):
        raise WrongState("Reviewers differ about this masklet; it waits for a senior.")
    if len(seated) < round.seats:
        return
    holder = held.select_related("person").first()
    if holder is None:
        raise WrongState("As many people as were wanted have judged this masklet.")
    name = holder.person.get_full_name() or holder.person.get_username()
    raise HeldByOther(f"{name} is working on this.", person=name, lease_until=holder.lease_until)


class Seat(NamedTuple):
    """What a review can be of: a masklet that waits, locked, with its round; or a known answer made of it."""

    masklet: Masklet
    places: Places | None
    round: Round | None = None
    known: GoldItem | None = None


@transaction.atomic
def claim_next(*, actor: User, project_id: int) -> Review | None:
    """Hold what comes first in the project and is not one's own, or now and then a known answer; None when nothing
    waits. Raises `gold.Paused`."""
    seat = _first(actor, project_id)
    return _sit(seat, actor) if seat else None


@transaction.atomic
def claim_together(*, actor: User, project_id: int, most: int = TOGETHER) -> list[Review]:
    """Hold what comes first, and with it what else waits in the same video, `most` in all. Raises `gold.Paused`."""
    first = _first(actor, project_id)
    if first is None:
        return []
    beside = _waiting(project_id).filter(video=first.masklet.video_id).exclude(pk=first.masklet.pk)
    seats = [first, *islice(_seats(actor, project_id, beside), most - 1)]
    # Known answers are only ever the first: in their own order they would be known by it.
    _chance.shuffle(seats)
    return [_sit(seat, actor) for seat in seats]


def _first(actor: User, project_id: int) -> Seat | None:
    access.require(actor, project_id, Role.REVIEWER)
    policy = policies.of(project_id)
    gold.refuse_paused(actor, policy)
    leases.lapse_expired(Review, _lapse, masklet__project=project_id)
    waiting = next(_seats(actor, project_id, _waiting(project_id)), None)
    return (_known_answer(actor, policy, waiting) if policy.gold_share else None) or waiting


def _known_answer(actor: User, policy: ReviewPolicy, waiting: Seat | None) -> Seat | None:
    """One for now in place of what waits, or none. It is looked for and held each time and after a seat was found, so
    that neither a known answer nor a masklet that waits takes longer than the other."""
    # It shows its places where the one does in whose turn it comes; where none waits, as all do in the end.
    shows = waiting is None or waiting.places is not None
    left, offered = gold.given_back(actor, policy.project_id), gold.offer(actor, policy, looked_at=shows)
    its_turn = gold.its_turn(policy)
    item = left or offered
    masklet = gold.hold(item, actor=actor) if item else None
    if item is None or masklet is None:
        return None
    seat = Seat(masklet, gold.places(item, actor, shows=shows), known=item)
    return seat if left or (its_turn and waiting) else None


def _seats(actor: User, project_id: int, waiting: QuerySet[Masklet]) -> Iterator[Seat]:
    """Of `waiting`, in the queue's order, what has a seat for `actor`; each is locked."""
    for pk in _candidates(actor, project_id, waiting):
        locking = waiting.select_for_update(**SKIPPING).select_related("video")
        masklet = locking.filter(pk=pk).first()
        if masklet is None:
            continue
        round = rounds.current(masklet)
        # Others may have taken its seats between the query's snapshot and the lock.
        seated = rounds.seated(round) if round.was_there else set()
        if actor.pk not in seated and len(seated) < round.seats:
            yield Seat(masklet, opinions.of_revision(round.revision_id), round=round)


def _sit(seat: Seat, actor: User) -> Review:
    if seat.known is not None:
        return gold.take(seat.known, seat.masklet, actor=actor, places=seat.places)
    assert seat.round is not None
    return take(seat.masklet, actor=actor, round=seat.round, places=seat.places)


def _candidates(actor: User, project_id: int, waiting: QuerySet[Masklet]) -> Iterator[int]:
    """Ids of what `actor` may verify and has a free seat, in the queue's order."""
    senior, separates = people.standing(actor, project_id)
    for chunk in _in_chunks(waiting.order_by(*ORDER)):
        full = _full(chunk, actor, senior=senior)
        free = [pk for pk in chunk if pk not in full]
        own: set[int] = set()
        if separates:
            handled = Masklet.objects.filter(access.had_a_hand(actor.pk), pk__in=free)
            own = set(handled.values_list("pk", flat=True))
        yield from (pk for pk in free if pk not in own)


def _full(chunk: list[int], actor: User, *, senior: bool) -> set[int]:
    """Those of `chunk` that have no seat for `actor`."""
    seats: dict[int, int] = {}
    taken: defaultdict[int, int] = defaultdict(int)
    full = set()
    rows = Review.objects.filter(
        masklet__in=chunk, round__closed_at=None, round__isnull=False, outcome__in=SEATED
    )
    for masklet, person, reviewers, tied in rows.values_list(
        "masklet", "person", "round__reviewers", "round__tied"
    ):
        seats[masklet] = reviewers + tied
        taken[masklet] += 1
        if person == actor.pk or (tied and not senior):
            full.add(masklet)
    return full | {pk for pk in taken if taken[pk] >= seats[pk]}


def take(masklet: Masklet, *, actor: User, round: Round, places: Places | None) -> Review:
    """Inside the transaction that locked `masklet`: the claim itself. `places` are shown from now on."""
    return leases.take(
        Review, masklet=masklet, person=actor, revision_id=round.revision_id, round=round, places=places
    )


def find(*, actor: User, review_id: int) -> Review:
    """One's own review."""
    return leases.find(Review, person=actor, pk=review_id)


@transaction.atomic
def resume(*, actor: User, review_id: int, takeover: bool = False) -> Review:
    """A reload, or another tab (`takeover`): one's own open review under a new token.

    Raises `OpenInAnotherTab` without `takeover`, `WrongState` where it has ended.
    """
    review = find(actor=actor, review_id=review_id)
    masklet = leases.lock_held(actor, review.masklet_id)
    access.require(actor, masklet.project_id, Role.REVIEWER)
    _lapse(masklet)
    mine = Review.objects.open().filter(pk=review.pk).first()
    if mine is None:
        raise WrongState("This review has ended. Take the next one.")
    if not takeover:
        raise OpenInAnotherTab
    mine.take_over()
    return mine


def heartbeat(*, actor: User, review_id: int, token: str) -> Review:
    """Keep the lease. Raises `LeaseLost`."""
    review = find(actor=actor, review_id=review_id)
    review.keep(token=token)
    return review


@transaction.atomic
def give_back(*, actor: User, review_id: int, token: str) -> Review:
    """Leave the verdict to another reviewer."""
    review = hold(actor=actor, review_id=review_id, token=token)
    review.end(Review.Outcome.GIVEN_BACK, token=token)
    return review


def hold(*, actor: User, review_id: int, token: str) -> Review:
    """Inside a transaction: the masklet and its review are locked, so that nobody who lost the lease can
    give a verdict. Raises `LeaseLost`."""
    review = find(actor=actor, review_id=review_id)
    masklet = leases.lock_held(actor, review.masklet_id)
    access.require(actor, masklet.project_id, Role.REVIEWER)
    held = leases.hold(Review, masklet=masklet, person=actor, token=token)
    if held.pk != review.pk:
        raise LeaseLost
    return held


def lapse_expired() -> int:
    """The janitor's duty: masklets whose reviewer went silent are free for another."""
    return leases.lapse_expired(Review, _lapse)


def _waiting(project_id: int) -> QuerySet[Masklet]:
    return Masklet.objects.to_verify().filter(project=project_id)


def _in_chunks(waiting: QuerySet[Masklet]) -> Iterator[list[int]]:
    """The ids of what waits, in its order: few at first, for the first is mostly the one. Who had a hand in a
    masklet is asked of these alone; asked of the whole queue, PostgreSQL reads all that a person ever did."""
    last, size = None, 25
    while True:
        rest = waiting
        if last:
            priority, rank, pk = last
            later = Q(review_rank__gt=rank) | Q(review_rank=rank, pk__gt=pk)
            rest = waiting.filter(priority__lte=priority).filter(Q(priority__lt=priority) | later)
        rows = list(rest.values_list("priority", "review_rank", "pk")[:size])
        if not rows:
            return
        yield [pk for _, _, pk in rows]
        last, size = rows[-1], min(size * 4, 5_000)


def _lapse(masklet: Masklet) -> bool:
    lapsed = [review.lapse() for review in Review.objects.expired().filter(masklet=masklet)]
    return any(lapsed)
