from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine.api.serializers.base import InputSerializer
from engine.api.serializers.runs import RunSerializer
from engine.models import DatasetImport, ImportPolicy, ImportStatus
from vos.formats import FORMATS


class ImportSerializer(serializers.ModelSerializer[DatasetImport]):
    status = serializers.ChoiceField(ImportStatus.choices)
    policy = serializers.ChoiceField(ImportPolicy.choices)
    problems = serializers.ListField(child=serializers.CharField(), help_text="the first of them")
    run = serializers.SerializerMethodField()
    upload = serializers.IntegerField(source="upload.pk", default=None, allow_null=True)
    video_count = serializers.SerializerMethodField()

    class Meta:
        model = DatasetImport
        fields = [
            "id", "project", "name", "format", "policy", "status", "bytes", "problems", "problem_count", "video_count",
            "masklet_count", "run", "upload", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_video_count(self, row: DatasetImport) -> int:
        return len(row.taken)

    @extend_schema_field(RunSerializer(allow_null=True))
    def get_run(self, row: DatasetImport) -> Any:
        """The newest that reads it."""
        newest = max(row.runs.all(), key=lambda run: run.pk, default=None)
        return RunSerializer(newest).data if newest else None


class ImportInput(InputSerializer):
    name = serializers.CharField(max_length=255)
    size = serializers.IntegerField(min_value=1)
    format = serializers.ChoiceField(
        sorted(FORMATS), allow_blank=True, default="", help_text="nothing: as it looks"
    )
    policy = serializers.ChoiceField(ImportPolicy.choices, default=ImportPolicy.VERIFY)


class PredictedMaskInput(InputSerializer):
    """A mask of one annotated frame, as COCO compressed RLE."""

    frame_idx = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    size = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**15), min_length=2, max_length=2
    )
    counts = serializers.CharField(max_length=900_000, trim_whitespace=False)


class PredictedTrackInput(InputSerializer):
    label = serializers.CharField(max_length=120, allow_blank=True, default="")  # type: ignore[assignment]
    score = serializers.FloatField(min_value=0, max_value=1, default=None, allow_null=True)
    masks = serializers.ListField(child=PredictedMaskInput(), min_length=1, max_length=2_000)


class PredictionsInput(InputSerializer):
    model = serializers.CharField(max_length=120, help_text="what made them")
    tracks = serializers.ListField(child=PredictedTrackInput(), min_length=1, max_length=100)
    verify = serializers.BooleanField(
        default=False, help_text="they wait for a verdict at once, instead of being candidates"
    )
