from __future__ import annotations

from typing import Any

from rest_framework import serializers

from engine.api.serializers.runs import RunSerializer
from engine.models.release import Lineage


def counts() -> serializers.DictField:
    return serializers.DictField(child=serializers.IntegerField())


def bars() -> serializers.ListField:
    return serializers.ListField(child=serializers.IntegerField())


def edges() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.FloatField(), help_text="between the bars; the first and the last are open"
    )


class StatisticsSerializer(serializers.Serializer[Any]):
    """In the manner of SA-V's own table; shares are 0..1."""

    videos = serializers.IntegerField()
    seconds = serializers.FloatField()
    frames = serializers.IntegerField(help_text="annotated ones")
    masklets = serializers.IntegerField()
    masks = serializers.IntegerField(help_text="that show something")
    annotated = serializers.IntegerField(help_text="frames times objects that somebody looked at")
    disappearance_rate = serializers.FloatField(help_text="of masklets that vanish and come back")
    edited_frames = serializers.IntegerField()
    edited_share = serializers.FloatField(allow_null=True, help_text="mean over manual masklets")
    by_source = counts()
    by_phase = counts()
    by_label = counts()
    by_size = counts()
    by_split = counts()
    by_environment = counts()
    changes = bars()
    areas = bars()
    area_edges = edges()
    edited = bars()
    edited_edges = edges()
    durations = bars()
    duration_edges = edges()


class ReleaseWorkSerializer(serializers.Serializer[Any]):
    """How the annotating of a release went."""

    prompts = serializers.IntegerField()
    people = serializers.IntegerField()


class ReleaseVerificationSerializer(serializers.Serializer[Any]):
    """By the ledger."""

    pinned = serializers.IntegerField()
    accepted = serializers.IntegerField(help_text="verdicts that a masklet is satisfactory")
    reviewers = serializers.IntegerField()
    sent_back = serializers.IntegerField()
    reopened = serializers.IntegerField()
    passed_by = serializers.DictField(
        child=serializers.IntegerField(),
        default=dict,
        help_text="masklets by what accepted them: person, preverifier, sampling (nobody looked)",
    )


class ReleaseLineageSerializer(serializers.Serializer[Any]):
    """How a release came to be."""

    annotated = ReleaseWorkSerializer()
    verification = ReleaseVerificationSerializer()
    checkpoints = serializers.SerializerMethodField(help_text="their names")

    def get_checkpoints(self, lineage: Lineage) -> list[str]:
        return [each.name for each in lineage.checkpoints]


class ReleaseFiguresSerializer(serializers.Serializer[Any]):
    statistics = StatisticsSerializer(allow_null=True, help_text="null until a run has measured it")
    lineage = ReleaseLineageSerializer(allow_null=True)
    run = RunSerializer(allow_null=True, help_text="the newest that measures it")


class PinnedSerializer(serializers.Serializer[Any]):
    masklet = serializers.IntegerField()
    video = serializers.IntegerField()
    video_name = serializers.CharField()
    object_id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]


class ReleaseDifferenceSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    masklets = PinnedSerializer(many=True, help_text="the first 200")


class ReleaseDiffSerializer(serializers.Serializer[Any]):
    """What a release has beside another, lacks of it, and has at another revision or under another label."""

    added = ReleaseDifferenceSerializer()
    removed = ReleaseDifferenceSerializer()
    changed = ReleaseDifferenceSerializer()
    relabelled = ReleaseDifferenceSerializer()
