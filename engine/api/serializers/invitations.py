from __future__ import annotations

from rest_framework import serializers

from engine.api.serializers.base import InputSerializer
from engine.models import Invitation, Role


class InvitationInput(InputSerializer):
    user = serializers.CharField(max_length=150, help_text="a user name")
    role = serializers.ChoiceField(Role.choices)


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """As owners see it."""

    user = serializers.CharField(source="username", help_text="as it was written; nobody may have that name")
    role = serializers.ChoiceField(Role.choices)
    invited_by = serializers.CharField(source="invited_by.username")

    class Meta:
        model = Invitation
        fields = ["id", "user", "role", "invited_by", "created_at"]
        read_only_fields = fields


class OwnInvitationSerializer(serializers.ModelSerializer[Invitation]):
    """As whom it is for sees it, who is no member yet: the project's name and nothing else of it."""

    project_name = serializers.CharField(source="project.name")
    role = serializers.ChoiceField(Role.choices)
    invited_by = serializers.CharField(source="invited_by.username")

    class Meta:
        model = Invitation
        fields = ["id", "project_name", "role", "invited_by", "created_at"]
        read_only_fields = fields
