from django.db import models
from django.db.models import Q

from engine.leases import Lease
from engine.models import Revision
from engine.preverification import Place
from engine.shapes import ShapedField
from verification.models.gold import GoldItem
from verification.models.round import Round

SEATED = ("", "verdict")  #: outcomes of a review that takes its seat: open, or with a verdict that stands


class Review(Lease):
    """A reviewer's hold on one revision: on a seat of its round, or on a known answer that looks the same to them."""

    class Outcome(models.TextChoices):
        VERDICT = "verdict"
        UNDONE = "undone"  #: its verdict was taken back
        GIVEN_BACK = "given_back"
        LAPSED = "lapsed"
        SETTLED = "settled"  #: the round ended without it

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="reviews")
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="reviews", null=True, blank=True)
    gold = models.ForeignKey(
        GoldItem, on_delete=models.PROTECT, related_name="reviews", null=True, blank=True
    )
    # Where it may be wrong, and why, as was known when it began; null: nothing. What becomes known later is not
    # shown, as of known answers it could not.
    places = ShapedField[list[Place] | None](list[Place], null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["lease_until"], condition=Q(ended_at__isnull=True), name="open_review_by_lease"
            ),
            models.Index(
                fields=["person", "gold"], condition=Q(gold__isnull=False), name="review_of_gold_by_person"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "person"],
                condition=Q(outcome__in=SEATED),
                name="a_person_sits_once_in_a_round",
            ),
            models.UniqueConstraint(
                fields=["gold", "person"],
                condition=Q(outcome__in=SEATED, gold__isnull=False),
                name="a_person_answers_a_gold_item_once",
            ),
            models.CheckConstraint(
                condition=Q(round__isnull=False, gold__isnull=True)
                | Q(round__isnull=True, gold__isnull=False),
                name="review_is_of_a_round_or_of_gold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} reviewing {self.masklet}"
