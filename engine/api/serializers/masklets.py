from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine.api.serializers.base import InputSerializer
from engine.api.serializers.labels import FrameAttributeInput, ValueField
from engine.api.serializers.runs import RunSerializer
from engine.api.serializers.videos import ready_link
from engine.models import Masklet, MaskletStatus, Source
from engine.models.project import Phase
from engine.services import masklets

T = TypeVar("T")


class LastVerdictSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(["satisfactory", "unsatisfactory", "reject"])
    comment = serializers.CharField()
    reviewer = serializers.CharField()
    created_at = serializers.DateTimeField()


class MaskletChange(InputSerializer):
    phase = serializers.ChoiceField(Phase.choices)


class MaskletSerializer(serializers.ModelSerializer[Masklet]):
    status = serializers.ChoiceField(MaskletStatus.choices)
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]
    revision = serializers.IntegerField(source="revision_number", help_text="0 before the first mask")
    video_name = serializers.CharField(source="video.name")
    thumbnail_url = serializers.SerializerMethodField()
    edited_frames = serializers.SerializerMethodField()
    doubt = serializers.FloatField(
        source="revision.doubt", default=0.0, help_text="0 to 1, the share of frames expected to be wrong"
    )
    suggested_frames_count = serializers.SerializerMethodField(help_text="places to look at")
    assigned_to = serializers.CharField(source="assigned_to.username", default=None, allow_null=True)
    annotator = serializers.SerializerMethodField()
    last_verdict = serializers.SerializerMethodField()
    run = serializers.SerializerMethodField()
    attributes = serializers.DictField(child=ValueField())
    frame_attributes = FrameAttributeInput(many=True)

    class Meta:
        model = Masklet
        fields = [
            "id", "project", "video", "video_name", "thumbnail_url", "object_id", "label", "phase", "source", "trial",
            "priority", "assigned_to", "status",
            "revision", "edited_frames", "doubt", "suggested_frames_count", "annotator", "last_verdict", "run",
            "attributes", "frame_attributes",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_thumbnail_url(self, masklet: Masklet) -> str | None:
        return ready_link(masklet.video, masklet.video.thumbnail_key, "image/jpeg")

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_edited_frames(self, masklet: Masklet) -> list[int]:
        return list(masklet.revision.edited_frames) if masklet.revision else []

    def get_suggested_frames_count(self, masklet: Masklet) -> int:
        return len(masklet.revision.suggested_frames) if masklet.revision else 0

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_annotator(self, masklet: Masklet) -> str | None:
        """Who claimed it last."""
        return self._of_page(masklet, masklets.annotators)

    @extend_schema_field(LastVerdictSerializer(allow_null=True))
    def get_last_verdict(self, masklet: Masklet) -> dict[str, Any] | None:
        last = self._of_page(masklet, masklets.last_verdicts)
        return None if last is None else LastVerdictSerializer(last).data

    @extend_schema_field(RunSerializer(allow_null=True))
    def get_run(self, masklet: Masklet) -> Any:
        """The live run that changes its masks, if there is one; a list view has read them for the whole page."""
        live = getattr(masklet, "live_runs", None)
        if live is None:
            live = masklet.runs.live().changing_masks().select_related("actor")[:1]
        return RunSerializer(live[0]).data if live else None

    def _of_page(self, masklet: Masklet, read: Callable[[Collection[int]], Mapping[int, T]]) -> T | None:
        """What `read` says of the masklet; a list asks it for its whole page at once."""
        read_already: dict[Any, dict[int, T | None]] = self.root.__dict__.setdefault("_read_already", {})
        told = read_already.setdefault(read, {})
        if masklet.pk not in told:
            page = getattr(self.parent, "instance", None)
            wanted = [each.pk for each in page] if isinstance(page, list) else [masklet.pk]
            found = read(wanted)
            told.update({pk: found.get(pk) for pk in wanted})
        return told[masklet.pk]
