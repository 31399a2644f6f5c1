"""Leases on human work: taken by claim, kept by heartbeat, fenced by a token. The database's clock decides."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Self, TypeVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models.functions import Now

from engine import access
from engine.errors import HeldByOther, LeaseLost, NotFound, OpenInAnotherTab
from engine.models import Masklet

LEASE = timedelta(seconds=120)  #: pages beat four times in its life


def new_token() -> str:
    """A token that nobody guesses; who sends it holds the lease."""
    return secrets.token_urlsafe(16)


class LeaseQuerySet(models.QuerySet[Any]):
    def open(self) -> Self:
        return self.filter(ended_at__isnull=True)

    def expired(self) -> Self:
        return self.open().filter(lease_until__lt=Now())


class Lease(models.Model):
    """One person's hold on one masklet. Ends once, with an outcome."""

    masklet = models.ForeignKey(Masklet, on_delete=models.CASCADE, related_name="%(class)ss")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="%(class)ss")
    token = models.CharField(max_length=32, default=new_token)
    lease_until = models.DateTimeField()
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, blank=True, default="")

    objects = LeaseQuerySet.as_manager()

    class Meta:
        abstract = True

    def take_over(self) -> None:
        """Give the lease a new token, so that the tab that held the old one is refused from now on."""
        type(self)._default_manager.filter(pk=self.pk).update(token=new_token(), lease_until=Now() + LEASE)
        self.refresh_from_db(fields=["token", "lease_until"])

    def keep(self, *, token: str) -> None:
        """Heartbeat. Raises `LeaseLost` when the token is old, the lease has ended or has run out."""
        if self._mine(token).update(lease_until=Now() + LEASE) != 1:
            raise LeaseLost
        self.refresh_from_db()

    def end(self, outcome: str, *, token: str) -> None:
        """End the lease with `outcome`; exactly once."""
        if self._mine(token).update(ended_at=Now(), outcome=outcome) != 1:
            raise LeaseLost
        self.refresh_from_db()

    def lapse(self) -> bool:
        """End the lease if it has run out; return whether it had."""
        ran_out = type(self)._default_manager.filter(pk=self.pk, ended_at__isnull=True, lease_until__lt=Now())
        return ran_out.update(ended_at=Now(), outcome="lapsed") == 1

    def _mine(self, token: str) -> models.QuerySet[Any]:
        held = type(self)._default_manager.filter(pk=self.pk, ended_at__isnull=True, lease_until__gte=Now())
        return held.filter(token=token)


L = TypeVar("L", bound=Lease)


def lock_masklet(person: User, pk: int) -> Masklet:
    """The masklet, locked until the transaction ends. Always before its lease, so that no two requests
    wait for each other; `NotFound` if it does not exist for `person`."""
    return access.find_masklet(_locking(), person, pk)


def lock_held(person: User, pk: int) -> Masklet:
    """The same for one that `person` may hold a lease on, whatever else of it they may look at."""
    return access.find(_locking(), person, pk)


def _locking() -> models.QuerySet[Masklet]:
    # Not joined with its revision: a row that was waited for is joined with what stood there before the wait.
    return Masklet.objects.select_for_update(of=("self",), no_key=True).select_related("video")


def find(kind: type[L], *, person: User, pk: int) -> L:
    """`person`'s own lease; other people's look like what never existed."""
    theirs = access.visible(Masklet.objects.all(), person)
    lease: L | None = kind.objects.filter(pk=pk, person=person, masklet__in=theirs).first()
    if lease is None:
        raise NotFound
    return lease


def take(kind: type[L], *, masklet: Masklet, person: User, **values: Any) -> L:
    """A new lease on a locked masklet that nobody holds."""
    lease = kind(masklet=masklet, person=person, lease_until=Now() + LEASE, **values)
    lease.save(force_insert=True)
    lease.refresh_from_db(fields=["lease_until"])
    return lease


def take_again(lease: L, *, person: User, takeover: bool) -> L:
    """Claim what is held already: the same person may take it over from their other tab, nobody else may."""
    if lease.person_id != person.pk:
        name = lease.person.get_full_name() or lease.person.get_username()
        raise HeldByOther(f"{name} is working on this.", person=name, lease_until=lease.lease_until)
    if not takeover:
        raise OpenInAnotherTab
    lease.take_over()
    return lease


def hold(kind: type[L], *, masklet: Masklet, person: User, token: str) -> L:
    """Inside the transaction that locked `masklet`: the lease that `person` holds by `token`, locked.

    What is written before the transaction ends is written by its holder. Raises `LeaseLost`.
    """
    held = kind.objects.filter(masklet=masklet, person=person, token=token)
    lease: L | None = held.filter(ended_at__isnull=True, lease_until__gte=Now()).select_for_update().first()
    if lease is None:
        raise LeaseLost
    lease.masklet = masklet
    return lease


def lapse_expired(kind: type[Lease], lapse: Callable[[Masklet], bool], **where: Any) -> int:
    """Call `lapse` with each locked masklet whose lease of `kind` has run out; return how many did lapse."""
    lapsed = 0
    expired = kind.objects.filter(ended_at__isnull=True, lease_until__lt=Now(), **where)
    for masklet_id in list(expired.values_list("masklet_id", flat=True)):
        with transaction.atomic():
            rows = Masklet.objects.select_for_update(no_key=True, skip_locked=True)
            masklet = rows.filter(pk=masklet_id).first()
            lapsed += masklet is not None and lapse(masklet)
    return lapsed
