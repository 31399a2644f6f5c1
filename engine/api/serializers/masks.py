from __future__ import annotations

from typing import Any

from rest_framework import serializers

from engine.mask_quality import REASONS
from engine.models import Prompt, PromptKind, Revision, RevisionKind


class PromptSerializer(serializers.ModelSerializer[Prompt]):
    kind = serializers.ChoiceField(PromptKind.choices)
    box = serializers.ListField(child=serializers.FloatField(), allow_null=True)

    class Meta:
        model = Prompt
        fields = ["id", "frame_idx", "kind", "x", "y", "positive", "box", "created_at"]
        read_only_fields = fields


class MaskFrameSerializer(serializers.Serializer[Any]):
    counts = serializers.CharField(help_text="COCO compressed RLE, column-major, of the frame's size")
    predicted_iou = serializers.FloatField()
    object_score = serializers.FloatField()
    stability = serializers.FloatField()


class DoubtSerializer(serializers.Serializer[Any]):
    """A stretch of masks that are likely wrong."""

    frame_idx = serializers.IntegerField(help_text="the most doubtful one, to look at")
    score = serializers.FloatField(help_text="0 to 1, the chance that its mask is wrong")
    reason = serializers.ChoiceField(REASONS)
    first_frame = serializers.IntegerField()
    last_frame = serializers.IntegerField()


class MasksSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    size = serializers.ListField(child=serializers.IntegerField(), help_text="[height, width]")
    frames = serializers.DictField(child=MaskFrameSerializer(), help_text="by frame_idx")
    prompts = PromptSerializer(many=True)
    suggested_frames = DoubtSerializer(many=True, help_text="in the order in which to look")
    doubt = serializers.FloatField(help_text="0 to 1, the share of frames expected to be wrong")


class RevisionSerializer(serializers.ModelSerializer[Revision]):
    kind = serializers.ChoiceField(RevisionKind.choices)
    parent = serializers.IntegerField(  # type: ignore[assignment]
        source="parent.number", allow_null=True, default=None
    )
    actor = serializers.CharField(source="actor.username", default=None, allow_null=True)
    edited_frames = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        model = Revision
        fields = ["number", "parent", "kind", "frame_count", "edited_frames", "doubt", "actor", "created_at"]
        read_only_fields = fields
