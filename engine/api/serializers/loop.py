from __future__ import annotations

from typing import Any

from rest_framework import serializers

from engine.api.serializers.base import InputSerializer
from engine.models import (
    Canary,
    Evaluation,
    EvaluationSet,
    Promotion,
    PromotionKind,
    TrainingPolicy,
    TriggerDecision,
)
from engine.services import evaluation_sets, gate


class GuardSerializer(serializers.Serializer[Any]):
    """A slice that must not become worse: with the champion, with the candidate, and the loss that is allowed."""

    before = serializers.FloatField()
    after = serializers.FloatField()
    allowed = serializers.FloatField()
    count = serializers.IntegerField(help_text="objects, or frames where it is a recall")


class VideoGainSerializer(serializers.Serializer[Any]):
    source = serializers.CharField(help_text="SHA-256 of the video's source")  # type: ignore[assignment]
    before = serializers.FloatField(help_text="J&F from one click with the champion, 0..1")
    after = serializers.FloatField()


class ExampleSerializer(serializers.Serializer[Any]):
    """A masklet on which the two differ much."""

    masklet = serializers.IntegerField()
    video = serializers.IntegerField()
    before = serializers.FloatField()
    after = serializers.FloatField()


class SliceSerializer(serializers.Serializer[Any]):
    """Means over videos of one slice of the set; null where nothing was measured."""

    jf_mask = serializers.FloatField(allow_null=True)
    jf_1_click = serializers.FloatField(allow_null=True)
    jf_3_clicks = serializers.FloatField(allow_null=True)
    clicks = serializers.FloatField(allow_null=True, help_text="of a simulated annotator")
    seconds = serializers.FloatField(allow_null=True, help_text="of a simulated annotator, an object")
    seconds_per_frame = serializers.FloatField(allow_null=True)
    reached = serializers.FloatField(allow_null=True, help_text="share of the objects that came to J&F 0.8")
    present_recall = serializers.FloatField()
    absent_recall = serializers.FloatField()
    absent_frames = serializers.IntegerField()
    objects = serializers.IntegerField()
    frames = serializers.IntegerField()


class SlicesSerializer(serializers.Serializer[Any]):
    """By slice: all, small, medium, large, leaves, returns, and labels."""

    champion = serializers.DictField(child=SliceSerializer(), required=False)
    candidate = serializers.DictField(child=SliceSerializer(), required=False)


