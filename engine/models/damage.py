from django.db import models

from engine.models.project import Project


class Damage(models.Model):
    """An object that a row names and that is missing or not as it was stored. Gone once a look finds it well."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="damages")
    key = models.CharField(max_length=512, unique=True)
    sentence = models.TextField()
    found_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now=True, help_text="the last time that somebody ran into it")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["project", "id"], name="damage_by_project")]

    def __str__(self) -> str:
        return self.key
