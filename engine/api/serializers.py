"""What goes over the wire. Input serializers refuse fields they do not know; output serializers only read."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine import storage
from engine.models import (
    Checkpoint,
    ExportFile,
    Masklet,
    MaskletStatus,
    Membership,
    Project,
    Prompt,
    PromptKind,
    Release,
    ReleaseStatus,
    Revision,
    RevisionKind,
    Role,
    Run,
    RunKind,
    RunStatus,
    Source,
    Transition,
    Upload,
    Video,
    VideoStatus,
)

PROGRESS_UNITS = {
    RunKind.INGEST: "percent",
    RunKind.PROPAGATE: "frames",
    RunKind.EXPORT: "videos",
    RunKind.PREDICT: "masks",
}


class InputSerializer(serializers.Serializer[Any]):
    """A request's body. A field that nobody knows is an error, not a silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({name: ["This field is not known here."] for name in unknown})
        return super().to_internal_value(data)


class PersonSerializer(serializers.ModelSerializer[User]):
    full_name = serializers.CharField(source="get_full_name")

    class Meta:
        model = User
        fields = ["id", "username", "full_name"]
        read_only_fields = fields


class SessionSerializer(serializers.Serializer[Any]):
    user = PersonSerializer(allow_null=True)
    streams_origin = serializers.CharField()
    version = serializers.CharField()


class ErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    details = serializers.DictField()


class FailureSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class ProgressSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    unit = serializers.CharField()


class RunSerializer(serializers.ModelSerializer[Run]):
    kind = serializers.ChoiceField(RunKind.choices)
    status = serializers.ChoiceField(RunStatus.choices)
    progress = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    result = serializers.DictField()
    actor = serializers.CharField(source="actor.username")

    class Meta:
        model = Run
        fields = [
            "id", "kind", "status", "progress", "error", "attempt", "project", "masklet", "video", "release",
            "result", "cancel_requested", "actor", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, run: Run) -> dict[str, Any]:
        unit = PROGRESS_UNITS[RunKind(run.kind)]
        return {"done": run.progress_done, "total": run.progress_total, "unit": unit}

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_error(self, run: Run) -> dict[str, str] | None:
        return {"code": run.error_code, "message": run.error_message} if run.error_code else None


class RunStartedSerializer(serializers.Serializer[Any]):
    run = RunSerializer()


class ProjectCountsSerializer(serializers.Serializer[Any]):
    videos = serializers.IntegerField()
    to_annotate = serializers.IntegerField()
    to_verify = serializers.IntegerField()
    accepted = serializers.IntegerField()


class ProjectSerializer(serializers.ModelSerializer[Project]):
    roles = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = [
            "id",
            "name",
            "description",
            "fps",
            "annotate_every",
            "phase",
            "roles",
            "counts",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(Role.choices)))
    def get_roles(self, project: Project) -> list[str]:
        return sorted(project.roles_of(self.context["request"].user))

    @extend_schema_field(ProjectCountsSerializer)
    def get_counts(self, project: Project) -> dict[str, int]:
        masklets = Masklet.objects.filter(project=project)
        return {
            "videos": Video.objects.filter(project=project).count(),
            "to_annotate": masklets.to_annotate().count(),
            "to_verify": masklets.to_verify().count(),
            "accepted": masklets.accepted().count(),
        }


class ProjectInput(InputSerializer):
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=5000, allow_blank=True, default="")
    fps = serializers.FloatField(min_value=1, max_value=120, default=24.0)
    annotate_every = serializers.IntegerField(min_value=1, max_value=120, default=4)


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    user = PersonSerializer()
    role = serializers.ChoiceField(Role.choices)

    class Meta:
        model = Membership
        fields = ["id", "user", "role", "created_at"]
        read_only_fields = fields


class MembershipInput(InputSerializer):
    user = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(Role.choices)


