from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine.api.serializers.base import InputSerializer
from engine.models import Checkpoint, CheckpointStatus, Run
from engine.run_kinds import FinetuneParams, TrainingSettings
from engine.services import gate
from engine.services.checkpoints import BUNDLED, location_of

USUAL = TrainingSettings()


class FiguresSerializer(serializers.Serializer[Any]):
    """How good a checkpoint is on some footage; a figure that could not be taken is missing."""

    jf_mask = serializers.FloatField(required=False, help_text="J&F from a first-frame mask, 0..1")
    jf_1_click = serializers.FloatField(required=False, help_text="J&F from one click, 0..1")
    iou_1_click = serializers.FloatField(required=False, help_text="IoU after one click on a frame")
    iou_3_clicks = serializers.FloatField(required=False, help_text="IoU after three clicks on a frame")
    present_recall = serializers.FloatField(required=False)
    absent_recall = serializers.FloatField(required=False)
    iou_calibration_error = serializers.FloatField(required=False)
    objects = serializers.IntegerField(required=False)
    frames = serializers.IntegerField(required=False)


class ComparisonSerializer(serializers.Serializer[Any]):
    """The same footage with the base and with the candidate."""

    base = FiguresSerializer()
    candidate = FiguresSerializer()


class EvaluationSerializer(serializers.Serializer[Any]):
    held_out = ComparisonSerializer(allow_null=True, help_text="footage of the release, kept aside")
    rendered = ComparisonSerializer(allow_null=True, help_text="rendered footage: what it must not forget")
    note = serializers.CharField(help_text="What was kept aside, in a sentence or two.")
    trained_on = serializers.ListField(child=serializers.IntegerField(), help_text="ids of videos")
    kept_aside = serializers.ListField(child=serializers.IntegerField(), help_text="ids of videos")
    recipe = serializers.DictField(help_text="The trainer's settings, those that nobody chose included.")


class SettingsSerializer(serializers.Serializer[Any]):
    steps = serializers.IntegerField()
    rendered_share = serializers.FloatField()
    learning_rate = serializers.FloatField(allow_null=True)
    encoder_learning_rate = serializers.FloatField(allow_null=True)
    seed = serializers.IntegerField()


class BaseSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    location = serializers.CharField()
    checkpoint = serializers.IntegerField(allow_null=True)


class JudgementSerializer(serializers.Serializer[Any]):
    """How a checkpoint was judged last: gain in J&F from one click beside the champion of that time."""

    champion = serializers.IntegerField(source="champion_id")
    champion_name = serializers.CharField(source="champion.name")
    gain = serializers.FloatField()
    gain_low = serializers.FloatField()
    gain_high = serializers.FloatField()
    passed = serializers.BooleanField()


class CheckpointSerializer(serializers.ModelSerializer[Checkpoint]):
    status = serializers.ChoiceField(CheckpointStatus.choices)
    active = serializers.SerializerMethodField()
    built_in = serializers.SerializerMethodField(help_text="the small model that comes with Maskloop")
    release = serializers.SerializerMethodField()
    release_name = serializers.SerializerMethodField()
    base = serializers.SerializerMethodField()
    settings = serializers.SerializerMethodField()
    evaluation = serializers.SerializerMethodField()
    came_from = serializers.SerializerMethodField(
        help_text="the hub name, folder or file that it was brought in from; empty: it was not"
    )
    judged = serializers.SerializerMethodField(help_text="the latest attempt on held-out masklets")
    kept_out = serializers.SerializerMethodField(
        help_text="why the gate keeps it out at present; empty: it may pass"
    )

    class Meta:
        model = Checkpoint
        fields = [
            "id", "project", "name", "location", "status", "active", "built_in", "parent", "run", "release",
            "release_name", "came_from", "base", "settings", "evaluation", "judged", "kept_out", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_active(self, checkpoint: Checkpoint) -> bool:
        return checkpoint.status == CheckpointStatus.ACTIVE

    def get_built_in(self, checkpoint: Checkpoint) -> bool:
        return location_of(checkpoint) == BUNDLED

    def get_release(self, checkpoint: Checkpoint) -> int | None:
        return checkpoint.run.release_id if checkpoint.run else None

    def get_release_name(self, checkpoint: Checkpoint) -> str:
        return checkpoint.run.release.name if checkpoint.run and checkpoint.run.release else ""

    def get_came_from(self, checkpoint: Checkpoint) -> str:
        brought = getattr(checkpoint, "imported", None)
        return (brought.location or brought.file) if brought else ""

    @extend_schema_field(JudgementSerializer(allow_null=True))
    def get_judged(self, checkpoint: Checkpoint) -> Any:
        told = max(checkpoint.evaluations.all(), key=lambda each: each.pk, default=None)
        return JudgementSerializer(told).data if told else None

    def get_kept_out(self, checkpoint: Checkpoint) -> str:
        if checkpoint.status == CheckpointStatus.ACTIVE:
            return ""
        context = cast(dict[str, Any], self.context)
        standings: dict[int, gate.Standing] = context.setdefault("standings", {})  # one for a whole list
        if checkpoint.project_id not in standings:
            standings[checkpoint.project_id] = gate.standing(checkpoint.project_id)
        return gate.refusal(checkpoint, standings[checkpoint.project_id])

    @extend_schema_field(BaseSerializer(allow_null=True))
    def get_base(self, checkpoint: Checkpoint) -> dict[str, Any] | None:
        return asdict(_asked(checkpoint.run).base) if checkpoint.run else None

    @extend_schema_field(SettingsSerializer(allow_null=True))
    def get_settings(self, checkpoint: Checkpoint) -> dict[str, Any] | None:
        return asdict(_asked(checkpoint.run).settings) if checkpoint.run else None

    @extend_schema_field(EvaluationSerializer(allow_null=True))
    def get_evaluation(self, checkpoint: Checkpoint) -> dict[str, Any] | None:
        return asdict(checkpoint.evaluation) if checkpoint.evaluation else None


def _asked(run: Run) -> FinetuneParams:
    return run.params_as(FinetuneParams)


class PromotionInput(InputSerializer):
    reason = serializers.CharField(
        max_length=2000,
        allow_blank=True,
        default="",
        help_text="needed where nothing is held out to judge by",
    )


class RetrainingInput(InputSerializer):
    checkpoint = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    location = serializers.CharField(max_length=512, required=False, allow_null=True)
    name = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    steps = serializers.IntegerField(min_value=1, max_value=200_000, default=USUAL.steps)
    rendered_share = serializers.FloatField(min_value=0, max_value=0.9, default=USUAL.rendered_share)
    learning_rate = serializers.FloatField(min_value=1e-8, max_value=0.01, allow_null=True, default=None)
    encoder_learning_rate = serializers.FloatField(min_value=0, max_value=0.01, allow_null=True, default=None)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=USUAL.seed)


class RetrainingChoicesSerializer(serializers.Serializer[Any]):
    """What a retraining may start from, and its usual settings."""

    bases = BaseSerializer(many=True)
    locations = serializers.ListField(
        child=serializers.CharField(), help_text="hub names and folders that checkpoints may come from"
    )
    settings = SettingsSerializer()


class TrainingEntrySerializer(serializers.Serializer[Any]):
    step = serializers.IntegerField()
    loss = serializers.FloatField(required=False)
    validation = serializers.DictField(child=serializers.FloatField(), required=False)


class TrainingLogSerializer(serializers.Serializer[Any]):
    entries = TrainingEntrySerializer(many=True)