class GateEvaluationSerializer(serializers.ModelSerializer[Evaluation]):
    set = serializers.IntegerField(source="evaluation_set.number")
    set_sha256 = serializers.CharField(source="evaluation_set.sha256")
    champion_name = serializers.CharField(source="champion.name")
    passed = serializers.BooleanField()
    why_not = serializers.SerializerMethodField()
    videos = VideoGainSerializer(many=True)
    guards = serializers.DictField(child=GuardSerializer())
    examples = ExampleSerializer(many=True)
    figures = SlicesSerializer()

    class Meta:
        model = Evaluation
        fields = [
            "id", "checkpoint", "champion", "champion_name", "set", "set_sha256", "number", "gain", "gain_low",
            "gain_high", "passed", "why_not", "videos", "guards", "examples", "figures", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_why_not(self, told: Evaluation) -> str:
        return gate.why_not(told)


class EvaluationSetSerializer(serializers.ModelSerializer[EvaluationSet]):
    attempts = serializers.SerializerMethodField()

    class Meta:
        model = EvaluationSet
        fields = [
            "id",
            "number",
            "sha256",
            "item_count",
            "video_count",
            "attempts",
            "attempts_allowed",
            "created_at",
        ]
        read_only_fields = fields

    def get_attempts(self, held: EvaluationSet) -> int:
        return evaluation_sets.attempts(held)


class PromotionSerializer(serializers.ModelSerializer[Promotion]):
    kind = serializers.ChoiceField(PromotionKind.choices)
    checkpoint_name = serializers.CharField(source="checkpoint.name")
    former_name = serializers.CharField(source="former.name", default="")
    by = serializers.CharField(source="actor.username", default="")
    gain = serializers.FloatField(source="evaluation.gain", default=None, allow_null=True)

    class Meta:
        model = Promotion
        fields = [
            "id", "number", "kind", "checkpoint", "checkpoint_name", "former", "former_name", "evaluation", "gain",
            "by", "reason", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class TrainingPolicySerializer(serializers.ModelSerializer[TrainingPolicy]):
    hours_used = serializers.FloatField(help_text="of the training worker, in 30 days")

    class Meta:
        model = TrainingPolicy
        fields = [
            "enabled", "every_accepted", "every_hours", "effort_worsens", "verdicts_worsen", "hours_allowed",
            "hours_used", "steps", "rendered_share", "promotes", "canary_share",
        ]  # fmt: skip
        read_only_fields = fields


class TrainingPolicyChange(InputSerializer):
    enabled = serializers.BooleanField(required=False)
    every_accepted = serializers.IntegerField(min_value=1, max_value=10**6, required=False, allow_null=True)
    every_hours = serializers.IntegerField(min_value=1, max_value=10**5, required=False, allow_null=True)
    effort_worsens = serializers.FloatField(min_value=1.01, max_value=10, required=False, allow_null=True)
    verdicts_worsen = serializers.FloatField(min_value=0.01, max_value=1, required=False, allow_null=True)
    hours_allowed = serializers.FloatField(min_value=0, max_value=10_000, required=False)
    steps = serializers.IntegerField(min_value=1, max_value=200_000, required=False)
    rendered_share = serializers.FloatField(min_value=0, max_value=0.9, required=False)
    promotes = serializers.BooleanField(required=False)
    canary_share = serializers.FloatField(min_value=0, max_value=0.5, required=False)


class FactsSerializer(serializers.Serializer[Any]):
    """What a decision looked at; null where nothing was known yet."""

    accepted = serializers.IntegerField(help_text="masklets since the last training")
    hours_since = serializers.FloatField(allow_null=True, help_text="the last training")
    accept_share_recent = serializers.FloatField(allow_null=True, help_text="of verdicts, 0..1")
    accept_share_before = serializers.FloatField(allow_null=True)
    effort_recent = serializers.FloatField(allow_null=True, help_text="seconds a frame")
    effort_before = serializers.FloatField(allow_null=True)
    hours_used = serializers.FloatField(help_text="of the training worker, in 30 days")
    attempts_left = serializers.IntegerField(allow_null=True, help_text="of the evaluation set")


class TriggerDecisionSerializer(serializers.ModelSerializer[TriggerDecision]):
    decision = serializers.ChoiceField(TriggerDecision.Decision.choices)
    facts = FactsSerializer(allow_null=True)
    by = serializers.CharField(source="actor.username", default="")

    class Meta:
        model = TriggerDecision
        fields = ["id", "decision", "because", "reason", "facts", "release", "run", "by", "created_at"]
        read_only_fields = fields


class DifferenceSerializer(serializers.Serializer[Any]):
    """Challenger less champion; more is worse. It holds at every moment with 95 %, however often one looks."""

    name = serializers.CharField(help_text="refused (verdicts), seconds_per_frame")
    estimate = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    seen = serializers.IntegerField()


class CanarySerializer(serializers.ModelSerializer[Canary]):
    outcome = serializers.ChoiceField([*Canary.Outcome.choices, ""], allow_blank=True)
    challenger_name = serializers.CharField(source="challenger.name")
    champion_name = serializers.CharField(source="champion.name")
    differences = DifferenceSerializer(many=True, help_text="while it is under way")

    class Meta:
        model = Canary
        fields = [
            "id", "challenger", "challenger_name", "champion", "champion_name", "share", "enough", "outcome", "reason",
            "differences", "started_at", "ended_at",
        ]  # fmt: skip
        read_only_fields = fields


class CanaryInput(InputSerializer):
    share = serializers.FloatField(min_value=0.01, max_value=0.5, help_text="of new assignments")


class ExportedCheckpointSerializer(serializers.Serializer[Any]):
    files = serializers.DictField(
        child=serializers.CharField(), help_text="links that last minutes, by file name"
    )
    sha256 = serializers.CharField(help_text="of the files, one after the other")
    model_card = serializers.CharField(help_text="README.md, Markdown")


class RollbackInput(InputSerializer):
    reason = serializers.CharField(max_length=2000, allow_blank=True, default="")
