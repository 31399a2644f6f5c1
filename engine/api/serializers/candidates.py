from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine import storage
from engine.api.serializers.base import InputSerializer
from engine.api.serializers.runs import RunSerializer
from engine.models import Candidate, CandidatePolicy, CandidateSource, Fate, MaskletStatus, Source
from engine.services import generation, mining

MOST_AT_ONCE = 200  #: candidates of one decision
MOST_VIDEOS = 1_000  #: of one request


class CandidateSerializer(serializers.ModelSerializer[Candidate]):
    """A masklet that SAM 2, or another model, proposed."""

    id = serializers.IntegerField(source="masklet_id", help_text="of its masklet")
    video = serializers.IntegerField(source="masklet.video_id")
    object_id = serializers.IntegerField(source="masklet.object_id")
    label = serializers.CharField(source="masklet.label")  # type: ignore[assignment]
    status = serializers.ChoiceField(MaskletStatus.choices, source="masklet.status")
    revision = serializers.IntegerField(source="masklet.revision_number")
    source = serializers.ChoiceField(CandidateSource.choices)  # type: ignore[assignment]
    fate = serializers.ChoiceField(Fate.choices)
    scores = serializers.DictField(child=serializers.FloatField(), help_text="as generation gave them")
    areas = serializers.ListField(
        child=serializers.IntegerField(), help_text="pixels by frame_idx; 0 where it is absent"
    )
    preview_url = serializers.SerializerMethodField()

    class Meta:
        model = Candidate
        fields = [
            "id", "run", "video", "object_id", "label", "status", "revision", "source", "first_frame", "scores",
            "score", "fate", "duplicate_of", "areas", "preview_url", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_preview_url(self, candidate: Candidate) -> str | None:
        key = candidate.preview_key
        return storage.link(key, content_type="image/jpeg") if key else None


class GenerationEstimateSerializer(serializers.Serializer[Any]):
    videos = serializers.IntegerField(help_text="READY ones that nobody has looked through")
    frames = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True, help_text="of one worker; null before any was measured")
    seconds_per_frame = serializers.FloatField(allow_null=True)
    measured = serializers.IntegerField(help_text="generations that the speed is told from")
    live = serializers.IntegerField(help_text="generations under way")
    room = serializers.IntegerField(help_text="runs that the project may still start")
    done = serializers.IntegerField(help_text="videos that were looked through")


class GenerationInput(InputSerializer):
    videos = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        allow_empty=False,
        max_length=MOST_VIDEOS,
        help_text="left out: all that nobody has looked through yet",
    )
    sources = serializers.ListField(
        child=serializers.ChoiceField(generation.SOURCES),
        allow_empty=False,
        max_length=len(generation.SOURCES),
        default=[source.value for source in generation.USUAL_SOURCES],
    )
    most = serializers.IntegerField(
        min_value=1, max_value=500, default=generation.MOST, help_text="candidates of a video that go on"
    )


class GenerationsStartedSerializer(serializers.Serializer[Any]):
    runs = RunSerializer(many=True)
    left = serializers.IntegerField(help_text="videos that wait for room; ask again when runs have ended")


class ExplainedSerializer(serializers.Serializer[Any]):
    """By frame, the share of its pixels that masklets explain."""

    people = serializers.ListField(child=serializers.FloatField())
    all = serializers.ListField(child=serializers.FloatField())


class VideoGenerationSerializer(serializers.Serializer[Any]):
    run = RunSerializer(allow_null=True, help_text="the newest generation")
    estimate = GenerationEstimateSerializer()
    coverage = ExplainedSerializer(allow_null=True, help_text="when the last generation ended")
    fates = serializers.DictField(child=serializers.IntegerField(), help_text="how many candidates, by fate")


class PointSerializer(serializers.Serializer[Any]):
    """What a threshold would do."""

    threshold = serializers.FloatField()
    judged = serializers.IntegerField(help_text="candidates with a verdict above it")
    precision = serializers.FloatField(allow_null=True, help_text="share of these that were satisfactory")
    at_least = serializers.FloatField(
        allow_null=True, help_text="precision that can be claimed with 95 % confidence"
    )
    passes = serializers.IntegerField(help_text="of all candidates")


class CandidatePolicySerializer(serializers.Serializer[Any]):
    refine_share = serializers.FloatField(source="policy.refine_share")
    prefer = serializers.ChoiceField(CandidatePolicy.Prefer.choices, source="policy.prefer")
    precision = serializers.FloatField(source="policy.precision")
    own_threshold = serializers.FloatField(
        source="policy.threshold", allow_null=True, help_text="an owner's; null: the fitted or the usual one"
    )
    threshold = serializers.FloatField(help_text="in force")
    fitted = serializers.FloatField(allow_null=True)
    usual = serializers.FloatField()
    verdicts = serializers.IntegerField()
    missing = serializers.IntegerField(help_text="verdicts until a threshold is fitted")
    curve = PointSerializer(many=True)
    moved = serializers.IntegerField(
        default=0, help_text="candidates that the change brought to or took from the reviewers"
    )


class CandidatePolicyInput(InputSerializer):
    refine_share = serializers.FloatField(min_value=0, max_value=1, required=False)
    prefer = serializers.ChoiceField(CandidatePolicy.Prefer.choices, required=False)
    precision = serializers.FloatField(min_value=0, max_value=1, required=False)
    threshold = serializers.FloatField(min_value=0, max_value=1, required=False, allow_null=True)


class CandidatesInput(InputSerializer):
    masklets = serializers.ListField(
        child=serializers.IntegerField(min_value=1), allow_empty=False, max_length=MOST_AT_ONCE
    )


class FailureMinedSerializer(serializers.Serializer[Any]):
    """Something about a masklet that SAM 2 did badly."""

    masklet = serializers.IntegerField(source="masklet.pk")
    object_id = serializers.IntegerField(source="masklet.object_id")
    label = serializers.CharField(source="masklet.label")  # type: ignore[assignment]
    status = serializers.ChoiceField(MaskletStatus.choices, source="masklet.status")
    source = serializers.ChoiceField(Source.choices, source="masklet.source")  # type: ignore[assignment]
    video = serializers.IntegerField(source="masklet.video_id")
    video_name = serializers.CharField(source="masklet.video.name")
    frame_idx = serializers.IntegerField(help_text="the frame to look at")
    reason = serializers.ChoiceField(list(mining.REASONS.items()))
    strength = serializers.FloatField(help_text="0 to 1")
    count = serializers.IntegerField(help_text="frames or verdicts that say so")
    weight = serializers.FloatField(help_text="of the masklet in a retraining; 1 is usual")
    frame_url = serializers.SerializerMethodField()

    def get_frame_url(self, failure: mining.Failure) -> str:
        video = failure.masklet.video
        return storage.link(video.frame_key(failure.frame_idx), content_type="image/jpeg")


class FailuresMinedSerializer(serializers.Serializer[Any]):
    failures = FailureMinedSerializer(many=True)
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="by reason, of all that were found"
    )
