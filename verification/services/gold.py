"""Known answers: made by owners from accepted masklets, mixed unseen into what reviewers are given, and what they say
about a reviewer.

Whoever reviews is told nothing by which a known answer could be told from a masklet that waits: both are a review,
numbered and leased alike, and of neither its masklet is named. What else could tell is withheld from reviewers of the
project (engine.access.masklets).
"""

from __future__ import annotations

from collections.abc import Sequence
from random import SystemRandom
from typing import Any, NamedTuple, cast

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from scipy.stats import binomtest

from engine import access, leases, storage
from engine.errors import InvalidInput, MaskloopError, NotFound, WrongState
from engine.mask_quality import mask_quality
from engine.models import AuditKind, Masklet, MaskletStatus, Project, Role
from engine.services import audit, revisions
from verification.models import GoldItem, Review, ReviewPolicy, Standing, Verdict
from verification.models.gold import CLEAN, KINDS
from verification.models.review import SEATED
from verification.services import opinions
from vos.corruptions import CORRUPTIONS, WITH_NEIGHBOUR, CannotCorrupt, Corruption, corrupt
from vos.rle import Rle

_chance = SystemRandom()
MOST_PIXELS = 4_000_000_000  #: of a masklet's frames together, that are made wrong while somebody waits


class Paused(MaskloopError):
    status = 403
    code = "paused"
    message = "You are paused as a reviewer here. Ask an owner."


# What owners do.


@transaction.atomic
def make(
    *, actor: User, masklet_id: int, kinds: Sequence[str] | None = None, severity: float = 0.5
) -> list[GoldItem]:
    """Known answers from an accepted masklet: `kinds` of them, or one that is right and one wrong in a way drawn by
    lot. Kinds that this masklet has already stay. Raises `WrongState` or `InvalidInput`."""
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.OWNER)
    if masklet.status != MaskletStatus.ACCEPTED or masklet.passed_by or masklet.trial or masklet.probe:
        raise WrongState("Only a masklet that people found satisfactory can be gold.", status=masklet.status)
    if unknown := sorted(set(kinds or ()) - set(KINDS)):
        raise InvalidInput(f"{unknown[0][:30]} is no kind of gold. Kinds are: {', '.join(KINDS)}.")
    video = masklet.video
    if (video.frame_count or 0) * (video.width or 0) * (video.height or 0) > MOST_PIXELS:
        raise InvalidInput("This video is too large to be made gold of. Choose a shorter one.")
    content = revisions.load(masklet.revision, video=video)
    made = [
        item
        for kind in _wanted(masklet, kinds)
        if (item := _make(masklet, kind, severity, content, actor, must=kinds is not None)) is not None
    ]
    made = made if kinds is not None else _first_two(made)
    if made:
        GoldItem.objects.bulk_create(made)
        opinions.ask(made)
        Masklet.objects.filter(pk=masklet.pk).update(probed=True)
        audit.record(
            AuditKind.GOLD_MADE,
            actor=actor,
            subject=masklet,
            project_id=masklet.project_id,
            after={"kinds": [item.kind for item in made]},
        )
    return made


@transaction.atomic
def retire(*, actor: User, masklet_id: int) -> int:
    """Give out no more known answers from this masklet; those that were given still count. Returns how many."""
    masklet = leases.lock_masklet(actor, masklet_id)
    access.require(actor, masklet.project_id, Role.OWNER)
    retired = GoldItem.objects.filter(masklet=masklet, retired_at=None).update(retired_at=Now())
    if retired:
        audit.record(AuditKind.GOLD_RETIRED, actor=actor, subject=masklet, project_id=masklet.project_id)
    return retired


@transaction.atomic
def let_in(*, actor: User, project: Project, username: str) -> None:
    """A paused reviewer may go on; only known answers from now on count (owners)."""
    access.require(actor, project.pk, Role.OWNER)
    person = User.objects.filter(
        memberships__project=project, memberships__role=Role.REVIEWER, username=username
    ).first()
    if person is None:
        raise NotFound
    Standing.objects.update_or_create(project=project, person=person, defaults={"since": Now()})
    audit.record(AuditKind.REVIEWER_LET_IN, actor=actor, subject=person, project_id=project.pk)


def _wanted(masklet: Masklet, kinds: Sequence[str] | None) -> list[str]:
    there = set(GoldItem.objects.filter(masklet=masklet).values_list("kind", flat=True))
    wanted = list(dict.fromkeys(kinds)) if kinds is not None else [CLEAN, *_chance.sample(CORRUPTIONS, 4)]
    return [kind for kind in wanted if kind not in there]


