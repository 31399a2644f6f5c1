from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine import storage
from engine.api.serializers.base import InputSerializer
from engine.api.serializers.labels import NAME, StretchInput
from engine.api.serializers.runs import FailureSerializer, RunSerializer
from engine.models import Environment, Split, Video, VideoStatus
from engine.services import ingest, splits


class VideoSerializer(serializers.ModelSerializer[Video]):
    status = serializers.ChoiceField(VideoStatus.choices)
    failure = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField()
    proxy_url = serializers.SerializerMethodField()
    masklet_counts = serializers.SerializerMethodField()
    run = serializers.SerializerMethodField()
    side = serializers.SerializerMethodField(
        help_text="of the dataset: what an owner said, or a hash of its group"
    )

    frame_tags = StretchInput(many=True)
    split = serializers.ChoiceField(Split.choices, allow_blank=True)
    environment = serializers.ChoiceField(Environment.choices, allow_blank=True)

    class Meta:
        model = Video
        fields = [
            "id", "project", "name", "status", "failure", "warnings", "width", "height", "fps", "annotate_every",
            "frame_count", "timeline_frame_count", "duration", "split", "side", "group_key", "environment", "phase",
            "thumbnail_url", "proxy_url", "masklet_counts", "run", "tags",
            "frame_tags", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_warnings(self, video: Video) -> list[str]:
        """Sentences."""
        return [warned.message for warned in video.warnings]

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_failure(self, video: Video) -> dict[str, str] | None:
        return {"code": video.failure_code, "message": video.failure_message} if video.failure_code else None

    def get_thumbnail_url(self, video: Video) -> str | None:
        return ready_link(video, video.thumbnail_key, "image/jpeg")

    def get_proxy_url(self, video: Video) -> str | None:
        return ready_link(video, video.proxy_key, "video/mp4")

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_masklet_counts(self, video: Video) -> dict[str, int]:
        counts: dict[str, int] = {}
        for masklet in video.masklets.all():
            counts[masklet.status] = counts.get(masklet.status, 0) + 1
        return counts

    @extend_schema_field(serializers.ChoiceField(Split.choices))
    def get_side(self, video: Video) -> str:
        """A list reads the sides of its whole page at once."""
        sides: dict[int, str] = self.root.__dict__.setdefault("_sides", {})
        if video.pk not in sides:
            page = getattr(self.parent, "instance", None)
            sides |= splits.sides_of(page if isinstance(page, list) else [video])
        return sides[video.pk]

    @extend_schema_field(RunSerializer(allow_null=True))
    def get_run(self, video: Video) -> Any:
        """The newest ingest run."""
        newest = ingest.newest_run(video)
        return RunSerializer(newest).data if newest else None


class VideoChange(InputSerializer):
    """ "" takes back what was said."""

    split = serializers.ChoiceField(Split.choices, allow_blank=True, required=False)
    environment = serializers.ChoiceField(Environment.choices, allow_blank=True, required=False)
    group_key = serializers.CharField(max_length=120, allow_blank=True, required=False)


class VideosChange(VideoChange):
    videos = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=500)
    add_tags = serializers.ListField(
        child=serializers.CharField(max_length=NAME), max_length=splits.MOST_TAGS, required=False
    )
    remove_tags = serializers.ListField(
        child=serializers.CharField(max_length=NAME), max_length=splits.MOST_TAGS, required=False
    )


def ready_link(video: Video, key: str, content_type: str) -> str | None:
    return storage.link(key, content_type=content_type) if video.status == VideoStatus.READY else None


class FrameSerializer(serializers.Serializer[Any]):
    frame_idx = serializers.IntegerField()
    url = serializers.CharField()


class FramesSerializer(serializers.Serializer[Any]):
    frames = FrameSerializer(many=True)
    expires_in = serializers.IntegerField(help_text="seconds that the links work")
