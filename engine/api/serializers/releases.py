from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine import storage
from engine.api.serializers.base import InputSerializer
from engine.api.serializers.runs import RunSerializer
from engine.models import ExportFile, Release, ReleaseStatus, RunKind


class ExportFileSerializer(serializers.ModelSerializer[ExportFile]):
    """Without `may_download` in its context nobody is given a link."""

    url = serializers.SerializerMethodField(help_text="null for those whom the project gives no exports")

    class Meta:
        model = ExportFile
        fields = ["name", "size", "sha256", "url"]
        read_only_fields = fields

    def get_url(self, file: ExportFile) -> str | None:
        if not self.context.get("may_download"):
            return None
        return storage.link(
            file.key,
            content_type="application/octet-stream",
            download_as=file.name.rsplit("/", 1)[-1],
        )


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    status = serializers.ChoiceField(ReleaseStatus.choices)
    run = serializers.SerializerMethodField()
    files = ExportFileSerializer(many=True)

    class Meta:
        model = Release
        fields = [
            "id", "project", "name", "status", "masklet_count", "video_count", "unseen_count", "run", "files",
            "created_at", "frozen_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(RunSerializer(allow_null=True))
    def get_run(self, release: Release) -> Any:
        """The newest run that freezes or exports it."""
        own = [run for run in release.runs.all() if run.kind in (RunKind.FREEZE, RunKind.EXPORT)]  # type: ignore[attr-defined]
        newest = max(own, key=lambda run: run.pk, default=None)
        return RunSerializer(newest).data if newest else None


class ReleaseInput(InputSerializer):
    name = serializers.RegexField(
        r"^[\w][\w .-]*$",
        max_length=80,
        error_messages={"invalid": "Use letters, digits, spaces, dots, dashes and underscores."},
    )


class ExportInput(InputSerializer):
    format = serializers.CharField(max_length=20, default="sa-v")
