from __future__ import annotations

from rest_framework import serializers

from engine.api.serializers.base import InputSerializer
from engine.models import ApiToken, Role
from engine.services import tokens


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    person = serializers.CharField(source="user.username")
    role = serializers.ChoiceField(Role.choices)

    class Meta:
        model = ApiToken
        fields = [
            "id", "name", "person", "role", "begins", "created_at", "expires_at", "used_at", "revoked_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewTokenSerializer(TokenSerializer):
    secret = serializers.CharField(help_text="shown this once; nobody can read it again")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class TokenInput(InputSerializer):
    name = serializers.CharField(max_length=80)
    role = serializers.ChoiceField(Role.choices)
    days = serializers.IntegerField(min_value=1, max_value=tokens.LONGEST, default=90)
