from __future__ import annotations

from typing import Any

from rest_framework import serializers

from engine.api.serializers.base import InputSerializer
from engine.models import Upload

#: 8 GiB in parts of 16 MiB.
MAX_PARTS = 512


class UploadInput(InputSerializer):
    name = serializers.CharField(max_length=255)
    size = serializers.IntegerField(min_value=1)
    content_type = serializers.CharField(max_length=255, allow_blank=True, required=False)
    fingerprint = serializers.RegexField(
        "^[0-9a-f]{64}$",
        required=False,
        default="",
        help_text="SHA-256 of the size in decimal digits, the file's first MiB and its last MiB",
    )
    again = serializers.BooleanField(
        default=False, help_text="although the project has the same file already"
    )


class UploadSerializer(serializers.ModelSerializer[Upload]):
    class Meta:
        model = Upload
        fields = [
            "id",
            "video",
            "dataset_import",
            "checkpoint_import",
            "size",
            "part_size",
            "part_count",
            "expires_at",
        ]
        read_only_fields = fields


class PartLinksInput(InputSerializer):
    part_numbers = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=100
    )


class PartLinksSerializer(serializers.Serializer[Any]):
    urls = serializers.DictField(child=serializers.CharField(), help_text="by part number")


class PartInput(InputSerializer):
    part_number = serializers.IntegerField(min_value=1)
    etag = serializers.CharField(max_length=128)


class PartSerializer(serializers.Serializer[Any]):
    part_number = serializers.IntegerField()
    etag = serializers.CharField()
    size = serializers.IntegerField()


class PartsSerializer(serializers.Serializer[Any]):
    parts = PartSerializer(many=True)


class CompleteInput(InputSerializer):
    parts = serializers.ListField(child=PartInput(), max_length=MAX_PARTS)
