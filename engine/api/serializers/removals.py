from __future__ import annotations

from datetime import datetime

from rest_framework import serializers

from engine.models import Project, Video
from engine.services import removals


class BinnedVideoSerializer(serializers.ModelSerializer[Video]):
    emptied_on = serializers.SerializerMethodField(help_text="when it leaves the object store")

    class Meta:
        model = Video
        fields = ["id", "name", "removed_at", "emptied_on", "bytes"]
        read_only_fields = fields

    def get_emptied_on(self, row: Video) -> datetime:
        assert row.removed_at is not None
        return removals.due(row.removed_at)


class BinnedProjectSerializer(serializers.ModelSerializer[Project]):
    emptied_on = serializers.SerializerMethodField(help_text="when it leaves the object store")

    class Meta:
        model = Project
        fields = ["id", "name", "removed_at", "emptied_on"]
        read_only_fields = fields

    def get_emptied_on(self, row: Project) -> datetime:
        assert row.removed_at is not None
        return removals.due(row.removed_at)
