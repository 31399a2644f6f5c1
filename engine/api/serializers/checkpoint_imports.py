from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine.api.serializers.base import InputSerializer
from engine.api.serializers.runs import RunSerializer
from engine.api.serializers.uploads import UploadSerializer
from engine.models import CheckpointImport, ImportStatus


class CheckpointImportSerializer(serializers.ModelSerializer[CheckpointImport]):
    status = serializers.ChoiceField(ImportStatus.choices)
    problems = serializers.ListField(child=serializers.CharField(), help_text="the first of them")
    run = serializers.SerializerMethodField()
    upload = serializers.SerializerMethodField(help_text="where the file's parts go, while it is uploading")

    class Meta:
        model = CheckpointImport
        fields = [
            "id", "project", "name", "location", "file", "bytes", "status", "problems", "problem_count", "checkpoint",
            "run", "upload", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(RunSerializer(allow_null=True))
    def get_run(self, row: CheckpointImport) -> Any:
        """The newest that reads it."""
        newest = max(row.runs.all(), key=lambda run: run.pk, default=None)
        return RunSerializer(newest).data if newest else None

    @extend_schema_field(UploadSerializer(allow_null=True))
    def get_upload(self, row: CheckpointImport) -> Any:
        upload = getattr(row, "upload", None)
        return UploadSerializer(upload).data if upload else None


class CheckpointImportInput(InputSerializer):
    """A location that the installation allows, or a file and its size."""

    name = serializers.CharField(max_length=120, help_text="of the checkpoint that it becomes")
    location = serializers.CharField(max_length=512, allow_blank=True, default="")
    file = serializers.CharField(max_length=255, allow_blank=True, default="")
    size = serializers.IntegerField(min_value=0, max_value=2**63 - 1, default=0)
