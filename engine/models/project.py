from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


class Role(models.TextChoices):
    OWNER = "owner"  #: brings videos, invites people, freezes releases
    ANNOTATOR = "annotator"  #: selects and tracks objects
    REVIEWER = "reviewer"  #: gives verdicts


class Phase(models.IntegerChoices):
    """SAM 2 paper §5.1; what they allow: annotation.phases."""

    SAM_PER_FRAME = 1
    SAM_2_MASK = 2
    SAM_2 = 3


PHASES = Phase.values


def all_phases() -> list[int]:
    return list(PHASES)


class ExportsFor(models.TextChoices):
    """Who may take whole datasets along."""

    OWNERS = "owners", "owners"
    REVIEWERS = "reviewers", "owners and reviewers"
    MEMBERS = "members", "every member"


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User | AnonymousUser) -> ProjectQuerySet:
        """Projects that exist for `user`: those they are a member of. Who came by a token sees that one's alone."""
        mine = self.filter(removed_at__isnull=True, memberships__user_id=user.pk or 0).distinct()
        scope = getattr(user, "scope", None)
        return mine.filter(pk=scope.project_id) if scope else mine


class Project(models.Model):
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, default="")
    # The frame contract: sources are laid on a constant timeline of `fps`, people annotate every k-th frame of it.
    fps = models.FloatField(default=24.0)
    annotate_every = models.PositiveSmallIntegerField(default=4)
    phase = models.PositiveSmallIntegerField(default=3)
    # Who chose an object does not track it, where another annotator could.
    separate_selection = models.BooleanField(default=True)
    # Who had a hand in a masklet does not verify it.
    separate_verification = models.BooleanField(default=True)
    # Reviewers who are no owners see of a masklet that waits for a verdict, or had one, only what they review:
    # otherwise a known answer among what they are given would stand out (verification.services.gold).
    blind_review = models.BooleanField(default=False)
    exports_for = models.CharField(max_length=9, choices=ExportsFor, default=ExportsFor.REVIEWERS)
    # Quotas of its own, set by the operator; without one the installation's hold (engine.services.quotas).
    bytes_allowed = models.PositiveBigIntegerField(null=True, blank=True)
    videos_allowed = models.PositiveIntegerField(null=True, blank=True)
    runs_allowed = models.PositiveIntegerField(null=True, blank=True)
    # In the bin since then (engine.services.removals), and since then without its objects.
    removed_at = models.DateTimeField(null=True, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fps__gt=0, fps__lte=120), name="project_fps_is_between_0_and_120"
            ),
            models.CheckConstraint(
                condition=Q(annotate_every__gte=1), name="project_annotates_at_least_every_frame"
            ),
            models.CheckConstraint(condition=Q(phase__in=PHASES), name="project_phase_is_1_2_or_3"),
            models.CheckConstraint(
                condition=Q(exports_for__in=ExportsFor.values), name="project_exports_are_for_somebody_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def roles_of(self, user: User | AnonymousUser) -> set[str]:
        """Who came by a token has that one's role, as long as the person has it."""
        mine = set(self.memberships.filter(user_id=user.pk or 0).values_list("role", flat=True))
        scope = getattr(user, "scope", None)
        if scope is None:
            return mine
        return mine & {scope.role} if scope.project_id == self.pk else set()


class Membership(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)
    # What an annotator is trained for.
    phases = ArrayField(models.PositiveSmallIntegerField(), default=all_phases)
    # A reviewer who is asked where others do not agree.
    senior = models.BooleanField(default=False)
    # Of what an annotator submits, the share that is looked at; null: as the project's policy has it.
    look_share = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user", "role"], name="member_has_each_role_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_is_known"),
            models.CheckConstraint(
                condition=Q(phases__contained_by=PHASES, phases__len__gt=0),
                name="member_is_trained_for_a_phase",
            ),
            models.CheckConstraint(
                condition=Q(look_share__isnull=True) | Q(look_share__gte=0, look_share__lte=1),
                name="member_look_share_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} of {self.project}"
