from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine import storage
from engine.api.serializers.base import InputSerializer
from engine.api.serializers.runs import RunSerializer
from engine.models import Export, ExportFile, ExportStatus, Release, ReleaseStatus
from engine.services import exports, releases
from vos.formats import FORMATS


class FormatSerializer(serializers.Serializer[Any]):
    """A way to lay a dataset on disk."""

    name = serializers.CharField()
    title = serializers.CharField()
    lost = serializers.ListField(child=serializers.CharField(), help_text="what it cannot hold, in sentences")
    written = serializers.BooleanField(help_text="releases are exported as it")


class ExportFileSerializer(serializers.ModelSerializer[ExportFile]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = ExportFile
        fields = ["name", "size", "sha256", "url"]
        read_only_fields = fields

    def get_url(self, file: ExportFile) -> str:
        return storage.link(
            file.key,
            content_type="application/octet-stream",
            download_as=file.name.rsplit("/", 1)[-1],
        )


class ExportSerializer(serializers.ModelSerializer[Export]):
    status = serializers.ChoiceField(ExportStatus.choices)
    title = serializers.SerializerMethodField(help_text="of the format")
    zip_name = serializers.SerializerMethodField()
    run = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = [
            "id", "release", "format", "title", "status", "file_count", "bytes", "sha256", "zip_name", "run",
            "created_at", "written_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_title(self, export: Export) -> str:
        known = FORMATS.get(export.format)
        return known.title if known else export.format

    def get_zip_name(self, export: Export) -> str:
        return exports.called(export)

    @extend_schema_field(RunSerializer(allow_null=True))
    def get_run(self, export: Export) -> Any:
        """The newest run that writes it."""
        return RunSerializer(export.run).data if export.run else None


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    """Without `may_download` in its context nobody may."""

    status = serializers.ChoiceField(ReleaseStatus.choices)
    run = serializers.SerializerMethodField()
    exports = ExportSerializer(many=True)
    may_download = serializers.SerializerMethodField(help_text="whether you are given the exports' files")
    measured = serializers.SerializerMethodField(help_text="whether its figures are there")

    class Meta:
        model = Release
        fields = [
            "id", "project", "name", "status", "masklet_count", "video_count", "unseen_count", "run", "exports",
            "may_download", "measured", "created_at", "frozen_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_may_download(self, release: Release) -> bool:
        return bool(self.context.get("may_download"))

    def get_measured(self, release: Release) -> bool:
        return release.statistics is not None

    @extend_schema_field(RunSerializer(allow_null=True))
    def get_run(self, release: Release) -> Any:
        """The newest run that freezes it."""
        newest = releases.newest_run(release)
        return RunSerializer(newest).data if newest else None


class ReleaseInput(InputSerializer):
    name = serializers.RegexField(
        r"^[\w][\w .-]*$",
        max_length=80,
        error_messages={"invalid": "Use letters, digits, spaces, dots, dashes and underscores."},
    )


class ExportInput(InputSerializer):
    format = serializers.ChoiceField(sorted(exports.formats()), default="sav")
