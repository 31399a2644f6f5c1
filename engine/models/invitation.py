from django.conf import settings
from django.db import models
from django.db.models import Q

from engine.models.project import Project, Role


class Invitation(models.Model):
    """An owner asks somebody into a project; gone once it is accepted, declined or withdrawn.

    It holds a user name as it was written: whether anybody has that name is nobody's business but theirs.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="invitations")
    username = models.CharField(max_length=150)
    role = models.CharField(max_length=16, choices=Role)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations_sent"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["username"], name="invitation_by_username")]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "username", "role"], name="person_is_invited_once_to_a_role"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_is_known"),
        ]

    def __str__(self) -> str:
        return self.username