class VideoSerializer(serializers.ModelSerializer[Video]):
    status = serializers.ChoiceField(VideoStatus.choices)
    failure = serializers.SerializerMethodField()
    warnings = serializers.ListField(child=serializers.CharField())
    thumbnail_url = serializers.SerializerMethodField()
    proxy_url = serializers.SerializerMethodField()
    masklet_counts = serializers.SerializerMethodField()
    run = serializers.SerializerMethodField()

    class Meta:
        model = Video
        fields = [
            "id", "project", "name", "status", "failure", "warnings", "width", "height", "fps", "annotate_every",
            "frame_count", "timeline_frame_count", "duration", "split", "environment", "thumbnail_url", "proxy_url",
            "masklet_counts", "run", "created_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_failure(self, video: Video) -> dict[str, str] | None:
        return {"code": video.failure_code, "message": video.failure_message} if video.failure_code else None

    def get_thumbnail_url(self, video: Video) -> str | None:
        return _ready_link(video, video.thumbnail_key, "image/jpeg")

    def get_proxy_url(self, video: Video) -> str | None:
        return _ready_link(video, video.proxy_key, "video/mp4")

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_masklet_counts(self, video: Video) -> dict[str, int]:
        counts: dict[str, int] = {}
        for masklet in video.masklets.all():  # type: ignore[attr-defined]
            counts[masklet.status] = counts.get(masklet.status, 0) + 1
        return counts

    @extend_schema_field(RunSerializer(allow_null=True))
    def get_run(self, video: Video) -> Any:
        """The newest ingest run."""
        ingests = [run for run in video.runs.all() if run.kind == RunKind.INGEST]  # type: ignore[attr-defined]
        return RunSerializer(max(ingests, key=lambda run: run.pk)).data if ingests else None


def _ready_link(video: Video, key: str, content_type: str) -> str | None:
    return storage.link(key, content_type=content_type) if video.status == VideoStatus.READY else None


class FrameSerializer(serializers.Serializer[Any]):
    frame_idx = serializers.IntegerField()
    url = serializers.CharField()


class FramesSerializer(serializers.Serializer[Any]):
    frames = FrameSerializer(many=True)
    expires_in = serializers.IntegerField(help_text="seconds that the links work")


class UploadInput(InputSerializer):
    name = serializers.CharField(max_length=255)
    size = serializers.IntegerField(min_value=1)
    content_type = serializers.CharField(max_length=255, allow_blank=True, required=False)


class UploadSerializer(serializers.ModelSerializer[Upload]):
    class Meta:
        model = Upload
        fields = ["id", "video", "size", "part_size", "part_count", "expires_at"]
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
    parts = PartInput(many=True)


class PromptSerializer(serializers.ModelSerializer[Prompt]):
    kind = serializers.ChoiceField(PromptKind.choices)
    box = serializers.ListField(child=serializers.FloatField(), allow_null=True)

    class Meta:
        model = Prompt
        fields = ["id", "frame_idx", "kind", "x", "y", "positive", "box", "created_at"]
        read_only_fields = fields


class LastVerdictSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(["satisfactory", "unsatisfactory", "reject"])
    comment = serializers.CharField()
    reviewer = serializers.CharField()
    created_at = serializers.DateTimeField()


VERDICT_THAT_LED_TO = {
    MaskletStatus.ACCEPTED: "satisfactory",
    MaskletStatus.NEEDS_REFINEMENT: "unsatisfactory",
    MaskletStatus.REJECTED: "reject",
}


class MaskletSerializer(serializers.ModelSerializer[Masklet]):
    status = serializers.ChoiceField(MaskletStatus.choices)
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]
    revision = serializers.IntegerField(source="revision_number", help_text="0 before the first mask")
    video_name = serializers.CharField(source="video.name")
    thumbnail_url = serializers.SerializerMethodField()
    edited_frames = serializers.SerializerMethodField()
    annotator = serializers.SerializerMethodField()
    last_verdict = serializers.SerializerMethodField()
    run = serializers.SerializerMethodField()

    class Meta:
        model = Masklet
        fields = [
            "id", "project", "video", "video_name", "thumbnail_url", "object_id", "label", "phase", "source", "status",
            "revision", "edited_frames", "annotator", "last_verdict", "run", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_thumbnail_url(self, masklet: Masklet) -> str | None:
        return _ready_link(masklet.video, masklet.video.thumbnail_key, "image/jpeg")

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_edited_frames(self, masklet: Masklet) -> list[int]:
        return list(masklet.revision.edited_frames) if masklet.revision else []

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_annotator(self, masklet: Masklet) -> str | None:
        """Who claimed it last."""
        claims = [step for step in self._ledger(masklet) if step.to_status == MaskletStatus.ANNOTATING]
        return claims[-1].actor.username if claims and claims[-1].actor else None

    @extend_schema_field(LastVerdictSerializer(allow_null=True))
    def get_last_verdict(self, masklet: Masklet) -> dict[str, Any] | None:
        steps: list[Transition] = []
        for step in self._ledger(masklet):
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
        """The live run, if there is one."""
        live = [run for run in masklet.runs.all() if run.is_live]  # type: ignore[attr-defined]
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


class MaskFrameSerializer(serializers.Serializer[Any]):
    counts = serializers.CharField(help_text="COCO compressed RLE, column-major, of the frame's size")
    predicted_iou = serializers.FloatField()
    object_score = serializers.FloatField()
    stability = serializers.FloatField()


class MasksSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    size = serializers.ListField(child=serializers.IntegerField(), help_text="[height, width]")
    frames = serializers.DictField(child=MaskFrameSerializer(), help_text="by frame_idx")
    prompts = PromptSerializer(many=True)


class RevisionSerializer(serializers.ModelSerializer[Revision]):
    kind = serializers.ChoiceField(RevisionKind.choices)
    parent = serializers.IntegerField(  # type: ignore[assignment]
        source="parent.number", allow_null=True, default=None
    )
    actor = serializers.CharField(source="actor.username")
    edited_frames = serializers.ListField(child=serializers.IntegerField())

    class Meta:
        model = Revision
        fields = ["number", "parent", "kind", "frame_count", "edited_frames", "actor", "created_at"]
        read_only_fields = fields


class ExportFileSerializer(serializers.ModelSerializer[ExportFile]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = ExportFile
        fields = ["name", "size", "sha256", "url"]
        read_only_fields = fields

    def get_url(self, file: ExportFile) -> str:
        return storage.link(
            file.key,
            content_type="application/octet-stream",
            download_as=file.name.rsplit("/", 1)[-1],
        )


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    status = serializers.ChoiceField(ReleaseStatus.choices)
    masklet_count = serializers.SerializerMethodField()
    video_count = serializers.SerializerMethodField()
    run = serializers.SerializerMethodField()
    files = ExportFileSerializer(many=True)

    class Meta:
        model = Release
        fields = [
            "id", "project", "name", "status", "masklet_count", "video_count", "run", "files", "created_at",
            "frozen_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_masklet_count(self, release: Release) -> int:
        return len(release.items.all())  # type: ignore[attr-defined]

    def get_video_count(self, release: Release) -> int:
        return len({item.masklet.video_id for item in release.items.all()})  # type: ignore[attr-defined]

    @extend_schema_field(RunSerializer(allow_null=True))
    def get_run(self, release: Release) -> Any:
        """The newest export run."""
        exports = sorted(release.runs.all(), key=lambda run: run.pk)  # type: ignore[attr-defined]
        return RunSerializer(exports[-1]).data if exports else None


class ReleaseInput(InputSerializer):
    name = serializers.RegexField(
        r"^[\w][\w .-]*$",
        max_length=80,
        error_messages={"invalid": "Use letters, digits, spaces, dots, dashes and underscores."},
    )


class ExportInput(InputSerializer):
    format = serializers.CharField(max_length=20, default="sa-v")


class CheckpointSerializer(serializers.ModelSerializer[Checkpoint]):
    active = serializers.SerializerMethodField()

    class Meta:
        model = Checkpoint
        fields = ["id", "name", "location", "status", "active", "created_at"]
        read_only_fields = fields

    def get_active(self, checkpoint: Checkpoint) -> bool:
        return checkpoint.status == "active"