def _first_two(made: list[GoldItem]) -> list[GoldItem]:
    wrong = [item for item in made if item.kind != CLEAN][:1]
    return [item for item in made if item.kind == CLEAN] + wrong


def _make(
    masklet: Masklet, kind: str, severity: float, content: Any, actor: User, *, must: bool
) -> GoldItem | None:
    frames = {idx: content["frames"][str(idx)] for idx in sorted(map(int, content["frames"]))}
    if kind != CLEAN:
        masks = [_rle(frame, content["size"]) for frame in frames.values()]
        try:
            neighbour = _neighbour(masklet, list(frames)) if kind in WITH_NEIGHBOUR else None
            wrong = corrupt(
                masks,
                cast("Corruption", kind),
                severity=severity,
                seed=_chance.getrandbits(32),
                neighbour=neighbour,
            )
        except CannotCorrupt as error:
            if must:
                raise InvalidInput(f"{error}") from error
            return None
        frames = {
            idx: frame | {"counts": mask["counts"]}
            for (idx, frame), mask in zip(frames.items(), wrong, strict=True)
        }
    assert masklet.revision is not None
    # As of any masklet whose prompts were on those frames.
    prompted = masklet.revision.edited_frames
    doubts, doubt = mask_quality(frames, size=content["size"], prompted=prompted)  # type: ignore[arg-type]
    sha256, key = storage.put_masks(
        masklet.project_id, {"size": content["size"], "frames": {str(i): f for i, f in frames.items()}}
    )
    return GoldItem(
        masklet=masklet,
        revision=masklet.revision,
        kind=kind,
        severity=0.0 if kind == CLEAN else severity,
        key=key,
        sha256=sha256,
        suggested_frames=doubts,
        doubt=doubt,
        created_by=actor,
    )


def _neighbour(masklet: Masklet, frames: list[int]) -> list[Rle]:
    """Another accepted object of the video, on the same frames."""
    others = Masklet.objects.accepted().filter(video=masklet.video).exclude(pk=masklet.pk)
    for other in others.select_related("revision", "video").order_by("?")[:5]:
        content = revisions.load(other.revision, video=other.video)
        if set(map(str, frames)) <= set(content["frames"]):
            return [_rle(content["frames"][str(idx)], content["size"]) for idx in frames]
    raise CannotCorrupt("There is no other object in this video to mix it up with.")


def _rle(frame: Any, size: list[int]) -> Rle:
    return Rle(size=size, counts=frame["counts"])


# What a reviewer is given.


def offer(person: User, policy: ReviewPolicy, *, looked_at: bool = False) -> GoldItem | None:
    """What would be given to `person` if it were the turn of a known answer; None where there is none for them. With
    `looked_at` only one that the pre-verifier has looked at."""
    items = GoldItem.objects.filter(
        masklet__project=policy.project_id,
        masklet__status=MaskletStatus.ACCEPTED,
        masklet__removed=False,
        retired_at=None,
    )
    if looked_at:
        items = items.filter(places__isnull=False)
    items = items.exclude(Exists(Review.objects.filter(person=person, masklet=OuterRef("masklet"))))
    mine = Masklet.objects.filter(project=policy.project_id, probed=True).filter(access.had_a_hand(person.pk))
    items = items.exclude(masklet__in=mine)
    kinds = Q(kind=CLEAN) if _chance.random() < 0.5 else ~Q(kind=CLEAN)
    return items.filter(kinds).order_by("?").first() or items.order_by("?").first()


def given_back(person: User, project_id: int) -> GoldItem | None:
    """A known answer that `person` had in hand and left: like any masklet it is the first that they get again."""
    left = Review.objects.filter(person=person, gold__isnull=False, masklet__project=project_id).exclude(
        outcome__in=[*SEATED, Review.Outcome.UNDONE]
    )
    seated = Review.objects.filter(person=person, gold=OuterRef("gold"), outcome__in=SEATED)
    newest = left.exclude(Exists(seated)).select_related("gold").order_by("-id").first()
    return newest.gold if newest and newest.gold and newest.gold.retired_at is None else None


def names(key: str) -> bool:
    """Whether a known answer has its masks there."""
    return GoldItem.objects.filter(key=key).exists()


def its_turn(policy: ReviewPolicy) -> bool:
    """Whether the next review is one whose answer is known: by chance, as often as the policy says."""
    return _chance.random() < policy.gold_share


