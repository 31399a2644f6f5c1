from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from engine.models.release import Release
from engine.models.video import Video


class ExportStatus(models.TextChoices):
    WRITING = "writing"  #: some of its files may be there; the newest run says how it goes
    WRITTEN = "written"  #: all of them are, with their hashes


class Export(models.Model):
    """A release in one format. Written again it is the same bytes."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="exports")
    format = models.CharField(max_length=24, help_text="a key of vos.formats.FORMATS")
    # Written by engine.lifecycle alone.
    status = models.CharField(max_length=8, choices=ExportStatus, default=ExportStatus.WRITING)
    run = models.ForeignKey("engine.Run", on_delete=models.SET_NULL, related_name="exports", null=True)
    version = models.CharField(max_length=20, blank=True, default="", help_text="of the code that writes it")
    file_count = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0, help_text="of all its files")
    sha256 = models.CharField(max_length=64, blank=True, default="", help_text="of its SHA256SUMS")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports")
    created_at = models.DateTimeField(auto_now_add=True)
    written_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["format"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "format"], name="release_is_exported_once_in_a_format"
            ),
            models.CheckConstraint(
                condition=Q(status__in=ExportStatus.values), name="export_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=ExportStatus.WRITTEN) | Q(written_at__isnull=False),
                name="written_export_knows_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release} as {self.format}"

    @property
    def prefix(self) -> str:
        return f"{self.release.prefix}/{self.format}"


class ExportPart(models.Model):
    """One video of an export that is written already: another attempt goes on after it."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="parts")
    video = models.ForeignKey(Video, on_delete=models.PROTECT, related_name="export_parts")
    key = models.CharField(max_length=512, help_text="what the format keeps until the end, as JSON")
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["video_id"]
        constraints = [models.UniqueConstraint(fields=["export", "video"], name="export_writes_a_video_once")]

    def __str__(self) -> str:
        return f"{self.video} of {self.export}"


class ExportFile(models.Model):
    """One file of an export. What lies in S3 already, a frame or the mp4, is named and not copied."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="files")
    # Null: of no single video.
    part = models.ForeignKey(ExportPart, on_delete=models.CASCADE, related_name="files", null=True)
    name = models.CharField(max_length=512)
    key = models.CharField(max_length=512)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    crc32 = models.BigIntegerField(null=True, help_text="which a ZIP says before the bytes")
    own = models.BooleanField(default=True, help_text="lies below the export, and goes with it")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["export", "name"], name="export_has_a_file_name_once")]

    def __str__(self) -> str:
        return self.name
