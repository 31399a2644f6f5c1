from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine.api.serializers.base import InputSerializer
from engine.api.serializers.people import PersonSerializer
from engine.models import Masklet, Membership, Project, Role, Video
from engine.models.project import Phase


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
            "separate_selection",
            "separate_verification",
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


class ProjectChange(InputSerializer):
    """What is left out stays as it is."""

    name = serializers.CharField(max_length=120, required=False)
    description = serializers.CharField(max_length=5000, allow_blank=True, required=False)
    phase = serializers.ChoiceField(Phase.choices, required=False)
    separate_selection = serializers.BooleanField(required=False)
    separate_verification = serializers.BooleanField(required=False)


class BatchPhaseInput(InputSerializer):
    phase = serializers.ChoiceField(Phase.choices, allow_null=True)
    videos = serializers.ListField(child=serializers.IntegerField(), min_length=1, max_length=1000)


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    user = PersonSerializer()
    role = serializers.ChoiceField(Role.choices)
    phases = serializers.ListField(child=serializers.ChoiceField(Phase.choices))

    class Meta:
        model = Membership
        fields = ["id", "user", "role", "phases", "created_at"]
        read_only_fields = fields


class MembershipInput(InputSerializer):
    user = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(Role.choices)


class MembershipChange(InputSerializer):
    phases = serializers.ListField(
        child=serializers.ChoiceField(Phase.choices), min_length=1, max_length=len(Phase)
    )