def hold(item: GoldItem, *, actor: User) -> Masklet | None:
    """Its masklet, locked for a claim; None where the same person was quicker in another tab."""
    locking = Masklet.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    masklet = locking.select_related("video").filter(pk=item.masklet_id).first()
    if Review.objects.filter(person=actor, gold=item, outcome__in=SEATED).exists():
        return None
    return masklet


def places(item: GoldItem, actor: User, *, shows: bool) -> opinions.Places | None:
    """Where it is likely wrong, if this review `shows` that; what was shown once is shown again."""
    shown_before = Review.objects.filter(person=actor, gold=item, places__isnull=False)
    return item.places if shows or shown_before.exists() else None


def take(item: GoldItem, masklet: Masklet, *, actor: User, places: opinions.Places | None) -> Review:
    """The claim of what `hold` holds."""
    return leases.take(
        Review, masklet=masklet, person=actor, revision_id=item.revision_id, gold=item, places=places
    )


def refuse_paused(person: User, policy: ReviewPolicy) -> None:
    """Raise `Paused`, with the figures, for whom too many known answers were wrong."""
    if policy.pause_below is None:
        return
    told = _counts(_answers(policy.project_id).filter(person=person))
    right, seen = told.right, told.seen
    if seen >= policy.pause_after and right < policy.pause_below * seen:
        raise Paused(
            f"You are paused as a reviewer here: {right} of your {seen} answers to masklets whose answer is known were"
            f" right, and this project asks for {policy.pause_below:.0%}. Ask an owner to look at it with you.",
            right=right,
            seen=seen,
        )


# What the answers say.


class Counts(NamedTuple):
    wrong: int  #: masklets that were made wrong
    caught: int
    clean: int
    passed: int

    @property
    def seen(self) -> int:
        return self.wrong + self.clean

    @property
    def right(self) -> int:
        return self.caught + self.passed


def tallies(project: Project, policy: ReviewPolicy) -> list[dict[str, Any]]:
    """Of each reviewer who answered: how often they caught what was wrong and passed what was right, with 95 %
    intervals (Wilson), by kind of corruption, and whether they are paused."""
    answers = _answers(project.pk)
    found = []
    for person in User.objects.filter(pk__in=answers.values("person")).order_by("username"):
        own = answers.filter(person=person)
        told = _counts(own)
        found.append(
            {
                "username": person.username,
                "answers": told.seen,
                "sensitivity": share(told.caught, told.wrong),
                "specificity": share(told.passed, told.clean),
                "paused": policy.pause_below is not None
                and told.seen >= policy.pause_after
                and told.right < policy.pause_below * told.seen,
                "kinds": _by_kind(own),
            }
        )
    return found


def share(part: int, whole: int) -> dict[str, Any]:
    """A share with its 95 % interval, and of how many."""
    if not whole:
        return {"value": None, "low": None, "high": None, "of": 0}
    interval = binomtest(part, whole).proportion_ci(method="wilson")
    return {"value": part / whole, "low": float(interval.low), "high": float(interval.high), "of": whole}


def _answers(project_id: int) -> QuerySet[Review]:
    """Reviews of known answers with a verdict that stands and counts."""
    answered = Review.objects.filter(
        gold__isnull=False,
        masklet__project=project_id,
        outcome=Review.Outcome.VERDICT,
        verdict__undone_at=None,
    )
    let_in = Standing.objects.filter(
        project=project_id, person=OuterRef("person"), since__gt=OuterRef("ended_at")
    )
    return answered.exclude(Exists(let_in))


def _counts(answers: QuerySet[Review]) -> Counts:
    clean, wrong = Q(gold__kind=CLEAN), ~Q(gold__kind=CLEAN)
    satisfactory = Q(verdict__kind=Verdict.Kind.SATISFACTORY)
    told = answers.order_by().aggregate(
        wrong=Count("pk", filter=wrong),
        caught=Count("pk", filter=wrong & ~satisfactory),
        clean=Count("pk", filter=clean),
        passed=Count("pk", filter=clean & satisfactory),
    )
    return Counts(**told)


def _by_kind(answers: QuerySet[Review]) -> list[dict[str, Any]]:
    caught = Count("pk", filter=~Q(verdict__kind=Verdict.Kind.SATISFACTORY))
    rows = answers.exclude(gold__kind=CLEAN).order_by("gold__kind").values_list("gold__kind")
    return [{"kind": kind, "caught": share(n, of)} for kind, n, of in rows.annotate(n=caught, of=Count("pk"))]
