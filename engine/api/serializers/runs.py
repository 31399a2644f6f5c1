from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine import run_kinds
from engine.models import Run, RunKind, RunStatus


class FailureSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()


class ProgressSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    unit = serializers.CharField()


class RunSerializer(serializers.ModelSerializer[Run]):
    kind = serializers.ChoiceField(RunKind.choices)
    title = serializers.SerializerMethodField(help_text="what it does, for people")
    status = serializers.ChoiceField(RunStatus.choices)
    progress = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    result = serializers.DictField()
    actor = serializers.CharField(source="actor.username", default=None, allow_null=True)
    owners_cancel = serializers.SerializerMethodField(
        help_text="only owners cancel it; another also who asked for it"
    )

    class Meta:
        model = Run
        fields = [
            "id", "kind", "title", "status", "progress", "error", "attempt", "project", "masklet", "video", "release",
            "result", "cancel_requested", "owners_cancel", "actor", "created_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_title(self, run: Run) -> str:
        return run_kinds.of(run.kind).title

    def get_owners_cancel(self, run: Run) -> bool:
        return run_kinds.of(run.kind).owners_cancel

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, run: Run) -> dict[str, Any]:
        unit = run_kinds.of(run.kind).unit
        return {"done": run.progress_done, "total": run.progress_total, "unit": unit}

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_error(self, run: Run) -> dict[str, str] | None:
        return {"code": run.error_code, "message": run.error_message} if run.error_code else None


class RunStartedSerializer(serializers.Serializer[Any]):
    run = RunSerializer()
