from __future__ import annotations

from rest_framework import serializers

from engine.models import Damage


class DamageSerializer(serializers.ModelSerializer[Damage]):
    class Meta:
        model = Damage
        fields = ["id", "key", "sentence", "found_at", "seen_at"]
        read_only_fields = fields
