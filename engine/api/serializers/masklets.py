from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine.api.serializers.base import InputSerializer
from engine.api.serializers.labels import FrameAttributeInput, ValueField
from engine.api.serializers.runs import RunSerializer
from engine.api.serializers.videos import ready_link
from engine.models import Masklet, MaskletStatus, Source, Transition
from engine.models.project import Phase
from engine.services import candidates


class LastVerdictSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(["satisfactory", "unsatisfactory", "reject"])
    comment = serializers.CharField()
    reviewer = serializers.CharField()
    created_at = serializers.DateTimeField()


class MaskletChange(InputSerializer):
    phase = serializers.ChoiceField(Phase.choices)


VERDICT_THAT_LED_TO = {
    MaskletStatus.ACCEPTED: "satisfactory",
    MaskletStatus.NEEDS_REFINEMENT: "unsatisfactory",
    MaskletStatus.FILTERED: "unsatisfactory",  # a candidate that nobody is to refine
    MaskletStatus.REJECTED: "reject",
}


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
        claims = [step for step in self._ledger(masklet) if step.to_status == MaskletStatus.ANNOTATING]
        return claims[-1].actor.username if claims and claims[-1].actor else None

    @extend_schema_field(LastVerdictSerializer(allow_null=True))
    def get_last_verdict(self, masklet: Masklet) -> dict[str, Any] | None:
        steps: list[Transition] = []
        for step in self._ledger(masklet):
            if step.reason in candidates.WITHDRAWN:
                continue
            if step.from_status == MaskletStatus.IN_VERIFICATION and step.to_status in VERDICT_THAT_LED_TO:
                steps.append(step)
            elif step.to_status == MaskletStatus.IN_VERIFICATION and step.from_status in VERDICT_THAT_LED_TO:
                steps = steps[:-1]  # taken back or reopened: it stands no more
        if not steps:
            return None
        last = steps[-1]
        return {
            "verdict": VERDICT_THAT_LED_TO[MaskletStatus(last.to_status)],
            "comment": last.reason,
            "reviewer": last.actor.username if last.actor else "",
            "created_at": last.created_at,
        }

    @extend_schema_field(RunSerializer(allow_null=True))
    def get_run(self, masklet: Masklet) -> Any:
        """The live run that changes its masks, if there is one; a list view has read them for the whole page."""
        live = getattr(masklet, "live_runs", None)
        if live is None:
            live = masklet.runs.live().changing_masks().select_related("actor")[:1]  # type: ignore[attr-defined]
        return RunSerializer(live[0]).data if live else None

    def _ledger(self, masklet: Masklet) -> list[Transition]:
        """The masklet's steps, oldest first; a list view reads them for the whole page in one query."""
        known: dict[int, list[Transition]] = self.root.__dict__.setdefault("_ledgers", {})
        if masklet.pk not in known:
            page = getattr(self.parent, "instance", None)
            wanted = [m.pk for m in page] if isinstance(page, list) else [masklet.pk]
            known.update({pk: [] for pk in wanted})
            steps = Transition.objects.filter(subject_type="masklet", subject_id__in=wanted).select_related(
                "actor"
            )
            for step in steps:
                known[step.subject_id].append(step)
        return known[masklet.pk]
