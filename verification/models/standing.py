from django.conf import settings
from django.db import models

from engine.models import Project


class Standing(models.Model):
    """Known answers of a reviewer count from here on: an owner let them in again."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="standings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="standings")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "person"], name="reviewer_has_one_standing")
        ]

    def __str__(self) -> str:
        return f"{self.person} since {self.since}"
