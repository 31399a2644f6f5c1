from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from engine.models.project import Project, Role


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def in_force(self) -> ApiTokenQuerySet:
        """Neither revoked nor run out, and its person still has that role."""
        return self.filter(
            revoked_at__isnull=True,
            expires_at__gt=Now(),
            user__is_active=True,
            user__memberships__project=models.F("project"),
            user__memberships__role=models.F("role"),
        )


class ApiToken(models.Model):
    """What a program shows instead of a person's password: good for one project, in one role, until it runs out."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="api_tokens")
    role = models.CharField(max_length=16, choices=Role)
    name = models.CharField(max_length=80)
    # Of the secret, which is 256 random bits: nobody guesses it from its hash.
    sha256 = models.CharField(max_length=64, unique=True)
    begins = models.CharField(max_length=12, help_text="the secret's first characters, to tell tokens apart")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True, help_text="to the minute")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="token_role_is_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="token_runs_out"),
        ]

    def __str__(self) -> str:
        return self.name
