"""Leases on human work: taken by claim, kept by heartbeat, fenced by a token. The database's clock decides."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from engine.errors import LeaseLost
from engine.models import Masklet

LEASE = timedelta(seconds=120)
HEARTBEAT_EVERY = 30  #: seconds between a page's heartbeats; four may be lost


def new_token() -> str:
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
        self.token = new_token()
        type(self)._default_manager.filter(pk=self.pk).update(token=self.token, lease_until=Now() + LEASE)

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

    def _mine(self, token: str) -> models.QuerySet[Any]:
        held = type(self)._default_manager.filter(pk=self.pk, ended_at__isnull=True, lease_until__gte=Now())
        return held.filter(token=token)
