"""Where masks are likely wrong and why, as a reviewer is shown it: what the pre-verifier thought when the review began.

It is looked at what known answers show in the same way as at what is submitted, and it is known of them as often: a
known answer shows its places where the masklet shows them in whose turn it comes.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from engine.models import PreverifierScore
from engine.preverification import Place
from engine.services import preverifiers
from verification.models import GoldItem

Places = list[Place]

AT_ONCE = 50  #: known answers that one round of the janitor asks for


def of_revision(revision_id: int) -> Places | None:
    """None while nothing is known."""
    told = PreverifierScore.objects.filter(revision=revision_id).only("places").first()
    return told.places if told else None


def ask(items: Iterable[GoldItem]) -> int:
    """Have known answers looked at, as if they were submitted; those of one masklet by one run. Returns for how many a
    run was had: the others are asked for later."""
    asked = 0
    for masklet, some in groupby(items, key=lambda item: item.masklet):
        of_masklet = list(some)
        if preverifiers.look_at(masklet, [item.key for item in of_masklet]):
            asked += GoldItem.objects.filter(pk__in=[item.pk for item in of_masklet]).update(look_asked=True)
    return asked


def ask_for_missed() -> int:
    """A duty of the janitor: known answers for which there was no run to be had before."""
    missed = GoldItem.objects.filter(
        retired_at=None, look_asked=False, places__isnull=True, masklet__removed=False
    )
    return ask(missed.select_related("masklet").order_by("masklet", "id")[:AT_ONCE])


def note(masklet_id: int, key: str, places: Places) -> None:
    """What was thought of the masks at `key`."""
    GoldItem.objects.filter(masklet=masklet_id, key=key).update(places=places)
