from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from engine.models.project import Project


class Label(models.Model):
    """What an object may be called in a project. Its number is the category's in every export, for ever."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="labels")
    number = models.PositiveIntegerField(help_text="1, 2, 3 …; never given again")
    name = models.CharField(max_length=120)
    supercategory = models.CharField(max_length=120, blank=True, default="")
    color = models.CharField(max_length=7, blank=True, default="", help_text="#rrggbb")
    key = models.CharField(max_length=1, blank=True, default="", help_text="that gives it at the desk")
    # No longer offered; what has it keeps it, and so does the number.
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="label_number_is_given_once"),
            models.UniqueConstraint(fields=["project", "name"], name="label_name_is_unique_in_its_project"),
            models.UniqueConstraint(
                fields=["project", "key"],
                condition=~Q(key="") & Q(retired=False),
                name="label_key_is_unique_in_its_project",
            ),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=65535), name="labels_count_from_1"),
        ]

    def __str__(self) -> str:
        return self.name


class AttributeKind(models.TextChoices):
    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    TICK = "tick"


class Attribute(models.Model):
    """What may be said about an object beside its label, on all of its frames or on some."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="attributes")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=AttributeKind)
    choices = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"], name="attribute_name_is_unique_in_its_project"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=AttributeKind.values), name="attribute_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name
