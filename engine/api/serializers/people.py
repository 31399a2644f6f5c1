from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from rest_framework import serializers


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


class OtherSessionsSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
